//! What one request carries from the door to the resolvers, as request data of the GraphQL library.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::lake::Snapshot;

/// Everything of one request answers from `snapshot`; work stops when `cancel` fires.
#[derive(Clone)]
pub struct Scope {
    /// The pinned snapshot. A subscription gets the one at its start and pins its own for each event.
    pub snapshot: Arc<Snapshot>,
    /// Fires when the client goes away, the time limit passes, or the server stops.
    pub cancel: CancellationToken,
    /// The caller asked how the answer was made (`extensions: { explain: true }`), say the number of plans.
    pub explain: bool,
    pub caller: Caller,
}

/// Who asks, as far as the door knows. Whoever reached a resolver was let in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// As the header `x-throughline-user` names the person; believed, since who sends it was let in.
    pub user: Option<String>,
    /// An API token was needed.
    pub token: bool,
}

impl Caller {
    /// The name that changes are recorded under: the user's, else `token` or `anonymous`.
    pub fn actor(&self) -> &str {
        match (&self.user, self.token) {
            (Some(user), _) => user,
            (None, true) => "token",
            (None, false) => "anonymous",
        }
    }
}
