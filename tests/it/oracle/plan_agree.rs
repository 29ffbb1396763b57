//! Plans and the oracle must agree on every metric, of every kind of scope, by every dimension, with teams that come and go
//! and other choices than the defaults. No lake: facts are computed from rows in memory.
//!
//! `ORACLE_CASES` and `ORACLE_SEED` choose the worlds, as in `agree`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use chrono::{Days, NaiveTime};
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use throughline::model::profile::{Effective, Kind, Profile, Values, Version};
use throughline::model::{self, Dimension, Granularity, Membership as Word};
use throughline::query::answer::{Answer, Number, Rows};
use throughline::query::calendar::Period as Asked;
use throughline::query::plan::Plan;
use throughline::query::question::{By as AskedBy, Filter, Question, Scope as AskedScope, Wants};
use throughline::query::{facts, functions};

use super::Oracle;
use super::calendar::Period;
use super::choices::Choices;
use super::fact_agree::computed;
use super::generate::{Scenario, scenario};
use super::item::{By, Scope};
use super::measure::{Ask, Measured, fact};
use super::metric::Metric;
use super::moments::ZONES;
use super::question::dimensions;
use super::seeds::{rerun, seeds};
use super::shrink::shrink;
use super::statistics::Statistic;
use super::whose::{Membership, People};
use super::world::World;

/// How long failing worlds of one seed are made smaller.
const SHRINKING: Duration = Duration::from_secs(60);

/// Everything about one world but its rows.
struct Setting {
    people: People,
    /// From when on which choices hold.
    choices: Vec<(i64, Choices)>,
    profile: Arc<Effective>,
    scenario: Scenario,
}

/// One question, for both sides.
#[derive(Debug, Clone)]
struct Both {
    ask: Ask,
    period: Period,
    by: Vec<By>,
}

type Computed = BTreeMap<String, Vec<RecordBatch>>;

#[test]
fn the_plans_and_the_oracle_agree() {
    // The first fault of each metric: one mistake in common code should not hide the others.
    let mut faults = BTreeMap::<Metric, String>::new();
    for seed in seeds(8) {
        let shrinking = Instant::now();
        let setting = Setting::of(seed);
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x5a5a);
        let known = Metric::ALL.iter().filter(|metric| model::metric(metric.name()).is_some());
        let questions: Vec<Both> = known.map(|metric| setting.question(&mut rng, *metric)).collect();
        for (question, lines) in setting.differences(&setting.scenario.world, &questions) {
            let fault = || setting.fault(seed, question, &lines, SHRINKING.saturating_sub(shrinking.elapsed()));
            faults.entry(question.ask.metric).or_insert_with(fault);
        }
    }
    let faults: Vec<String> = faults.into_values().collect();
    assert!(faults.is_empty(), "{} metrics differ\n\n{}", faults.len(), faults.join("\n\n\n"));
}

impl Setting {
    fn of(seed: u64) -> Setting {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let scenario = scenario(seed);
        let day = scenario.scene.date_naive() + Days::new(20) - Days::new(rng.random_range(0..40));
        let begins = day.and_time(NaiveTime::MIN).and_utc().timestamp_micros();
        let drawn = Choices::draw(&mut rng);
        // Always so; as built in, then otherwise; never otherwise.
        let choices = match rng.random_range(0..4) {
            0 => vec![(i64::MIN, Choices::default())],
            1 | 2 => vec![(i64::MIN, Choices::default()), (begins, drawn)],
            _ => vec![(i64::MIN, drawn)],
        };
        let profile = Arc::new(effective(&choices, &scenario));
        Setting { people: People::invent(&mut rng, scenario.scene), choices, profile, scenario }
    }

    fn question(&self, rng: &mut ChaCha8Rng, metric: Metric) -> Both {
        let zone = if rng.random_ratio(1, 2) { chrono_tz::UTC } else { *ZONES.choose(rng).expect("not empty") };
        let scene = self.scenario.scene.with_timezone(&zone).date_naive();
        let period = match rng.random_range(0..3) {
            0 => Period { from: scene - Days::new(200), to: scene + Days::new(200), zone },
            1 => Period { from: scene - Days::new(30), to: scene + Days::new(30), zone },
            _ => {
                let from = scene - Days::new(rng.random_range(0..20));
                Period { from, to: from + Days::new(rng.random_range(1..40)), zone }
            }
        };
        let of_people = fact(metric).person.is_some();
        let scope = match rng.random_range(0..10) {
            0 => Scope::Repository("acme/app".to_owned()),
            1 => Scope::Service("checkout".to_owned()),
            2 | 3 if of_people => Scope::Contributor(self.people.people.choose(rng).expect("somebody").key.clone()),
            4..=6 => Scope::Team(self.people.teams.choose(rng).expect("a team").key.clone()),
            _ => Scope::Organization,
        };
        let declared = |dimension: Dimension| fact(metric).dimensions.iter().any(|(known, _)| *known == dimension);
        let scope = match scope {
            Scope::Repository(_) if !declared(Dimension::Repository) => Scope::Organization,
            Scope::Service(_) if !declared(Dimension::Service) => Scope::Organization,
            scope => scope,
        };
        let membership = match rng.random_range(0..3) {
            0 => Membership::Current(self.scenario.now.timestamp_micros()),
            _ => Membership::AtEvent,
        };
        let mut every = dimensions(metric);
        every.extend([Dimension::Team, Dimension::OrgLevel]);
        let by = |rng: &mut ChaCha8Rng| By {
            dimension: *every.choose(rng).expect("not empty"),
            tree: rng.random_ratio(1, 3).then(|| rng.random_range(0..self.people.trees.len())),
            level: rng.random_range(1..=2),
        };
        let by = (0..3).map(|_| by(rng)).collect();
        Both { ask: Ask { membership, zone, over: Some(period), ..Ask::new(metric, scope) }, period, by }
    }

    /// The questions whose answers differ, and how.
    fn differences<'q>(&self, world: &World, questions: &'q [Both]) -> Vec<(&'q Both, Vec<String>)> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let oracle = Oracle { people: self.people.clone(), ..Oracle::by(world, self.scenario.now, &self.choices) };
        let wanted: Vec<&str> = questions.iter().map(|question| fact(question.ask.metric).name.as_str()).collect();
        let facts = runtime.block_on(computed(&world.latest(), &wanted));
        let compare = |question: &'q Both| {
            let answer = runtime.block_on(self.answer(&facts, question));
            (question, self.compare(&oracle, question, &answer))
        };
        questions.iter().map(compare).filter(|(_, lines)| !lines.is_empty()).collect()
    }

    async fn answer(&self, computed: &Computed, question: &Both) -> Answer {
        let fact = fact(question.ask.metric);
        let context = SessionContext::new_with_config(facts::session_config().with_target_partitions(1));
        functions::register(&context);
        let batches = computed[&fact.name].clone();
        let schema = match batches.first() {
            Some(batch) => batch.schema(),
            None => facts::schema(fact).await.expect("a schema"),
        };
        let table = Arc::new(MemTable::try_new(schema, vec![batches]).expect("the schema fits"));
        let asked = self.asked(question);
        let attribution = Some(Arc::new(self.people.attribution()));
        let profile = Arc::clone(&self.profile);
        let mut plan = Plan::new(fact, asked.scope.dimension(), attribution, self.scenario.now, profile);
        let places = plan.add(&asked).expect("can be asked");
        let frame = plan.build(&context, table).expect("a plan");
        let batches = frame.collect().await.unwrap_or_else(|error| panic!("{question:?}: {error}"));
        let rows = Arc::new(Rows::read(&batches, plan.keys().as_ref()).expect("an answer"));
        Answer::new(rows, &plan, &places, asked)
    }

    fn asked(&self, question: &Both) -> Question {
        let Both { ask, period, by } = question;
        let breakdowns = by.iter().map(|by| (self.asked_by(*by), BTreeSet::from([Granularity::Month])));
        Question {
            metric: model::metric(ask.metric.name()).expect("a metric of the catalogue"),
            scope: match &ask.scope {
                Scope::Organization => AskedScope::Organization,
                Scope::Repository(name) => AskedScope::Key(Dimension::Repository, name.clone()),
                Scope::Service(name) => AskedScope::Key(Dimension::Service, name.clone()),
                Scope::Contributor(key) => AskedScope::Key(Dimension::Contributor, key.clone()),
                Scope::Team(key) => AskedScope::Key(Dimension::Team, key.clone()),
            },
            period: Asked::between(period.from, period.to, period.zone).expect("a period"),
            filter: Filter::default(),
            membership: match ask.membership {
                Membership::AtEvent => Word::AtEvent,
                Membership::Current(_) => Word::Current,
            },
            wants: Wants {
                series: [Granularity::Week].into(),
                breakdowns: breakdowns.collect(),
                stages: true,
                ..Wants::default()
            },
            profile: Arc::clone(&self.profile),
        }
    }

    fn asked_by(&self, by: By) -> AskedBy {
        AskedBy::new(by.dimension, by.tree.map(|tree| self.people.trees[tree].clone()), by.level as u32)
    }

    fn compare(&self, oracle: &Oracle, question: &Both, answer: &Answer) -> Vec<String> {
        let Both { ask, period, by } = question;
        let oracle = oracle.resting(&self.scenario.rest, period.zone);
        let items = oracle.items(ask);
        let mut lines = Vec::new();
        let mut same = |place: String, expected: &Measured, found: &Number| {
            let (expected, found) = (numbers(expected), shown(found));
            if !expected.iter().zip(&found).all(|(a, b)| is_close(*a, *b)) {
                lines.push(format!("{place}: expected {expected:?}, got {found:?}"));
            }
        };
        same("total".to_owned(), &oracle.measure(ask, &items, 0, period, None), &answer.total());
        for point in answer.series(Granularity::Week) {
            let window = Period { from: point.bucket.days.from, to: point.bucket.days.to, ..*period };
            same(format!("week of {}", window.from), &oracle.measure(ask, &items, 0, &window, None), &point.number);
        }
        for (place, (name, number)) in ask.metric.stages().iter().zip(answer.stages()).enumerate() {
            same(format!("stage {name}"), &oracle.measure(ask, &items, place + 1, period, None), &number);
        }
        let mut wrong_keys = Vec::new();
        for by in by {
            let expected = oracle.slices_of(ask, period, *by);
            let slices = answer.slices(&self.asked_by(*by));
            let (keys, found): (Vec<_>, BTreeSet<_>) =
                (expected.keys().collect(), slices.iter().map(|slice| &slice.key).collect());
            if keys.iter().copied().collect::<BTreeSet<_>>() != found || found.len() != slices.len() {
                wrong_keys.push(format!("keys of {by:?}: expected {keys:?}, got {found:?}"));
                continue;
            }
            for slice in &slices {
                same(format!("{by:?} {:?}", slice.key), &expected[&slice.key], &slice.number);
                for point in answer.slice_series(&self.asked_by(*by), slice.key.as_deref(), Granularity::Month) {
                    let window = Period { from: point.bucket.days.from, to: point.bucket.days.to, ..*period };
                    let expected = oracle.measure(ask, &items, 0, &window, Some((*by, slice.key.as_deref())));
                    same(format!("{by:?} {:?} from {}", slice.key, window.from), &expected, &point.number);
                }
            }
        }
        lines.extend(wrong_keys);
        lines
    }

    /// A fault, with the smallest world found that still shows it.
    fn fault(&self, seed: u64, question: &Both, lines: &[String], time: Duration) -> String {
        let differ = |world: &World| self.differences(world, std::slice::from_ref(question)).pop();
        let deadline = Instant::now() + time;
        let small = shrink(&self.scenario.world.latest(), deadline, |world| differ(world).is_some());
        let people: Vec<String> = self.people.people.iter().map(|person| format!("{person:?}")).collect();
        let teams: Vec<String> = self.people.teams.iter().map(|team| format!("{team:?}")).collect();
        let in_small = differ(&small).map_or(Vec::new(), |(_, lines)| lines);
        format!(
            "{question:?}\n{}\nnow {}, {:?}\n{:?}\n{}\n{}\n\nin the whole world:\n{}\n\nin this one ({} rows):\n{}\n\n{}",
            rerun(seed),
            self.scenario.now,
            self.scenario.rest,
            self.choices,
            people.join("\n"),
            teams.join("\n"),
            lines.join("\n"),
            small.len(),
            in_small.join("\n"),
            small.text()
        )
    }
}

/// The same choices as profiles of every kind.
fn effective(choices: &[(i64, Choices)], scenario: &Scenario) -> Effective {
    let defaults = model::defaults().clone().with_calendar(scenario.rest.settings());
    let profile = |kind: Kind| {
        let version = |(from, choices): &(i64, Choices)| {
            let is_of = |name: &str| defaults.declared(name).is_some_and(|parameter| parameter.is_of(kind));
            let parameters = choices.parameters().into_iter().filter(|(name, _)| is_of(name));
            let parameters = parameters.map(|(name, value)| (name.to_owned(), value)).collect();
            let classifications = choices.classifications().into_iter();
            let classifications =
                classifications.filter(|(name, _)| defaults.classifications_of(kind).iter().any(|of| of == name));
            let classifications = classifications.map(|(name, value)| (name.to_owned(), value)).collect();
            Version {
                from: chrono::DateTime::from_timestamp_micros(*from).map(|from| from.date_naive()),
                values: Values { parameters, classifications, ..Values::default() },
            }
        };
        Profile { kind, name: kind.name().to_owned(), versions: choices.iter().map(version).collect() }
    };
    let profiles: Vec<Profile> = Kind::ALL.iter().map(|kind| profile(*kind)).collect();
    let profiles = [0, 1, 2].map(|place: usize| Some((profiles[place].name.as_str(), &profiles[place])));
    Effective::compose(&defaults, profiles, chrono_tz::UTC)
}

/// Value, numerator, denominator, items with a known value, all items; of a duration with its statistics.
fn numbers(measured: &Measured) -> Vec<Option<f64>> {
    let known = [measured.numerator, measured.denominator, measured.sample_size as f64, measured.eligible as f64];
    let values = Statistic::ALL.map(|statistic| measured.value(Some(statistic)));
    values.into_iter().chain(known.map(Some)).collect()
}

fn shown(number: &Number) -> Vec<Option<f64>> {
    use throughline::model::metric::Statistic as Word;
    let known = [number.numerator, number.denominator, number.known as f64, number.eligible as f64];
    let values = [Word::Mean, Word::Median, Word::P75, Word::P90, Word::P95].map(|statistic| number.value(statistic));
    values.into_iter().chain(known.map(Some)).collect()
}

fn is_close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-3),
        (a, b) => a == b,
    }
}
