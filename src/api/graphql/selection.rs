//! Reads from a field's own selection which numbers are wanted, so that they can be planned before anything runs.

use async_graphql::{ID, InputType, SelectionField, Value};

use super::industry::PUBLISHED;
use super::inputs::PeriodInput;
use super::people::tree_key;
use crate::model::rating::Scheme;
use crate::model::{Dimension, Granularity};
use crate::query::question::{By, Question, Wants};
use crate::query::rate;

/// What the selection of a `Metric` asks for.
pub struct Selected<'a> {
    pub wants: Wants,
    /// Whether the reason for an absent value is asked for.
    pub absent: bool,
    /// The selection of the period before, where it (or the change against it) is asked for.
    pub previous: Option<Vec<SelectionField<'a>>>,
    /// Other periods that it is compared to, with the selection of the metric there.
    pub compared: Vec<(PeriodInput, Vec<SelectionField<'a>>)>,
    /// Whether the teams beside it are asked for.
    pub siblings: bool,
}

/// What a breakdown slices by, by its arguments. Levels begin at 1; whether there is such a tree is not looked at.
pub fn by(dimension: Dimension, org_tree: Option<&ID>, level: Option<i32>) -> By {
    let level = level.and_then(|level| u32::try_from(level).ok()).unwrap_or(1);
    By::new(dimension, org_tree.map(|id| tree_key(id)), level)
}

/// Asks for what a scheme judges a metric by.
pub fn want_rating(wants: &mut Wants, question: &Question, scheme: Scheme) {
    if let Some(rating) = rate::rating(question, scheme) {
        wants.series.extend(rate::granularities(&rating));
        wants.counts |= rating.bands.iter().any(|band| band.count.is_some());
    }
}

/// The fields below one or several selections of the same `Metric`.
pub fn children<'a>(fields: &[SelectionField<'a>]) -> Vec<SelectionField<'a>> {
    fields.iter().flat_map(|field| field.selection_set()).collect()
}

impl<'a> Selected<'a> {
    /// Reads the fields selected of a metric.
    pub fn read(question: &Question, fields: &[SelectionField<'a>]) -> Selected<'a> {
        let mut wants = Wants::default();
        let (mut absent, mut siblings, mut compared) = (false, false, Vec::new());
        let mut previous = None::<Vec<SelectionField<'a>>>;
        for field in fields {
            match field.name() {
                "series" | "trend" => wants.series.extend(argument::<Granularity>(field, "granularity")),
                "breakdown" => {
                    if let Some(dimension) = argument::<Dimension>(field, "by") {
                        let series = field.selection_set().filter(|child| child.name() == "series");
                        let units = series.filter_map(|child| argument::<Granularity>(&child, "granularity"));
                        let by =
                            by(dimension, argument::<ID>(field, "orgTree").as_ref(), argument::<i32>(field, "level"));
                        wants.breakdowns.entry(by).or_default().extend(units);
                    }
                }
                "stages" => wants.stages = true,
                "counts" => wants.counts = true,
                "rating" => {
                    if let Some(scheme) = argument::<Scheme>(field, "scheme") {
                        want_rating(&mut wants, question, scheme);
                    }
                }
                "industry" => {
                    want_rating(&mut wants, question, argument::<Scheme>(field, "scheme").unwrap_or(PUBLISHED));
                }
                "comparedTo" => {
                    if let Some(period) = argument::<PeriodInput>(field, "period") {
                        let metric = field.selection_set().filter(|child| child.name() == "metric");
                        compared.push((period, children(&metric.collect::<Vec<_>>())));
                    }
                }
                "siblings" => siblings = true,
                "absent" | "explanation" => absent = true,
                "previous" => previous.get_or_insert_default().extend(field.selection_set()),
                "change" => previous = Some(previous.unwrap_or_default()),
                _ => {}
            }
        }
        Selected { wants, absent, previous, compared, siblings }
    }
}

fn argument<T: InputType>(field: &SelectionField<'_>, name: &str) -> Option<T> {
    let arguments = field.arguments().ok()?;
    let value: Option<Value> = arguments.into_iter().find(|(n, _)| n.as_str() == name).map(|(_, value)| value);
    T::parse(Some(value?)).ok()
}
