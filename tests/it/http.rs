//! The HTTP door by itself, over a small schema: statuses, media types, limits, caching, streams, who may come in.
//! The `graphql-http` audit (tests/audit) looks at the whole server; what it does not ask is here.

mod door;
mod guard;
mod small;
mod statuses;
mod streams;
