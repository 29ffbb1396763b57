//! The way in: a world's files dropped into an empty lake, taken in, and a question asked of a real server before it.

use object_store::ObjectStoreExt;
use object_store::path::Path;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use throughline::clock::Clock;
use throughline::intake;
use throughline::lake::Lake;

use super::files::landing_files;
use super::record::At;
use super::world::World;
use crate::server::Server;

/// The `data` of the server's answer over a lake that the world came into. Fails on errors and on refused files.
pub async fn answer(world: &World, now: At, rng: &mut ChaCha8Rng, query: &str) -> Value {
    let lake = Lake::open("memory://").await.expect("a lake in memory opens");
    let clock = Clock::Fixed(now);
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
    let server = Server::start(lake, clock).await;
    let answer = server.graphql(json!({ "query": query })).await;
    assert!(answer["errors"].is_null(), "{query}\n{}", answer["errors"]);
    answer["data"].clone()
}
