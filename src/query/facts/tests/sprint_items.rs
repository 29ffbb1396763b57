//! A sprint of the 2nd to the 16th that was closed then, and issues of 3 points.

use super::fixture::rows;
use super::work_items::history;

const SPRINT: &str = "sprints id=S name=One board=B starts_at=2 ends_at=15 completed_at=16 state=closed
                      sprints id=T name=Two board=B starts_at=16 ends_at=30 state=active\n";
/// Something of before the sprint, so that an issue is there.
const BORN: &str = "created_at=1";

/// What is said of issue `i`, by itself and in lines, and the item that it is in sprint S: outcome, seconds after the
/// start, points when it entered and in the end, whether it was done when it entered; or the first of these. Empty: none.
type Case<'a> = (&'a str, String, &'a [&'a str]);

/// All cases are issues of one lake; `more` is said beside them.
async fn check(more: &str, cases: &[Case<'_>]) {
    let columns = ["outcome", "seconds_after_start", "entered_points", "end_points", "done_at_entry"];
    let mut lines = format!("{SPRINT}{more}");
    for (n, (issue, said, _)) in cases.iter().enumerate() {
        let born = if issue.contains("created_at") { "" } else { BORN };
        lines += &format!("issues id=i{n} key=I-{n} project=p story_points=3 {born} {issue}\n");
        lines += &said.replace(" issue=i ", &format!(" issue=i{n} "));
    }
    let found = rows("sprint_items", &columns, &lines).await;
    for (n, (issue, said, expected)) in cases.iter().enumerate() {
        let item = found.get(&format!("S i{n}")).cloned().unwrap_or_default();
        assert_eq!(item.is_empty(), expected.is_empty(), "{issue} {said} {item:?}");
        assert_eq!(item[..expected.len()], **expected, "{issue} {said}");
    }
}

/// Times in the sprint as `sprint_issues` tells them, `added-removed` each.
fn spells(spells: &[&str]) -> String {
    let line = |(n, spell): (usize, &&str)| {
        let (added, removed) = spell.split_once('-').expect("added-removed");
        let removed = if removed.is_empty() { String::new() } else { format!("removed_at={removed}") };
        format!("sprint_issues id=m{n} sprint=S issue=i added_at={added} {removed}\n")
    };
    spells.iter().enumerate().map(line).collect()
}

#[tokio::test]
async fn what_becomes_of_an_issue() {
    let there = || spells(&["1-"]);
    let late = || spells(&["6-"]);
    check(
        "",
        &[
            ("", there(), &["MISSED", "0.0", "3.0", "3.0", "false"]),
            ("completed_at=16", there(), &["DELIVERED"]),
            ("completed_at=16T00:01", there(), &["MISSED"]),
            ("completed_at=2", there(), &["DELIVERED", "0.0", "3.0", "3.0", "true"]),
            ("completed_at=5", late(), &["DELIVERED", "345600.0", "3.0", "3.0", "true"]),
            ("completed_at=7", late(), &["DELIVERED", "345600.0", "3.0", "3.0", "false"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn only_times_within_the_sprint_count() {
    check(
        "",
        &[
            // Taken out while it was planned; put in when it was over; in and out at once.
            ("", spells(&["1-2"]), &[]),
            ("", spells(&["16-"]), &[]),
            ("", spells(&["4-4"]), &[]),
            // It counts from when it came back.
            ("", spells(&["1-2", "4-"]), &["MISSED", "172800.0"]),
            ("", spells(&["1-5"]), &["REMOVED"]),
            // Done, but not in the sprint.
            ("completed_at=4", spells(&["1-5"]), &["REMOVED"]),
            // Carried over as the sprint ended.
            ("", spells(&["1-16"]), &["MISSED"]),
            // Taken out and put in again.
            ("", spells(&["1-5", "7-"]), &["MISSED", "0.0"]),
            ("", spells(&["1-5", "5-9"]), &["REMOVED"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn transitions_tell_of_sprints_by_id_or_name() {
    let moved = |changes: &[&str]| history("SPRINT", changes);
    check(
        "",
        &[
            ("", moved(&["3/>S"]), &["MISSED", "86400.0"]),
            ("", moved(&["3/>One", "7/S>Two"]), &["REMOVED"]),
            // In it from its creation on.
            ("", moved(&["16/One>Two"]), &["MISSED", "0.0"]),
            ("created_at=3", moved(&["16/One>Two"]), &["MISSED", "86400.0"]),
            ("", moved(&["1/>Two"]), &[]),
            // Both tables tell the same; where they differ, the later has it.
            ("", moved(&["1/>One", "7/One>"]) + &spells(&["1-7"]), &["REMOVED"]),
            ("", moved(&["7/One>Two"]) + &spells(&["1-"]), &["REMOVED"]),
            ("", moved(&["7/Two>One"]) + &spells(&["1-5"]), &["MISSED", "0.0"]),
            // Ties: by id.
            ("", moved(&["3/>One", "5/One>", "5/>One"]), &["MISSED"]),
            ("", moved(&["3/>One", "5/>One", "5/One>"]), &["REMOVED"]),
        ],
    )
    .await;
    let twin = "sprints id=U name=One starts_at=2 completed_at=16\n";
    check(twin, &[("", moved(&["3/>One"]), &[]), ("", moved(&["3/>S"]), &["MISSED"])]).await;
}

#[tokio::test]
async fn history_says_what_was_then() {
    let there = spells(&["1-"]);
    let status = |changes: &[&str]| history("STATUS", changes) + &there;
    let points = |changes: &[&str]| history("POINTS", changes) + &there;
    check(
        "",
        &[
            ("", status(&["3/ToDo>Doing", "5/Doing>Done", "20/Done>ToDo"]), &["DELIVERED"]),
            // Opened again; and done again.
            ("completed_at=5", status(&["5/Doing>Done", "9/Done>ToDo"]), &["MISSED"]),
            (
                "",
                status(&["4/Doing>Done", "9/Done>ToDo", "11/ToDo>Done"]),
                &["DELIVERED", "0.0", "3.0", "3.0", "false"],
            ),
            ("", status(&["1/Doing>Done", "9/Done>ToDo"]), &["MISSED", "0.0", "3.0", "3.0", "true"]),
            ("", status(&["17/Doing>Done"]), &["MISSED"]),
            ("", points(&["1/1>2", "3/2>5", "20/5>8"]), &["MISSED", "0.0", "2.0", "5.0"]),
            ("", points(&["20/5>8"]), &["MISSED", "0.0", "5.0", "5.0"]),
            // What is no number is no estimate.
            ("", points(&["3/>5", "4/5>many"]), &["MISSED", "0.0", "", ""]),
            // Taken out: as it was then.
            ("", history("POINTS", &["4/1>2", "6/2>8"]) + &spells(&["1-5"]), &["REMOVED", "0.0", "1.0", "2.0"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn sprints_that_overlap_or_have_no_end() {
    let columns = ["outcome", "sprint", "sprint_is_completed", "sprint_ended_at", "seconds_after_start", "assignee"];
    let lines = "sprints id=A name=A starts_at=2 ends_at=9 state=Closed
                 sprints id=B name=B starts_at=4 ends_at=20 state=active
                 sprints id=C name=C starts_at=4
                 sprints id=D name=D completed_at=9
                 sprint_issues id=1 sprint=A issue=i added_at=1
                 sprint_issues id=2 sprint=B issue=i added_at=5
                 sprint_issues id=3 sprint=C issue=i added_at=5
                 sprint_issues id=4 sprint=D issue=i added_at=5
                 sprint_issues id=5 sprint=gone issue=i added_at=5
                 sprint_issues id=6 sprint=A issue=gone added_at=5
                 issues id=i key=I project=p created_at=1 completed_at=12 assignee=eve
                 issue_transitions id=t issue=i field=ASSIGNEE at=10 from_value=ann to_value=bob";
    let found = rows("sprint_items", &columns, lines).await;
    assert_eq!(found.keys().collect::<Vec<_>>(), ["A i", "B i", "C i", "D i"]);
    assert_eq!(found["A i"], ["MISSED", "A", "true", "9T00:00", "0.0", "ann"]);
    assert_eq!(found["B i"], ["DELIVERED", "B", "false", "20T00:00", "86400.0", "bob"]);
    assert_eq!(found["C i"], ["DELIVERED", "C", "false", "", "86400.0", "bob"]);
    assert_eq!(found["D i"], ["MISSED", "D", "true", "9T00:00", "", "ann"]);
}
