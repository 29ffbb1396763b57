//! The people and teams of the synthetic organisation, taken in as anybody would: contributors as CSV, the org tree as a
//! document. They agree with the work that was generated.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use object_store::ObjectStoreExt;
use throughline::app::App;
use throughline::clock::Clock;
use throughline::config::Config;
use throughline::lake::{Lake, Snapshot};
use throughline::model::{self, Dimension, Membership};
use throughline::people::document_file::{self, Format};
use throughline::people::import::{self, Mode, Options};
use throughline::people::{Author, Directory, Door, People, Seen};
use throughline::query::activity::identities;
use throughline::query::answer::Answer;
use throughline::query::attribution;
use throughline::query::calendar::Period;
use throughline::query::question::{By, Filter, Question, Scope, Wants};
use throughline::sources::generate::{Generate, Summary, generate};

/// West of most people's homes, so that days begin late.
const ZONE: Tz = Tz::America__Los_Angeles;

fn end() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 11).unwrap()
}

struct World {
    app: Arc<App>,
    summary: Summary,
    snapshot: Arc<Snapshot>,
    directory: Arc<Directory>,
}

/// Sixty developers over a year, in a lake, with their people and teams.
async fn world() -> World {
    let now: DateTime<Utc> = "2026-11-12T12:00:00Z".parse().unwrap();
    let lake = Lake::open("memory://").await.unwrap();
    let options = Generate { developers: 60, years: 1, seed: 3, end: end() };
    let summary = generate(lake.store(), options, |_| {}).await.unwrap();
    let mut config = Config::defaults();
    (config.clock, config.refresh_interval) = (Clock::Fixed(now), Default::default());
    let app = App::over(config, lake.clone()).unwrap();
    for outcome in app.intake().await.unwrap() {
        assert!(outcome.error.is_none(), "{}: {:?}", outcome.file, outcome.error);
    }
    let snapshot = lake.refresh().await.unwrap();
    let (key, rows) = identities(app.engine(), &snapshot).await.unwrap();
    let seen = Arc::new(Seen::read(key, &rows).unwrap());
    let people = People::new(lake.clone(), ZONE, Clock::Fixed(now));
    let author = Author { actor: "tester".to_owned(), door: Door::Cli };

    let csv = text(&lake, summary.people.contributors.as_ref()).await.into_bytes();
    let with = Options { attributes: true, effective_from: None };
    let preview = import::preview(&people, &seen, &author, csv, "contributors.csv", Mode::Replace, with).await.unwrap();
    assert_eq!((preview.errors, preview.notices), (vec![], vec![]));
    assert_eq!(preview.counts.added as usize, summary.people.contributor_count);
    import::approve(&people, &seen, &author, preview.id.as_deref().unwrap()).await.unwrap().unwrap();

    let document = text(&lake, summary.people.teams.as_ref()).await;
    let format = Format::of_name(summary.people.teams.filename().unwrap());
    let apply = async || {
        let day = now.with_timezone(&ZONE).date_naive();
        let changed = people.change(&author, "APPLY", "the teams", &seen, |draft, directory| {
            document_file::import(draft, directory, &document, format, day)
        });
        changed.await.unwrap().unwrap().outcome
    };
    assert!(apply().await.len() > summary.people.team_count);
    assert_eq!(apply().await, [], "it says all that there is");
    let snapshot = lake.refresh().await.unwrap();
    let directory = people.directory(&snapshot, &seen).await.unwrap();
    World { app, summary, snapshot, directory }
}

async fn text(lake: &Lake, path: &str) -> String {
    let file = lake.store().get(&path.into()).await.unwrap().bytes().await.unwrap();
    String::from_utf8(file.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_generated_people_agree_with_the_generated_work() {
    let world = world().await;
    everybody_is_one_registered_contributor(&world);
    everybody_is_at_home_in_one_team_each_day(&world);
    let [velocity, deployments] = measured(&world, ["PULL_REQUEST_VELOCITY", "DEPLOYMENT_FREQUENCY"]).await;
    // Merged work is that of people who were in the team of the repository that day; deployments have a team's pipeline.
    let teams = By::from(Dimension::Team);
    let (all, of_teams) = (velocity.total().numerator, velocity.slices(&teams));
    assert!(all > 3000.0, "{all}");
    assert!(of_teams.iter().all(|slice| slice.key.is_some()), "somebody's pull request is no team's");
    assert!(of_teams.iter().map(|slice| slice.number.numerator).sum::<f64>() >= all);
    let (all, of_teams) = (deployments.total().numerator, deployments.slices(&teams));
    assert!(all > 300.0, "{all}");
    assert_eq!(of_teams.iter().map(|slice| slice.number.numerator).sum::<f64>(), all);
    assert!(of_teams.iter().all(|slice| slice.key.is_some()), "a deployment is no team's");
}

fn everybody_is_one_registered_contributor(world: &World) {
    let resolved = &world.directory.resolved;
    let mut matched: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    let mut bots = 0;
    for account in &resolved.accounts {
        let person = &resolved.people[account.person];
        match account.is_bot {
            true => bots += 1,
            false => {
                assert!(person.registered, "{} waits for a match", account.seen.login);
                matched.entry(account.person).or_default().insert(&account.seen.source);
            }
        }
    }
    assert_eq!(bots, 3);
    assert_eq!(matched.len(), world.summary.people.contributor_count);
    assert!(matched.values().all(|sources| sources.len() == 2), "everybody has a login at forge and at tracker");
    let heads = resolved.people.iter().filter(|person| person.registered && person.manager.is_none()).count();
    assert_eq!(heads, 1, "all but one have a manager");
}

fn everybody_is_at_home_in_one_team_each_day(world: &World) {
    let Directory { resolved, org, .. } = world.directory.as_ref();
    let mut homes: BTreeMap<usize, Vec<(NaiveDate, NaiveDate, usize)>> = BTreeMap::new();
    for (number, team) in org.teams.iter().enumerate() {
        let depth = team.path.split('/').count();
        assert_eq!(team.children.is_empty(), depth == 3, "{}", team.path);
        for span in team.spans.iter().filter(|span| !span.shared) {
            let (from, to) = (span.from.unwrap(), span.to.unwrap_or(NaiveDate::MAX));
            homes.entry(span.person).or_default().push((from, to, number));
        }
    }
    let (mut moved, mut left) = (0, 0);
    for (number, person) in resolved.people.iter().enumerate().filter(|(_, person)| person.registered) {
        let spans = homes.get_mut(&number).unwrap_or_else(|| panic!("{} was in no team", person.name));
        spans.sort();
        assert_eq!(Some(spans[0].0), person.starts, "{}", person.name);
        assert_eq!(spans.last().unwrap().1, person.ends.unwrap_or(NaiveDate::MAX), "{}", person.name);
        for two in spans.windows(2) {
            assert_eq!(two[0].1, two[1].0, "{} is in one team after the other", person.name);
            assert_ne!(two[0].2, two[1].2, "{}", person.name);
        }
        moved += usize::from(spans.len() > 1);
        left += usize::from(person.ends.is_some());
    }
    assert!(moved > 10 && left > 2, "{moved} moved, {left} left");
    let present = resolved.people.iter().filter(|p| p.registered && p.ends.is_none()).count();
    assert_eq!(present, 60);
    let reorganised = org.teams.iter().flat_map(|team| &team.spans).filter(|span| !span.shared);
    let days: BTreeSet<NaiveDate> = reorganised.filter_map(|span| span.from).collect();
    assert!(days.contains(&NaiveDate::from_ymd_opt(2026, 2, 1).unwrap()), "people moved in the reorganisation");
}

async fn measured<const N: usize>(world: &World, metrics: [&str; N]) -> [Arc<Answer>; N] {
    let period = Period::between(end() - chrono::Days::new(400), end() + chrono::Days::new(1), ZONE).unwrap();
    let question = |name: &str| Question {
        metric: model::metric(name).unwrap(),
        scope: Scope::Organization,
        period,
        filter: Filter::default(),
        membership: Membership::AtEvent,
        wants: Wants { breakdowns: [(By::from(Dimension::Team), BTreeSet::new())].into(), ..Wants::default() },
        profile: Arc::clone(world.app.engine().built_in()),
    };
    let attribution = Arc::clone(&world.directory.attribution);
    let source = attribution::source(async move { Ok(attribution) });
    let questions = metrics.map(question).to_vec();
    let answered = world.app.engine().answer(&world.snapshot, questions, Utc::now(), &source).await;
    let answers: Vec<Arc<Answer>> = answered.answers.into_iter().map(Result::unwrap).collect();
    answers.try_into().unwrap_or_else(|_| panic!("an answer for each question"))
}
