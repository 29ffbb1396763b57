//! Questions and their answers: facts, periods, plans, statistics, ratings. Knows nothing of GraphQL or HTTP.

pub mod activity;
pub mod ancestry;
pub mod answer;
pub mod attribution;
mod belonging;
mod bind;
pub mod calendar;
pub mod collector;
pub mod condition;
mod developers;
pub mod engine;
pub mod explain;
pub mod facts;
pub mod functions;
pub mod names;
mod pause;
mod places;
pub mod plan;
pub mod question;
pub mod rate;
pub mod records;
pub mod trend;
pub mod trial;
pub mod values;
pub mod views;
pub mod working_time;
