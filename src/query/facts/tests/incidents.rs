use super::fixture::rows;

const CAUSE: [&str; 4] = ["cause_deployment", "cause_rule", "cause_age_seconds", "cause_finished_at"];

async fn cause(lines: &str) -> Vec<String> {
    rows("incidents", &CAUSE, lines).await.remove("i").expect("the incident is there")
}

fn deployment(id: &str, finished: &str, more: &str) -> String {
    format!("deployments id={id} service=store tier=PRODUCTION status=SUCCESS finished_at={finished} {more}\n")
}

#[tokio::test]
async fn latest_is_the_last_that_finished_before() {
    let incident = "incidents id=i service=store created_at=5T12:00\n";
    let lines = deployment("d1", "3", "") + &deployment("d2", "4T12:00", "") + &deployment("d3", "5T12:00", "");
    assert_eq!(cause(&format!("{incident}{lines}")).await, ["d2", "LATEST", "86400.0", "4T12:00"]);
    let ties = deployment("d8", "4T12:00", "") + &deployment("d9", "4T12:00", "source=a");
    assert_eq!(cause(&format!("{incident}{lines}{ties}")).await[0], "d8", "of one finish the last by source and id");
    assert_eq!(cause(incident).await, ["", "", "", ""]);
    for wrong in ["tier=STAGING status=SUCCESS service=store", "tier=PRODUCTION status=FAILURE service=store"] {
        let lines = format!("{incident} deployments id=d1 finished_at=4 {wrong}");
        assert_eq!(cause(&lines).await[1], "", "{wrong}");
    }
}

#[tokio::test]
async fn the_project_counts_where_the_incident_has_no_service() {
    let lines = deployment("d1", "3", "project=retail") + &deployment("d2", "4", "project=other");
    let incident = "incidents id=i project=retail created_at=5\n";
    assert_eq!(cause(&format!("{incident}{lines}")).await[..2], ["d1", "LATEST"]);
    let incident = "incidents id=i service=basket project=retail created_at=5\n";
    assert_eq!(cause(&format!("{incident}{lines}")).await[1], "", "its service has no deployment");
}

#[tokio::test]
async fn parts_are_compared_with_their_own_finish() {
    let lines = deployment("d1", "3", "")
        + &deployment("d2", "4", "")
        + "deployment_commits id=1 deployment=d2 repository=a commit=x finished_at=8
           incidents id=i service=store created_at=5";
    assert_eq!(cause(&lines).await, ["d2", "LATEST", "86400.0", "4T00:00"]);
}

#[tokio::test]
async fn a_named_deployment_of_the_same_source_wins() {
    let lines = deployment("d1", "4", "")
        + "deployments id=d0 tier=PRODUCTION status=FAILURE finished_at=1
           deployments id=d0 tier=PRODUCTION status=SUCCESS finished_at=2 source=other\n";
    let incident = "incidents id=i service=store created_at=5 deployment=d0";
    assert_eq!(cause(&format!("{lines}{incident}")).await, ["d0", "EXPLICIT", "345600.0", "1T00:00"]);
    let missing = "incidents id=i service=store created_at=5 deployment=gone";
    assert_eq!(cause(&format!("{lines}{missing}")).await[..2], ["d1", "LATEST"]);
}

#[tokio::test]
async fn a_rollback_while_the_incident_was_open_blames_the_planned_deployment_before() {
    let planned = deployment("d1", "3", "") + &deployment("d2", "4", "is_unplanned=true");
    let rollback = deployment("d3", "7", "is_rollback=true") + &deployment("d4", "8", "is_rollback=true");
    let open = "incidents id=i service=store created_at=5\n";
    let columns = ["cause_deployment", "cause_rule", "repair_deployment"];
    let found = rows("incidents", &columns, &format!("{open}{planned}{rollback}")).await;
    assert_eq!(found["i"], ["d1", "ROLLBACK", "d3"]);
    for (incident, rule) in [
        ("created_at=5 resolved_at=7", "ROLLBACK"),
        ("created_at=5 resolved_at=6", "LATEST"),
        ("created_at=7 resolved_at=7", "LATEST"),
    ] {
        let lines =
            format!("{planned}{} incidents id=i service=store {incident}", deployment("d3", "7", "is_rollback=true"));
        assert_eq!(cause(&lines).await[1], rule, "{incident}");
    }
    // No planned deployment before: the rule finds no cause.
    let lines = format!("{open}{}{rollback}", deployment("d2", "4", "is_unplanned=true"));
    assert_eq!(cause(&lines).await[..2], ["d2", "LATEST"]);
}

#[tokio::test]
async fn repositories_are_the_causes_or_the_services() {
    let columns = ["repositories", "environment"];
    let known = "repositories id=1 name=shop service=store
        repositories id=2 name=cart service=store
        incidents id=i service=store created_at=5\n";
    assert_eq!(rows("incidents", &columns, known).await["i"], ["[cart, shop]", ""]);
    let lines = known.to_owned() + &deployment("d1", "4", "repository=lib environment=eu");
    assert_eq!(rows("incidents", &columns, &lines).await["i"], ["[lib]", "eu"]);
}
