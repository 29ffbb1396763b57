//! Paths of teams: "engineering/payments", names from the top.

/// A team's name as it stands in paths: in lower case, with a hyphen for spaces and slashes.
pub fn slug(name: &str) -> String {
    let words = name.split(|c: char| c.is_whitespace() || c == '/').filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// The path of a team of this name below another path; `None`: at the top.
pub fn below(parent: Option<&str>, name: &str) -> String {
    match parent {
        Some(parent) => format!("{parent}/{}", slug(name)),
        None => slug(name),
    }
}

/// Paths in the order of a tree walked from the top: what is below a team comes right after it.
pub fn order(a: &str, b: &str) -> std::cmp::Ordering {
    a.split('/').cmp(b.split('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_one_step_of_a_path() {
        assert_eq!(slug(" Web  Shop / Checkout"), "web-shop-checkout");
        assert_eq!(below(Some("engineering"), "Ops"), "engineering/ops");
    }

    #[test]
    fn what_is_below_comes_before_the_next_team() {
        let mut paths = vec!["a-b", "a", "a/z", "b", "a/c/d"];
        paths.sort_by(|a, b| order(a, b));
        assert_eq!(paths, ["a", "a/c/d", "a/z", "a-b", "b"]);
    }
}
