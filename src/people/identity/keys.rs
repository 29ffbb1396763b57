//! The forms in which addresses, logins and names are compared.

/// Words that, anywhere in a domain, say that the address reaches nobody.
const NOBODYS_LABELS: [&str; 4] = ["noreply", "no-reply", "localhost", "localdomain"];
/// Last parts of domains that are the same on every machine.
const LOCAL_ENDS: [&str; 4] = ["local", "lan", "invalid", "(none)"];
/// Mailboxes that are nobody's.
const NOBODYS_BOXES: [&str; 6] = ["noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "nobody"];

/// An e-mail address as it is compared, where it tells one person from all others: trimmed and in lower case. `None` for
/// what is no address, for those that tools put in the place of one, and for those that only one machine knows.
pub fn address(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (mailbox, domain) = text.rsplit_once('@')?;
    let mut labels = domain.split('.');
    let usable = !mailbox.is_empty()
        && domain.contains('.')
        && labels.clone().all(|label| !label.is_empty() && !NOBODYS_LABELS.contains(&label))
        && !labels.next_back().is_some_and(|end| LOCAL_ENDS.contains(&end))
        && !NOBODYS_BOXES.contains(&mailbox)
        && !text.contains(char::is_whitespace);
    usable.then_some(text)
}

/// A login as it is compared within sources that share logins: in lower case. The address that a tool puts in the place of
/// a private one (`123+ann@users.noreply...`) stands for the login in it.
pub fn login(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let login = match text.rsplit_once('@') {
        Some((mailbox, domain)) if domain.split('.').any(|label| label == "noreply") => {
            let rest = mailbox.trim_start_matches(|c: char| c.is_ascii_digit());
            match rest.strip_prefix(['+', '-']) {
                Some(login) if rest.len() < mailbox.len() => login.to_owned(),
                _ => mailbox.to_owned(),
            }
        }
        _ => text,
    };
    (!login.is_empty()).then_some(login)
}

/// A full name as it is compared: in lower case, with single spaces. `None` where it is one word, which says too little.
pub fn name(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    (words.len() >= 2).then(|| words.join(" ").to_lowercase())
}

#[cfg(test)]
mod tests {
    #[test]
    fn addresses_that_are_nobodys_are_not_compared() {
        assert_eq!(super::address(" Ann@Acme.Example "), Some("ann@acme.example".into()));
        assert_eq!(super::address("ann+git@mail.acme.example"), Some("ann+git@mail.acme.example".into()));
        let unusable = [
            "",
            "ann",
            "@acme.example",
            "ann@",
            "ann@acme",
            "ann@localhost",
            "ann@box.local",
            "ann@box.localdomain",
            "ann@box.(none)",
            "ann@.example",
            "ann b@acme.example",
            "noreply@forge.example",
            "no-reply@acme.example",
            "12+ann@users.noreply.forge.example",
        ];
        for text in unusable {
            assert_eq!(super::address(text), None, "{text}");
        }
    }

    #[test]
    fn a_private_address_stands_for_its_login() {
        let login = |text: &str| super::login(text).expect("a login");
        assert_eq!(login("12+Ann@users.noreply.forge.example"), "ann");
        assert_eq!(login("12-ann-b@users.noreply.forge.example"), "ann-b");
        assert_eq!(login("ann@users.noreply.forge.example"), "ann");
        assert_eq!(login("4711@users.noreply.forge.example"), "4711");
        assert_eq!(login("Ann@Acme.Example"), "ann@acme.example");
        assert_eq!(super::login("  "), None);
    }

    #[test]
    fn a_full_name_has_two_words() {
        assert_eq!(super::name("  ANN \t Applewick "), Some("ann applewick".into()));
        assert_eq!(super::name("Ann"), None);
    }
}
