//! The doors: HTTP and GraphQL.

pub mod graphql;
