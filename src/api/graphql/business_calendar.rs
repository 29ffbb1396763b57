//! `BusinessCalendar`: the days that durations leave out.

use async_graphql::{Context, Object, Result};

use super::asking::Asking;
use super::date::Date;
use super::metric_name::MetricName;
use crate::model::business_calendar::{BusinessCalendar as Days, Weekday};

/// The days that durations leave out.
pub struct BusinessCalendar(Days);

impl BusinessCalendar {
    /// `None` where durations are wall-clock time.
    pub fn of(days: &Days) -> Option<BusinessCalendar> {
        (!days.is_empty()).then(|| BusinessCalendar(days.clone()))
    }
}

/// Days on which nobody works. A duration leaves out what of it lies on such a day, from midnight to midnight in the time
/// zone of the period; a working day counts with all of its hours, 24 as a rule. What ends before it began stays unknown,
/// also where no working day lies between. Ratings hold the value as it is shown against limits that were published for
/// wall-clock time.
#[Object]
impl BusinessCalendar {
    /// Days of every week.
    async fn weekend(&self) -> Vec<Weekday> {
        self.0.weekend.iter().copied().collect()
    }

    /// Single days, in order.
    async fn holidays(&self) -> Vec<Date> {
        self.0.holidays.iter().copied().map(Date).collect()
    }

    /// The metrics whose values, stages included, leave these days out.
    async fn metrics(&self, context: &Context<'_>) -> Result<Vec<MetricName>> {
        let metrics = Asking::of(context)?.catalogue.metrics();
        Ok(metrics.filter(|metric| self.0.applies_to(metric)).map(MetricName::of).collect())
    }
}
