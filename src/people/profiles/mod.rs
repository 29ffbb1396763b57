//! Profiles as documents: made, changed and removed, whose is whose, and what they come to for a team. What a profile says
//! is `model::profile`'s business.

mod assigned;
mod edit;
mod names;

pub use assigned::{Assigned, Origin, assigned, composed, effective, of_tree, places};
pub use edit::{Change, Target, VersionChange, assign, create, delete, put, update};
pub use names::{built_in, find, ids, named, names};
