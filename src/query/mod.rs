//! Questions and their answers: periods, plans over facts, statistics, ratings. Knows nothing of GraphQL or HTTP.

pub mod calendar;
pub mod functions;
