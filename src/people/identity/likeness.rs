//! How alike two profiles are: by address, login and name. For suggestions only, no account is matched by it.

use super::keys;
use super::letters::{compact, distance, fold, variants};

/// Why an account may be somebody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, async_graphql::Enum)]
#[graphql(name = "SuggestionReason")]
pub enum Reason {
    /// The same e-mail address, which no rule could use.
    SameEmail,
    /// The same words before the @, of another domain.
    SameMailbox,
    /// Logins are alike, or made of the name.
    SimilarLogin,
    /// Names are alike.
    SimilarName,
}

/// What an account or a person is known by, in the forms that are compared.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    addresses: Vec<String>,
    /// What stands before the @, letters and digits only.
    mailboxes: Vec<String>,
    /// Logins, letters and digits only.
    logins: Vec<String>,
    /// Words of each name.
    names: Vec<Vec<String>>,
}

/// Shorter logins and mailboxes say little: many people could have them.
const SAYS_MUCH: usize = 5;
/// Words of which one wrong letter is forgiven are at least so long.
const FORGIVING: usize = 6;
/// Mailboxes and logins that are of a post or a machine.
const POSTS: [&str; 14] = [
    "admin", "build", "contact", "dev", "develop", "deploy", "git", "hello", "info", "jenkins", "mail", "office",
    "root", "support",
];

impl Profile {
    pub fn add_address(&mut self, text: &str) {
        if let Some(address) = keys::address(text) {
            push(&mut self.addresses, address);
        }
        if let Some((mailbox, _)) = text.rsplit_once('@') {
            let mailbox = mailbox.split('+').next().unwrap_or_default();
            push_long(&mut self.mailboxes, compact(mailbox));
        }
    }

    pub fn add_login(&mut self, text: &str) {
        let Some(login) = keys::login(text) else { return };
        if login.contains('@') {
            return self.add_address(&login);
        }
        push_long(&mut self.logins, compact(&login));
        // What follows the last hyphen is often the company.
        if let Some((rest, _)) = login.rsplit_once(['-', '_', '.']).filter(|(rest, _)| rest.len() >= SAYS_MUCH) {
            push_long(&mut self.logins, compact(rest));
        }
    }

    pub fn add_name(&mut self, text: &str) {
        let words: Vec<String> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(fold).collect();
        if !words.is_empty() && !self.names.contains(&words) {
            self.names.push(words);
        }
    }

    /// What an index finds it by.
    pub fn keys(&self, mut key: impl FnMut(Kind, &str)) {
        for address in &self.addresses {
            key(Kind::Address, address);
        }
        for login in self.mailboxes.iter().chain(&self.logins) {
            key(Kind::Form, login);
        }
        for words in &self.names {
            for (form, _) in forms(words) {
                key(Kind::Form, &form);
            }
            for word in words {
                key(Kind::Word, word);
            }
        }
    }

    /// Keys of profiles that one letter makes alike.
    pub fn near_keys(&self, mut key: impl FnMut(Kind, &str)) {
        for login in self.mailboxes.iter().chain(&self.logins) {
            long_variants(login, |variant| key(Kind::Form, variant));
        }
        for word in self.names.iter().flatten() {
            long_variants(word, |variant| key(Kind::Word, variant));
        }
    }

    /// Why they may be one person, the best reason first, and how likely it is, 0 to 1.
    pub fn likeness(&self, other: &Profile) -> (Vec<Reason>, f64) {
        let mut reasons = vec![
            (Reason::SameEmail, if self.addresses.iter().any(|a| other.addresses.contains(a)) { 0.9 } else { 0.0 }),
            (Reason::SameMailbox, best(&self.mailboxes, &other.mailboxes, same)),
            (Reason::SimilarLogin, self.logins_alike(other)),
            (Reason::SimilarName, best(&self.names, &other.names, |a, b| names_alike(a, b))),
        ];
        reasons.retain(|(_, score)| *score > 0.0);
        reasons.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let unlike: f64 = reasons.iter().map(|(_, score)| 1.0 - score).product();
        let score = ((1.0 - unlike).min(0.95) * 100.0).round() / 100.0;
        (reasons.into_iter().map(|(reason, _)| reason).collect(), score)
    }

    fn logins_alike(&self, other: &Profile) -> f64 {
        let of_name = |login: &String, words: &Vec<String>| {
            let forms = forms(words);
            forms.iter().find(|(form, _)| form == login).map_or(0.0, |(_, score)| *score)
        };
        let all = |profile: &Profile| [profile.logins.clone(), profile.mailboxes.clone()].concat();
        [
            best(&self.logins, &other.logins, alike),
            best(&self.logins, &other.mailboxes, alike),
            best(&self.mailboxes, &other.logins, alike),
            best(&all(self), &other.names, of_name),
            best(&all(other), &self.names, of_name),
        ]
        .into_iter()
        .fold(0.0, f64::max)
    }
}

/// Kinds of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Address,
    Form,
    Word,
}

fn best<A, B>(these: &[A], those: &[B], score: impl Fn(&A, &B) -> f64) -> f64 {
    these.iter().flat_map(|a| those.iter().map(move |b| (a, b))).map(|(a, b)| score(a, b)).fold(0.0, f64::max)
}

#[allow(clippy::ptr_arg)] // Called through `best`, on elements of vectors.
fn same(a: &String, b: &String) -> f64 {
    match a == b && !POSTS.contains(&a.as_str()) {
        true if a.len() > SAYS_MUCH => 0.65,
        true => 0.35,
        false => 0.0,
    }
}

#[allow(clippy::ptr_arg)] // Called through `best`, on elements of vectors.
fn alike(a: &String, b: &String) -> f64 {
    if a == b || a.len().min(b.len()) < FORGIVING || distance(a, b, 1) > 1 { same(a, b) } else { 0.45 }
}

/// Logins that are made of a name, with how much each says.
fn forms(words: &[String]) -> Vec<(String, f64)> {
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return Vec::new() };
    if words.len() == 1 {
        return if first.len() >= SAYS_MUCH { vec![(first.clone(), 0.35)] } else { Vec::new() };
    }
    let initial = |word: &String| word.chars().next().map(String::from).unwrap_or_default();
    let mut forms = vec![(format!("{first}{last}"), 0.7), (format!("{last}{first}"), 0.7)];
    if words.len() > 2 {
        forms.push((words.concat(), 0.7));
    }
    forms.push((format!("{}{last}", initial(first)), 0.5));
    forms.push((format!("{last}{}", initial(first)), 0.5));
    forms.push((format!("{first}{}", initial(last)), 0.4));
    forms.retain(|(form, _)| form.chars().count() >= 3);
    forms
}

fn names_alike(a: &[String], b: &[String]) -> f64 {
    if a.len() < 2 || b.len() < 2 {
        return if a == b && a[0].len() > SAYS_MUCH { 0.35 } else { 0.0 };
    }
    if a == b {
        return 0.75;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.iter().all(|word| word.chars().count() > 1 && long.contains(word)) {
        return if a.len() == b.len() { 0.7 } else { 0.6 };
    }
    let (joined, other) = (a.join(" "), b.join(" "));
    if joined.len().min(other.len()) >= 2 * FORGIVING - 4 && distance(&joined, &other, 2) <= 2 {
        return 0.55;
    }
    let ends = |words: &[String]| (words[0].chars().next(), words[words.len() - 1].clone());
    if ends(a) == ends(b) && a[a.len() - 1].len() > 2 { 0.45 } else { 0.0 }
}

fn long_variants(word: &str, add: impl FnMut(&str)) {
    if word.chars().count() >= FORGIVING {
        variants(word, add);
    }
}

fn push(list: &mut Vec<String>, text: String) {
    if !text.is_empty() && !list.contains(&text) {
        list.push(text);
    }
}

fn push_long(list: &mut Vec<String>, text: String) {
    if text.len() >= 2 {
        push(list, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(address: &str, login: &str, name: &str) -> Profile {
        let mut profile = Profile::default();
        profile.add_address(address);
        profile.add_login(login);
        profile.add_name(name);
        profile
    }

    #[test]
    fn likeness_has_reasons() {
        let ann = profile("ann.applewick@acme.example", "annapplewick", "Ann Applewick");
        let reasons = |address: &str, login: &str, name: &str| profile(address, login, name).likeness(&ann).0;
        assert_eq!(reasons("Ann.Applewick@acme.example", "", "")[0], Reason::SameEmail);
        assert!(reasons("annapplewick@home.example", "", "").contains(&Reason::SameMailbox));
        for login in ["ann.applewick", "aapplewick", "applewick-ann", "AnnApplewick7", "annaplewick", "aapplewick-acme"]
        {
            assert_eq!(reasons("", login, ""), [Reason::SimilarLogin], "{login}");
        }
        for name in ["Applewick, Ann", "Ann Mary Applewick", "Ann Aplewick", "A. Applewick", "Änn Applewick"] {
            assert!(reasons("", "", name).contains(&Reason::SimilarName), "{name}");
        }
        for (login, name) in [("bob", "Bob Birch"), ("annika", "Ann Birch"), ("admin", "")] {
            assert_eq!(reasons("", login, name), [], "{login} {name}");
        }
    }

    #[test]
    fn likeness_is_mutual_and_more_reasons_make_it_likelier() {
        let ann = profile("ann.applewick@acme.example", "annapplewick", "Ann Applewick");
        let by_login = profile("", "aapplewick", "");
        let by_both = profile("", "aapplewick", "Ann Applewick");
        assert_eq!(by_login.likeness(&ann), ann.likeness(&by_login));
        assert_eq!(by_both.likeness(&ann), ann.likeness(&by_both));
        assert!(by_both.likeness(&ann).1 > by_login.likeness(&ann).1);
    }
}
