//! Conditions in and out: ANDs and ORs over tests of fields.

use async_graphql::{InputObject, OneofObject, SimpleObject};

use crate::model::condition::{self, Operator};

/// A condition: exactly one field is given.
#[derive(OneofObject, Clone, Debug)]
pub enum ConditionInput {
    /// Every one of these holds.
    All(Vec<ConditionInput>),
    /// At least one of these holds.
    Any(Vec<ConditionInput>),
    /// A test of one field.
    Test(ConditionTestInput),
}

/// A test of one field.
#[derive(InputObject, Clone, Debug)]
pub struct ConditionTestInput {
    /// Name of the field. Settings of a team test repository, service, project, environment, branch, label or pipeline,
    /// of issues also board, type, priority or component; trees and squads test what is known of a contributor,
    /// attributes by their names.
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what: the test holds where it holds for one of these; a negative one where its positive twin does not.
    pub values: Vec<String>,
}

/// A condition; one of `all`, `any` and `test` is there.
#[derive(SimpleObject, Clone)]
pub struct Condition {
    /// Every one of these holds.
    all: Option<Vec<Condition>>,
    /// At least one of these holds.
    any: Option<Vec<Condition>>,
    /// A test of one field.
    test: Option<ConditionTest>,
    /// The whole condition as JSON text, however deep it is.
    json: String,
}

/// A test of one field.
#[derive(SimpleObject, Clone)]
pub struct ConditionTest {
    /// Name of the field.
    field: String,
    /// How it is compared.
    operator: Operator,
    /// With what: one of these.
    values: Vec<String>,
}

impl Condition {
    pub fn new(condition: &condition::Condition) -> Condition {
        let parts = |parts: &[condition::Condition]| Some(parts.iter().map(Condition::new).collect());
        let json = serde_json::to_string(condition).unwrap_or_default();
        let none = Condition { all: None, any: None, test: None, json };
        match condition {
            condition::Condition::All { all } => Condition { all: parts(all), ..none },
            condition::Condition::Any { any } => Condition { any: parts(any), ..none },
            condition::Condition::Test(test) => {
                let condition::Test { field, operator, values } = test.clone();
                Condition { test: Some(ConditionTest { field, operator, values }), ..none }
            }
        }
    }
}

impl ConditionInput {
    /// The condition as it is stored.
    pub fn read(&self) -> condition::Condition {
        let parts = |parts: &[ConditionInput]| parts.iter().map(ConditionInput::read).collect();
        match self {
            ConditionInput::All(all) => condition::Condition::All { all: parts(all) },
            ConditionInput::Any(any) => condition::Condition::Any { any: parts(any) },
            ConditionInput::Test(test) => condition::Condition::Test(condition::Test {
                field: test.field.clone(),
                operator: test.operator,
                values: test.values.clone(),
            }),
        }
    }
}
