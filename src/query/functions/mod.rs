//! The SQL functions that facts and metrics may use beside DataFusion's own.

mod any_match;
pub(crate) mod cells;
mod classify;
mod contributor;
pub(crate) mod distribution;
mod duration;
mod local_date;
mod local_midnight;
mod person;
pub(crate) mod placement;
mod tally;

use std::sync::Arc;

use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};

pub use contributor::contributor;
pub use duration::duration;
pub use person::{is_bot, is_person};
pub use tally::tally;

use super::working_time::WorkingTime;

/// Makes the functions known to a session.
pub fn register(context: &SessionContext) {
    context.register_udf(ScalarUDF::from(any_match::AnyMatch::new()));
    context.register_udf(ScalarUDF::from(classify::Classify::new()));
    context.register_udf(ScalarUDF::from(classify::Unclassified::new()));
    context.register_udf(ScalarUDF::from(duration::Duration::new(None)));
    context.register_udf(ScalarUDF::from(local_date::LocalDate::new()));
    context.register_udf(ScalarUDF::from(local_midnight::LocalMidnight::new()));
    context.register_udf(ScalarUDF::from(contributor::Contributor::new(None)));
    context.register_udaf(AggregateUDF::from(distribution::Distribution::new()));
    context.register_udaf(AggregateUDF::from(tally::Tally::sums()));
    context.register_udaf(AggregateUDF::from(tally::Tally::spread()));
}

/// Makes `working_time` known to a session whose views are those of a profile with a business calendar.
pub fn register_working_time(context: &SessionContext, working: WorkingTime) {
    context.register_udf(ScalarUDF::from(duration::Duration::new(Some(Arc::new(working)))));
}
