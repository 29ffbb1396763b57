//! Runs a fact's SELECT in a session in which its inputs are registered: tables under their names, other facts under
//! `facts.<name>`. Where they come from and where the rows go is left to others.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{MemorySchemaProvider, TableProvider};
use datafusion::common::TableReference;
use datafusion::datasource::empty::EmptyTable;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use tokio::sync::OnceCell;

use super::{ancestry, lineage, next_shipment, rework};
use crate::model::{self, Fact, fact};

/// How sessions for facts are set up: plain strings instead of views, the dialect that knows lambdas, and joins that hold
/// their left side in memory, as written. (The planner takes filters and groups for far smaller or larger than they are.)
pub fn session_config() -> SessionConfig {
    let mut config = SessionConfig::new().with_information_schema(false);
    let options = config.options_mut();
    options.execution.parquet.schema_force_view_types = false;
    options.sql_parser.map_string_types_to_utf8view = false;
    options.optimizer.join_reordering = false;
    options.sql_parser.dialect = datafusion::config::Dialect::DuckDB;
    config
}

/// Makes a fact known to the SQL of others.
pub fn register(ctx: &SessionContext, name: &str, provider: Arc<dyn TableProvider>) -> Result<()> {
    let catalog = ctx.catalog("datafusion").context("a session has its default catalog")?;
    if catalog.schema(fact::FACT_SCHEMA).is_none() {
        catalog.register_schema(fact::FACT_SCHEMA, Arc::new(MemorySchemaProvider::new()))?;
    }
    ctx.register_table(TableReference::partial(fact::FACT_SCHEMA, name), provider)?;
    Ok(())
}

/// The rows of a fact, in no order. Its inputs must be registered.
pub async fn compute(ctx: &SessionContext, fact: &Fact) -> Result<DataFrame> {
    let select = select(ctx, fact).await?;
    match fact.step {
        None => Ok(select),
        Some(fact::Step::Ancestry) => {
            let mut batches = ancestry::walk(ctx, select).await?;
            if batches.is_empty() {
                batches.push(arrow::array::RecordBatch::new_empty(ancestry::schema()));
            }
            Ok(ctx.read_batches(batches)?)
        }
        Some(fact::Step::Rework) => rework::follow(ctx, select).await,
    }
}

async fn select(ctx: &SessionContext, fact: &Fact) -> Result<DataFrame> {
    if fact.sql.contains(next_shipment::NAME) {
        next_shipment::register(ctx).await?;
    }
    if lineage::is_used(&fact.sql) {
        lineage::register(ctx).await?;
    }
    ctx.sql(&fact.sql).await.with_context(|| format!("schema/facts/{}.sql", fact.name))
}

/// The columns of a declared fact and their types, without reading anything.
pub async fn schema(fact: &Fact) -> Result<SchemaRef> {
    static SCHEMAS: OnceCell<HashMap<String, SchemaRef>> = OnceCell::const_new();
    let schemas = SCHEMAS.get_or_try_init(schemas).await?;
    schemas.get(&fact.name).cloned().with_context(|| format!("no fact {}", fact.name))
}

async fn schemas() -> Result<HashMap<String, SchemaRef>> {
    let ctx = SessionContext::new_with_config(session_config());
    for table in model::tables() {
        ctx.register_table(table.name.as_str(), Arc::new(EmptyTable::new(table.schema())))?;
    }
    let mut schemas = HashMap::new();
    for fact in model::facts() {
        let schema = schema_in(&ctx, fact).await?;
        register(&ctx, &fact.name, Arc::new(EmptyTable::new(Arc::clone(&schema))))?;
        schemas.insert(fact.name.clone(), schema);
    }
    Ok(schemas)
}

async fn schema_in(ctx: &SessionContext, fact: &Fact) -> Result<SchemaRef> {
    match fact.step {
        None => {}
        Some(fact::Step::Ancestry) => return Ok(ancestry::schema()),
        Some(fact::Step::Rework) => return Ok(rework::schema()),
    }
    let select = select(ctx, fact).await?;
    // Types are known once the analyser has made the branches of unions alike.
    let plan = select.into_optimized_plan()?;
    let fields = plan.schema().fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}
