//! The files under `schema/generated/`, made from the declarations: the GraphQL schema, the SQL views, the glossary.

use std::fmt::Write;

use anyhow::Result;

use crate::api::graphql;
use crate::model::metric::Kind;
use crate::model::{self, Effective, Metric};
use crate::query::views;

/// Name and text of every generated file.
pub fn files() -> Result<Vec<(&'static str, String)>> {
    Ok(vec![
        ("schema.graphql", graphql::schema().finish().sdl()),
        ("views.sql", views::script(&Effective::built_in(model::defaults()))?),
        ("glossary.md", glossary()?),
    ])
}

fn glossary() -> Result<String> {
    let mut page = String::from("# Glossary\n\nGenerated from `schema/`; do not edit.\n\n## Metrics\n");
    for metric in model::metrics() {
        describe(&mut page, metric)?;
    }
    page.push_str(
        "\n## Parameters\n\nWhat metrics refer to as `$name`.\n\n| parameter | type | meaning |\n|---|---|---|\n",
    );
    for parameter in &model::defaults().parameters {
        writeln!(page, "| `{}` | {} | {} |", parameter.name, parameter.of.name(), parameter.description)?;
    }
    page.push_str("\n## Facts\n\nOne row for each countable thing, computed from the tables.\n");
    for fact in model::facts() {
        writeln!(page, "\n### {}\n\n{}\n\n| column | meaning |\n|---|---|", fact.name, fact.description)?;
        for column in &fact.columns {
            writeln!(page, "| `{}` | {} |", column.name, column.description)?;
        }
    }
    page.push_str("\n## Tables\n\nThe Parquet contract.\n");
    for table in model::tables() {
        writeln!(page, "\n### {}\n\n{}", table.name, table.description)?;
        if let Some(event) = &table.event_time {
            writeln!(page, "\nEvent time: `{event}`.")?;
        }
        page.push_str("\n| column | type | required | meaning |\n|---|---|---|---|\n");
        for column in &table.columns {
            let required = if column.required { "yes" } else { "" };
            writeln!(page, "| `{}` | {} | {required} | {} |", column.name, column.kind.name(), column.description)?;
        }
    }
    Ok(page)
}

fn describe(page: &mut String, metric: &Metric) -> Result<()> {
    writeln!(page, "\n### {} (`{}`)\n\n{}\n\n{}\n", metric.title, metric.name, metric.description, metric.definition)?;
    writeln!(page, "- unit: {}; better: {}", metric.unit.name(), metric.better.name())?;
    writeln!(page, "- counted from fact `{}`, at `{}`", metric.fact, metric.time)?;
    if let Some(filter) = &metric.filter {
        writeln!(page, "- of rows where `{filter}`")?;
    }
    match &metric.kind {
        Kind::Duration { from, to, statistic, stages } => {
            writeln!(page, "- from `{from}` to `{to}`; shown as {}", statistic.name())?;
            for stage in stages {
                writeln!(page, "- stage {}: {}", stage.name, stage.description)?;
            }
        }
        Kind::Shares { of, weight } => {
            writeln!(page, "- for each `{of}` the share of its `{weight}`, added up")?;
        }
        Kind::Formula { numerator, .. } => {
            let numerator = numerator.split_whitespace().collect::<Vec<_>>().join(" ");
            writeln!(page, "- numerator: `{numerator}`")?;
        }
    }
    for count in &metric.counts {
        writeln!(page, "- count {}: {}", count.name, count.description)?;
    }
    let schemes: Vec<&str> = metric.ratings.iter().map(|rating| rating.scheme.name()).collect();
    if !schemes.is_empty() {
        writeln!(page, "- rated by {}", schemes.join(", "))?;
    }
    writeln!(page, "- source: {}", metric.source)?;
    Ok(())
}
