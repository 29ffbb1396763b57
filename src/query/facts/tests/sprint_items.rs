//! A sprint of the 2nd to the 16th that was closed then, and issue `i` with 3 points.

use super::fixture::rows;
use super::work_items::history;

const SPRINT: &str = "sprints id=S name=One board=B starts_at=2 ends_at=15 completed_at=16 state=closed
                      sprints id=T name=Two board=B starts_at=16 ends_at=30 state=active\n";

/// The item of issue `i` in the sprint: outcome, seconds after the start, points when it entered and in the end, whether
/// it was done when it entered. Empty: it is none.
async fn item(issue: &str, lines: &str) -> Vec<String> {
    let columns = ["outcome", "seconds_after_start", "entered_points", "end_points", "done_at_entry"];
    let lines = format!("{SPRINT}issues id=i key=I-1 project=p created_at=1 story_points=3 {issue}\n{lines}");
    rows("sprint_items", &columns, &lines).await.remove("S i").unwrap_or_default()
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
    let there = spells(&["1-"]);
    assert_eq!(item("", &there).await, ["MISSED", "0.0", "3.0", "3.0", "false"]);
    assert_eq!(item("completed_at=16", &there).await[0], "DELIVERED", "by the end");
    assert_eq!(item("completed_at=16T00:01", &there).await[0], "MISSED");
    assert_eq!(item("completed_at=2", &there).await[4], "true", "before it began");
    assert_eq!(item("completed_at=5", &spells(&["6-"])).await, ["DELIVERED", "345600.0", "3.0", "3.0", "true"]);
    assert_eq!(item("completed_at=7", &spells(&["6-"])).await[4], "false");
}

#[tokio::test]
async fn only_times_within_the_sprint_count() {
    assert_eq!(item("", &spells(&["1-2"])).await, [""; 0], "taken out while it was planned");
    assert_eq!(item("", &spells(&["16-"])).await, [""; 0], "put in when it was over");
    assert_eq!(
        item("", &spells(&["1-2", "4-"])).await[..2],
        ["MISSED", "172800.0"],
        "it counts from when it came back"
    );
    assert_eq!(item("", &spells(&["1-5"])).await[0], "REMOVED");
    assert_eq!(item("completed_at=4", &spells(&["1-5"])).await[0], "REMOVED", "done, but not in the sprint");
    assert_eq!(item("", &spells(&["1-16"])).await[0], "MISSED", "carried over as the sprint ended");
    assert_eq!(item("", &spells(&["1-5", "7-"])).await[..2], ["MISSED", "0.0"], "taken out and put in again");
    assert_eq!(item("", &spells(&["1-5", "5-9"])).await[0], "REMOVED");
    assert_eq!(item("", &spells(&["4-4"])).await, [""; 0], "in and out at once");
}

#[tokio::test]
async fn transitions_tell_of_sprints_by_id_or_name() {
    let moved = |changes: &[&str]| history("SPRINT", changes);
    assert_eq!(item("", &moved(&["3/>S"])).await[..2], ["MISSED", "86400.0"]);
    assert_eq!(item("", &moved(&["3/>One", "7/S>Two"])).await[0], "REMOVED", "moved to another");
    assert_eq!(item("", &moved(&["16/One>Two"])).await[..2], ["MISSED", "0.0"], "in it from its creation on");
    assert_eq!(item("created_at=3", &moved(&["16/One>Two"])).await[1], "86400.0");
    assert_eq!(item("", &moved(&["1/>Two"])).await, [""; 0]);
    // Both tables tell the same; where they differ, the later has it.
    assert_eq!(item("", &(moved(&["1/>One", "7/One>"]) + &spells(&["1-7"]))).await[0], "REMOVED");
    assert_eq!(item("", &(moved(&["7/One>Two"]) + &spells(&["1-"]))).await[0], "REMOVED");
    assert_eq!(item("", &(moved(&["7/Two>One"]) + &spells(&["1-5"]))).await[..2], ["MISSED", "0.0"]);
    // Ties: by id.
    assert_eq!(item("", &moved(&["3/>One", "5/One>", "5/>One"])).await[0], "MISSED");
    assert_eq!(item("", &moved(&["3/>One", "5/>One", "5/One>"])).await[0], "REMOVED");
    // A name that two sprints have says nothing.
    let twin = "sprints id=U name=One starts_at=2 completed_at=16\n";
    assert_eq!(item("", &(twin.to_owned() + &moved(&["3/>One"]))).await, [""; 0]);
}

#[tokio::test]
async fn history_says_what_was_then() {
    let there = spells(&["1-"]);
    let status = |changes: &[&str]| history("STATUS", changes) + &there;
    assert_eq!(item("", &status(&["3/ToDo>Doing", "5/Doing>Done", "20/Done>ToDo"])).await[0], "DELIVERED");
    assert_eq!(item("completed_at=5", &status(&["5/Doing>Done", "9/Done>ToDo"])).await[0], "MISSED", "opened again");
    assert_eq!(item("", &status(&["4/Doing>Done", "9/Done>ToDo", "11/ToDo>Done"])).await[0], "DELIVERED");
    assert_eq!(item("", &status(&["1/Doing>Done", "9/Done>ToDo"])).await[4], "true");
    assert_eq!(item("", &status(&["17/Doing>Done"])).await[0], "MISSED");
    let points = |changes: &[&str]| history("POINTS", changes) + &there;
    assert_eq!(item("", &points(&["1/1>2", "3/2>5", "20/5>8"])).await[2..4], ["2.0", "5.0"]);
    assert_eq!(item("", &points(&["20/5>8"])).await[2..4], ["5.0", "5.0"]);
    assert_eq!(item("", &points(&["3/>5", "4/5>many"])).await[2..4], ["", ""], "no number is no estimate");
    // Taken out: as it was then.
    let out = spells(&["1-5"]);
    assert_eq!(item("", &(history("POINTS", &["4/1>2", "6/2>8"]) + &out)).await[2..4], ["1.0", "2.0"]);
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
