use super::fixture::rows;

const LINK: [&str; 4] = ["deployment", "link_rule", "deployed_at", "time_deployment"];

/// One pull request, merged on the 5th as `m`, from commits `a` and `b`.
const PULL: &str = "
    pull_requests id=1 repository=shop author=ann state=MERGED created_at=2 merged_at=5 merge_commit=m
    pull_request_commits id=1 pull_request=1 commit=a authored_at=1T10:00
    pull_request_commits id=2 pull_request=1 commit=b authored_at=1T09:00";

async fn link(lines: &str) -> Vec<String> {
    rows("changes", &LINK, &format!("{PULL}\n{lines}")).await.remove("1").expect("the change is there")
}

fn deployment(id: &str, started: &str, finished: &str, more: &str) -> String {
    format!(
        "deployments id={id} repository=shop tier=PRODUCTION status=SUCCESS started_at={started} finished_at={finished} \
         {more}\n"
    )
}

#[tokio::test]
async fn a_listed_commit_wins_over_a_deployment_at_the_commit() {
    let lines = deployment("d1", "6", "7", "commit=m") + &deployment("d2", "8", "9", "commit=z");
    assert_eq!(link(&lines).await, ["d1", "COMMIT", "7T00:00", "d1"]);
    for listed in ["m", "a"] {
        let lines = format!("{lines} deployment_changes id=1 deployment=d2 commit={listed}");
        assert_eq!(link(&lines).await, ["d2", "EXPLICIT", "9T00:00", "d1"]);
    }
}

#[tokio::test]
async fn a_deployment_at_one_of_the_commits_counts_wherever_it_says_so() {
    assert_eq!(link(&deployment("d1", "6", "7", "commit=b")).await[..2], ["d1", "COMMIT"]);
    let part = "deployment_commits id=1 deployment=d1 repository=other commit=m finished_at=8";
    let lines = deployment("d1", "6", "7", "") + part;
    assert_eq!(link(&lines).await[..3], ["d1", "COMMIT", "8T00:00"], "a deployment finishes with its last part");
}

#[tokio::test]
async fn of_several_the_earliest_started_ships_and_ties_break_by_source_and_id() {
    let lines = deployment("d1", "7", "8", "commit=m") + &deployment("d2", "6", "9", "commit=m");
    assert_eq!(link(&lines).await[0], "d2");
    let lines = deployment("d2", "6", "7", "commit=m") + &deployment("d1", "6", "8", "commit=m");
    assert_eq!(link(&lines).await[0], "d1");
    let lines = deployment("d1", "6", "7", "commit=m") + &deployment("d2", "6", "8", "commit=m source=a");
    assert_eq!(link(&lines).await[0], "d2");
}

#[tokio::test]
async fn only_successful_production_deployments_ship() {
    for wrong in ["tier=STAGING status=SUCCESS", "tier=PRODUCTION status=FAILURE", "tier=PRODUCTION status=RUNNING"] {
        let lines = format!("deployments id=d1 repository=shop finished_at=7 commit=m {wrong}");
        assert_eq!(link(&lines).await, ["", "", "", ""], "{wrong}");
    }
}

#[tokio::test]
async fn ancestry_takes_the_difference_to_the_previous_deployment_of_the_stream() {
    let history = "
        commits id=h1 repository=shop author=ann authored_at=1
        commits id=m repository=shop author=ann authored_at=5 parents=h1,b
        commits id=h2 repository=shop author=ann authored_at=6 parents=m
        commits id=h3 repository=shop author=ann authored_at=7 parents=h2\n";
    let first = deployment("d1", "2", "2", "commit=h1 environment=eu");
    let second = deployment("d2", "6", "7", "commit=h2 environment=eu");
    assert_eq!(link(&format!("{history}{first}{second}")).await, ["d2", "ANCESTRY", "7T00:00", "d2"]);
    // The first deployment of a stream has no difference; another environment is another stream.
    let elsewhere = deployment("d2", "6", "7", "commit=h2 environment=us");
    assert_eq!(link(&format!("{history}{first}{elsewhere}")).await, ["", "", "", "d2"]);
    // A failed deployment between the two is not part of the stream.
    let failed =
        "deployments id=d0 repository=shop tier=PRODUCTION status=FAILURE finished_at=6 commit=h2 environment=eu";
    let third = deployment("d3", "8", "8", "commit=h3 environment=eu");
    assert_eq!(link(&format!("{history}{first}{third}{failed}")).await[..2], ["d3", "ANCESTRY"]);
    // Rolled back and deployed again: the change was shipped the first time.
    let back = deployment("d3", "8", "8", "commit=h1 environment=eu is_rollback=true");
    let again = deployment("d4", "9", "9", "commit=h2 environment=eu");
    assert_eq!(link(&format!("{history}{first}{second}{back}{again}")).await[0], "d2");
    // Nothing is known of what the previous deployment stood at, so nothing of what came since.
    let unknown = deployment("d1", "2", "2", "commit=lost environment=eu");
    assert_eq!(link(&format!("{history}{unknown}{second}")).await, ["", "", "", "d2"]);
}

#[tokio::test]
async fn time_is_used_only_where_no_deployment_carries_a_commit() {
    let after = deployment("d2", "6", "7", "");
    assert_eq!(link(&after).await, ["d2", "TIME", "7T00:00", "d2"]);
    let telling = deployment("d3", "20", "21", "commit=z");
    assert_eq!(link(&format!("{after}{telling}")).await, ["", "", "", "d2"]);
}

#[tokio::test]
async fn time_means_finished_after_the_merge_in_the_repository_or_its_service() {
    let at_merge = deployment("d1", "4", "5", "");
    assert_eq!(link(&at_merge).await[3], "", "finished at the merge, not after it");
    let later = deployment("d2", "8", "9", "") + &deployment("d3", "7", "10", "");
    assert_eq!(link(&format!("{at_merge}{later}")).await[3], "d3", "of several the earliest started");
    let service = "repositories id=r name=shop service=store
        deployments id=d4 service=store tier=PRODUCTION status=SUCCESS started_at=6 finished_at=6";
    assert_eq!(link(&format!("{later}{service}")).await[..2], ["d4", "TIME"]);
}

#[tokio::test]
async fn milestones_are_those_of_other_humans() {
    let columns = [
        "author_is_bot",
        "first_comment_at",
        "comments",
        "first_review_at",
        "reviews",
        "first_approval_at",
        "last_approval_at",
        "first_commit_at",
        "ready_at",
        "opened_at",
    ];
    let said = "
        accounts id=1 login=helper kind=BOT
        accounts id=2 login=scan name=scan[bot]
        accounts id=3 login=bob kind=USER
        accounts id=4 login=cleo kind=BOT source=elsewhere
        comments id=1 pull_request=1 author=ann created_at=2T01:00
        comments id=2 pull_request=1 author=helper created_at=2T02:00
        comments id=3 pull_request=1 author=scan created_at=2T03:00
        comments id=4 pull_request=1 author=new[bot] created_at=2T04:00
        comments id=5 pull_request=1 author=bob created_at=3T05:00
        comments id=6 pull_request=1 author=bob created_at=3T04:00
        comments id=6 pull_request=1 author=bob created_at=2T04:00 source=elsewhere
        reviews id=1 pull_request=1 reviewer=ann state=APPROVED submitted_at=2T05:00
        reviews id=2 pull_request=1 reviewer=helper state=APPROVED submitted_at=2T06:00
        reviews id=3 pull_request=1 reviewer=bob state=COMMENTED submitted_at=3T07:00
        reviews id=4 pull_request=1 reviewer=cleo state=APPROVED submitted_at=3T08:00
        reviews id=5 pull_request=1 reviewer=bob state=APPROVED submitted_at=4T09:00";
    let found = rows("changes", &columns, &format!("{PULL}{said}")).await;
    let expected = ["false", "3T04:00", "2", "3T07:00", "3", "3T08:00", "4T09:00", "1T09:00", "2T00:00", "2T00:00"];
    assert_eq!(found["1"], expected);
}

#[tokio::test]
async fn the_first_commit_is_what_the_tool_says_or_the_earliest_author_time() {
    let at = |lines: &str| {
        let lines = lines.to_owned();
        async move { rows("changes", &["first_commit_at", "author_is_bot"], &lines).await.remove("1").expect("there") }
    };
    let said =
        "pull_requests id=1 repository=shop author=x[bot] state=MERGED created_at=2 merged_at=5 first_commit_at=1
        pull_request_commits id=1 pull_request=1 commit=a authored_at=2";
    assert_eq!(at(said).await, ["1T00:00", "true"]);
    let looked_up = "pull_requests id=1 repository=shop author=ann state=MERGED created_at=2 merged_at=5
        pull_request_commits id=1 pull_request=1 commit=a
        pull_request_commits id=2 pull_request=1 commit=b authored_at=4
        commits id=a repository=shop author=ann authored_at=3";
    assert_eq!(at(looked_up).await, ["3T00:00", "false"]);
}

#[tokio::test]
async fn builds_of_the_merge_commit_count_until_the_deployment() {
    let columns = ["first_build_finished_at", "last_build_finished_at"];
    let builds = "
        builds id=1 pipeline=ci commit=m status=CANCELLED finished_at=5T01:00
        builds id=2 pipeline=ci commit=m status=FAILURE finished_at=5T02:00
        builds id=3 pipeline=ci commit=m status=SUCCESS finished_at=5T03:00
        builds id=4 pipeline=ci commit=m status=SUCCESS finished_at=9
        builds id=5 pipeline=ci commit=a status=SUCCESS finished_at=4\n";
    let found = rows("changes", &columns, &format!("{PULL}{builds}")).await;
    assert_eq!(found["1"], ["5T02:00", "9T00:00"]);
    let deployed = deployment("d1", "6", "7", "commit=m");
    let found = rows("changes", &columns, &format!("{PULL}{builds}{deployed}")).await;
    assert_eq!(found["1"], ["5T02:00", "5T03:00"]);
}

#[tokio::test]
async fn a_change_has_the_earliest_of_its_issues_and_the_names_of_its_repository() {
    let columns = ["issue_created_at", "issue_started_at", "service", "project", "lines_changed"];
    let lines = "
        pull_requests id=1 repository=shop author=ann state=MERGED created_at=4 merged_at=5 issues=S-1,S-2 additions=3 deletions=4
        pull_requests id=2 repository=shop author=ann state=OPEN created_at=4
        pull_requests id=3 repository=bare author=ann state=MERGED created_at=4 merged_at=5 additions=3
        issues id=1 key=S-1 project=S created_at=2 started_at=3
        issues id=2 key=S-2 project=S created_at=1 started_at=4
        repositories id=1 name=shop project=retail
        repositories id=2 name=shop project=other service=store source=z";
    let found = rows("changes", &columns, lines).await;
    assert_eq!(found["1"], ["1T00:00", "3T00:00", "store", "retail", "7"]);
    assert_eq!(found["3"], ["", "", "", "", ""]);
    assert_eq!(found.len(), 2, "only merged pull requests are changes");
}
