use super::fixture::{rows, rows_by};

const SAID: [&str; 5] = ["ready_at", "first_comment_at", "first_review_at", "comments", "reviews"];

#[tokio::test]
async fn pull_requests_of_every_state_have_what_others_said() {
    let lines = "
        accounts id=1 login=sweeper kind=BOT
        repositories id=r1 name=shop service=till project=money
        pull_requests id=1 repository=shop author=ann state=OPEN created_at=1
        pull_requests id=2 repository=shop author=ann state=CLOSED created_at=1 ready_at=2 closed_at=5
        pull_requests id=3 repository=shop author=sweeper state=MERGED created_at=1 merged_at=4
        pull_requests id=4 repository=else author=crumb[bot] state=OPEN created_at=1
        comments id=1 pull_request=1 author=sweeper created_at=1T01:00
        comments id=2 pull_request=1 author=crumb[bot] created_at=1T02:00
        comments id=3 pull_request=1 author=ann created_at=1T03:00
        comments id=4 pull_request=1 author=bob created_at=1T04:00
        comments id=5 pull_request=1 author=bob created_at=1T05:00
        reviews id=1 pull_request=2 reviewer=bob state=APPROVED submitted_at=3
        reviews id=2 pull_request=2 reviewer=ann state=COMMENTED submitted_at=2
        comments id=6 pull_request=1 author=cem created_at=1 source=other";
    let said = rows("pull_requests", &SAID, lines).await;
    assert_eq!(said["1"], ["1T00:00", "1T04:00", "", "2", "0"]);
    assert_eq!(said["2"], ["2T00:00", "", "3T00:00", "0", "1"]);
    assert_eq!(said["3"], ["1T00:00", "", "", "0", "0"]);
    let about = rows("pull_requests", &["service", "author_is_bot", "merged_at", "closed_at"], lines).await;
    assert_eq!(about["1"], ["till", "false", "", ""]);
    assert_eq!(about["2"], ["till", "false", "", "5T00:00"]);
    assert_eq!(about["3"], ["till", "true", "4T00:00", "4T00:00"]);
    assert_eq!(about["4"], ["", "true", "", ""]);
}

#[tokio::test]
async fn a_draft_is_not_ready() {
    let lines = "
        pull_requests id=1 repository=shop author=ann state=OPEN draft=true created_at=1
        pull_requests id=2 repository=shop author=ann state=OPEN draft=true created_at=1 ready_at=2
        pull_requests id=3 repository=shop author=ann state=CLOSED draft=true created_at=1
        pull_requests id=4 repository=shop author=ann state=MERGED draft=true created_at=1 merged_at=3
        pull_requests id=5 repository=shop author=ann state=OPEN draft=false created_at=1";
    let ready = rows("pull_requests", &["ready_at", "is_draft"], lines).await;
    assert_eq!(ready["1"], ["", "true"]);
    assert_eq!(ready["2"], ["2T00:00", "true"]);
    assert_eq!(ready["3"], ["", "false"]);
    assert_eq!(ready["4"], ["1T00:00", "false"]);
    assert_eq!(ready["5"], ["1T00:00", "false"]);
}

#[tokio::test]
async fn reviews_and_comments_are_their_writers() {
    let lines = "
        accounts id=1 login=sweeper kind=BOT
        repositories id=r1 name=shop service=till project=money
        pull_requests id=1 repository=shop author=ann state=CLOSED created_at=1 number=7 title=Till url=u/1
        reviews id=1 pull_request=1 reviewer=bob state=APPROVED submitted_at=3 url=v/1
        reviews id=2 pull_request=1 reviewer=ann state=COMMENTED submitted_at=3
        reviews id=3 pull_request=1 reviewer=sweeper state=COMMENTED submitted_at=3
        reviews id=4 pull_request=9 reviewer=bob state=COMMENTED submitted_at=3
        comments id=1 pull_request=1 author=crumb[bot] created_at=2 kind=INLINE
        comments id=2 pull_request=1 author=ann created_at=2";
    let columns = ["reviewer", "reviewer_is_bot", "is_own", "service", "pull_request_state", "url"];
    let reviews = rows("reviews", &columns, lines).await;
    assert_eq!(reviews["1"], ["bob", "false", "false", "till", "CLOSED", "v/1"]);
    assert_eq!(reviews["2"], ["ann", "false", "true", "till", "CLOSED", "u/1"]);
    assert_eq!(reviews["3"], ["sweeper", "true", "false", "till", "CLOSED", "u/1"]);
    assert_eq!(reviews["4"], ["bob", "false", "false", "", "", ""]);
    let comments = rows("comments", &["commenter", "commenter_is_bot", "is_own", "author", "kind"], lines).await;
    assert_eq!(comments["1"], ["crumb[bot]", "true", "false", "ann", "INLINE"]);
    assert_eq!(comments["2"], ["ann", "false", "true", "ann", ""]);
}

#[tokio::test]
async fn changes_know_the_kinds_of_their_issues() {
    let lines = "
        pull_requests id=1 repository=shop author=ann state=MERGED created_at=1 merged_at=2 issues=A-1,A-2,A-3
        pull_requests id=2 repository=shop author=ann state=MERGED created_at=1 merged_at=2 issues=A-3
        pull_requests id=3 repository=shop author=ann state=MERGED created_at=1 merged_at=2 issues=A-9
        pull_requests id=4 repository=shop author=ann state=MERGED created_at=1 merged_at=2
        issues id=1 key=A-1 project=a type=Story priority=Low labels=ui,api created_at=1
        issues id=2 key=A-2 project=a type=Bug priority=Low labels=ui created_at=1
        issues id=3 key=A-3 project=a created_at=1";
    let kinds = rows("changes", &["issue_types", "issue_labels", "issue_priorities"], lines).await;
    assert_eq!(kinds["1"], ["[Bug, Story]", "[api, ui]", "[Low]"]);
    assert_eq!(kinds["2"], ["[]", "[]", "[]"]);
    assert_eq!(kinds["3"], ["", "", ""]);
    assert_eq!(kinds["4"], ["", "", ""]);
}

#[tokio::test]
async fn a_build_is_of_whom_wrote_the_commit() {
    let lines = "
        accounts id=1 login=sweeper kind=BOT source=forge
        repositories id=r1 name=shop service=till
        commits id=a repository=shop author=ann authored_at=1 source=forge
        commits id=a repository=shop author=ann@example.com authored_at=1 source=bare
        commits id=a repository=shop author=anna authored_at=1 source=kettle
        commits id=b repository=shop author=sweeper authored_at=1 source=forge
        commits id=b repository=shop author=x@example.com authored_at=1 source=git
        builds id=1 pipeline=ci commit=a status=FAILURE finished_at=2 source=kettle
        builds id=2 pipeline=ci commit=a status=SUCCESS finished_at=3 source=other
        builds id=3 pipeline=ci commit=b repository=fork status=SUCCESS finished_at=3 source=kettle
        builds id=4 pipeline=ci status=RUNNING source=kettle";
    let found = rows("builds", &["author_source", "author", "author_is_bot", "repository", "service"], lines).await;
    assert_eq!(found["1"], ["kettle", "anna", "false", "shop", "till"]);
    assert_eq!(found["2"], ["bare", "ann@example.com", "false", "shop", "till"]);
    assert_eq!(found["3"], ["forge", "sweeper", "true", "fork", ""]);
    assert_eq!(found["4"], ["", "", "false", "", ""]);
}

#[tokio::test]
async fn a_coding_day_is_the_authors_own() {
    let lines = "
        accounts id=1 login=sweeper kind=BOT
        repositories id=r1 name=shop service=till project=money
        commits id=a repository=shop author=ann authored_at=2T23:30 authored_offset_minutes=60 additions=1 deletions=2
        commits id=b repository=shop author=ann authored_at=3T01:00 authored_offset_minutes=-120 additions=4
        commits id=c repository=shop author=ann authored_at=3T10:00
        commits id=d repository=else author=ann authored_at=3T11:00
        commits id=e repository=shop author=ann authored_at=4 is_merge=true
        commits id=f repository=shop author=ann authored_at=5 parents=a,b
        commits id=g repository=shop author=ann authored_at=6 parents=a,b is_merge=false
        commits id=h repository=shop author=sweeper authored_at=6";
    let key = ["author", "repository", "day"];
    let days = rows_by("coding_days", &key, &["commits", "first_at", "last_at", "additions", "deletions"], lines).await;
    assert_eq!(days["ann shop 2T00:00"], ["1", "3T01:00", "3T01:00", "4", ""]);
    assert_eq!(days["ann shop 3T00:00"], ["2", "2T23:30", "3T10:00", "1", "2"]);
    let days: Vec<String> = days.into_keys().collect();
    let expected =
        ["ann else 3T00:00", "ann shop 2T00:00", "ann shop 3T00:00", "ann shop 6T00:00", "sweeper shop 6T00:00"];
    assert_eq!(days, expected);
    let about = rows("coding_days", &["day_number", "author_is_bot", "service"], lines).await;
    assert_eq!(about["2026-03-06 sweeper shop"], ["20518", "true", "till"]);
    assert_eq!(about["2026-03-03 ann else"], ["20515", "false", ""]);
}
