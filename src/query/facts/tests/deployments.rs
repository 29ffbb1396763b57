use super::fixture::rows;

#[tokio::test]
async fn a_deployment_is_put_together_from_its_tables() {
    let columns = [
        "service",
        "project",
        "repositories",
        "kind",
        "finished_at",
        "is_rollback",
        "is_unplanned",
        "changes",
        "change_labels",
        "fixes_incident",
        "certain_failures",
        "latest_failure_age_seconds",
    ];
    let lines = "
        repositories id=1 name=shop service=store project=retail
        deployments id=1 repository=shop tier=STAGING status=RUNNING
        deployments id=2 repository=shop service=own tier=PRODUCTION status=SUCCESS finished_at=4 kind=RELEASE is_rollback=true
        deployment_commits id=1 deployment=2 repository=cart commit=x finished_at=5
        deployment_commits id=2 deployment=2 repository=cart commit=y finished_at=3";
    let found = rows("deployments", &columns, lines).await;
    assert_eq!(found["1"], ["store", "retail", "[shop]", "PIPELINE", "", "false", "false", "0", "", "false", "0", ""]);
    assert_eq!(
        found["2"],
        ["own", "retail", "[cart, shop]", "RELEASE", "5T00:00", "true", "false", "0", "", "false", "0", ""]
    );
}

#[tokio::test]
async fn a_deployment_knows_what_it_shipped() {
    let columns = ["changes", "change_labels", "change_branches", "fixes_incident"];
    let lines = "
        deployments id=1 repository=shop tier=PRODUCTION status=SUCCESS finished_at=4 commit=m
        deployments id=2 repository=shop tier=PRODUCTION status=SUCCESS finished_at=6
        deployment_changes id=1 deployment=2 commit=n
        pull_requests id=1 repository=shop author=ann state=MERGED created_at=1 merged_at=2 merge_commit=m labels=a,b head_branch=x
        pull_requests id=2 repository=shop author=ann state=MERGED created_at=1 merged_at=2 merge_commit=m labels=b head_branch=x
        pull_requests id=3 repository=shop author=ann state=MERGED created_at=1 merged_at=5 merge_commit=n issues=S-1,INC-7
        incidents id=INC-7 created_at=4";
    let found = rows("deployments", &columns, lines).await;
    assert_eq!(found["1"], ["2", "[a, b]", "[x]", "false"]);
    assert_eq!(found["2"], ["1", "", "", "true"]);
}

#[tokio::test]
async fn failures_are_counted_by_how_sure_they_are() {
    let columns = ["certain_failures", "latest_failure_age_seconds", "fixes_incident"];
    let lines = "
        deployments id=1 service=store tier=PRODUCTION status=SUCCESS finished_at=4
        deployments id=2 service=store tier=PRODUCTION status=SUCCESS finished_at=8 is_unplanned=true
        incidents id=1 created_at=20 deployment=1
        incidents id=2 created_at=20 deployment=1
        incidents id=3 service=store created_at=7 resolved_at=9
        incidents id=4 service=store created_at=6 resolved_at=7
        incidents id=5 service=store created_at=5 resolved_at=7";
    let found = rows("deployments", &columns, lines).await;
    assert_eq!(found["1"], ["3", "86400.0", "false"]);
    assert_eq!(found["2"], ["0", "", "true"]);
}

#[tokio::test]
async fn failures_are_told_one_by_one() {
    let lines = "
        deployments id=1 service=store tier=PRODUCTION status=SUCCESS finished_at=4
        incidents id=2 created_at=5 deployment=1 severity=HIGH labels=a,b
        incidents id=1 service=store created_at=6 resolved_at=7 priority=P2 urgency=low";
    let found = rows("deployments", &["failures"], lines).await;
    assert_eq!(
        found["1"],
        ["[{source: s, incident: 2, rule: EXPLICIT, age_seconds: 86400.0, severity: HIGH, urgency: , priority: , \
           labels: [a, b]}, {source: s, incident: 1, rule: LATEST, age_seconds: 172800.0, severity: , urgency: low, \
           priority: P2, labels: }]"]
    );
}

#[tokio::test]
async fn a_deployment_knows_the_next_one_in_its_place() {
    let columns =
        ["next_deployment", "next_is_rollback", "next_is_unplanned", "next_ref", "next_labels", "next_branches"];
    let lines = "
        deployments id=1 service=store environment=a tier=PRODUCTION status=SUCCESS finished_at=4
        deployments id=2 service=store environment=b tier=PRODUCTION status=SUCCESS finished_at=5 is_unplanned=true
        deployments id=3 service=store environment=a tier=PRODUCTION status=FAILURE finished_at=6
        deployments id=4 service=store environment=a tier=PRODUCTION status=SUCCESS finished_at=7 is_rollback=true ref=v1 commit=m
        deployments id=5 repository=store environment=a tier=PRODUCTION status=SUCCESS finished_at=8
        deployments id=6 environment=a tier=PRODUCTION status=SUCCESS finished_at=9
        deployments id=7 environment=a tier=PRODUCTION status=SUCCESS finished_at=10
        pull_requests id=1 repository=shop author=ann state=MERGED created_at=1 merged_at=2 merge_commit=m labels=a head_branch=x";
    let found = rows("deployments", &columns, lines).await;
    assert_eq!(found["1"], ["4", "true", "false", "v1", "[a]", "[x]"]);
    for last in ["2", "3", "4", "5", "6", "7"] {
        assert_eq!(found[last], [""; 6], "{last}");
    }
}

#[tokio::test]
async fn what_rule_time_would_ship_is_kept_apart() {
    let columns = [
        "changes",
        "change_labels",
        "time_change_labels",
        "time_change_branches",
        "fixes_incident",
        "time_fixes_incident",
    ];
    let lines = "
        deployments id=1 repository=shop tier=PRODUCTION status=SUCCESS finished_at=4 commit=m
        pull_requests id=1 repository=shop author=ann state=MERGED created_at=1 merged_at=2 merge_commit=m labels=a head_branch=x
        pull_requests id=2 repository=shop author=ann state=MERGED created_at=1 merged_at=3 labels=b head_branch=y issues=INC-7
        incidents id=INC-7 created_at=2";
    let found = rows("deployments", &columns, lines).await;
    assert_eq!(found["1"], ["1", "[a]", "[b]", "[y]", "false", "true"]);
}
