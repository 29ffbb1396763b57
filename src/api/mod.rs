//! The doors: HTTP, and GraphQL behind it. They see the rooms (query, people, intake, sources) and the ground, never the
//! roof.

pub mod definitions;
pub mod graphql;
pub mod http;
pub mod records;
pub mod register;
pub mod scope;

pub use definitions::Definitions;
pub use register::Register;
pub use scope::{Caller, Scope};

/// The query that GraphiQL shows first, and that the server prints on start.
pub const EXAMPLE: &str = include_str!("../../assets/graphiql/example.graphql");
