//! Profiles as documents: made, changed and removed, whose is whose, and what they come to for a team. What a profile says
//! is `model::profile`'s business.

mod assigned;
mod edit;
mod names;
#[cfg(test)]
mod tests;

pub use assigned::{Assigned, Origin, assigned, composed, of_organization, of_tree, places};
pub use edit::{Change, Target, VersionChange, assign, create, delete, put, update};
pub use names::{built_in, find, ids, listed, named, names};
