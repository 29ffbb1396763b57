//! The numbers as the SQL views give them: their rows grouped by bucket and key, aggregated as the comment on the view says.
//! A view knows accounts; whose they are is joined to it.

use std::collections::HashMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use chrono::{Months, NaiveDate};
use datafusion::execution::context::SessionContext;
use regex::Regex;
use throughline::model::metric::{Denominator, Kind};
use throughline::model::{self, Dimension, Granularity, Metric};
use throughline::query::views::{self, View};
use throughline::query::{facts, functions};

use super::number::{Cut, Number, Numbers, Place, STATISTICS};
use super::scope::{Person, Scope};
use super::{FROM, TO};
use crate::server::Server;

/// A session with every view.
pub struct Views {
    context: SessionContext,
    views: HashMap<String, View>,
}

impl Views {
    /// Of the lake of a server.
    pub async fn open(server: &Server, people: &[Person]) -> Views {
        let (app, engine) = (&server.app, &server.app.engine);
        let snapshot = app.lake.refresh().await.unwrap();
        let context = SessionContext::new_with_state(engine.context().state());
        functions::register(&context);
        for fact in model::facts().iter().filter(|fact| !fact.internal) {
            facts::register(&context, &fact.name, engine.fact(&snapshot, fact).await.unwrap()).unwrap();
        }
        let mut known = HashMap::new();
        for view in views::views(engine.profile()).unwrap() {
            context.sql(&format!("CREATE VIEW {} AS {}", view.name, view.select)).await.unwrap();
            known.insert(view.name.clone(), view);
        }
        let owned = |person: &Person| {
            let row = |(source, login): &(String, String)| format!("('{source}', '{login}', '{}')", person.id);
            person.accounts.iter().map(row).collect::<Vec<_>>()
        };
        let rows: Vec<String> = people.iter().flat_map(owned).collect();
        let sql = format!("CREATE VIEW people AS SELECT * FROM (VALUES {}) AS p(source, login, person)", rows.join(", "));
        context.sql(&sql).await.unwrap();
        Views { context, views: known }
    }

    /// The numbers of a cut; `None` where no view can tell: views know no teams.
    pub async fn read(&self, metric: &Metric, scope: &Scope, cut: &Cut) -> Option<Numbers> {
        let by_team = matches!(cut.dimension, Some(Dimension::Team | Dimension::OrgLevel));
        if by_team || matches!(scope, Scope::Team(_)) {
            return None;
        }
        let view = &self.views[&metric.name.to_lowercase()];
        let column = |dimension: Dimension| dimension.name().to_lowercase();
        let schema = self.context.table(&view.name).await.unwrap().schema().clone();
        let is_list = |column: &str| {
            let field = schema.field_with_unqualified_name(column).unwrap();
            matches!(field.data_type(), DataType::List(_))
        };
        let holds = |dimension: Dimension, key: &str| match column(dimension) {
            column if is_list(&column) => format!("array_has({column}, '{key}')"),
            column => format!("{column} = '{key}'"),
        };
        let within = match scope {
            Scope::Organization | Scope::Team(_) => "true".to_owned(),
            Scope::Repository(name) => holds(Dimension::Repository, name),
            Scope::Service(name) => holds(Dimension::Service, name),
            Scope::Contributor(id) => format!("person = '{id}'"),
        };
        let key = match cut.dimension.map(column) {
            None => "CAST(NULL AS VARCHAR)".to_owned(),
            Some(column) if column == "contributor" => "person".to_owned(),
            // A row without a key is a row of the null slice; unnesting an empty list would drop it.
            Some(column) if is_list(&column) => {
                format!("unnest(CASE WHEN cardinality({column}) > 0 THEN {column} ELSE make_array(CAST(NULL AS VARCHAR)) END)")
            }
            Some(column) => column,
        };
        let named = view.columns.iter().any(|(name, _)| name == "contributor");
        let rows = match named {
            true => format!("(SELECT v.*, p.person FROM {} v LEFT JOIN people p ON v.source = p.source AND v.contributor = p.login)", view.name),
            false => view.name.clone(),
        };
        let bucket = |unit: &Granularity| {
            let unit = unit.name();
            format!("WHEN '{unit}' THEN greatest(date_trunc('{unit}', at), TIMESTAMPTZ '{FROM}T00:00:00Z')")
        };
        let buckets: String = Granularity::ALL.iter().map(bucket).collect::<Vec<_>>().join(" ");
        let units: Vec<String> = match cut.in_buckets {
            true => Granularity::ALL.iter().map(|unit| format!("('{}')", unit.name())).collect(),
            false => Vec::new(),
        };
        let units = [vec!["('ALL')".to_owned()], units].concat().join(", ");
        let aggregates = Aggregates::of(metric, view);
        let selected: Vec<String> = (aggregates.sql.iter().enumerate())
            .map(|(place, sql)| format!("CAST({sql} AS DOUBLE) AS aggregate_{place}"))
            .collect();
        let sql = format!(
            "SELECT unit, strftime_bucket, slice, {} FROM (
                SELECT *, to_char(CASE unit {buckets} ELSE TIMESTAMPTZ '{FROM}T00:00:00Z' END, '%Y-%m-%d') AS strftime_bucket
                FROM (SELECT *, {key} AS slice FROM {rows}
                      WHERE at >= TIMESTAMPTZ '{FROM}T00:00:00Z' AND at < TIMESTAMPTZ '{TO}T00:00:00Z' AND {within})
                CROSS JOIN (VALUES {units}) AS u(unit))
             GROUP BY unit, strftime_bucket, slice",
            selected.join(", ")
        );
        let frame = self.context.sql(&sql).await.unwrap_or_else(|error| panic!("{}: {error}\n{sql}", metric.name));
        let batches = frame.collect().await.unwrap_or_else(|error| panic!("{}: {error}\n{sql}", metric.name));
        let mut found = Numbers::new();
        for batch in &batches {
            read(metric, &aggregates, cut, batch, &mut found);
        }
        Some(found)
    }
}

/// What is selected of a view: the values, then the numerator, then the number of rows.
struct Aggregates {
    sql: Vec<String>,
    values: usize,
    /// The value is what the comment says divided by the days of the bucket.
    by_days: bool,
}
