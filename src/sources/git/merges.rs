//! Tells from a commit message of the default branch which change it merged.
//! Reads the wordings of git itself and of the common code hosts; knows nothing of rows.

/// What a message tells of a merged change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub number: Option<i64>,
    pub head_branch: Option<String>,
    pub title: String,
}

/// What a merge commit tells. `None`: it merged the default branch into itself, as pulling does.
pub fn merge(message: &str, default_branch: &str) -> Option<Told> {
    let subject = message.lines().next().unwrap_or_default().trim();
    let described = message.lines().skip(1).map(str::trim).find(|line| !line.is_empty() && !is_trailer(line));
    let mut told = Told { number: number(subject), head_branch: None, title: subject.to_owned() };
    if let Some(rest) = subject.strip_prefix("Merge pull request #") {
        // "Merge pull request #12 from owner/branch", and the title below.
        told.number = leading_number(rest);
        let from = rest.split_once(" from ").map(|(_, from)| from);
        told.head_branch = from.map(|from| from.split_once('/').map_or(from, |(_, branch)| branch).to_owned());
        told.title = described.unwrap_or(subject).to_owned();
    } else if let Some(rest) = subject.strip_prefix("Auto merge of #") {
        // "Auto merge of #12 - owner:branch, r=reviewer", and the title below.
        told.number = leading_number(rest);
        let from = rest.split_once(" - ").map(|(_, from)| from.split([',', ' ']).next().unwrap_or_default());
        told.head_branch = from.map(|from| from.split_once(':').map_or(from, |(_, branch)| branch).to_owned());
        told.title = described.unwrap_or(subject).to_owned();
    } else if let Some(branch) = merged_branch(subject) {
        if branch == default_branch || branch.ends_with(&format!("/{default_branch}")) {
            return None;
        }
        told.head_branch = Some(branch.to_owned());
        let request = message.lines().find_map(|line| line.trim().strip_prefix("See merge request "));
        if let Some(request) = request {
            told.number = request.rsplit('!').next().and_then(leading_number);
            told.title = described.unwrap_or(subject).to_owned();
        }
    }
    // Merge queues repeat the number in the title.
    if let Some(plain) = squash(&told.title).filter(|plain| plain.number == told.number) {
        told.title = plain.title;
    }
    Some(told)
}

/// What a commit with one parent tells if it was squashed from a change: its subject ends with "(#12)".
pub fn squash(message: &str) -> Option<Told> {
    let subject = message.lines().next().unwrap_or_default().trim();
    let (title, rest) = subject.strip_suffix(')')?.rsplit_once("(#")?;
    let number = rest.parse().ok()?;
    Some(Told { number: Some(number), head_branch: None, title: title.trim().to_owned() })
}

/// "Merge branch 'x' into y", "Merge remote-tracking branch 'origin/x'".
fn merged_branch(subject: &str) -> Option<&str> {
    let rest = ["Merge branch '", "Merge remote-tracking branch '", "Merge remote branch '"]
        .iter()
        .find_map(|begin| subject.strip_prefix(begin))?;
    rest.split('\'').next()
}

fn number(subject: &str) -> Option<i64> {
    squash(subject).and_then(|told| told.number)
}

fn leading_number(text: &str) -> Option<i64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

fn is_trailer(line: &str) -> bool {
    line.starts_with("See merge request ") || line.starts_with("Closes #") || line.starts_with("Co-authored-by:")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(number: Option<i64>, branch: Option<&str>, title: &str) -> Option<Told> {
        Some(Told { number, head_branch: branch.map(str::to_owned), title: title.to_owned() })
    }

    #[test]
    fn the_wordings_of_code_hosts_are_known() {
        let hub = "Merge pull request #12 from ann/fix/rounding\n\nRound half up\n";
        assert_eq!(merge(hub, "main"), told(Some(12), Some("fix/rounding"), "Round half up"));
        let queue = "Merge pull request #12 from ann/rounding\n\nRound half up (#12)";
        assert_eq!(merge(queue, "main"), told(Some(12), Some("rounding"), "Round half up"));
        let lab = "Merge branch 'rounding' into 'main'\n\nRound half up\n\nSee merge request shop/till!7\n";
        assert_eq!(merge(lab, "main"), told(Some(7), Some("rounding"), "Round half up"));
        let bors = "Auto merge of #9 - ann:rounding, r=bob\n\nRound half up\n\nIt did not.";
        assert_eq!(merge(bors, "main"), told(Some(9), Some("rounding"), "Round half up"));
        assert_eq!(merge("Merge branch 'rounding'", "main"), told(None, Some("rounding"), "Merge branch 'rounding'"));
        assert_eq!(merge("Merge branch 'main' of example.com:shop/till", "main"), None);
        assert_eq!(merge("Merge remote-tracking branch 'origin/main'", "main"), None);
    }

    #[test]
    fn a_squash_ends_with_its_number() {
        assert_eq!(squash("Round half up (#12)\n\n* one\n"), told(Some(12), None, "Round half up"));
        assert_eq!(squash("Fix (#12) at last"), None);
        assert_eq!(squash("Fix #12"), None);
    }
}
