//! Binds the SQL text of a definition to a fact: parsed by DataFusion, `$parameters` replaced by values.

use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::datatypes::{DataType, Schema};
use chrono_tz::Tz;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, ScalarValue, plan_err};
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::{Expr, lit};

use super::functions::duration;
use super::working_time::WorkingTime;
use crate::model::Profile;
use crate::model::profile::Value;

/// What text is bound with.
pub struct Binder<'a> {
    context: &'a SessionContext,
    schema: DFSchema,
    profile: &'a Profile,
    zone: Tz,
    working: Arc<WorkingTime>,
}

impl<'a> Binder<'a> {
    /// A binder over the columns of a fact.
    pub fn new(context: &'a SessionContext, fact: &Schema, profile: &'a Profile, zone: Tz) -> Result<Binder<'a>> {
        let working = Arc::new(WorkingTime::new(profile.calendar().clone(), zone));
        Ok(Binder { context, schema: DFSchema::try_from(fact.clone())?, profile, zone, working })
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
        match self.profile.get(name) {
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
