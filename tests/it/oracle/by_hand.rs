//! The oracle on worlds so small that a person can do the sums. Each case carries its arithmetic.

use throughline::model::Dimension;

use super::calendar::{Granularity, Period};
use super::causes::CauseRule;
use super::choices::Choices;
use super::facts::{Facts, facts};
use super::item::Scope;
use super::links::Rule;
use super::measure::{Ask, Measured};
use super::metric::Metric;
use super::ratings::{Rating, bands_of_days, rate};
use super::record::{At, Row};
use super::statistics::Statistic;
use super::whose::People;
use super::world::*;
use super::{Era, Oracle};

/// An instant of March 2024, UTC: day, hour.
fn at(day: u32, hour: u32) -> Option<At> {
    format!("2024-03-{day:02}T{hour:02}:00:00Z").parse().ok()
}

fn row<T>(id: &str, own: T) -> Row<T> {
    Row { source: "s".into(), id: id.into(), updated_at: at(31, 0).expect("a time"), deleted: false, url: None, own }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Repository `a` of service `x` and project `p`, with commits 1 <- 2 <- 3 and 2 <- 4 (on a branch) <- 5 (merges 3).
fn base() -> World {
    let repository = Repository { name: "a".into(), service: text("x"), project: text("p"), ..Default::default() };
    let commit = |id: &str, parents: &[&str]| {
        let parents = parents.iter().map(|p| (*p).to_owned()).collect();
        let (repository, author) = ("a".into(), "ann".into());
        row(id, Commit { repository, author, authored_at: at(1, 0), parents, ..Default::default() })
    };
    World {
        repositories: vec![row("a", repository)],
        commits: vec![
            commit("1", &[]),
            commit("2", &["1"]),
            commit("3", &["2"]),
            commit("4", &["2"]),
            commit("5", &["4", "3"]),
        ],
        ..World::default()
    }
}

fn merged(id: &str, commit: &str, opened: Option<At>, merged: Option<At>) -> Row<PullRequest> {
    let own = PullRequest {
        repository: "a".into(),
        author: "ann".into(),
        state: "MERGED",
        created_at: opened,
        first_commit_at: opened,
        merged_at: merged,
        merge_commit: text(commit),
        ..Default::default()
    };
    row(id, own)
}

fn deployed(id: &str, commit: Option<&str>, started: Option<At>, finished: Option<At>) -> Row<Deployment> {
    let own = Deployment {
        repository: text("a"),
        environment: text("prod"),
        tier: "PRODUCTION",
        status: "SUCCESS",
        commit: commit.map(str::to_owned),
        started_at: started,
        finished_at: finished,
        ..Default::default()
    };
    row(id, own)
}

fn incident(id: &str, created: Option<At>, resolved: Option<At>) -> Row<Incident> {
    row(id, Incident { service: text("x"), created_at: created, resolved_at: resolved, ..Default::default() })
}

fn march() -> Period {
    let day = |text: &str| text.parse().expect("a date");
    Period { from: day("2024-03-01"), to: day("2024-04-01"), zone: chrono_tz::UTC }
}

/// An oracle that knows nobody. Now is the 25th.
fn oracle(facts: &Facts) -> Oracle {
    let now = at(25, 0).expect("a time");
    let era = Era { from: i64::MIN, choices: Choices::default(), facts: facts.clone() };
    Oracle { eras: vec![era], people: People::default(), now }
}

fn ask(facts: &Facts, metric: Metric, scope: &Scope, period: &Period) -> Measured {
    oracle(facts).ask(&Ask::new(metric, scope.clone()), period)
}

fn links(facts: &Facts) -> Vec<Option<(&str, Rule)>> {
    facts.changes.iter().map(|c| Some((c.deployment.as_ref()?.1.as_str(), c.rule?))).collect()
}

#[test]
fn the_first_rule_that_matches_links_a_change() {
    let mut world = base();
    world.pull_requests = vec![
        merged("p1", "1", at(1, 0), at(1, 1)),
        merged("p2", "2", at(1, 0), at(1, 1)),
        merged("p3", "3", at(1, 0), at(1, 1)),
        merged("p5", "5", at(1, 0), at(1, 1)),
    ];
    // The first of a stream has no diff: 1 is not linked. From 2 to 5 come 3, 4 and 5; from 5 to 3 comes nothing.
    world.deployments = vec![
        deployed("d1", Some("2"), at(2, 0), at(2, 1)),
        deployed("d2", Some("5"), at(3, 0), at(3, 1)),
        deployed("d3", Some("3"), at(4, 0), at(4, 1)),
    ];
    let expected = [
        None,
        Some(("d1", Rule::Commit)),
        Some(("d3", Rule::Commit)), // COMMIT comes before ANCESTRY, though d2 shipped it earlier.
        Some(("d2", Rule::Commit)),
    ];
    assert_eq!(links(&facts(&world)), expected);

    world.deployments.pop();
    world.deployments[1].own.commit = text("5");
    assert_eq!(links(&facts(&world))[2], Some(("d2", Rule::Ancestry)));

    let named = DeploymentChange { deployment: "d1".into(), commit: "3".into() };
    world.deployment_changes = vec![row("x", named)];
    assert_eq!(links(&facts(&world))[2], Some(("d1", Rule::Explicit)));
}

#[test]
fn another_environment_or_tier_is_another_stream() {
    let mut world = base();
    world.pull_requests = vec![merged("p3", "3", at(1, 0), at(1, 1))];
    world.deployments =
        vec![deployed("d1", Some("2"), at(2, 0), at(2, 1)), deployed("d2", Some("5"), at(3, 0), at(3, 1))];
    world.deployments[1].own.environment = text("other");
    assert_eq!(links(&facts(&world)), [None]);
    world.deployments[1].own.environment = text("prod");
    world.deployments[0].own.status = "FAILURE";
    assert_eq!(links(&facts(&world)), [None]);
}

#[test]
fn time_links_only_where_no_deployment_carries_a_commit() {
    let mut world = base();
    world.pull_requests = vec![merged("p", "3", at(1, 0), at(2, 1))];
    // d1 finished at the moment of the merge, which is not after it; d3 started before d2.
    world.deployments = vec![
        deployed("d1", None, at(2, 0), at(2, 1)),
        deployed("d2", None, at(3, 0), at(3, 1)),
        deployed("d3", None, at(2, 20), at(3, 5)),
    ];
    assert_eq!(links(&facts(&world)), [Some(("d3", Rule::Time))]);
    world.deployments[0].own.commit = text("1");
    assert_eq!(links(&facts(&world)), [None]);
}

#[test]
fn causes_are_named_rolled_back_or_latest() {
    let mut world = base();
    world.deployments = vec![
        deployed("d1", None, at(2, 0), at(2, 1)),
        deployed("d2", None, at(5, 0), at(5, 1)),
        deployed("d3", None, at(6, 0), at(6, 1)),
    ];
    world.deployments[1].own.is_rollback = Some(true);
    world.incidents = vec![
        incident("latest", at(7, 0), at(7, 1)),
        incident("rolled back", at(3, 0), at(5, 1)),
        incident("before all", at(2, 1), at(2, 2)), // d1 finished at this very moment: not before it.
        incident("named", at(3, 0), at(5, 1)),
        incident("a week", at(13, 1), at(14, 0)),
        incident("more", at(13, 2), at(14, 0)),
    ];
    world.incidents[3].own.deployment = text("d3");
    let facts = facts(&world);
    let rules: Vec<_> = facts.incidents.iter().map(|i| i.rule).collect();
    let latest = Some(CauseRule::Latest);
    assert_eq!(rules, [latest, Some(CauseRule::Rollback), None, Some(CauseRule::Explicit), latest, latest]);
    let broken: Vec<_> = facts.incidents.iter().map(|i| i.broken_at).collect();
    assert_eq!(broken, [at(6, 1), at(2, 1), None, at(6, 1), at(6, 1), None], "the seventh day counts, a later one not");
    assert_eq!(facts.deployments.iter().map(|d| d.failed).collect::<Vec<_>>(), [true, false, true]);

    // Two of three deployments failed, though six incidents were laid to them or to nobody.
    let rate = ask(&facts, Metric::FailureRate, &Scope::Organization, &march());
    assert_eq!((rate.value(None), rate.sample_size), (Some(2.0 / 3.0), 3));
    // Recovery: 7th 01:00 - 6th 01:00 = 24 h; 5th 01:00 - 2nd 01:00 = 72 h; named: negative, unknown;
    // 14th 00:00 - 6th 01:00 = 191 h. Three known of six resolved.
    let recovery = ask(&facts, Metric::RecoveryTime, &Scope::Organization, &march());
    assert_eq!(recovery.value(Some(Statistic::Median)), Some(72.0 * 3600.0));
    assert_eq!((recovery.numerator, recovery.denominator), (287.0 * 3600.0, 3.0));
    assert_eq!(recovery.coverage, Some(0.5));
}

#[test]
fn an_incident_is_compared_with_each_finish_of_a_deployment() {
    let mut world = base();
    let mut part = deployed("d", None, at(2, 0), None);
    part.own.service = text("x");
    world.deployments = vec![part];
    let finish = |repository: &str, finished_at| {
        let own =
            DeploymentCommit { deployment: "d".into(), repository: repository.into(), commit: "1".into(), finished_at };
        row(repository, own)
    };
    world.deployment_commits = vec![finish("a", at(2, 3)), finish("b", at(2, 9))];
    world.incidents = vec![incident("i", at(2, 5), at(2, 6))];
    let facts = facts(&world);
    assert_eq!(facts.deployments[0].finished_at, at(2, 9), "a deployment ends with its last part");
    assert_eq!(facts.deployments[0].repositories, ["a", "b"]);
    assert_eq!(facts.incidents[0].broken_at, at(2, 3));
}

#[test]
fn lead_time_leaves_out_bots_and_what_is_negative() {
    let mut world = base();
    let bot = Account { login: "ci".into(), kind: Some("BOT"), ..Default::default() };
    world.accounts = vec![row("ci", bot)];
    world.pull_requests = vec![
        merged("slow", "1", at(1, 0), at(1, 6)),
        merged("fast", "1", at(1, 20), at(1, 23)),
        merged("skewed", "1", at(3, 0), at(1, 23)),
        merged("bot", "1", at(1, 0), at(1, 1)),
        merged("unknown", "1", at(1, 0), at(1, 1)),
    ];
    world.pull_requests[3].own.author = "ci".into();
    world.pull_requests[4].own.first_commit_at = None;
    world.deployments = vec![deployed("d", Some("1"), at(2, 0), at(2, 2))];
    let build = |status, finished_at| Build {
        pipeline: "b".into(),
        commit: text("1"),
        status,
        finished_at,
        ..Default::default()
    };
    // The build that ended after the deployment did not hold it up.
    world.builds = vec![
        row("1", build("FAILURE", at(2, 0))),
        row("2", build("SUCCESS", at(2, 3))),
        row("3", build("CANCELLED", at(2, 1))),
    ];
    let facts = facts(&world);
    let lead = ask(&facts, Metric::LeadTime, &Scope::Service("x".into()), &march());
    // 26 h and 6 h; four eligible.
    assert_eq!(lead.value(Some(Statistic::Mean)), Some(16.0 * 3600.0));
    assert_eq!(lead.value(Some(Statistic::P75)), Some(21.0 * 3600.0));
    assert_eq!((lead.sample_size, lead.coverage, lead.absent), (2, Some(0.5), None));
    let change = &facts.changes[0];
    assert_eq!(change.last_build_finished_at, at(2, 0));
    assert_eq!(rate("DORA_2023", Metric::LeadTime, &lead), Some(Rating::Level("ELITE")));
    assert_eq!(rate("DORA_2021", Metric::LeadTime, &lead), Some(Rating::Level("HIGH")));
    assert_eq!(rate("DORA_2025", Metric::LeadTime, &lead), Some(Rating::Score(8.0)));

    let april = Period { from: march().to, to: "2024-05-01".parse().expect("a date"), zone: chrono_tz::UTC };
    let none = ask(&facts, Metric::LeadTime, &Scope::Organization, &april);
    assert_eq!((none.value(None), none.absent, none.coverage), (None, Some("NO_DEPLOYMENTS"), None));
    assert_eq!(lead.change(&none, None), None);
}

#[test]
fn frequency_counts_days_and_each_repository_its_own() {
    let mut world = base();
    world.deployments = (1..=10).map(|n| deployed(&format!("d{n}"), None, at(n, 0), at(n + 10, 0))).collect();
    world.deployments[0].own.status = "FAILURE";
    world.deployments[1].own.tier = "STAGING";
    let both =
        DeploymentCommit { deployment: "d3".into(), repository: "b".into(), commit: "9".into(), finished_at: None };
    world.deployment_commits = vec![row("both", both)];
    let facts = facts(&world);
    let all = ask(&facts, Metric::Frequency, &Scope::Organization, &march());
    assert_eq!((all.numerator, all.denominator, all.value(None)), (8.0, 31.0, Some(8.0 / 31.0)));
    let of_b = ask(&facts, Metric::Frequency, &Scope::Repository("b".into()), &march());
    assert_eq!(of_b.numerator, 1.0);
    let items = Metric::Frequency.items(&facts, &Choices::default());
    let slices: Vec<_> = items.iter().flat_map(|item| item.keys(Dimension::Repository)).collect();
    assert_eq!(slices.len(), 9, "one deployment is in two slices");
    assert_eq!(ask(&facts, Metric::ReworkRate, &Scope::Organization, &march()).denominator, 9.0);

    // Weeks of March 2024 begin on the 4th; deploy-days 13..20 March: 0, 0, 5, 3, 0.
    let frequency = Ask::new(Metric::Frequency, Scope::Organization);
    let points = oracle(&facts).trend(&frequency, &march(), Granularity::Week);
    // Whole weeks 1, 2, 3 (week 0 is cut by the period, 4 by now) have 0/7, 5/7, 3/7: slope 3/7 / 2.
    assert_eq!(points.1, 3);
    assert!((points.0.expect("three points").0 - 3.0 / 14.0).abs() < 1e-12);
    // The median of the whole weeks 0, 5, 3 is 3. On the 18th only 0 and 5 are whole, on the 11th only 0.
    let level = |scheme, day| bands_of_days(scheme, &items, &march(), at(day, 0).expect("a time"));
    assert_eq!([level("DORA_2023", 25), level("DORA_2023", 18)], [Rating::Level("HIGH"); 2]);
    assert_eq!(level("DORA_2023", 11), Rating::Level("MEDIUM"), "none in the median week, but 8 in the month");
    assert_eq!(level("DORA_2021", 11), Rating::Level("HIGH"));
}

#[test]
fn rework_is_flagged_labelled_branched_or_made_for_an_incident() {
    let mut world = base();
    let name = |n: usize| ["1", "2", "3", "4", "5"][n];
    world.deployments =
        (0..5).map(|n| deployed(&format!("d{n}"), Some(name(n)), at(2 + n as u32, 0), at(2 + n as u32, 1))).collect();
    world.pull_requests = (0..4).map(|n| merged(&format!("p{n}"), name(n), at(1, 0), at(1, 1))).collect();
    world.pull_requests[0].own.labels = vec!["HotFix".into()];
    world.pull_requests[1].own.head_branch = text("hotfix/it");
    world.pull_requests[2].own.issues = vec!["i".into()];
    world.pull_requests[3].own.labels = vec!["hotfixes".into()];
    world.incidents = vec![incident("i", at(1, 0), None)];
    let rework: Vec<bool> = facts(&world).deployments.iter().map(|d| d.rework).collect();
    assert_eq!(rework, [true, true, true, false, false]);
}

#[test]
fn the_latest_version_wins_and_a_removed_row_is_gone() {
    let mut world = base();
    let version = |hour, deleted, state| {
        let mut row = merged("p", "1", at(1, 0), at(1, 1));
        (row.updated_at, row.deleted, row.own.state) = (at(5, hour).expect("a time"), deleted, state);
        row
    };
    world.pull_requests = vec![version(2, false, "MERGED"), version(1, true, "OPEN"), version(0, false, "OPEN")];
    assert_eq!(facts(&world).changes.len(), 1);
    world.pull_requests.insert(0, version(3, true, "MERGED"));
    assert_eq!(facts(&world).changes.len(), 0);
}
