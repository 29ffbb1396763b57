//! The straight line through a series, by ordinary least squares.

/// A fitted line: the value changes by `slope` a bucket, from `intercept` at the first bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    pub slope: f64,
    pub intercept: f64,
    /// Buckets that had a value.
    pub points: usize,
}

/// Fits (place of the bucket, value). `None` with fewer than two points.
pub fn fit(points: &[(usize, f64)]) -> Option<Trend> {
    if points.len() < 2 {
        return None;
    }
    let n = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| *x as f64).sum::<f64>() / n;
    let mean_y = points.iter().map(|(_, y)| *y).sum::<f64>() / n;
    let covariance: f64 = points.iter().map(|(x, y)| (*x as f64 - mean_x) * (y - mean_y)).sum();
    let variance: f64 = points.iter().map(|(x, _)| (*x as f64 - mean_x).powi(2)).sum();
    let slope = covariance / variance;
    Some(Trend { slope, intercept: mean_y - slope * mean_x, points: points.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_keeps_its_place() {
        let trend = fit(&[(0, 1.0), (1, 3.0), (3, 7.0)]).expect("three points");
        assert!((trend.slope - 2.0).abs() < 1e-12 && (trend.intercept - 1.0).abs() < 1e-12);
        assert_eq!(trend.points, 3);
        assert_eq!(fit(&[(0, 1.0)]), None);
    }
}
