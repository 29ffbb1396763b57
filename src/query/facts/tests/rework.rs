use super::fixture::rows;

const REWORK: [&str; 4] = ["is_known", "rework_7_days", "rework_14_days", "rework_21_days"];

/// Two merged pull requests over one file, the second commit at the given time; what the second's row says.
async fn second(at: &str, deletions: u32) -> Vec<String> {
    let lines = format!(
        "pull_requests id=1 repository=shop author=ann state=MERGED created_at=1 merged_at=2
        pull_requests id=2 repository=shop author=bob state=MERGED created_at=1 merged_at=28
        pull_request_commits id=1 pull_request=1 commit=a
        pull_request_commits id=2 pull_request=2 commit=b
        commits id=a repository=shop author=ann authored_at=2T12:00
        commits id=b repository=shop author=bob authored_at={at}
        commit_files id=1 commit=a path=till.rs additions=10 deletions=0
        commit_files id=2 commit=b path=till.rs additions=3 deletions={deletions}
        commit_files id=3 commit=b path=other.rs additions=3 deletions=9"
    );
    let found = rows("file_changes", &REWORK, &lines).await;
    assert_eq!(found["2 b other.rs"], ["true", "0", "0", "0"]);
    assert_eq!(found["1 a till.rs"], ["true", "0", "0", "0"]);
    found["2 b till.rs"].clone()
}

#[tokio::test]
async fn deleted_lines_are_young_up_to_what_was_written_before() {
    assert_eq!(second("3T12:00", 4).await, ["true", "4", "4", "4"], "fewer than were written");
    assert_eq!(second("3T12:00", 40).await, ["true", "10", "10", "10"], "no more than were written");
    assert_eq!(second("9T11:59", 4).await, ["true", "4", "4", "4"]);
    assert_eq!(second("9T12:00", 4).await, ["true", "0", "4", "4"], "seven days are not less than seven");
    assert_eq!(second("17T12:00", 4).await, ["true", "0", "0", "4"]);
    assert_eq!(second("2T12:00", 4).await, ["true", "0", "0", "0"], "written at the same moment, not before");
    assert_eq!(second("1", 4).await, ["true", "0", "0", "0"], "written later");
}

#[tokio::test]
async fn history_follows_a_renamed_file() {
    let lines = "
        pull_requests id=1 repository=shop author=ann state=MERGED created_at=1 merged_at=20
        pull_request_commits id=1 pull_request=1 commit=f
        pull_request_commits id=2 pull_request=1 commit=g
        pull_request_commits id=3 pull_request=1 commit=h
        commits id=a repository=shop author=ann authored_at=1
        commits id=b repository=shop author=ann authored_at=2
        commits id=c repository=shop author=ann authored_at=3
        commits id=d repository=shop author=ann authored_at=3
        commits id=e repository=else author=ann authored_at=3
        commits id=f repository=shop author=ann authored_at=4
        commits id=g repository=shop author=ann authored_at=5
        commits id=h repository=shop author=ann authored_at=6
        # Written as old.rs, renamed, and renamed again; then another file is made under the old name.
        commit_files id=1 commit=a path=old.rs additions=5
        commit_files id=2 commit=b path=new.rs previous_path=old.rs additions=2
        commit_files id=3 commit=c path=newest.rs previous_path=new.rs
        commit_files id=4 commit=d path=old.rs additions=3
        commit_files id=5 commit=e path=newest.rs additions=50
        commit_files id=6 commit=f path=newest.rs deletions=100
        commit_files id=7 commit=f path=old.rs deletions=100
        # Two files change places.
        commit_files id=8 commit=g path=old.rs previous_path=newest.rs
        commit_files id=9 commit=g path=newest.rs previous_path=old.rs additions=1
        commit_files id=10 commit=h path=old.rs deletions=100
        commit_files id=11 commit=h path=newest.rs deletions=100";
    let found = rows("file_changes", &["rework_7_days"], lines).await;
    let reworked = |key: &str| found[key][0].as_str();
    assert_eq!((reworked("1 f newest.rs"), reworked("1 f old.rs")), ("7", "3"));
    assert_eq!((reworked("1 h old.rs"), reworked("1 h newest.rs")), ("7", "4"));
}

#[tokio::test]
async fn a_commit_counts_once() {
    let lines = "
        pull_requests id=1 repository=shop author=ann state=MERGED created_at=1 merged_at=9 merge_commit=m1
        pull_requests id=2 repository=shop author=bob state=MERGED created_at=1 merged_at=8 merge_commit=c
        pull_requests id=3 repository=shop author=cem state=OPEN created_at=1
        pull_request_commits id=1 pull_request=1 commit=b
        pull_request_commits id=2 pull_request=1 commit=c
        pull_request_commits id=3 pull_request=1 commit=mm
        pull_request_commits id=4 pull_request=2 commit=b
        pull_request_commits id=5 pull_request=3 commit=b
        commits id=a repository=shop author=ann authored_at=1
        commits id=b repository=shop author=ann authored_at=2
        commits id=b repository=shop author=a@example.com authored_at=2 source=git
        commits id=twin repository=shop author=ann authored_at=2
        commits id=c repository=shop author=ann authored_at=3
        commits id=mm repository=shop author=ann authored_at=3 is_merge=true
        commits id=m1 repository=shop author=ann authored_at=4
        commits id=d repository=shop author=ann authored_at=5
        commit_files id=1 commit=b path=till.rs additions=6
        commit_files id=1 commit=b path=till.rs additions=6 source=git
        commit_files id=2 commit=twin path=till.rs additions=6
        commit_files id=3 commit=mm path=till.rs additions=6
        # What the merge left says again what b and c say.
        commit_files id=4 commit=m1 path=till.rs additions=6 deletions=0
        commit_files id=5 commit=c path=till.rs additions=0 deletions=100";
    let found = rows("file_changes", &["opens_commit", "is_known", "rework_7_days"], lines).await;
    let found: Vec<String> = found.iter().map(|(id, row)| format!("{id}: {}", row.join(" "))).collect();
    assert_eq!(found, ["1 c till.rs: true true 6", "2 b till.rs: true true 0"]);
}

#[tokio::test]
async fn a_squash_stands_for_commits_without_files() {
    let lines = "
        pull_requests id=1 repository=shop author=ann state=MERGED created_at=1 merged_at=3 merge_commit=s1
        pull_requests id=2 repository=shop author=ann state=MERGED created_at=1 merged_at=5 merge_commit=s2
        pull_requests id=3 repository=shop author=ann state=MERGED created_at=1 merged_at=7 merge_commit=s3
        pull_requests id=4 repository=shop author=ann state=MERGED created_at=1 merged_at=7
        pull_requests id=5 repository=shop author=ann state=MERGED created_at=1 merged_at=7
        pull_requests id=6 repository=shop author=ann state=MERGED created_at=1 merged_at=7
        pull_request_commits id=1 pull_request=1 commit=b1
        pull_request_commits id=2 pull_request=1 commit=b2
        pull_request_commits id=3 pull_request=3 commit=b3
        pull_request_commits id=4 pull_request=3 commit=b4 authored_at=6
        pull_request_commits id=5 pull_request=3 commit=empty
        pull_request_commits id=6 pull_request=5 commit=mm
        pull_request_commits id=7 pull_request=6 commit=b5
        commits id=b1 repository=shop author=ann authored_at=1
        commits id=s1 repository=shop author=ann authored_at=3
        commits id=s2 repository=shop author=ann authored_at=5 is_merge=true
        commits id=b3 repository=shop author=ann authored_at=6
        commits id=empty repository=shop author=ann authored_at=6 files_changed=0
        commits id=mm repository=shop author=ann authored_at=6 is_merge=true
        commit_files id=1 commit=s1 path=a.rs additions=5 deletions=1
        commit_files id=2 commit=s2 path=a.rs additions=5 deletions=2
        commit_files id=3 commit=b4 path=a.rs additions=1 deletions=30
        commit_files id=4 commit=b4 path=b.rs
        commit_files id=5 commit=b5 path=b.rs additions=1 deletions=1";
    let found = rows("file_changes", &["opens_commit", "is_known", "lines_changed", "rework_7_days"], lines).await;
    let found: Vec<String> = found.iter().map(|(id, row)| format!("{id}: {}", row.join(" ").trim_end())).collect();
    let expected = [
        "1 s1 a.rs: true true 6 0",
        "2 s2 a.rs: true true 7 2",
        // Five lines of s1, five of s2.
        "3 b3: true false",
        "3 b4 a.rs: true true 31 10",
        "3 b4 b.rs: false true 0 0",
        "3 empty: true true",
        // Nothing is listed, or only merges.
        "4: true false",
        "5: true false",
        // Its commit's time is not known.
        "6 b5 b.rs: true false 2",
    ];
    assert_eq!(found, expected);
}
