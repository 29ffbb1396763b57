//! Binds the SQL text of a definition to a fact: parsed by DataFusion, `$parameters` replaced by values.

use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::datatypes::{DataType, Schema};
use chrono_tz::Tz;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, ScalarValue, plan_err};
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::{Expr, ExprSchemable, col, lit};

use super::functions::{contributor, duration};
use super::working_time::WorkingTime;
use crate::model::profile::Value;
use crate::model::{Attribution, Fact, Profile};

/// What text is bound with.
pub struct Binder<'a> {
    context: &'a SessionContext,
    fact: &'a Fact,
    attribution: Option<&'a Arc<Attribution>>,
    schema: DFSchema,
    profile: &'a Profile,
    zone: Tz,
    working: Arc<WorkingTime>,
}

impl<'a> Binder<'a> {
    /// A binder over the columns of a fact. `attribution` says whom accounts belong to, where that is known.
    pub fn new(
        context: &'a SessionContext,
        fact: &'a Fact,
        schema: &Schema,
        profile: &'a Profile,
        zone: Tz,
        attribution: Option<&'a Arc<Attribution>>,
    ) -> Result<Binder<'a>> {
        let working = Arc::new(WorkingTime::new(profile.calendar().clone(), zone));
        let schema = DFSchema::try_from(schema.clone())?;
        Ok(Binder { context, fact, attribution, schema, profile, zone, working })
    }

    /// The fact whose columns are bound.
    pub fn fact(&self) -> &'a Fact {
        self.fact
    }

    /// Whether an expression gives a list.
    pub fn is_list(&self, expr: &Expr) -> Result<bool> {
        Ok(matches!(expr.get_type(&self.schema)?, DataType::List(_)))
    }

    /// The expression that a text stands for. Errors quote the text.
    pub fn bind(&self, sql: &str) -> Result<Expr> {
        let parsed = self.context.parse_sql_expr(sql, &self.schema).with_context(|| format!("in SQL {sql:?}"))?;
        let bound = parsed.transform(|expr| match expr {
            Expr::Placeholder(Placeholder { ref id, .. }) => Ok(Transformed::yes(self.parameter(id)?)),
            other => Ok(Transformed::no(other)),
        });
        Ok(bound.with_context(|| format!("in SQL {sql:?}"))?.data)
    }

    /// The microseconds between two milestones of a fact; without the profile's days of rest where `working`.
    pub fn duration(&self, from: &str, to: &str, working: bool) -> Result<Expr> {
        Ok(duration(self.bind(from)?, self.bind(to)?, working.then(|| Arc::clone(&self.working))))
    }

    fn parameter(&self, id: &str) -> datafusion::common::Result<Expr> {
        let name = id.trim_start_matches('$');
        if name == "timezone" {
            return Ok(lit(self.zone.name()));
        }
        if name == "contributor" {
            let Some(person) = &self.fact.person else {
                return plan_err!("$contributor: rows of {} are nobody's", self.fact.name);
            };
            return Ok(contributor(self.attribution, [col("source"), col(person)]));
        }
        match self.profile.get(name) {
            Some(Value::Boolean(holds)) => Ok(lit(*holds)),
            Some(Value::Number(number)) => Ok(lit(*number)),
            Some(Value::Text(text)) => Ok(lit(text.as_str())),
            Some(Value::Texts(texts)) => {
                let texts: Vec<ScalarValue> = texts.iter().map(|t| ScalarValue::from(t.as_str())).collect();
                Ok(lit(ScalarValue::List(ScalarValue::new_list_nullable(&texts, &DataType::Utf8))))
            }
            None => match self.profile.classifications.get(name) {
                Some(classification) => Ok(lit(classification.write())),
                None => plan_err!("no parameter {id}; schema/profile.toml and schema/classifications list them"),
            },
        }
    }
}
