//! The people of the sample company, written as documents: for tests of reading, which are to know nothing of how documents
//! come about.

use serde_json::{Value, json};
use throughline::app::App;
use throughline::clock::Clock;
use throughline::people::document::{Contributor, Kind};
use throughline::people::{Author, Door};

use crate::company;
use crate::server::Server;

/// After the story, on a Friday.
pub const NOW: &str = "2026-07-10T00:00:00Z";

/// A server over the sample lake, without people.
pub async fn server() -> Server {
    let clock = Clock::Fixed(NOW.parse().expect("a time"));
    Server::start_with(company::sample(clock).await, |config| config.clock = clock).await
}

/// The same with Ann, Bob and Cleo, and the teams shop, money and platform under engineering.
pub async fn with_people() -> Server {
    let server = server().await;
    put(&server.app, "the people", documents()).await;
    server
}

/// Documents as they are stored, in one change.
pub async fn put(app: &App, summary: &str, documents: Vec<(Kind, &'static str, Value)>) {
    let author = Author { actor: "tester".to_owned(), door: Door::Cli };
    let changed = app.register().change(&author, "TEST", summary, |draft, _| {
        for (kind, key, value) in &documents {
            let text = value.to_string();
            match kind {
                Kind::Contributor => draft.put::<Contributor>(key, read(&text)),
                Kind::Account => draft.put::<throughline::people::document::AccountDecision>(key, read(&text)),
                Kind::Membership => draft.put::<throughline::people::document::Memberships>(key, read(&text)),
                Kind::OrgTree => draft.put::<throughline::people::document::OrgTree>(key, read(&text)),
                Kind::Team => draft.put::<throughline::people::document::Team>(key, read(&text)),
                Kind::Settings => draft.put::<throughline::people::document::Settings>(key, read(&text)),
                Kind::Rules => draft.put::<throughline::people::document::Rules>(key, read(&text)),
                Kind::Version => draft.put::<throughline::people::document::Version>(key, read(&text)),
                Kind::Profile => draft.put::<throughline::model::Profile>(key, read(&text)),
            }
        }
        Ok(())
    });
    changed.await.expect("it is written").expect("no fault");
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).expect("a document")
}

fn documents() -> Vec<(Kind, &'static str, Value)> {
    let forge = |login: &str| json!({ "all": [{ "field": "repository", "operator": "EQUALS", "values": [login] }] });
    vec![
        (
            Kind::Contributor,
            "c-ann",
            json!({ "name": "Ann Applewick", "emails": ["ann@example.com"], "attributes": { "site": { "text": "Bath" }, "grade": { "number": 7.0 } } }),
        ),
        (
            Kind::Contributor,
            "c-bob",
            json!({ "name": "Bob Brambleford", "emails": ["bob@example.com"], "manager": "c-ann" }),
        ),
        (
            Kind::Contributor,
            "c-cleo",
            json!({ "name": "Cleo Cinderhatch", "emails": ["cleo@example.com"], "manager": "c-ann" }),
        ),
        (Kind::Account, "forge/ann", json!({ "contributor": "c-ann" })),
        (Kind::Account, "forge/ann-at-home", json!({ "contributor": "c-ann" })),
        (Kind::Account, "forge/bob", json!({ "contributor": "c-bob" })),
        (Kind::Account, "forge/cleo", json!({ "contributor": "c-cleo" })),
        (Kind::OrgTree, "o-main", json!({ "name": "Organisation", "order": 0 })),
        (Kind::Team, "t-eng", json!({ "tree": "o-main", "name": "Engineering" })),
        (
            Kind::Team,
            "t-shop",
            json!({ "tree": "o-main", "name": "Shop", "parents": [{ "parent": "t-eng" }], "manager": "c-ann" }),
        ),
        (Kind::Team, "t-money", json!({ "tree": "o-main", "name": "Money", "parents": [{ "parent": "t-eng" }] })),
        (Kind::Team, "t-platform", json!({ "tree": "o-main", "name": "Platform", "parents": [{ "parent": "t-eng" }] })),
        (Kind::Membership, "c-ann", json!({ "spans": [{ "team": "t-shop" }] })),
        (
            Kind::Membership,
            "c-bob",
            json!({ "spans": [{ "team": "t-shop", "to": "2026-02-16" }, { "team": "t-money", "from": "2026-02-16" }] }),
        ),
        (
            Kind::Membership,
            "c-cleo",
            json!({ "spans": [{ "team": "t-shop" }, { "team": "t-platform", "shared": true }] }),
        ),
        (Kind::Settings, "t-eng", json!({ "people_filter": { "CHANGE_FAILURE_RATE": false } })),
        (Kind::Settings, "t-money", json!({ "sources": forge("payments") })),
    ]
}
