//! The synthetic organisation: the same for a seed, whole, ordered in time, and as uneven as it claims to be.

use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::prelude::SessionContext;
use object_store::memory::InMemory;
use throughline::sources::generate::{Generate, Summary, generate};
use tokio::sync::OnceCell;

use super::support::{ask, files, number, session};

fn options(developers: usize, years: u32, seed: u64) -> Generate {
    Generate { developers, years, seed, end: NaiveDate::from_ymd_opt(2026, 11, 11).expect("a date") }
}

async fn made(options: Generate) -> (Arc<InMemory>, Summary) {
    let store = Arc::new(InMemory::new());
    let summary = generate(store.clone(), options, |_| {}).await.expect("generated");
    (store, summary)
}

/// Sixty developers over two years, made once for all tests.
async fn organisation() -> &'static SessionContext {
    static ORGANISATION: OnceCell<SessionContext> = OnceCell::const_new();
    ORGANISATION.get_or_init(async || session(made(options(60, 2, 3)).await.0.as_ref()).await).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_same_seed_writes_the_same_files() {
    let (one, summary) = made(options(20, 1, 7)).await;
    let (two, _) = made(options(20, 1, 7)).await;
    let (other, _) = made(options(20, 1, 8)).await;
    let people = files(one.as_ref(), "people").await;
    assert!(people.len() == 2 && people == files(two.as_ref(), "people").await, "so for people");
    let one = files(one.as_ref(), "landing").await;
    assert!(one == files(two.as_ref(), "landing").await, "same seed, same bytes");
    assert_eq!(one.len() as u64, summary.total().files);
    assert_eq!(one.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>(), summary.total().bytes);
    assert!(one != files(other.as_ref(), "landing").await, "another seed, another organisation");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn references_resolve_and_times_are_in_order() {
    let session = organisation().await;
    for table in throughline::model::tables().iter().filter(|table| !table.internal) {
        assert!(number(session, &format!("select count(*) from {}", table.name)).await > 0.0, "no {}", table.name);
    }
    let none = [
        "pull_requests where state = 'MERGED' and merge_commit not in (select id from commits)",
        "pull_requests where (state = 'MERGED') <> (merged_at is not null)",
        "pull_requests where merged_at < created_at or closed_at < created_at or ready_at < created_at",
        "pull_requests where author not in (select login from accounts where source = 'forge')",
        "pull_requests where repository not in (select name from repositories)",
        "(select unnest(parents) as parent from commits) where parent not in (select id from commits)",
        "commits where (is_merge and array_length(parents) <> 2) or (not is_merge and array_length(parents) > 1)",
        "commits c join (select id, unnest(parents) as parent from commits) e on e.id = c.id \
         join commits p on p.id = e.parent where p.authored_at > c.authored_at or p.repository <> c.repository",
        "pull_request_commits where commit not in (select id from commits)",
        "pull_request_commits where pull_request not in (select id from pull_requests)",
        "reviews r join pull_requests p on p.id = r.pull_request where r.submitted_at < p.created_at",
        "reviews r join pull_requests p on p.id = r.pull_request where r.reviewer = p.author",
        "comments where author not in (select login from accounts where source = 'forge')",
        "builds where commit not in (select id from commits) or finished_at < started_at or started_at < queued_at",
        "deployments where commit is not null and commit not in (select id from commits)",
        "deployments where finished_at < started_at or (finished_at is null) <> (status = 'RUNNING')",
        "deployment_commits where commit not in (select id from commits)",
        "deployment_changes where commit not in (select merge_commit from pull_requests where merge_commit is not null)",
        "incidents where acknowledged_at < created_at or resolved_at < created_at",
        "incidents where deployment is not null and deployment not in (select id from deployments_all where source = 'ops')",
        "issues where completed_at < started_at or started_at < created_at",
        "issues where assignee not in (select login from accounts where source = 'tracker')",
        "(select unnest(issues) as issue from pull_requests) where issue not in (select key from issues_all) \
         and issue not in (select id from incidents)",
        "issue_transitions where issue not in (select id from issues)",
        "(select issue, to_value, row_number() over (partition by issue order by at desc, id desc) as n \
         from issue_transitions where field = 'STATUS') t join issues i on i.id = t.issue where t.n = 1 and t.to_value <> i.status",
        "sprint_issues where sprint not in (select id from sprints) or issue not in (select id from issues)",
        "(select pull_request, min(authored_at) as first from pull_request_commits group by 1) c \
         join pull_requests p on p.id = c.pull_request where p.first_commit_at <> c.first",
        "(select commit, sum(additions) as a, sum(deletions) as d from commit_files group by 1) f \
         join commits c on c.id = f.commit where c.additions <> f.a or c.deletions <> f.d",
    ];
    let mut found = Vec::new();
    for wrong in none {
        let rows = number(session, &format!("select count(*) from {wrong}")).await;
        if rows > 0.0 {
            found.push(format!("{rows} {wrong}"));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    let end = "timestamp '2026-11-11T00:00:00Z'";
    for table in throughline::model::tables().iter().filter(|table| !table.internal) {
        let late = format!("select count(*) from {}_all where updated_at >= {end}", table.name);
        assert_eq!(number(session, &late).await, 0.0, "{} knows the future", table.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_holds_what_metrics_could_be_wrong_about() {
    let session = organisation().await;
    let some = [
        "pull_requests_all a join pull_requests_all b on a.id = b.id where a.state = 'OPEN' and b.state = 'MERGED'",
        "comments_all where deleted",
        "pull_requests where first_commit_at > created_at",
        "pull_requests where draft or ready_at is not null",
        "pull_requests where state = 'CLOSED'",
        "pull_requests where head_branch like 'hotfix/%'",
        "pull_requests where title like 'Revert%'",
        "pull_requests where author like '%[bot]'",
        "pull_requests where state = 'MERGED' and id not in (select pull_request from reviews)",
        "accounts where kind = 'BOT' and login not like '%[bot]'",
        "deployments where tier = 'STAGING' and status = 'FAILURE'",
        "deployments where tier = 'PRODUCTION' and status = 'FAILURE'",
        "deployments where is_rollback",
        "deployments where is_unplanned",
        "incidents where service is null",
        "incidents where deployment is not null",
        "incidents where resolved_at is null",
        "repositories_all a join repositories_all b on a.id = b.id where a.service <> b.service",
        "repositories_all a join repositories_all b on a.id = b.id where a.project <> b.project",
        "issues where started_at > created_at and key in (select unnest(issues) from pull_requests)",
        "sprint_issues where removed_at is not null",
        "issue_transitions where field = 'STATUS' and from_value = 'Done'",
        "issue_transitions where field = 'POINTS'",
        "issue_transitions where field = 'SPRINT' and from_value is not null",
        "issues where parent is not null and type = 'Sub-task'",
        "sprint_issues m join sprints s on s.id = m.sprint where m.added_at > s.starts_at + interval '1 day'",
        "commits where extract(dow from authored_at) = 6",
    ];
    let mut missing = Vec::new();
    for right in some {
        if number(session, &format!("select count(*) from {right}")).await == 0.0 {
            missing.push(right);
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    let share = async |sql: &str, low: f64, high: f64| {
        let found = number(session, sql).await;
        println!("{found:.3} {sql}");
        assert!((low..high).contains(&found), "{found} from {sql}");
    };
    let merged = "(select count(*) from pull_requests where state = 'MERGED')";
    let shipped = "(select count(*) from deployments where tier = 'PRODUCTION' and status = 'SUCCESS')";
    share(&format!("select 1.0 * {merged} / {shipped}"), 2.5, 12.0).await;
    share(&format!("select 1.0 * count(*) / {shipped} from incidents"), 0.02, 0.12).await;
    share("select 1.0 * count(*) / (60 * 2 * 250) from pull_requests where author not like '%[bot]'", 0.2, 0.6).await;
    share("select 1.0 * count(*) / (60 * 2 * 250) from commits where not is_merge", 0.8, 2.2).await;
    share(
        "select 1.0 * count(*) filter (where ((cast(authored_at as bigint) / 60000000 + authored_offset_minutes) / 1440 \
         + 4) % 7 in (0, 6)) / count(*) from commits where author not like '%[bot]'",
        0.0,
        0.08,
    )
    .await;
    let kinds = ask(session, "select distinct kind from deployments order by 1").await;
    assert_eq!(kinds, "CHANGE_REQUEST\nMERGE\nPIPELINE\nRELEASE");
}
