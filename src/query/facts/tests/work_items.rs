use super::fixture::{rows, rows_by};

/// What is said of issue `i`: its columns, and lines beside it.
type Said<'a> = (&'a str, String);

/// The asked columns of issues of one lake that all are `i`.
async fn items(columns: &[&str], cases: &[Said<'_>]) -> Vec<Vec<String>> {
    let mut lines = String::new();
    for (n, (issue, said)) in cases.iter().enumerate() {
        let born = if issue.contains("created_at") { "" } else { "created_at=1" };
        lines += &format!("issues id=i{n} key=I-{n} project=p {born} {issue}\n");
        lines += &said.replace(" issue=i ", &format!(" issue=i{n} "));
    }
    let mut found = rows("work_items", columns, &lines).await;
    (0..cases.len()).map(|n| found.remove(&format!("i{n}")).expect("the issue is there")).collect()
}

/// Holds what becomes of each issue with such changes of status, `at/from>to` each, against the times in its history.
async fn check(cases: &[(&str, &[&str], [&str; 5])]) {
    let columns = ["category", "started_at", "completed_at", "reopened", "seconds_in_progress"];
    let said: Vec<Said> = cases.iter().map(|(issue, changes, _)| (*issue, history("STATUS", changes))).collect();
    let found = items(&columns, &said).await;
    for ((issue, changes, expected), found) in cases.iter().zip(found) {
        assert_eq!(found, *expected, "{issue} {changes:?}");
    }
}

/// Changes of one field of issue `i`; their ids follow their order.
pub fn history(field: &str, changes: &[&str]) -> String {
    let line = |(n, change): (usize, &&str)| {
        let (at, values) = change.split_once('/').expect("at/from>to");
        let (from, to) = values.split_once('>').expect("from>to");
        let value = |name: &str, value: &str| if value.is_empty() { String::new() } else { format!(" {name}={value}") };
        let (from, to) = (value("from_value", from), value("to_value", to));
        format!("issue_transitions id={field}{n} issue=i field={field} at={at}{from}{to}\n")
    };
    changes.iter().enumerate().map(line).collect()
}

const DAY: &str = "86400.0";
const TWO_DAYS: &str = "172800.0";

#[tokio::test]
async fn without_changes_the_issue_says() {
    check(&[
        ("status=Done category=DONE started_at=2 completed_at=4", &[], ["DONE", "2T00:00", "4T00:00", "0", TWO_DAYS]),
        ("status=Doing", &[], ["IN_PROGRESS", "", "", "0", ""]),
        // A negative time is unknown.
        ("category=DONE started_at=5 completed_at=4", &[], ["DONE", "5T00:00", "4T00:00", "0", ""]),
    ])
    .await;
}

#[tokio::test]
async fn changes_of_status_say_when_it_was() {
    let again = ["3/ToDo>Doing", "4/Doing>Done", "6/Done>ToDo", "8/ToDo>Doing", "9/Doing>Closed", "10/Closed>Done"];
    check(&[
        // Of the issue's own start and end nothing is left.
        (
            "status=Done category=DONE started_at=2 completed_at=9",
            &["3/ToDo>Doing", "4/Doing>Waiting", "5/Waiting>Done"],
            ["DONE", "3T00:00", "5T00:00", "0", TWO_DAYS],
        ),
        // Opened again: done is when it was done last. In progress for one day, then for one more.
        ("status=Done category=DONE", &again, ["DONE", "3T00:00", "9T00:00", "1", TWO_DAYS]),
        ("completed_at=4", &again[..3], ["TO_DO", "3T00:00", "", "1", DAY]),
        // Nobody said that it was begun: the issue does, and the time in progress is from there.
        ("started_at=4", &["5/ToDo>Done"], ["DONE", "4T00:00", "5T00:00", "0", DAY]),
        ("", &["5/ToDo>Done"], ["DONE", "", "5T00:00", "0", ""]),
    ])
    .await;
}

#[tokio::test]
async fn what_was_before_the_first_change_counts_from_the_creation() {
    check(&[
        ("", &["3/Doing>Done"], ["DONE", "1T00:00", "3T00:00", "0", TWO_DAYS]),
        ("", &["3/Done>Closed"], ["DONE", "", "1T00:00", "0", ""]),
        // Nothing was before.
        ("created_at=4", &["3/Doing>Done"], ["DONE", "", "3T00:00", "0", ""]),
    ])
    .await;
}

#[tokio::test]
async fn changes_go_before_the_issue_and_ids_decide_ties() {
    check(&[
        (
            "status=Stuck category=IN_PROGRESS",
            &["2/ToDo>Doing", "3/Doing>Done"],
            ["DONE", "2T00:00", "3T00:00", "0", DAY],
        ),
        // At one instant: done, then opened again.
        ("", &["3/Doing>Done", "3/Done>ToDo"], ["TO_DO", "1T00:00", "", "1", TWO_DAYS]),
        // The same twice changes nothing; a change to nothing is none.
        ("", &["2/ToDo>Doing", "3/Doing>Done", "4/Doing>Done", "5/Done>"], ["DONE", "2T00:00", "3T00:00", "0", DAY]),
    ])
    .await;
}

#[tokio::test]
async fn statuses_mean_what_issues_of_the_source_say() {
    let others = "issues id=a key=A-1 project=p created_at=1 status=Parked category=TO_DO
                  issues id=b key=B-1 project=p created_at=1 status=Parked category=TO_DO
                  issues id=c key=C-1 project=p created_at=1 status=Parked category=DONE
                  issues id=d key=D-1 project=p created_at=1 status=Even category=IN_PROGRESS
                  issues id=e key=E-1 project=p created_at=1 status=Even category=DONE
                  issues id=f key=F-1 project=p created_at=1 status=Parked category=DONE source=other
                  issue_transitions id=t issue=x field=STATUS at=1 from_value=CLOSED to_value=Halfway
                  issue_transitions id=u issue=x field=STATUS at=1 from_value=backlog to_value=Parked source=third";
    let found = rows_by("issue_statuses", &["source", "status"], &["category"], others).await;
    let category = |status: &str| found[status][0].as_str();
    assert_eq!(category("s Parked"), "TO_DO", "as most say");
    assert_eq!(category("s Even"), "DONE", "of equally many the first");
    assert_eq!(category("other Parked"), "DONE");
    // Nobody says: by name.
    assert_eq!([category("s CLOSED"), category("third backlog")], ["DONE", "TO_DO"]);
    assert_eq!([category("s Halfway"), category("third Parked")], ["IN_PROGRESS", "IN_PROGRESS"]);
}

#[tokio::test]
async fn the_assignee_is_who_had_it_when_it_was_done() {
    let changes = || history("ASSIGNEE", &["2/>ann", "4/ann>bob", "8/bob>cleo"]);
    let cases = [
        ("completed_at=3 assignee=dov", changes(), ["ann", "false"]),
        // Handed over just then; nobody had it yet; not done: who has it now.
        ("completed_at=4 assignee=dov", changes(), ["bob", "false"]),
        ("completed_at=1 assignee=dov", changes(), ["", "false"]),
        ("assignee=dov", changes(), ["cleo", "false"]),
        ("completed_at=3 assignee=dov", String::new(), ["dov", "false"]),
        ("assignee=crumb[bot]", String::new(), ["crumb[bot]", "true"]),
        ("", String::new(), ["", "false"]),
    ];
    let said: Vec<Said> = cases.iter().map(|(issue, changes, _)| (*issue, changes.clone())).collect();
    let found = items(&["assignee", "assignee_is_bot"], &said).await;
    for ((issue, changes, expected), found) in cases.iter().zip(found) {
        assert_eq!(found, *expected, "{issue} {changes}");
    }
}

#[tokio::test]
async fn what_is_above_an_issue() {
    let columns = ["parent", "epic", "ancestors", "is_leaf"];
    let lines = "issues id=1 key=E-1 project=p created_at=1 type=Epic title=Top labels=a,b
                 issues id=2 key=S-2 project=p created_at=1 type=Story status=Doing priority=High epic=1 components=c
                 issues id=3 key=T-3 project=p created_at=1 parent=S-2 epic=E-1
                 issues id=4 key=X-4 project=p created_at=1 parent=gone epic=E-1
                 issues id=5 key=Y-5 project=p created_at=1 parent=gone epic=1 source=other
                 issues id=6 key=Z-6 project=p created_at=1 parent=Z-6 epic=2";
    let found = rows("work_items", &columns, lines).await;
    let top = r#"{"key":"E-1","type":"Epic","status":null,"labels":["a","b"],"priority":null,"components":[],"project":"p","title":"Top","epic":null,"parent":null}"#;
    let story = r#"{"key":"S-2","type":"Story","status":"Doing","labels":[],"priority":"High","components":["c"],"project":"p","title":null,"epic":"E-1","parent":null}"#;
    assert_eq!(found["1"], ["", "", "[]", "false"]);
    assert_eq!(found["2"], ["", "E-1", &format!("[{top}]"), "false"]);
    assert_eq!(found["3"], ["S-2", "E-1", &format!("[{story}, {top}]"), "true"], "parent goes before epic");
    assert_eq!(found["4"], ["gone", "E-1", &format!("[{top}]"), "true"], "no such parent: the epic");
    assert_eq!(found["5"], ["gone", "1", "[]", "true"], "another source");
    assert_eq!(found["6"], ["Z-6", "S-2", &format!("[{story}, {top}]"), "true"], "nothing is above itself");
}

#[tokio::test]
async fn circles_end_and_an_id_goes_before_a_key() {
    let keys = async |lines: &str| {
        let found = rows("work_items", &["ancestors", "is_leaf"], lines).await;
        let keys = |text: &str| text.split("\"key\":\"").skip(1).map(|t| t[..1].to_owned()).collect::<String>();
        found
            .into_iter()
            .map(|(id, values)| format!("{id}:{}:{}", keys(&values[0]), &values[1][..1]))
            .collect::<Vec<_>>()
    };
    let circle = "issues id=1 key=A project=p created_at=1 parent=2
                  issues id=2 key=B project=p created_at=1 epic=C
                  issues id=3 key=C project=p created_at=1 parent=A
                  issues id=4 key=D project=p created_at=1 parent=3";
    assert_eq!(keys(circle).await, ["1:BC:f", "2:CA:f", "3:AB:f", "4:CAB:t"]);
    let same = "issues id=1 key=2 project=p created_at=1
                issues id=2 key=K project=p created_at=1
                issues id=3 key=L project=p created_at=1 parent=2
                issues id=8 key=M project=p created_at=1
                issues id=9 key=M project=p created_at=1 labels=x
                issues id=4 key=N project=p created_at=1 parent=M";
    assert_eq!(keys(same).await, ["1::t", "2::f", "3:K:t", "4:M:t", "8::f", "9::t"]);
}

#[tokio::test]
async fn names_of_sprints() {
    let lines = "sprints id=1 name=Two board=B
                 sprints id=2 name=One board=B
                 sprints id=3 name=Three
                 sprint_issues id=a sprint=1 issue=i added_at=2
                 sprint_issues id=b sprint=2 issue=i added_at=1 removed_at=2
                 sprint_issues id=c sprint=2 issue=i added_at=3
                 sprint_issues id=d sprint=9 issue=i added_at=3
                 issues id=i key=I project=p created_at=1
                 issues id=j key=J project=p created_at=1";
    let found = rows("work_items", &["sprints", "boards"], lines).await;
    assert_eq!(found["i"], ["[One, Two]", "[B]"]);
    assert_eq!(found["j"], ["", ""]);
}
