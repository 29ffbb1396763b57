//! The way in: a world's files dropped into an empty lake, taken in, and a question put to the GraphQL schema over it.

use std::sync::Arc;

use object_store::ObjectStoreExt;
use object_store::path::Path;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use throughline::api::graphql::{Asking, Settings, schema};
use throughline::api::{Caller, Register};
use throughline::clock::Clock;
use throughline::intake;
use throughline::lake::Lake;
use throughline::model;
use throughline::people::People;
use throughline::query::engine::{Engine, Limits};
use tokio::runtime::Handle;

use super::files::landing_files;
use super::record::At;
use super::rest::Rest;
use super::world::World;

/// The `data` of the answer over a lake that the world came into, of a server with these days of rest. Fails on errors and on refused files.
pub async fn answer(world: &World, rest: &Rest, now: At, rng: &mut ChaCha8Rng, query: &str) -> Value {
    let lake = Lake::open("memory://").await.expect("a lake in memory opens");
    // Intake refuses what is yet to come; questions may stand in the middle of what was.
    let clock = Clock::Fixed("2030-01-01T00:00:00Z".parse().expect("a time"));
    let files = landing_files(world, rng, 3);
    let late = rng.random_range(0..=files.len());
    for (number, file) in files.iter().enumerate() {
        if number == late {
            intake::run(&lake, clock, |_| ()).await.expect("intake of the first files");
        }
        let path = Path::from(format!("landing/{}", file.path));
        lake.store().put(&path, file.bytes().into()).await.expect("a file can be dropped");
    }
    let outcomes = intake::run(&lake, clock, |_| ()).await.expect("intake of the other files");
    let refused: Vec<_> = outcomes.iter().filter(|outcome| outcome.error.is_some()).collect();
    assert!(refused.is_empty(), "refused: {refused:?}");
    let limits = Limits { memory: 1 << 30, plans: 4, partitions: 2 };
    let profile = model::defaults().clone().with_calendar(rest.settings());
    let engine = Engine::new(lake.clone(), Handle::current(), profile, &limits).expect("an engine");
    let snapshot = lake.refresh().await.expect("a snapshot");
    let settings = Settings { organization: "o".to_owned(), zone: chrono_tz::UTC, cost_limit: 1_000_000 };
    let people = People::new(lake.clone(), chrono_tz::UTC, Clock::Fixed(now));
    let register = Register::new(people, engine);
    let asking = Asking::new(register, snapshot, now, Arc::new(settings), Caller::default());
    let answer = schema().finish().execute(async_graphql::Request::new(query).data(asking)).await;
    assert!(answer.errors.is_empty(), "{query}\n{:?}", answer.errors);
    answer.data.into_json().expect("an answer is JSON")
}
