//! Into which class a piece of work falls: the first of the ranked rules that reaches it. The rules' conditions are asked
//! as settings' are; how far each reaches up and down is said here.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use throughline::model::Condition;

use super::pulls::Pull;
use super::record::Row;
use super::teams::Rule;
use super::whose::{Place, Sources};
use super::work::named;
use super::world::{Issue, World};

/// An issue as rules see it.
#[derive(Debug, Clone)]
pub struct Judged {
    pub values: Place,
}

/// A ranked list of rules.
#[derive(Debug, Clone)]
pub struct Ranking {
    pub classes: Vec<(String, Sources, Hierarchy)>,
    pub otherwise: String,
}

/// Which issues a rule reaches beside those of which its condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Hierarchy {
    #[default]
    OnlyMatches,
    WithDescendants,
    LeafDescendants,
    EpicAndDescendants,
    ParentAndChildren,
}

impl Hierarchy {
    const ALL: [Hierarchy; 5] = [
        Hierarchy::OnlyMatches,
        Hierarchy::WithDescendants,
        Hierarchy::LeafDescendants,
        Hierarchy::EpicAndDescendants,
        Hierarchy::ParentAndChildren,
    ];
}

/// A classification as it is declared.
#[derive(Deserialize)]
struct Declared {
    otherwise: String,
    classes: Vec<DeclaredClass>,
}

#[derive(Deserialize)]
struct DeclaredClass {
    name: String,
    condition: Condition,
    #[serde(default)]
    hierarchy: Hierarchy,
}

/// What rules may test of an issue.
const FIELDS: [&str; 12] = [
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

/// What invented rules test.
const PLACES: [(&str, &[&str]); 6] = [
    ("type", &["Story", "Bug", "Epic", "Task"]),
    ("type", &["Epic", "Sub-task", "Feature"]),
    ("label", &["tech-debt", "urgent", "kickoff"]),
    ("priority", &["High", "Low"]),
    ("component", &["till", "shelf"]),
    ("status", &["Done", "Dropped"]),
];

/// What holds when nobody says otherwise.
pub static WORK_TYPES: LazyLock<Ranking> = LazyLock::new(|| Ranking::declared("work_types"));
pub static CATEGORIES: LazyLock<Ranking> = LazyLock::new(|| Ranking::declared("categories"));

impl Ranking {
    /// Up to three rules of any reach.
    pub fn invent(rng: &mut ChaCha8Rng) -> Ranking {
        let class = |number: usize, rng: &mut ChaCha8Rng| {
            let rule = Rule::invent(rng, 2, &PLACES);
            (format!("class {number}"), Sources::Rule(rule), *Hierarchy::ALL.choose(rng).expect("not empty"))
        };
        let classes = (0..rng.random_range(1..=3)).map(|number| class(number, rng)).collect();
        Ranking { classes, otherwise: "rest".to_owned() }
    }

    /// As profiles have it; none: it is what is built in.
    pub fn document(&self) -> Option<serde_json::Value> {
        let class = |(name, condition, hierarchy): &(String, Sources, Hierarchy)| match condition {
            Sources::Rule(rule) => {
                Some(serde_json::json!({ "name": name, "condition": rule.document(), "hierarchy": hierarchy }))
            }
            Sources::Matcher(_) => None,
        };
        let classes = self.classes.iter().map(class).collect::<Option<Vec<_>>>()?;
        Some(serde_json::json!({ "otherwise": self.otherwise, "classes": classes }))
    }

    fn declared(name: &str) -> Ranking {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schema/classifications/{name}.toml"));
        let text = std::fs::read_to_string(file).expect("schema/classifications is there");
        let declared: Declared = toml::from_str(&text).expect("a classification");
        let class = |class: DeclaredClass| {
            let condition = class.condition.compile(&FIELDS).expect("a condition of known fields");
            (class.name, Sources::Matcher(Arc::new(condition)), class.hierarchy)
        };
        Ranking { classes: declared.classes.into_iter().map(class).collect(), otherwise: declared.otherwise }
    }

    /// The class of something with this above it; itself is the first of the line.
    pub fn class(&self, line: &[Judged], is_leaf: bool) -> &str {
        let reaches = |condition: &Sources, hierarchy: Hierarchy| {
            let holds = |judged: &Judged| condition.holds(&judged.values) == Some(true);
            match hierarchy {
                Hierarchy::OnlyMatches => holds(&line[0]),
                Hierarchy::WithDescendants => line.iter().any(holds),
                Hierarchy::LeafDescendants => is_leaf && line.iter().any(holds),
                Hierarchy::EpicAndDescendants => line.iter().any(|judged| judged.is_epic() && holds(judged)),
                Hierarchy::ParentAndChildren => line.iter().take(2).any(holds),
            }
        };
        let found = self.classes.iter().find(|(_, condition, hierarchy)| reaches(condition, *hierarchy));
        found.map_or(&self.otherwise, |(name, ..)| name)
    }
}

impl Judged {
    fn is_epic(&self) -> bool {
        self.values["type"].iter().any(|kind| kind.eq_ignore_ascii_case("epic"))
    }
}

/// An issue as rules see it.
pub fn judged(world: &World, issue: &Row<Issue>) -> Judged {
    let own = &issue.own;
    let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
    // By key; where there is no such issue, as it is called.
    let key = |name: &Option<String>| {
        let key = |name: &String| named(world, &issue.source, name).map_or(name.clone(), |other| other.own.key.clone());
        name.iter().map(key).collect::<Vec<_>>()
    };
    let sprints = super::sprints::of_issue(world, issue);
    Judged {
        values: [
            ("type", one(&own.r#type)),
            ("status", one(&own.status)),
            ("label", own.labels.clone()),
            ("priority", one(&own.priority)),
            ("component", own.components.clone()),
            ("parent", key(&own.parent)),
            ("epic", key(&own.epic)),
            ("sprint", sprints.iter().map(|sprint| sprint.own.name.clone()).collect()),
            ("project", vec![own.project.clone()]),
            ("key", vec![own.key.clone()]),
            ("title", one(&own.title)),
            ("assignee", one(&own.assignee)),
        ]
        .into(),
    }
}

/// The type of work that a pull request is: of all its issues together.
pub fn work_type(pull: &Pull, types: &Ranking) -> String {
    if pull.known_issues.is_empty() {
        return "NO_ISSUE".to_owned();
    }
    let all =
        |values: fn(&Issue) -> Vec<String>| pull.known_issues.iter().flat_map(|i| values(&i.own)).collect::<Vec<_>>();
    let values = [
        ("type", all(|i| i.r#type.iter().cloned().collect())),
        ("label", all(|i| i.labels.clone())),
        ("priority", all(|i| i.priority.iter().cloned().collect())),
    ];
    types.class(&[Judged { values: values.into() }], true).to_owned()
}
