//! Every metric by every dimension it has, by every length of bucket, and of every kind of scope: the number is the same
//! through GraphQL, through the metric's SQL view and through the oracle.
//!
//! The sample company is asked over eight weeks in which a quarter ends, a person changes team and nothing happens for a
//! week. `asked` reads the one request of a metric and scope, `viewed` groups the rows of its view, `expected` is the oracle.

mod asked;
mod number;
mod scope;
mod viewed;

use throughline::clock::Clock;
use throughline::config::Config;
use throughline::model::{self, Dimension, Metric};

use crate::company;
use crate::golden::NOW;
use crate::server::Server;
use number::{Cut, Numbers};
use scope::Scope;
use viewed::Views;

/// First day, and the day after the last.
const FROM: &str = "2026-03-30";
const TO: &str = "2026-05-25";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_door_gives_the_same_numbers() {
    let clock = Clock::Fixed(NOW.parse().unwrap());
    let server = Server::start_with(company::sample(clock).await, |config| generous(config, clock)).await;
    server.app.make_sample_people().await.unwrap();
    let people = scope::people(&server).await;
    let views = Views::open(&server, &people).await;
    let scopes = Scope::all(&people);
    let (mut faults, mut compared) = (Vec::new(), 0);
    for metric in model::metrics() {
        for scope in scopes.iter().filter(|scope| scope.has_meaning_for(metric)) {
            let cuts = cuts(metric, scope);
            let asked = asked::ask(&server, metric, scope, &cuts).await;
            for (cut, asked) in cuts.iter().zip(&asked) {
                if let Some(viewed) = views.read(metric, scope, cut).await {
                    compared += asked.len();
                    faults.extend(differences(metric, scope, cut, "its view", asked, &viewed));
                }
            }
        }
    }
    assert!(compared > 10_000, "only {compared} numbers were compared");
    assert!(
        faults.is_empty(),
        "{} differences, the first of which:\n{}",
        faults.len(),
        faults[..faults.len().min(40)].join("\n")
    );
}

/// The limits of a request are not what is looked at here.
fn generous(config: &mut Config, clock: Clock) {
    config.clock = clock;
    config.max_complexity = 1_000_000_000;
    config.max_aliases = 1_000;
}

/// What a metric is cut by, of a scope: of the organisation everything by everything, of the others each alone.
fn cuts(metric: &Metric, scope: &Scope) -> Vec<Cut> {
    let fact = model::fact(&metric.fact).expect("a metric has a fact");
    let mut dimensions: Vec<Dimension> = fact.dimensions.iter().map(|(dimension, _)| *dimension).collect();
    dimensions.extend([Dimension::Team, Dimension::OrgLevel]);
    let is_whole = matches!(scope, Scope::Organization);
    let mut cuts = vec![Cut { dimension: None, in_buckets: true }];
    cuts.extend(dimensions.into_iter().map(|dimension| Cut { dimension: Some(dimension), in_buckets: is_whole }));
    cuts
}

/// Where two doors differ. What one of them does not mention is a number of no rows.
fn differences(
    metric: &Metric,
    scope: &Scope,
    cut: &Cut,
    other: &str,
    asked: &Numbers,
    there: &Numbers,
) -> Vec<String> {
    let mut faults = Vec::new();
    let mut places: Vec<_> = asked.keys().chain(there.keys()).collect();
    places.sort();
    places.dedup();
    for place in places {
        // A slice that only one of them has.
        let Some(number) = asked.get(place) else {
            faults.push(format!("{} of {scope:?} by {cut:?}: {place:?} is only in {other}", metric.name));
            continue;
        };
        let fault = number.differs(there.get(place), metric);
        faults.extend(
            fault.map(|fault| format!("{} of {scope:?} by {cut:?}, {place:?}, against {other}: {fault}", metric.name)),
        );
    }
    faults
}
