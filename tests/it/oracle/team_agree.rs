//! Plans about teams and people must give what walking through every row gives, over invented organisations and rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, ListBuilder, RecordBatch, StringArray, StringBuilder};
use arrow::array::{TimestampMicrosecondArray, new_null_array};
use arrow::datatypes::{DataType, SchemaRef};
use chrono::{DateTime, Days as Length, NaiveDate, Utc};
use chrono_tz::Tz;
use datafusion::datasource::MemTable;
use datafusion::logical_expr::col;
use datafusion::prelude::SessionContext;
use rand::Rng;
use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use throughline::model::attribution::{ALWAYS, Node, Person, SOURCE_FIELDS, Span};
use throughline::model::metric::{Denominator, Kind};
use throughline::model::{self, Attribution, Condition, Dimension, Effective, Granularity, Membership};
use throughline::query::answer::{Answer, Number, Rows};
use throughline::query::calendar::Period;
use throughline::query::plan::Plan;
use throughline::query::question::{By, Filter, Question, Scope, Wants};
use throughline::query::{facts, functions};

use super::seeds::{rerun, seeds};
use super::teams::{Days, EVER, Organization, Row, STORY, holds};

const METRICS: [&str; 5] = [
    "PULL_REQUEST_CYCLE_TIME",
    "LEAD_TIME_FOR_CHANGES",
    "PULL_REQUEST_VELOCITY",
    "DEPLOYMENT_FREQUENCY",
    "CHANGE_FAILURE_RATE",
];

#[tokio::test]
async fn plans_of_teams_agree_with_a_walk() {
    let mut looked_at = 0;
    for seed in seeds(30) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let organization = Organization::invent(&mut rng);
        let attribution = Arc::new(attribution(&organization));
        for of_people in [true, false] {
            let rows: Vec<Row> = (0..rng.random_range(0..80)).map(|_| Row::invent(&mut rng, of_people)).collect();
            let now = rng.random_range(0..STORY);
            let walk = Walk { organization: &organization, rows: &rows, of_people, now };
            let mut by_scope = BTreeMap::<Option<Dimension>, Vec<Question>>::new();
            for question in (0..8).map(|_| question(&mut rng, &walk)) {
                by_scope.entry(question.scope.dimension()).or_default().push(question);
            }
            for questions in by_scope.into_values() {
                looked_at += check(seed, &walk, &attribution, questions).await;
            }
        }
    }
    assert!(looked_at > 0, "no team of any organisation had a row");
}

/// One plan for questions of one kind of scope. Gives how many rows of teams were looked at.
async fn check(seed: u64, walk: &Walk<'_>, attribution: &Arc<Attribution>, questions: Vec<Question>) -> u64 {
    let mut looked_at = 0;
    let fact = model::fact(if walk.of_people { "changes" } else { "deployments" }).expect("a fact");
    let context = SessionContext::new_with_config(facts::session_config().with_target_partitions(2));
    functions::register(&context);
    let schema = facts::schema(fact).await.expect("a schema");
    let table = || Arc::new(MemTable::try_new(Arc::clone(&schema), vec![vec![batch(&schema, walk)]]).expect("a table"));
    let profile = Arc::clone(&questions[0].profile);
    let now: DateTime<Utc> = day(walk.now).and_hms_opt(12, 0, 0).expect("noon").and_utc();
    let mut plan = Plan::new(fact, questions[0].scope.dimension(), Some(Arc::clone(attribution)), now, profile);
    let places: Vec<_> = questions.iter().map(|q| plan.add(q).expect("can be asked")).collect();
    let frame = plan.build(&context, table()).expect("a plan");
    let batches = frame.collect().await.expect("runs");
    let rows = Arc::new(Rows::read(&batches, plan.keys().as_ref()).expect("an answer"));
    for (question, places) in questions.into_iter().zip(&places) {
        let answer = Answer::new(Arc::clone(&rows), &plan, places, question.clone());
        let told = format!("{}\n{:#?}\n{question:?}\nnow {}", rerun(seed), walk.organization, walk.now);
        let found = |number: &Number| (number.eligible, number.denominator);
        let same = |place: &str, expected: (u64, Option<f64>), number: &Number| {
            let found = found(number);
            let denominator = expected.1.is_none_or(|expected| (expected - found.1).abs() < 1e-9);
            assert!(expected.0 == found.0 && denominator, "{place}: expected {expected:?}, found {found:?}\n{told}");
        };
        same("total", walk.number(&question, question.period, None), &answer.total());
        for point in answer.series(Granularity::Month) {
            same("series", walk.number(&question, point.bucket.days, None), &point.number);
        }
        for by in question.wants.breakdowns.keys() {
            let slices = answer.slices(by);
            let keys: BTreeSet<Option<String>> = slices.iter().map(|slice| slice.key.clone()).collect();
            assert_eq!(keys, walk.keys(&question, by), "{by:?}\n{told}");
            assert_eq!(keys.len(), slices.len(), "a slice stands twice: {by:?}\n{told}");
            for slice in slices {
                let place = format!("{by:?} {:?}", slice.key);
                same(&place, walk.number(&question, question.period, Some((by, &slice.key))), &slice.number);
                let of_teams = matches!(by.dimension, Dimension::Team | Dimension::OrgLevel) && slice.key.is_some();
                looked_at += if of_teams { slice.number.eligible } else { 0 };
                for point in answer.slice_series(by, slice.key.as_deref(), Granularity::Month) {
                    let expected = walk.number(&question, point.bucket.days, Some((by, &slice.key)));
                    same(&format!("series of {place}"), expected, &point.number);
                }
            }
        }
        if question.scope.dimension().is_some_and(Dimension::is_of_people) && walk.of_people {
            let counts = Plan::counts(
                fact,
                datafusion::prelude::col(time_of(question.metric)),
                &question,
                None,
                Some(Arc::clone(attribution)),
                now,
            )
            .expect("a condition")
            .expect("a scope of people");
            let frame = context.read_table(table()).expect("reads").filter(counts).expect("filters");
            let frame = frame.select(vec![col("id")]).expect("selects");
            let batches = frame.collect().await.expect("runs");
            let found: BTreeSet<String> = batches.iter().flat_map(|batch| texts(batch.column(0))).collect();
            assert_eq!(found, walk.records(&question), "records\n{told}");
        }
    }
    looked_at
}

/// The other way to the same numbers.
struct Walk<'w> {
    organization: &'w Organization,
    rows: &'w [Row],
    of_people: bool,
    now: i64,
}

impl Walk<'_> {
    fn at(&self, row: &Row, question: &Question) -> Option<i64> {
        if time_of(question.metric) == "deployed_at" { row.deployed_at } else { Some(row.at) }
    }

    /// Whether a row is counted at all.
    fn passes(&self, row: &Row, question: &Question) -> bool {
        let owner = self.organization.owner(row.source, &row.login);
        let bot = owner.map_or(row.bot, |owner| self.organization.people[owner].bot);
        let asked = question.filter.0.get(&Dimension::Contributor);
        !self.of_people
            || !bot && asked.is_none_or(|asked| owner.is_some_and(|owner| asked.contains(&person_key(owner))))
    }

    fn chains(&self, row: &Row, question: &Question, at: i64) -> Vec<Vec<usize>> {
        let day = self.day(question, at);
        self.organization.chains(row, &question.metric.name, self.of_people, day)
    }

    fn day(&self, question: &Question, at: i64) -> i64 {
        match question.membership {
            Membership::AtEvent => (at - day(0).and_hms_opt(0, 0, 0).expect("midnight").and_utc().timestamp_micros())
                .div_euclid(86_400_000_000),
            Membership::Current => self.now,
        }
    }

    fn in_scope(&self, row: &Row, question: &Question, at: i64) -> bool {
        let owner = self.organization.owner(row.source, &row.login).filter(|_| self.of_people);
        match &question.scope {
            Scope::Organization => true,
            Scope::Key(Dimension::Repository, name) => row.values("repository").contains(&name.as_str()),
            Scope::Key(Dimension::Contributor, key) => owner.is_some_and(|owner| person_key(owner) == *key),
            Scope::Key(_, key) => self.chains(row, question, at).iter().flatten().any(|team| team_key(*team) == *key),
        }
    }

    /// Slices of what belongs to these chains; none for nobody's.
    fn slices(&self, by: &By, question: &Question, chains: &[Vec<usize>], day: i64) -> BTreeSet<Option<String>> {
        let scope = match &question.scope {
            Scope::Key(Dimension::Team, key) => Some(key.as_str()),
            _ => None,
        };
        let of_scope = scope.map(|key| self.organization.teams[key[1..].parse::<usize>().expect("a number")].tree);
        let tree = by.tree.as_ref().map_or(of_scope.unwrap_or(0), |id| id[1..].parse().expect("a number"));
        let mut found = BTreeSet::new();
        for chain in chains.iter().filter(|chain| self.organization.teams[chain[0]].tree == tree) {
            let top = match scope {
                None => Some(chain.len()),
                Some(key) => chain.iter().position(|team| team_key(*team) == key),
            };
            let Some(top) = top else { continue };
            match by.dimension {
                Dimension::Team if self.organization.is_leaf(chain[0], day) => {
                    found.insert(Some(team_key(chain[0])));
                }
                Dimension::OrgLevel if top >= by.level as usize => {
                    found.extend(chain.get(top - by.level as usize).map(|team| Some(team_key(*team))));
                }
                _ => {}
            }
        }
        if found.is_empty() { [None].into() } else { found }
    }

    fn slices_of(&self, row: &Row, by: &By, question: &Question, at: i64) -> BTreeSet<Option<String>> {
        match by.dimension {
            Dimension::Repository => {
                let names = row.values("repository");
                let names = names.iter().map(|name| Some((*name).to_owned()));
                if names.len() == 0 { [None].into() } else { names.collect() }
            }
            Dimension::Contributor => [self.organization.owner(row.source, &row.login).map(person_key)].into(),
            _ => self.slices(by, question, &self.chains(row, question, at), self.day(question, at)),
        }
    }

    fn keys(&self, question: &Question, by: &By) -> BTreeSet<Option<String>> {
        let rows = self.rows.iter().filter(|row| self.passes(row, question));
        let timed = rows.filter_map(|row| Some((row, self.at(row, question)?)));
        let counted =
            timed.filter(|(row, at)| question.period.instants().contains(at) && self.in_scope(row, question, *at));
        counted.flat_map(|(row, at)| self.slices_of(row, by, question, at)).collect()
    }

    /// How many rows, and what they are divided by where that is not a matter of rows.
    fn number(&self, question: &Question, window: Period, slice: Option<(&By, &Option<String>)>) -> (u64, Option<f64>) {
        let counts = |row: &&Row| {
            let Some(at) = self.at(row, question) else { return false };
            let in_slice = || slice.is_none_or(|(by, key)| self.slices_of(row, by, question, at).contains(key));
            window.instants().contains(&at)
                && self.passes(row, question)
                && self.in_scope(row, question, at)
                && in_slice()
        };
        let eligible = self.rows.iter().filter(counts).count() as u64;
        let by_weeks = matches!(&question.metric.kind, Kind::Formula { denominator: Denominator::DeveloperWeeks, .. });
        (eligible, by_weeks.then(|| self.weeks(question, window, slice)))
    }

    /// Person-weeks, day by day.
    fn weeks(&self, question: &Question, window: Period, slice: Option<(&By, &Option<String>)>) -> f64 {
        let first = (window.from - day(0)).num_days();
        let days = first..first + window.days() as i64;
        let people = self.organization.people.iter().enumerate().filter(|(_, person)| !person.bot);
        let asked = question.filter.0.get(&Dimension::Contributor);
        let people = people.filter(|(n, _)| asked.is_none_or(|asked| asked.contains(&person_key(*n))));
        let there = |number: usize, present: Days, date: i64| {
            let stands = if question.membership == Membership::Current { self.now } else { date };
            let chains = self.organization.stays(number, stands);
            let is_present = holds(present, date);
            let is_current = question.membership == Membership::Current;
            let in_scope = match &question.scope {
                Scope::Organization => is_present && (!is_current || holds(present, self.now)),
                Scope::Key(Dimension::Contributor, key) => {
                    person_key(number) == *key && is_present && (!is_current || holds(present, self.now))
                }
                Scope::Key(Dimension::Team, key) => {
                    chains.iter().flatten().any(|team| team_key(*team) == *key) && (!is_current || is_present)
                }
                Scope::Key(..) => false,
            };
            let in_slice = match slice {
                None => true,
                Some((_, None)) => false,
                Some((by, Some(_))) if by.dimension == Dimension::Repository => false,
                Some((by, Some(key))) if by.dimension == Dimension::Contributor => person_key(number) == *key,
                Some((by, key)) => self.slices(by, question, &chains, stands).contains(key),
            };
            // A slice of teams counts its members, whether or not they are with the organisation.
            let of_teams = slice.is_some_and(|(by, _)| matches!(by.dimension, Dimension::Team | Dimension::OrgLevel));
            let in_scope = match &question.scope {
                Scope::Organization if of_teams => !is_current || is_present,
                Scope::Key(Dimension::Contributor, key) if of_teams => {
                    person_key(number) == *key && (!is_current || is_present)
                }
                _ => in_scope,
            };
            in_scope && in_slice
        };
        let days = people.flat_map(|(n, person)| days.clone().map(move |date| (n, person.present, date)));
        days.filter(|(number, present, date)| there(*number, *present, *date)).count() as f64 / 7.0
    }

    /// Ids of the rows of a scope in the period, whatever passes.
    fn records(&self, question: &Question) -> BTreeSet<String> {
        let timed = self.rows.iter().enumerate().filter_map(|(n, row)| Some((n, row, self.at(row, question)?)));
        let counted =
            timed.filter(|(_, row, at)| question.period.instants().contains(at) && self.in_scope(row, question, *at));
        counted.map(|(number, ..)| number.to_string()).collect()
    }
}

/// The column that says when a row counts, where no profile says otherwise: lead time ends with what was shipped.
fn time_of(metric: &'static model::Metric) -> &'static str {
    if metric.name == "LEAD_TIME_FOR_CHANGES" { "deployed_at" } else { &metric.time }
}

fn question(rng: &mut ChaCha8Rng, walk: &Walk<'_>) -> Question {
    let metrics = if walk.of_people { &METRICS[..3] } else { &METRICS[3..] };
    let metric = model::metric(metrics.choose(rng).expect("not empty")).expect("a metric");
    let (teams, people) = (walk.organization.teams.len(), walk.organization.people.len());
    let scope = match rng.random_range(0..8) {
        0 | 1 => Scope::Organization,
        2 => Scope::Key(Dimension::Repository, "shop".to_owned()),
        3 if walk.of_people => Scope::Key(Dimension::Contributor, person_key(rng.random_range(0..people))),
        _ => Scope::Key(Dimension::Team, team_key(rng.random_range(0..teams))),
    };
    let mut breakdowns = BTreeMap::new();
    for _ in 0..rng.random_range(0..3) {
        let dimensions = [Dimension::Team, Dimension::OrgLevel, Dimension::Repository, Dimension::Contributor];
        let dimensions = if walk.of_people { &dimensions[..] } else { &dimensions[..3] };
        let tree = rng.random_ratio(1, 2).then(|| format!("t{}", rng.random_range(0..walk.organization.trees)));
        let by = By::new(*dimensions.choose(rng).expect("not empty"), tree, rng.random_range(1..=3));
        breakdowns.insert(by, [Granularity::Month].into());
    }
    let mut filter = Filter::default();
    if walk.of_people && rng.random_ratio(1, 4) {
        let keys = (0..rng.random_range(1..=2)).map(|_| person_key(rng.random_range(0..people + 1)));
        filter.0.insert(Dimension::Contributor, keys.collect());
    }
    let from = rng.random_range(0..STORY);
    let to = day(0) + Length::new((from + rng.random_range(1..STORY)) as u64);
    let period = Period::between(day(from), to, Tz::UTC).expect("a period");
    let membership = if rng.random_ratio(1, 3) { Membership::Current } else { Membership::AtEvent };
    let wants = Wants { series: [Granularity::Month].into(), breakdowns, ..Wants::default() };
    let profile = Arc::new(Effective::built_in(model::defaults()));
    Question { metric, scope, period, filter, membership, wants, profile }
}

fn attribution(organization: &Organization) -> Attribution {
    let instant = |day_number: i64, bound: i64| match day_number {
        edge if edge == EVER.0 || edge == EVER.1 => bound,
        other => day(other).and_hms_opt(0, 0, 0).expect("midnight").and_utc().timestamp_micros(),
    };
    let instants = |(from, to): Days| (instant(from, ALWAYS.0), instant(to, ALWAYS.1));
    let span = |(node, days): &(usize, Days)| {
        let (from, to) = instants(*days);
        Span { node: *node as u32, from, to }
    };
    let node = |(number, team): (usize, &super::teams::Team)| {
        let condition = team.sources.as_ref().map(|rule| serde_json::from_value::<Condition>(rule.document()));
        let condition = condition.map(|condition| condition.expect("a condition").compile(&SOURCE_FIELDS));
        Node {
            key: team_key(number),
            tree: team.tree as u32,
            exists: (team.exists != EVER).then(|| instants(team.exists)),
            parents: team.placed.iter().map(span).collect(),
            sources: condition.map(|matcher| Arc::new(matcher.expect("compiles"))),
            people_filter: team.people_filter_off.iter().map(|metric| ((*metric).to_owned(), false)).collect(),
            ..Node::default()
        }
    };
    let person = |(number, person): (usize, &super::teams::Someone)| Person {
        key: person_key(number),
        is_bot: person.bot,
        present: instants(person.present),
        direct: person.stays.iter().map(span).collect(),
        accounts: person.accounts.clone(),
    };
    let trees = (0..organization.trees).map(|tree| format!("t{tree}")).collect();
    let nodes = organization.teams.iter().enumerate().map(node).collect();
    Attribution::new("invented".into(), trees, nodes, organization.people.iter().enumerate().map(person).collect())
}

fn batch(schema: &SchemaRef, walk: &Walk<'_>) -> RecordBatch {
    let rows = walk.rows;
    let all = |value: &dyn Fn(usize, &Row) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().enumerate().map(|(number, row)| value(number, row)).collect::<StringArray>())
    };
    let one = |field: &'static str| all(&|_, row| row.values(field).first().map(|value| (*value).to_owned()));
    let many = |field: &'static str| -> ArrayRef {
        let mut lists = ListBuilder::new(StringBuilder::new());
        for row in rows {
            row.values(field).iter().for_each(|value| lists.values().append_value(value));
            lists.append(!row.values(field).is_empty());
        }
        Arc::new(lists.finish())
    };
    let times = |time: &dyn Fn(&Row) -> Option<i64>| -> ArrayRef {
        Arc::new(rows.iter().map(time).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
    };
    let columns = schema.fields().iter().map(|field| match field.name().as_str() {
        "id" => all(&|number, _| Some(number.to_string())),
        "source" => all(&|_, row| Some(row.source.to_owned())),
        "author" => all(&|_, row| Some(row.login.clone())),
        "author_is_bot" => Arc::new(rows.iter().map(|row| Some(row.bot)).collect::<BooleanArray>()) as ArrayRef,
        "merged_at" | "finished_at" => times(&|row| Some(row.at)),
        "deployed_at" => times(&|row| row.deployed_at),
        "first_commit_at" => times(&|row| Some(row.at - 1_000_000)),
        "labels" | "change_labels" => many("label"),
        "repositories" => many("repository"),
        "repository" => one("repository"),
        "base_branch" | "ref" => one("branch"),
        "pipeline" => one("pipeline"),
        "tier" => all(&|_, _| Some("PRODUCTION".to_owned())),
        "status" => all(&|_, _| Some("SUCCESS".to_owned())),
        "kind" => all(&|_, _| Some("PIPELINE".to_owned())),
        _ => new_null_array(field.data_type(), rows.len()),
    });
    RecordBatch::try_new(Arc::clone(schema), columns.collect()).expect("rows of the fact")
}

fn texts(column: &ArrayRef) -> Vec<String> {
    assert_eq!(column.data_type(), &DataType::Utf8);
    let texts = column.as_any().downcast_ref::<StringArray>().expect("texts");
    texts.iter().flatten().map(str::to_owned).collect()
}

fn day(number: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day") + chrono::TimeDelta::days(number)
}

fn team_key(team: usize) -> String {
    format!("n{team}")
}

fn person_key(person: usize) -> String {
    format!("p{person}")
}
