use super::fixture::rows_by;

const DONE: [&str; 3] = ["day", "kind", "items"];
const ACCOUNT: [&str; 7] = ["name", "email", "is_bot", "first_at", "last_at", "code_items", "items"];

#[tokio::test]
async fn an_account_is_active_on_the_day_it_was_for_its_author() {
    let lines = "
        commits id=a repository=shop author=ann authored_at=2T23:30 authored_offset_minutes=60
        commits id=b repository=shop author=ann authored_at=3T10:00
        commits id=c repository=shop author=ann authored_at=3T01:00 authored_offset_minutes=-120
        pull_requests id=1 repository=shop author=ann state=OPEN created_at=3T23:30
        reviews id=1 pull_request=1 reviewer=bob state=APPROVED submitted_at=4
        comments id=1 pull_request=1 author=bob created_at=4T09:00
        comments id=2 pull_request=1 author=bob created_at=4T08:00
        issues id=1 key=A-1 project=a reporter=ann assignee=bob created_at=1 started_at=2 completed_at=5T12:00
        issues id=2 key=A-2 project=a reporter=ann assignee=bob created_at=1 started_at=5
        issues id=3 key=A-3 project=a assignee=bob created_at=1";
    let days = rows_by("activity", &["login", "day", "kind"], &DONE, lines).await;
    let days: Vec<String> = days.into_keys().collect();
    let expected = [
        "ann 1T00:00 ISSUE",
        "ann 2T00:00 COMMIT",
        "ann 3T00:00 COMMIT",
        "ann 3T00:00 PULL_REQUEST",
        "bob  ISSUE",
        "bob 4T00:00 COMMENT",
        "bob 4T00:00 REVIEW",
        "bob 5T00:00 ISSUE",
    ];
    assert_eq!(days, expected);
    let counts = rows_by("activity", &["login", "day", "kind"], &["items", "first_at", "last_at"], lines).await;
    assert_eq!(counts["ann 3T00:00 COMMIT"], ["2", "2T23:30", "3T10:00"]);
    assert_eq!(counts["bob 4T00:00 COMMENT"], ["2", "4T08:00", "4T09:00"]);
    assert_eq!(counts["bob 5T00:00 ISSUE"][0], "2");
}

#[tokio::test]
async fn commits_of_pull_requests_count_where_no_others_are_collected() {
    let lines = "
        commits id=a repository=shop author=ann authored_at=2
        pull_request_commits id=1 pull_request=1 commit=a author=ann authored_at=2
        pull_request_commits id=2 pull_request=1 commit=b author=bob authored_at=2
        pull_request_commits id=3 pull_request=1 commit=c author=bob authored_at=2T01:00
        pull_request_commits id=4 pull_request=1 commit=d authored_at=2T01:00
        pull_request_commits id=5 pull_request=1 commit=e author=ann authored_at=2 source=other";
    let days = rows_by("activity", &["source", "login", "day"], &["items"], lines).await;
    let days: Vec<String> = days.into_iter().map(|(key, items)| format!("{key} {}", items[0])).collect();
    assert_eq!(days, ["other ann 2T00:00 1", "s ann 2T00:00 1", "s bob 2T00:00 2"]);
}

#[tokio::test]
async fn every_account_that_a_table_names_is_an_identity() {
    let lines = "
        accounts id=1 login=ann name=Ann email=ann@example.com updated_at=1
        accounts id=2 login=ann name=Anna updated_at=2
        accounts id=3 login=sweeper kind=BOT
        accounts id=4 login=quiet name=Quiet[bot]
        commits id=a repository=shop author=ann authored_at=2
        commits id=b repository=shop author=dov@example.com authored_at=3 source=git
        reviews id=1 pull_request=1 reviewer=crumb[bot] state=COMMENTED submitted_at=4
        comments id=1 pull_request=1 author=ann created_at=9
        issue_transitions id=1 issue=1 at=3 field=ASSIGNEE from_value=esa to_value=ann
        issue_transitions id=2 issue=1 at=3 field=STATUS from_value=open to_value=done";
    let found = rows_by("identities", &["source", "login"], &ACCOUNT, lines).await;
    let row = |key: &str| found.get(key).unwrap_or_else(|| panic!("no {key}")).join("|");
    assert_eq!(row("s ann"), "Anna|ann@example.com|false|2T00:00|9T00:00|1|2");
    assert_eq!(row("git dov@example.com"), "|dov@example.com|false|3T00:00|3T00:00|1|1");
    assert_eq!(row("s crumb[bot]"), "||true|4T00:00|4T00:00|1|1");
    assert_eq!(row("s esa"), "||false|||0|0");
    assert_eq!(row("s sweeper"), "||true|||0|0");
    assert_eq!(row("s quiet"), "Quiet[bot]||true|||0|0");
    assert_eq!(found.len(), 6);
}
