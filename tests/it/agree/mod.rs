//! Every metric by every dimension it has, by every length of bucket, and of every kind of scope: the number is the same
//! through GraphQL, through the metric's SQL view and through the oracle.
//!
//! The sample company is asked over nine weeks in which a person changes team, a quarter ends and nothing happens for a
//! week. `asked` reads the one request of a metric and scope, `viewed` groups the rows of its view, `expected` is the oracle.

mod asked;
mod expected;
mod number;
mod scope;
mod viewed;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use throughline::clock::Clock;
use throughline::config::Config;
use throughline::model::{self, Dimension, Metric};

use crate::company;
use crate::golden::NOW;
use crate::server::Server;
use expected::Expected;
use number::{Cut, Numbers};
use scope::Scope;
use viewed::Views;

/// First day, and the day after the last.
const FROM: &str = "2026-02-09";
const TO: &str = "2026-04-13";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_door_gives_the_same_numbers() {
    let clock = Clock::Fixed(NOW.parse().unwrap());
    let server = Server::start_with(company::sample(clock).await, |config| generous(config, clock)).await;
    server.app.make_sample_people().await.unwrap();
    let snapshot = server.app.lake.refresh().await.unwrap();
    let directory = server.app.register().directory(&snapshot).await.unwrap();
    let views = Views::open(&server, &directory.attribution).await;
    let oracle = Expected::new(&directory.attribution, clock.now());
    let scopes = Scope::all(&directory);
    let (mut faults, mut compared) = (Faults::default(), 0);
    for metric in model::metrics() {
        for scope in scopes.iter().filter(|scope| scope.has_meaning_for(metric)) {
            let cuts = cuts(metric, scope);
            let asked = asked::ask(&server, metric, scope, &cuts).await;
            let expected = oracle.count(metric, scope, &cuts);
            for ((cut, asked), expected) in cuts.iter().zip(&asked).zip(&expected) {
                compared += asked.len();
                faults.add(metric, scope, cut, "the oracle", asked, expected);
                if let Some(viewed) = views.read(metric, scope, cut).await {
                    compared += asked.len();
                    faults.add(metric, scope, cut, "its view", asked, &viewed);
                }
            }
        }
    }
    assert!(compared > 10_000, "only {compared} numbers were compared");
    assert!(faults.0.is_empty(), "\n{}", faults.told());
}

/// The limits of a request are not what is looked at here.
fn generous(config: &mut Config, clock: Clock) {
    config.clock = clock;
    config.max_complexity = 1_000_000_000;
    config.max_aliases = 1_000;
    config.query_timeout = Duration::from_secs(600);
}

/// What a metric is cut by: of the organisation everything by everything, of what is at the top of its tree each dimension
/// alone, of the others the whole in buckets.
fn cuts(metric: &Metric, scope: &Scope) -> Vec<Cut> {
    let mut cuts = vec![Cut { dimension: None, in_buckets: true }];
    if matches!(scope, Scope::Organization | Scope::Team("engineering", _)) {
        let in_buckets = matches!(scope, Scope::Organization);
        let own = scope::fact(metric).dimensions.iter().map(|(dimension, _)| *dimension);
        let all = own.chain([Dimension::Team, Dimension::OrgLevel]);
        cuts.extend(all.map(|dimension| Cut { dimension: Some(dimension), in_buckets }));
    }
    cuts
}

/// Where doors differ: for each metric and other door how often, and the first places.
#[derive(Default)]
struct Faults(BTreeMap<(String, &'static str), Vec<String>>);

impl Faults {
    /// Holds what GraphQL says against another door. What one of them does not mention is a number of no rows.
    fn add(
        &mut self,
        metric: &Metric,
        scope: &Scope,
        cut: &Cut,
        other: &'static str,
        asked: &Numbers,
        there: &Numbers,
    ) {
        let places: BTreeSet<_> = asked.keys().chain(there.keys()).collect();
        for place in places {
            let fault = match asked.get(place) {
                Some(number) => number.differs(there.get(place), metric),
                // A slice that only one of them has.
                None => Some(format!("only {other} has {:?}", there[place])),
            };
            let told = fault.map(|fault| format!("{scope:?} by {:?}, {place:?}: {fault}", cut.dimension));
            self.0.entry((metric.name.clone(), other)).or_default().extend(told);
        }
        self.0.retain(|_, faults| !faults.is_empty());
    }

    fn told(&self) -> String {
        let told = |((metric, other), faults): (&(String, &str), &Vec<String>)| {
            let first = faults.iter().take(3).map(|fault| format!("\n    {fault}")).collect::<String>();
            format!("{metric} against {other}: {} differences{first}\n", faults.len())
        };
        self.0.iter().map(told).collect()
    }
}
