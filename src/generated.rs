//! The files under `schema/generated/`, made from the declarations: the GraphQL schema, the SQL views, the glossary.

use std::fmt::Write;
use std::sync::Arc;

use anyhow::Result;
use chrono_tz::Tz;

use crate::api::graphql;
use crate::lake::layout;
use crate::model::metric::{Denominator, Kind};
use crate::model::{self, Catalogue, Effective, Metric};
use crate::query::views;

/// Name and text of every generated file, for the built-in metrics and the default profile.
pub fn files() -> Result<Vec<(&'static str, String)>> {
    files_of(&Catalogue::built_in(), &Effective::built_in(model::defaults()), Tz::UTC)
}

/// Name and text of every generated file.
pub fn files_of(catalogue: &Arc<Catalogue>, profile: &Effective, zone: Tz) -> Result<Vec<(&'static str, String)>> {
    Ok(vec![
        ("schema.graphql", graphql::schema_of(catalogue).finish().sdl()),
        ("views.sql", views::script(catalogue, profile, zone)?),
        ("glossary.md", glossary(catalogue)?),
    ])
}

/// What every metric, parameter, fact and table means.
pub fn glossary(catalogue: &Catalogue) -> Result<String> {
    let mut page = String::from("# Glossary\n\nGenerated from `schema/`; do not edit.\n\n## Metrics\n");
    for metric in catalogue.metrics() {
        describe(&mut page, metric, catalogue.is_own(&metric.name))?;
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
        if !fact.terms.is_empty() {
            page.push_str("\nWhat metrics mean by `$name` here:\n\n| term | meaning |\n|---|---|\n");
        }
        for (name, term) in &fact.terms {
            writeln!(page, "| `${name}` | {} |", term.description)?;
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

fn describe(page: &mut String, metric: &Metric, is_own: bool) -> Result<()> {
    writeln!(page, "\n### {} (`{}`)\n\n{}\n\n{}\n", metric.title, metric.name, metric.description, metric.definition)?;
    writeln!(page, "- unit: {}; better: {}", metric.unit.name(), metric.better.name())?;
    writeln!(page, "- counted from fact `{}`, at `{}`", metric.fact, one_line(&metric.time))?;
    if let Some(filter) = &metric.filter {
        writeln!(page, "- of rows where `{}`", one_line(filter))?;
    }
    match &metric.kind {
        Kind::Duration { from, to, statistic, stages } => {
            writeln!(page, "- from `{from}` to `{to}`; shown as {}", statistic.name())?;
            for stage in stages {
                writeln!(page, "- stage {}: {}", stage.name, stage.description)?;
            }
        }
        Kind::Shares { of, weight } => {
            writeln!(page, "- for each `{}` the share of its `{}`, added up", one_line(of), one_line(weight))?;
        }
        Kind::Formula { numerator, denominator, .. } => {
            writeln!(page, "- numerator: `{}`", one_line(numerator))?;
            match denominator {
                Denominator::Days => page.push_str("- denominator: the calendar days of the period\n"),
                Denominator::DeveloperWeeks => page.push_str("- denominator: the weeks that developers spent there\n"),
                Denominator::Aggregate(sql) => writeln!(page, "- denominator: `{}`", one_line(sql))?,
                Denominator::One => {}
            }
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
    if is_own {
        let file = format!("{}/{}.toml", layout::definitions_of_metrics(), metric.name.to_lowercase());
        writeln!(page, "- declared by this lake, in `{file}`")?;
    }
    Ok(())
}

fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}
