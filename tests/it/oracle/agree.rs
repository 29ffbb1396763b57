//! The server and the oracle must agree, on random worlds and random questions, whatever the order of the files.
//!
//! `ORACLE_CASES=500 cargo test --test it oracle::agree` runs more worlds than the few that every run has;
//! `ORACLE_SEED=n` begins with that one.

use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use throughline::model;

use super::Oracle;
use super::compare::differences;
use super::door::answer;
use super::generate::{Scenario, scenario};
use super::metric::Metric;
use super::question::{Question, order_slices};
use super::seeds::{rerun, seeds};
use super::shrink::shrink;
use super::versions::add_rivals;
use super::world::World;

/// How long a failing world is made smaller.
const SHRINKING: Duration = Duration::from_secs(60);

#[test]
fn the_server_and_the_oracle_agree() {
    for seed in seeds(10) {
        let scenario = scenario(seed);
        let questions = questions(seed, &scenario);
        let answers = ask(&scenario, &scenario.world, seed, &questions);
        let oracle = Oracle::new(&scenario.world, scenario.now);
        for (question, answer) in questions.iter().zip(&answers) {
            let lines = differences(&question.answer(&oracle, &scenario.rest), answer);
            if !lines.is_empty() {
                report(seed, &scenario, question, &lines);
            }
        }
    }
}

#[test]
fn the_order_of_files_does_not_matter() {
    for seed in seeds(2) {
        let mut scenario = scenario(seed);
        add_rivals(&mut scenario.world, &mut ChaCha8Rng::seed_from_u64(seed));
        let questions = questions(seed, &scenario);
        let first = ask(&scenario, &scenario.world, seed, &questions);
        let again = ask(&scenario, &scenario.world, seed + 1_000_000, &questions);
        assert_eq!(first, again, "{}\n{}", rerun(seed), scenario.world.text());
    }
}

/// A dozen questions of a dozen metrics; all metrics in turn, from world to world.
fn questions(seed: u64, scenario: &Scenario) -> Vec<Question> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0xa5a5);
    let metrics = Metric::ALL.iter().filter(|metric| model::metric(metric.name()).is_some()).cycle();
    let metrics = metrics.skip(seed as usize * 12).take(12);
    metrics.map(|metric| Question::draw(&mut rng, scenario, *metric)).collect()
}

/// The server's answers over a lake into which a world came in an order that the seed decides.
fn ask(scenario: &Scenario, world: &World, order: u64, questions: &[Question]) -> Vec<Value> {
    let fields: Vec<String> = questions.iter().enumerate().map(|(n, q)| q.graphql(&format!("q{n}"))).collect();
    let query = format!("{{ {} }}", fields.join("\n"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let data =
        runtime.block_on(answer(world, &scenario.rest, scenario.now, &mut ChaCha8Rng::seed_from_u64(order), &query));
    let mut answers: Vec<Value> = (0..questions.len()).map(|n| data[format!("q{n}")].clone()).collect();
    answers.iter_mut().for_each(order_slices);
    answers
}

/// Fails with the smallest world that still shows a difference.
fn report(seed: u64, scenario: &Scenario, question: &Question, lines: &[String]) -> ! {
    let differ = |world: &World| {
        if question.lacks(world) {
            return Vec::new();
        }
        let answer = ask(scenario, world, seed, std::slice::from_ref(question));
        if answer[0].is_null() {
            return Vec::new(); // Its scope is gone.
        }
        differences(&question.answer(&Oracle::new(world, scenario.now), &scenario.rest), &answer[0])
    };
    let deadline = Instant::now() + SHRINKING;
    let small = shrink(&scenario.world, deadline, |world| !differ(world).is_empty());
    panic!(
        "{}\nnow {}, {:?}\n{}\n\nin the whole world ({} rows):\n{}\n\nin this one ({} rows):\n{}\n\n{}",
        rerun(seed),
        scenario.now,
        scenario.rest,
        question.graphql("q0"),
        scenario.world.len(),
        lines.join("\n"),
        small.len(),
        differ(&small).join("\n"),
        small.text()
    );
}
