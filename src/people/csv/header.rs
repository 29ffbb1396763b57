//! What the columns of a file mean, by their names. Case, spaces and punctuation do not matter, and the names that personnel
//! systems use are known.

use std::borrow::Cow;

use serde::Serialize;

use super::formula;
use super::values::Type;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// Id of a contributor, as the export writes it.
    Id,
    Name,
    FirstName,
    LastName,
    /// The main address.
    Email,
    /// Further addresses, by semicolons.
    OtherEmails,
    /// Id in the customer's own books.
    ExternalId,
    ManagerEmail,
    /// External id of the manager, or contributor id.
    ManagerId,
    /// E-mail or id of the manager.
    Manager,
    Starts,
    /// The last day.
    Ends,
    IsBot,
    /// Logins at a source, by semicolons.
    Account(String),
    /// A custom attribute, perhaps of a type that the header says.
    Attribute(String, Option<Type>),
    /// No name.
    Blank,
}

/// A column of the file and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, async_graphql::SimpleObject)]
#[graphql(name = "ImportColumn")]
pub struct ColumnRead {
    /// As the file names it.
    pub name: String,
    /// The field, such as `Email`, `account:github` or `attribute:Level:number`. Null: the column was left out.
    pub field: Option<String>,
}

/// Names of fields in lower case without punctuation; the first is how exports name it.
const ALIASES: &[(Field, &str, &[&str])] = &[
    (Field::Id, "ContributorId", &["contributorid", "throughlineid"]),
    (
        Field::Name,
        "Name",
        &[
            "name",
            "fullname",
            "displayname",
            "realname",
            "contributor",
            "contributorname",
            "employee",
            "employeename",
            "person",
        ],
    ),
    (Field::FirstName, "FirstName", &["firstname", "givenname", "forename"]),
    (Field::LastName, "LastName", &["lastname", "surname", "familyname"]),
    (
        Field::Email,
        "Email",
        &[
            "email",
            "emailaddress",
            "mail",
            "mailaddress",
            "emailid",
            "useremail",
            "workemail",
            "workemailaddress",
            "primaryemail",
            "businessemail",
            "companyemail",
            "corporateemail",
            "contributoremail",
            "employeeemail",
        ],
    ),
    (
        Field::OtherEmails,
        "OtherEmails",
        &[
            "otheremails",
            "otheremail",
            "furtheremails",
            "secondaryemail",
            "secondaryemails",
            "alternateemail",
            "alternateemails",
            "additionalemails",
        ],
    ),
    (
        Field::ExternalId,
        "EmployeeId",
        &[
            "employeeid",
            "externalid",
            "employeenumber",
            "employeeno",
            "employeenr",
            "empid",
            "personnelnumber",
            "personnelno",
            "staffid",
            "staffnumber",
            "workerid",
            "hrid",
            "personid",
        ],
    ),
    (
        Field::ManagerEmail,
        "ManagerEmail",
        &[
            "manageremail",
            "manageremailaddress",
            "managersemail",
            "managermail",
            "linemanageremail",
            "supervisoremail",
            "reportstoemail",
        ],
    ),
    (
        Field::ManagerId,
        "ManagerId",
        &[
            "managerid",
            "managersid",
            "manageremployeeid",
            "manageremployeenumber",
            "managerexternalid",
            "linemanagerid",
            "supervisorid",
            "reportstoid",
        ],
    ),
    (Field::Manager, "Manager", &["manager", "linemanager", "supervisor", "reportsto"]),
    (
        Field::Starts,
        "StartDate",
        &[
            "startdate",
            "startingdate",
            "hiredate",
            "dateofhire",
            "joindate",
            "joiningdate",
            "dateofjoining",
            "entrydate",
            "employmentstart",
            "employmentstartdate",
            "activefrom",
            "validfrom",
        ],
    ),
    (
        Field::Ends,
        "EndDate",
        &[
            "enddate",
            "terminationdate",
            "leavedate",
            "leavingdate",
            "dateofleaving",
            "exitdate",
            "lastday",
            "lastworkingday",
            "employmentend",
            "employmentenddate",
            "activeto",
            "activeuntil",
            "validto",
        ],
    ),
    (Field::IsBot, "IsBot", &["isbot", "bot"]),
];

/// Before the name of a source: logins there.
const ACCOUNT: [&str; 4] = ["account:", "login:", "username:", "identity:"];
/// Behind the name of a source that exists: logins there.
const ACCOUNT_ENDINGS: [&str; 8] = ["login", "logins", "username", "account", "accounts", "user", "handle", "id"];
/// Before the name of an attribute that would be taken for something else.
const ATTRIBUTE: &str = "attribute:";

impl Field {
    /// What a header means. `sources` are those that exist.
    pub fn of(header: &str, sources: &[String]) -> Field {
        let header = formula::original(header.trim()).trim();
        if let Some(name) = stripped(header, ATTRIBUTE) {
            return attribute(name);
        }
        if let Some(source) = ACCOUNT.iter().find_map(|prefix| stripped(header, prefix)).filter(|s| !s.is_empty()) {
            let known = sources.iter().find(|known| *known == source);
            let known = known.or_else(|| sources.iter().find(|known| plain(known) == plain(source)));
            return Field::Account(known.cloned().unwrap_or_else(|| source.to_owned()));
        }
        let plain = plain(header);
        if let Some((field, ..)) = ALIASES.iter().find(|(_, _, aliases)| aliases.contains(&plain.as_str())) {
            return field.clone();
        }
        if let Some(source) = sources.iter().find(|source| is_account_of(&plain, source)) {
            return Field::Account(source.clone());
        }
        attribute(header)
    }

    /// The name by which exports write the field, and previews tell it.
    pub fn label(&self) -> Cow<'static, str> {
        match self {
            Field::Account(source) => Cow::Owned(format!("account:{source}")),
            Field::Attribute(name, None) => Cow::Owned(format!("{ATTRIBUTE}{name}")),
            Field::Attribute(name, Some(kind)) => Cow::Owned(format!("{ATTRIBUTE}{name}:{}", kind.word())),
            Field::Blank => Cow::Borrowed(""),
            known => Cow::Borrowed(ALIASES.iter().find(|(field, ..)| field == known).map_or("", |(_, label, _)| label)),
        }
    }
}

/// A header that means this attribute of this type, where its cells alone would be taken for type `inferred`.
pub fn attribute_header(name: &str, kind: Type, inferred: Type, sources: &[String]) -> String {
    let word = kind.word();
    let untyped = (kind == inferred).then(|| (name.to_owned(), None));
    let typed = [format!("{name}:{word}"), format!("{ATTRIBUTE}{name}:{word}")].map(|header| (header, Some(kind)));
    let fits = |(header, kind): &(String, Option<Type>)| {
        Field::of(&formula::neutral(header), sources) == Field::Attribute(name.to_owned(), *kind)
    };
    let found = untyped.into_iter().chain(typed.clone()).find(fits);
    found.map_or_else(|| typed[1].0.clone(), |(header, _)| header)
}

/// Letters and digits, in lower case.
pub fn plain(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn attribute(name: &str) -> Field {
    let name = name.trim();
    let typed = name.rsplit_once(':').and_then(|(name, word)| Some((name.trim(), Type::of_word(word.trim())?)));
    match typed {
        _ if name.is_empty() => Field::Blank,
        Some((name, kind)) if !name.is_empty() => Field::Attribute(name.to_owned(), Some(kind)),
        _ => Field::Attribute(name.to_owned(), None),
    }
}

fn is_account_of(plain_header: &str, source: &str) -> bool {
    let source = plain(source);
    let ending = plain_header.strip_prefix(source.as_str()).filter(|_| !source.is_empty());
    ending.is_some_and(|ending| ACCOUNT_ENDINGS.contains(&ending))
}

/// What follows a prefix, in whatever case it is written.
fn stripped<'h>(header: &'h str, prefix: &str) -> Option<&'h str> {
    let start = header.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| header[prefix.len()..].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str) -> Field {
        Field::of(header, &["github".to_owned(), "git-hub.example".to_owned(), "jira".to_owned()])
    }

    #[test]
    fn names_are_known_in_any_spelling() {
        for (header, field) in [
            (" E-Mail ", Field::Email),
            ("Work e-mail address", Field::Email),
            ("FULL_NAME", Field::Name),
            ("Manager's E-mail", Field::ManagerEmail),
            ("External ID", Field::ExternalId),
            ("Employee No.", Field::ExternalId),
            ("Termination date", Field::Ends),
            ("Is bot?", Field::IsBot),
            ("github_login", Field::Account("github".into())),
            ("GitHub username", Field::Account("github".into())),
            ("Login: JIRA", Field::Account("jira".into())),
            ("account:git-hub.example", Field::Account("git-hub.example".into())),
            ("account:gerrit", Field::Account("gerrit".into())),
            ("gerrit login", Field::Attribute("gerrit login".into(), None)),
            ("Level:number", Field::Attribute("Level".into(), Some(Type::Number))),
            ("attribute:Email", Field::Attribute("Email".into(), None)),
            ("Ratio: a:b", Field::Attribute("Ratio: a:b".into(), None)),
            ("'=cmd", Field::Attribute("=cmd".into(), None)),
            ("  ", Field::Blank),
            ("attribute:", Field::Blank),
        ] {
            assert_eq!(of(header), field, "{header}");
        }
    }

    #[test]
    fn no_alias_stands_for_two_fields_and_labels_are_read_again() {
        let mut seen = std::collections::BTreeSet::new();
        for (field, label, aliases) in ALIASES {
            assert_eq!(&of(label), field);
            assert_eq!(field.label(), *label);
            for alias in *aliases {
                assert!(seen.insert(alias) && plain(alias) == *alias, "{alias}");
            }
        }
        for field in [Field::Account("jira".into()), Field::Attribute("Level".into(), Some(Type::Date))] {
            assert_eq!(of(&field.label()), field);
        }
    }

    #[test]
    fn any_name_of_an_attribute_has_a_header() {
        for name in ["Level", "Email", "a:number", "attribute:x", "account:y", "=1", "github login", "Text:text"] {
            for kind in Type::ALL {
                for inferred in Type::ALL {
                    let header = attribute_header(name, kind, inferred, &["github".to_owned()]);
                    let Field::Attribute(read, told) = of(&formula::neutral(&header)) else {
                        panic!("{name}: {header}")
                    };
                    assert_eq!((read.as_str(), told.unwrap_or(inferred)), (name, kind), "{header}");
                }
            }
        }
        assert_eq!(attribute_header("Level", Type::Number, Type::Number, &[]), "Level");
    }
}
