//! Profiles, as the API shows them: what each says and from when on, whose is whose, and what a change of one would do to
//! the numbers.

mod assigned;
mod chosen;
mod inputs;
mod object;
mod preview;
mod query;

pub use assigned::AssignedProfile;
pub use inputs::{
    ProfileClassificationInput, ProfileMetricInput, ProfileParameterInput, metric_values, parameter, parameters,
};
pub use object::{Profile, profile_key};
pub use query::ProfileQuery;
