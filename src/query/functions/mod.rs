//! The SQL functions that facts and metrics may use beside DataFusion's own.

mod any_match;
pub(crate) mod cells;
pub(crate) mod distribution;
mod duration;
mod local_date;

use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};

pub use duration::duration;

/// Makes the functions known to a session.
pub fn register(context: &SessionContext) {
    context.register_udf(ScalarUDF::from(any_match::AnyMatch::new()));
    context.register_udf(ScalarUDF::from(duration::Duration::new()));
    context.register_udf(ScalarUDF::from(local_date::LocalDate::new()));
    context.register_udaf(AggregateUDF::from(distribution::Distribution::new()));
}
