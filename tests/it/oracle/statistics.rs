//! Mean, interpolated percentiles, and a line through points, from their textbook definitions.

/// A statistic of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    Mean,
    Median,
    P75,
    P90,
    P95,
}

impl Statistic {
    pub const ALL: [Statistic; 5] =
        [Statistic::Mean, Statistic::Median, Statistic::P75, Statistic::P90, Statistic::P95];

    /// The statistic's name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Statistic::Mean => "MEAN",
            Statistic::Median => "MEDIAN",
            Statistic::P75 => "P75",
            Statistic::P90 => "P90",
            Statistic::P95 => "P95",
        }
    }

    /// The statistic of some values; of none there is none.
    pub fn of(self, values: &[f64]) -> Option<f64> {
        match self {
            Statistic::Mean if values.is_empty() => None,
            Statistic::Mean => Some(values.iter().sum::<f64>() / values.len() as f64),
            Statistic::Median => percentile(values, 0.5),
            Statistic::P75 => percentile(values, 0.75),
            Statistic::P90 => percentile(values, 0.9),
            Statistic::P95 => percentile(values, 0.95),
        }
    }
}

/// PERCENTILE_CONT: the value at `share` of the way from the first to the last of the sorted values, on the straight
/// line between its neighbours.
pub fn percentile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * (sorted.len().checked_sub(1)? as f64);
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(below + (above - below) * (place - place.floor()))
}

/// Slope and intercept of the least-squares line; none through fewer than two points.
pub fn line(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n = points.len() as f64;
    if points.len() < 2 {
        return None;
    }
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / n;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / n;
    let together: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let slope = together / spread;
    Some((slope, mean_y - slope * mean_x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_on_the_line_between_neighbours() {
        assert_eq!(percentile(&[40.0, 10.0, 20.0], 0.5), Some(20.0));
        assert_eq!(percentile(&[10.0, 20.0], 0.5), Some(15.0));
        // Four values: place 0.9 * 3 = 2.7, so 30 + 0.7 * (40 - 30).
        assert!((percentile(&[10.0, 20.0, 30.0, 40.0], 0.9).expect("not empty") - 37.0).abs() < 1e-12);
        assert_eq!(percentile(&[7.0], 0.95), Some(7.0));
        assert_eq!(percentile(&[], 0.5), None);
        assert_eq!(Statistic::Mean.of(&[]), None);
        assert_eq!(Statistic::Mean.of(&[1.0, 2.0, 6.0]), Some(3.0));
    }

    #[test]
    fn a_line_goes_through_its_points() {
        assert_eq!(line(&[(0.0, 1.0), (2.0, 5.0)]), Some((2.0, 1.0)));
        // Means 1 and 2; sum of products -1*-1 + 0*-1 + 1*2 = 3... over spread 2: slope 1.5.
        assert_eq!(line(&[(0.0, 1.0), (1.0, 1.0), (2.0, 4.0)]), Some((1.5, 0.5)));
        assert_eq!(line(&[(3.0, 1.0)]), None);
    }
}
