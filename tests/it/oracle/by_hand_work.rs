//! The oracle on issues, sprints, days and files so few that a person can do the sums. Each case carries its arithmetic.

use super::Oracle;
use super::calendar::Period;
use super::choices::Choices;
use super::classes::{Hierarchy, Judged, Ranking};
use super::item::Scope;
use super::measure::{Ask, Measured};
use super::metric::Metric;
use super::record::{At, Row};
use super::teams::Rule;
use super::whose::{People, Someone, Sources};
use super::world::*;

/// An instant of March 2024, UTC: day, hour.
fn at(day: u32, hour: u32) -> At {
    format!("2024-03-{day:02}T{hour:02}:00:00Z").parse().expect("a time")
}

fn row<T>(id: impl ToString, own: T) -> Row<T> {
    Row { source: "s".into(), id: id.to_string(), updated_at: at(31, 0), deleted: false, url: None, own }
}

fn ask(world: &World, choices: &Choices, metric: Metric) -> Measured {
    let oracle = Oracle::by(world, at(31, 0), &[(i64::MIN, choices.clone())]);
    let day = |text: &str| text.parse().expect("a date");
    let march = Period { from: day("2024-03-01"), to: day("2024-04-01"), zone: chrono_tz::UTC };
    oracle.number(&Ask::new(metric, Scope::Organization), &march, None)
}

fn value(world: &World, metric: Metric) -> Option<f64> {
    ask(world, &Choices::default(), metric).value(None)
}

fn issue(id: &str, points: f64) -> Row<Issue> {
    let own = Issue {
        key: id.into(),
        project: "p".into(),
        story_points: Some(points),
        created_at: Some(at(1, 0)),
        ..Issue::default()
    };
    row(id, own)
}

fn moved(world: &mut World, issue: &str, when: At, field: &'static str, from: &str, to: &str) {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (issue, at) = (issue.to_owned(), Some(when));
    let own = Transition { issue, at, field, from_value: text(from), to_value: text(to) };
    world.issue_transitions.push(row(world.issue_transitions.len(), own));
}

fn listed(world: &mut World, issue: &str, added: At, removed: Option<At>) {
    let own = SprintIssue { sprint: "one".into(), issue: issue.into(), added_at: Some(added), removed_at: removed };
    world.sprint_issues.push(row(world.sprint_issues.len(), own));
}

#[test]
fn a_sprint_is_planned_added_to_and_left() {
    let mut world = World::default();
    let sprint = Sprint {
        name: "One".into(),
        starts_at: Some(at(4, 8)),
        ends_at: Some(at(15, 8)),
        completed_at: Some(at(15, 16)),
        ..Sprint::default()
    };
    world.sprints = vec![row("one", sprint)];
    world.issues = vec![
        issue("done", 5.0),
        issue("late", 2.0),
        issue("out", 3.0),
        issue("open", 1.0),
        issue("part", 8.0),
        issue("before", 13.0),
        issue("gone", 21.0),
    ];
    world.issues[4].own.r#type = Some("Sub-task".into());
    for name in ["done", "out", "open", "part", "before"] {
        listed(&mut world, name, at(2, 0), None);
    }
    // Within the day of grace it is planned, a second later not.
    world.sprint_issues[0].own.added_at = Some(at(5, 8));
    listed(&mut world, "late", at(5, 8) + chrono::Duration::seconds(1), None);
    world.sprint_issues[1].own.removed_at = Some(at(9, 0));
    listed(&mut world, "gone", at(2, 0), Some(at(4, 8))); // Taken out as it started: never in it.
    moved(&mut world, "done", at(15, 16), "STATUS", "Doing", "Done"); // At the very end.
    moved(&mut world, "before", at(3, 0), "STATUS", "Doing", "Done");
    moved(&mut world, "late", at(7, 0), "STATUS", "Doing", "Done");
    moved(&mut world, "late", at(8, 0), "STATUS", "Done", "Doing"); // Opened again: missed.
    // The estimate at the start counts; 1 to 4 while in it is churn.
    moved(&mut world, "open", at(10, 0), "POINTS", "1", "4");

    // Commit: 5 + 3 + 1 = 9; creep: 2; removed: 3; delivered: 5; missed: 2 + 1.
    let expected = [
        (Metric::SprintCommit, 9.0),
        (Metric::SprintCreep, 2.0),
        (Metric::SprintRemoved, 3.0),
        (Metric::SprintSize, 11.0),
        (Metric::SprintDelivered, 5.0),
        (Metric::SprintMissed, 3.0),
        (Metric::SprintMissedCreep, 2.0),
        (Metric::SprintCommitDone, 5.0 / 9.0),
        (Metric::SprintCreepRatio, 2.0 / 9.0),
        (Metric::SprintDeliveredToSize, 5.0 / 11.0),
        (Metric::SprintVelocity, 5.0),
        (Metric::SprintPredictability, 0.0),
        (Metric::SprintChurn, (2.0 + 3.0 + 3.0) / 9.0),
    ];
    for (metric, number) in expected {
        assert_eq!(value(&world, metric), Some(number), "{metric:?}");
    }
    let counted = Choices { sprint_unit: "ISSUE_COUNT", sprint_grace_seconds: 0.0, ..Choices::default() };
    // Without grace "done" is creep: commit 2, creep 2, removed 1.
    let number = |metric| ask(&world, &counted, metric).value(None);
    assert_eq!((number(Metric::SprintCommit), number(Metric::SprintCreep)), (Some(2.0), Some(2.0)));
    assert_eq!((number(Metric::SprintChurn), number(Metric::SprintDeliveredToCommit)), (Some(1.5), Some(0.5)));
}

#[test]
fn an_issue_opened_again_is_done_when_it_is_done_again() {
    let mut world = World { issues: vec![issue("a", 3.0), issue("b", 1.0)], ..World::default() };
    for (day, from, to) in [(2, "To do", "Doing"), (4, "Doing", "Done"), (6, "Done", "Doing"), (7, "Doing", "Done")] {
        moved(&mut world, "a", at(day, 0), "STATUS", from, to);
    }
    moved(&mut world, "b", at(3, 0), "STATUS", "Doing", "Done");
    moved(&mut world, "b", at(5, 0), "STATUS", "Done", "To do");
    world.issues[1].own.completed_at = Some(at(3, 0));
    // From the 2nd to the 7th, of which 2 + 1 days in progress; the other is not done any more, whatever it says.
    let cycle = ask(&world, &Choices::default(), Metric::IssueCycleTime);
    assert_eq!((cycle.numerator, cycle.sample_size), (5.0 * 86_400.0, 1));
    assert_eq!(value(&world, Metric::EffortTime), Some(3.0 * 86_400.0));
    assert_eq!(value(&world, Metric::EffortPoints), Some(3.0));
}

#[test]
fn a_day_is_the_authors_and_a_persons_accounts_are_one() {
    let commit = |id: &str, source: &str, when: At, offset: Option<i64>| {
        let own = Commit {
            repository: "r".into(),
            author: "ann".into(),
            authored_at: Some(when),
            authored_offset_minutes: offset,
            ..Commit::default()
        };
        Row { source: source.into(), ..row(id, own) }
    };
    let world = World {
        commits: vec![
            commit("1", "s", at(4, 23), Some(60)),  // The 5th where she was.
            commit("2", "t", at(5, 12), None),      // The 5th again, by another account.
            commit("3", "s", at(6, 3), Some(-300)), // The 5th in New York.
            commit("4", "s", at(6, 6), Some(-300)),
        ],
        ..World::default()
    };
    let mut oracle = Oracle::new(&world, at(31, 0));
    let account = |source: &str| (source.to_owned(), "ann".to_owned());
    let (key, accounts) = ("ann".to_owned(), vec![account("s"), account("t")]);
    oracle.people.people = vec![Someone { key, bot: false, present: (0, i64::MAX), stays: Vec::new(), accounts }];
    let day = |text: &str| text.parse().expect("a date");
    let week = Period { from: day("2024-03-04"), to: day("2024-03-11"), zone: chrono_tz::UTC };
    let days = oracle.number(&Ask::new(Metric::CodingDays, Scope::Organization), &week, None);
    assert_eq!((days.numerator, days.denominator, days.sample_size), (2.0, 1.0, 3));
}

#[test]
fn lines_written_lately_are_rework() {
    let mut world = World::default();
    let mut change = |id: &str, when: At, additions, deletions, from: Option<&str>, path: &str| {
        let (repository, author) = ("r".to_owned(), "ann".to_owned());
        let own = Commit { repository: repository.clone(), author, authored_at: Some(when), ..Commit::default() };
        world.commits.push(row(id, own));
        let (additions, deletions) = (Some(additions), Some(deletions));
        let previous_path = from.map(str::to_owned);
        let own = CommitFile { commit: id.into(), path: path.into(), additions, deletions, previous_path };
        world.commit_files.push(row(id, own));
        let (pull_request, commit) = (format!("p{id}"), id.to_owned());
        world.pull_request_commits.push(row(id, PullRequestCommit { pull_request, commit, ..Default::default() }));
        let merged_at = Some(when + chrono::Duration::hours(1));
        let own =
            PullRequest { repository, author: "ann".into(), state: "MERGED", merged_at, ..PullRequest::default() };
        world.pull_requests.push(row(format!("p{id}"), own));
    };
    change("old", "2024-01-01T00:00:00Z".parse().expect("a time"), 100, 0, None, "a");
    change("new", at(1, 0), 10, 0, None, "a");
    change("moved", at(2, 0), 0, 0, Some("a"), "b");
    change("less", at(3, 0), 5, 25, None, "b");
    // 10 of the 25 lines deleted are from the 1st; lines of March: 10 + 0 + 30.
    assert_eq!(value(&world, Metric::CodeRework), Some(10.0 / 40.0));
    let long = Choices { rework_days: 90, ..Choices::default() };
    assert_eq!(ask(&world, &long, Metric::CodeRework).value(None), Some(25.0 / 40.0));
    world.commit_files.pop();
    let unknown = ask(&world, &long, Metric::CodeRework);
    assert_eq!((unknown.value(None), unknown.coverage), (Some(0.0), Some(2.0 / 3.0)));
}

#[test]
fn rules_reach_up_and_down() {
    let labelled = |label: &str, kind: &str| {
        let values = [("label", vec![label.to_owned()]), ("type", vec![kind.to_owned()])];
        Judged { values: values.into() }
    };
    let line = [labelled("", "Sub-task"), labelled("x", "Story"), labelled("x", "Epic")];
    let reached = |hierarchy, from: usize, is_leaf| {
        let rule = Sources::Rule(Rule::Is("label", vec!["x"]));
        let ranking = Ranking { classes: vec![("it".into(), rule, hierarchy)], otherwise: "rest".into() };
        ranking.class(&line[from..], is_leaf) == "it"
    };
    let all = |hierarchy| [reached(hierarchy, 0, true), reached(hierarchy, 1, false), reached(hierarchy, 2, false)];
    assert_eq!(all(Hierarchy::OnlyMatches), [false, true, true]);
    assert_eq!(all(Hierarchy::WithDescendants), [true; 3]);
    assert_eq!(all(Hierarchy::LeafDescendants), [true, false, false]);
    assert_eq!(all(Hierarchy::ParentAndChildren), [true; 3]);
    assert_eq!(all(Hierarchy::EpicAndDescendants), [true; 3]);
    let apart = [labelled("", "Sub-task"), labelled("", "Story"), labelled("x", "Story")];
    let rule = Sources::Rule(Rule::Is("label", vec!["x"]));
    let epics = Ranking { classes: vec![("it".into(), rule, Hierarchy::EpicAndDescendants)], otherwise: "rest".into() };
    assert_eq!(epics.class(&apart, true), "rest", "a story is no epic");
}

#[test]
fn the_sample_company_is_read_from_its_files() {
    let world = World::sample().latest();
    let state = |id: &str| world.pull_requests.iter().find(|p| p.id == id).map(|p| p.own.state);
    assert_eq!(state("storefront-88"), Some("MERGED"), "the late file says so");
    assert_eq!(state("basket-39"), None, "a late file removes it");
    assert!(world.issues.iter().any(|issue| issue.own.story_points == Some(3.0)));
    let ask = Ask::new(Metric::named("DEPLOYMENT_FREQUENCY").expect("a metric"), Scope::Service("payments".into()));
    let day = |text: &str| text.parse().expect("a date");
    let week = Period { from: day("2026-03-02"), to: day("2026-03-09"), zone: chrono_tz::UTC };
    // Mondays and Wednesdays.
    let oracle = Oracle::new(&world, at(31, 0));
    assert_eq!(oracle.number(&ask, &week, None).numerator, 2.0);
    let people = People::of(&oracle.people.attribution());
    assert_eq!(people.people.len(), oracle.people.people.len());
}
