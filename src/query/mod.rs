//! Questions and their answers: periods, plans over facts, statistics, ratings. Knows nothing of GraphQL or HTTP.

pub mod answer;
mod bind;
pub mod calendar;
pub mod collector;
pub mod engine;
pub mod functions;
mod plan;
pub mod question;
pub mod rate;
pub mod records;
pub mod trend;
