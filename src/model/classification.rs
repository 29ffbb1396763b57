//! Classifications: ranked lists of rules that put issues, and the changes made for them, into named classes: work types,
//! and the categories of business alignment. Stored and exchanged as TOML or JSON, a part of what a profile says.
//! `query::functions::classify` asks them of rows.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use include_dir::Dir;
use serde::{Deserialize, Serialize};

use super::condition::{Condition, Matcher};
use super::words::words;

/// What a condition may test, of an issue and of those above it. A kind of row has some of them.
pub const FIELDS: [&str; 12] = [
    "type",
    "status",
    "label",
    "priority",
    "component",
    "parent",
    "epic",
    "sprint",
    "project",
    "key",
    "title",
    "assignee",
];

/// The most classes of one classification.
const MOST_CLASSES: usize = 200;

/// Ranked classes. A row belongs to the first that holds of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classification {
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Name of the class of whatever belongs to no other.
    pub otherwise: String,
    /// The highest rank first.
    #[serde(default)]
    pub classes: Vec<Class>,
}

/// One class, and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Over [`FIELDS`]. A row that has no such field at all is judged by the others.
    pub condition: Condition,
    #[serde(default, skip_serializing_if = "Hierarchy::is_default")]
    pub hierarchy: Hierarchy,
}

words! {
    /// Which issues a condition reaches, beside those of which it holds. An issue is below its parent, and below its epic
    /// where it has no parent; and so on upwards.
    #[derive(Default)]
    Hierarchy {
        /// Only issues of which the condition holds.
        #[default]
        OnlyMatches = "ONLY_MATCHES",
        /// Those, and every issue below one.
        WithDescendants = "WITH_DESCENDANTS",
        /// Of those and the issues below them, the ones that no issue is below.
        LeafDescendants = "LEAF_DESCENDANTS",
        /// Epics of which the condition holds, and every issue below one. An epic is an issue of the type Epic, letter case ignored.
        EpicAndDescendants = "EPIC_AND_DESCENDANTS",
        /// Those, and the issues directly below one.
        ParentAndChildren = "PARENT_AND_CHILDREN",
    }
}

/// A classification made ready to be asked many times.
#[derive(Debug)]
pub struct Ranked {
    pub otherwise: String,
    classes: Vec<RankedClass>,
    /// Fields that some condition tests, and `type` where a rule asks for epics.
    pub tested: BTreeSet<&'static str>,
    /// Whether what is above a row can change its class.
    pub looks_up: bool,
}

#[derive(Debug)]
struct RankedClass {
    name: String,
    matcher: Matcher,
    hierarchy: Hierarchy,
}

/// What the conditions say of one issue, or of what stands for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// Whether the condition of each class holds, by rank.
    holds: Vec<bool>,
    is_epic: bool,
}

impl Classification {
    /// Every classification declared in `schema/classifications`, by name: what holds when no profile says otherwise.
    /// Errors name file and place.
    pub fn load_all(schema: &Dir<'_>) -> Result<BTreeMap<String, Classification>> {
        let parse = |(name, text): (&str, &str)| {
            let parsed = Classification::parse(text).with_context(|| format!("schema/classifications/{name}.toml"))?;
            Ok((name.to_owned(), parsed))
        };
        super::declarations(schema, "classifications")?.into_iter().map(parse).collect()
    }

    /// Reads and checks one, as TOML. Errors name the place.
    pub fn parse(text: &str) -> Result<Classification> {
        let parsed: Classification = toml::from_str(text)?;
        parsed.check()?;
        Ok(parsed)
    }

    /// Whether it can be used. Errors name the place: `classes[1] "Bugs": condition.any[0]: no field "color"; ...`.
    pub fn check(&self) -> Result<()> {
        self.rank().map(|_| ())
    }

    /// Itself made ready.
    ///
    /// # Errors
    /// When it cannot be used: see [`Classification::check`].
    pub fn rank(&self) -> Result<Ranked> {
        ensure!(!self.otherwise.trim().is_empty(), "otherwise: give the class of what belongs to no other a name");
        ensure!(
            self.classes.len() <= MOST_CLASSES,
            "classes: {} are too many; give at most {MOST_CLASSES}",
            self.classes.len()
        );
        let mut names = BTreeSet::from([self.otherwise.as_str()]);
        let mut classes = Vec::with_capacity(self.classes.len());
        for (rank, class) in self.classes.iter().enumerate() {
            let place = || format!("classes[{rank}] {:?}", class.name);
            ensure!(!class.name.trim().is_empty(), "classes[{rank}]: name is empty");
            ensure!(names.insert(&class.name), "{}: another class, or otherwise, has that name too", place());
            let matcher = class.condition.compile(&FIELDS).with_context(place)?;
            classes.push(RankedClass { name: class.name.clone(), matcher, hierarchy: class.hierarchy });
        }
        let asks_for_epics = self.classes.iter().any(|class| class.hierarchy == Hierarchy::EpicAndDescendants);
        let tests = self.classes.iter().flat_map(|class| class.condition.fields());
        let tested: BTreeSet<&str> = tests.chain(asks_for_epics.then_some("type")).collect();
        Ok(Ranked {
            otherwise: self.otherwise.clone(),
            tested: FIELDS.into_iter().filter(|field| tested.contains(field)).collect(),
            looks_up: self.classes.iter().any(|class| class.hierarchy != Hierarchy::OnlyMatches),
            classes,
        })
    }

    /// Itself as one line of JSON, which [`Classification::read`] reads: how SQL carries it.
    pub fn write(&self) -> String {
        serde_json::to_string(self).expect("a classification has no keys but texts")
    }

    /// Reads what [`Classification::write`] wrote, or what a person sent. Errors name the place.
    pub fn read(json: &str) -> Result<Classification> {
        match serde_json::from_str::<Classification>(json) {
            Ok(read) => read.check().map(|()| read),
            Err(error) => bail!("no classification: {error}"),
        }
    }

    /// The names of all classes, the highest rank first, `otherwise` last.
    pub fn names(&self) -> Vec<&str> {
        self.classes.iter().map(|class| class.name.as_str()).chain([self.otherwise.as_str()]).collect()
    }
}

impl Hierarchy {
    fn is_default(&self) -> bool {
        *self == Hierarchy::default()
    }
}

impl Ranked {
    /// What the conditions say of something whose fields `values` gives; `None` for a field that its kind does not have.
    pub fn judge<'v>(&self, values: &dyn Fn(&str) -> Option<Vec<&'v str>>) -> Judged {
        let holds = self.classes.iter().map(|class| class.matcher.matches(values) == Some(true)).collect();
        let is_epic = || values("type").is_some_and(|types| types.iter().any(|t| t.eq_ignore_ascii_case("epic")));
        Judged { holds, is_epic: self.tested.contains("type") && is_epic() }
    }

    /// The class of an issue, by what is said of it and of the issues above it, the nearest first. `is_leaf`: whether no
    /// issue is below it.
    pub fn class<'j>(&self, own: &'j Judged, above: impl Iterator<Item = &'j Judged> + Clone, is_leaf: bool) -> &str {
        let found = self.classes.iter().enumerate().find(|(rank, class)| {
            let holds = |judged: &Judged| judged.holds.get(*rank) == Some(&true);
            let mut line = std::iter::once(own).chain(above.clone());
            match class.hierarchy {
                Hierarchy::OnlyMatches => holds(own),
                Hierarchy::WithDescendants => line.any(holds),
                Hierarchy::LeafDescendants => is_leaf && line.any(holds),
                Hierarchy::EpicAndDescendants => line.any(|judged| judged.is_epic && holds(judged)),
                Hierarchy::ParentAndChildren => line.take(2).any(holds),
            }
        });
        found.map_or(&self.otherwise, |(_, class)| &class.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(hierarchy: &str) -> Ranked {
        let text = format!(
            "otherwise = \"rest\"\n[[classes]]\nname = \"it\"\nhierarchy = {hierarchy:?}\n\
             condition = {{ field = \"label\", operator = \"EQUALS\", values = [\"x\"] }}"
        );
        Classification::parse(&text).expect("parses").rank().expect("can be used")
    }

    /// The class of an issue of this type and label under others, the nearest first.
    fn class(ranked: &Ranked, line: &[(&str, &str)], is_leaf: bool) -> String {
        let judged: Vec<Judged> = line
            .iter()
            .map(|(kind, label)| {
                ranked.judge(&|field| match field {
                    "type" => Some(vec![kind]),
                    "label" => Some(vec![label]),
                    _ => None,
                })
            })
            .collect();
        ranked.class(&judged[0], judged[1..].iter(), is_leaf).to_owned()
    }

    #[test]
    fn each_option_reaches_its_part_of_the_hierarchy() {
        let (own, child, grandchild) = (
            &[("Story", "x")][..],
            &[("Task", ""), ("Story", "x")][..],
            &[("Sub-task", ""), ("Task", ""), ("Story", "x")][..],
        );
        let reached = |hierarchy: &str| {
            let ranked = of(hierarchy);
            [(own, false), (own, true), (child, false), (child, true), (grandchild, true)]
                .map(|(line, is_leaf)| class(&ranked, line, is_leaf) == "it")
        };
        assert_eq!(reached("ONLY_MATCHES"), [true, true, false, false, false]);
        assert_eq!(reached("WITH_DESCENDANTS"), [true, true, true, true, true]);
        assert_eq!(reached("LEAF_DESCENDANTS"), [false, true, false, true, true]);
        assert_eq!(reached("PARENT_AND_CHILDREN"), [true, true, true, true, false]);
        assert_eq!(reached("EPIC_AND_DESCENDANTS"), [false; 5], "a story is no epic");
        let epics = of("EPIC_AND_DESCENDANTS");
        assert_eq!(class(&epics, &[("epic", "x")], false), "it");
        assert_eq!(class(&epics, &[("Sub-task", ""), ("Story", ""), ("Epic", "x")], true), "it");
        assert_eq!(class(&epics, &[("Sub-task", ""), ("Story", "x"), ("Epic", "")], true), "rest");
    }

    #[test]
    fn the_highest_rank_wins_wherever_it_is_found() {
        let text = r#"{"otherwise":"rest","classes":[
            {"name":"far","hierarchy":"WITH_DESCENDANTS","condition":{"field":"label","operator":"EQUALS","values":["a"]}},
            {"name":"near","condition":{"field":"label","operator":"CONTAINS","values":["b","c"]}}]}"#;
        let read = Classification::read(text).expect("reads");
        assert_eq!(Classification::read(&read.write()).expect("what is written is read"), read);
        assert_eq!(read.names(), ["far", "near", "rest"]);
        let ranked = read.rank().expect("can be used");
        assert_eq!(class(&ranked, &[("", "bb")], true), "near");
        assert_eq!(class(&ranked, &[("", "bb"), ("", "a")], true), "far");
        assert_eq!(class(&ranked, &[("", "d"), ("", "b")], true), "rest");
    }

    #[test]
    fn errors_name_the_place() {
        let class = |name: &str, field: &str| {
            format!(
                "[[classes]]\nname = {name:?}\ncondition = {{ any = [{{ field = {field:?}, operator = \"EQUALS\", values = [\"a\"] }}] }}\n"
            )
        };
        let error = |text: &str| format!("{:#}", Classification::parse(text).expect_err("refused"));
        let text = format!("otherwise = \"rest\"\n{}{}", class("A", "type"), class("B", "color"));
        assert!(
            error(&text).starts_with("classes[1] \"B\": any[0]: no field \"color\"; there are type, "),
            "{}",
            error(&text)
        );
        let text = format!("otherwise = \"rest\"\n{}", class("rest", "type"));
        assert!(error(&text).starts_with("classes[0] \"rest\": another class"), "{}", error(&text));
        assert!(error("otherwise = \" \"").starts_with("otherwise: "));
        assert!(error("otherwise = \"rest\"\nclass = []").contains("class"));
        assert!(Classification::read("{").expect_err("no JSON").to_string().starts_with("no classification: "));
    }

    #[test]
    fn the_declared_classifications_know_the_usual_words() {
        let all = Classification::load_all(&crate::model::SCHEMA).expect("schema/classifications loads");
        let of = |name: &str, kind: &str, label: &str| {
            let ranked = all[name].rank().expect("can be used");
            class(&ranked, &[(kind, label)], true)
        };
        assert_eq!(of("work_types", "Story", ""), "FEATURE");
        assert_eq!(of("work_types", "BUG", ""), "BUG");
        assert_eq!(of("work_types", "", "bug"), "BUG");
        assert_eq!(of("work_types", "Task", "debug"), "OTHER");
        assert_eq!(of("categories", "New Feature", ""), "New features");
        assert_eq!(of("categories", "Defect", ""), "Bugs & defects");
        assert_eq!(of("categories", "Task", "tech-debt"), "Technical work");
        assert_eq!(of("categories", "Support", ""), "Keeping the lights on");
        assert_eq!(of("categories", "Task", ""), "Uncategorized");
    }
}
