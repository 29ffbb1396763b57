//! `Viewer`: who asks.

use async_graphql::SimpleObject;

use crate::api::Caller;
use crate::people::Door;

/// Who asks, as far as the server knows.
#[derive(SimpleObject)]
pub struct Viewer {
    /// The name under which changes are recorded: what the header `x-throughline-user` says; without it "token" where an API
    /// token was needed, else "anonymous". The header is believed, since the caller was let in.
    actor: String,
    /// Through which door the request came.
    door: Door,
    /// Whether the server asks for an API token.
    token_required: bool,
}

impl Viewer {
    pub fn new(caller: &Caller) -> Viewer {
        Viewer { actor: caller.actor().to_owned(), door: Door::Graphql, token_required: caller.token }
    }
}
