//! Questions and their answers: periods, plans over facts, statistics, ratings. Knows nothing of GraphQL or HTTP.

pub mod ancestry;
pub mod calendar;
pub mod facts;
pub mod functions;
