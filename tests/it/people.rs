//! People and teams at the GraphQL door: what is asked of the sample company once it has contributors and teams.

mod changing;
mod company;
mod described;
mod documents;
mod identities;
mod reading;
