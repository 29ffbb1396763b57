//! The numbers as the SQL views give them: their rows grouped by bucket and key, aggregated as the comment on the view says.
//! A view knows accounts; whose they are is joined to it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type};
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{Expr, lit};
use regex::Regex;
use throughline::model::metric::{Kind, Statistic};
use throughline::model::{self, Attribution, Dimension, Granularity, Metric};
use throughline::query::views::{self, View};
use throughline::query::{facts, functions};

use super::number::{Cut, Number, Numbers, Place, STATISTICS};
use super::scope::Scope;
use super::{FROM, TO};
use crate::server::Server;

/// A session with every view.
pub struct Views {
    context: SessionContext,
    views: HashMap<String, View>,
}

impl Views {
    /// Of the lake of a server.
    pub async fn open(server: &Server, attribution: &Arc<Attribution>) -> Views {
        let engine = server.app.engine();
        let snapshot = server.app.lake.refresh().await.unwrap();
        let context = SessionContext::new_with_state(engine.context().state());
        functions::register(&context);
        // Without people each account is a person; here the session knows whose they are.
        if let Expr::ScalarFunction(call) = functions::contributor(Some(attribution), [lit(""), lit("")]) {
            context.register_udf(call.func.as_ref().clone());
        }
        let people = &attribution.people;
        for fact in model::facts().iter().filter(|fact| !fact.internal) {
            facts::register(&context, &fact.name, engine.fact(&snapshot, fact).await.unwrap()).unwrap();
        }
        let mut known = HashMap::new();
        for view in views::views(engine.built_in()).unwrap() {
            context.sql(&format!("CREATE VIEW {} AS {}", view.name, view.select)).await.unwrap();
            known.insert(view.name.clone(), view);
        }
        let row = |(login, person): (&String, &String)| format!("('{login}', '{person}')");
        let accounts =
            people.iter().flat_map(|person| person.accounts.iter().map(move |(_, login)| (login, &person.key)));
        let accounts: BTreeSet<(&String, &String)> = accounts.collect();
        let logins: BTreeSet<&String> = accounts.iter().map(|(login, _)| *login).collect();
        assert_eq!(logins.len(), accounts.len(), "a login is one person's");
        let rows: Vec<String> = accounts.into_iter().map(row).collect();
        let sql = format!("CREATE VIEW people AS SELECT * FROM (VALUES {}) AS p(login, person)", rows.join(", "));
        context.sql(&sql).await.unwrap();
        Views { context, views: known }
    }

    /// The numbers of a cut; `None` where no view can tell: views know no teams.
    pub async fn read(&self, metric: &Metric, scope: &Scope, cut: &Cut) -> Option<Numbers> {
        let by_team = matches!(cut.dimension, Some(Dimension::Team | Dimension::OrgLevel));
        if by_team || matches!(scope, Scope::Team(..)) {
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
            Scope::Organization | Scope::Team(..) => "true".to_owned(),
            Scope::Repository(name) => holds(Dimension::Repository, name),
            Scope::Service(name) => holds(Dimension::Service, name),
            Scope::Contributor(_, key) => format!("person = '{key}'"),
        };
        let key = match cut.dimension.map(column) {
            None => "CAST(NULL AS VARCHAR)".to_owned(),
            Some(column) if column == "contributor" => "person".to_owned(),
            // A row without a key is a row of the null slice; unnesting an empty list would drop it.
            Some(column) if is_list(&column) => {
                format!(
                    "unnest(CASE WHEN cardinality({column}) > 0 THEN {column} ELSE make_array(CAST(NULL AS VARCHAR)) END)"
                )
            }
            Some(column) => column,
        };
        let named = view.columns.iter().any(|(name, _)| name == "contributor");
        let name = &view.name;
        let rows = match named {
            // A view does not tell of which integration an account is; in the sample a login is one person's everywhere.
            true => format!("(SELECT v.*, p.person FROM {name} v LEFT JOIN people p ON v.contributor = p.login)"),
            false => name.clone(),
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
        let selected = selected.join(", ");
        let first = format!("TIMESTAMPTZ '{FROM}T00:00:00Z'");
        let placed = |key: &str| {
            format!(
                "SELECT *, to_char(CASE unit {buckets} ELSE {first} END, '%Y-%m-%d') AS bucket
                 FROM (SELECT *, {key} AS slice FROM {rows}
                       WHERE at >= {first} AND at < TIMESTAMPTZ '{TO}T00:00:00Z' AND {within})
                 CROSS JOIN (VALUES {units}) AS u(unit)"
            )
        };
        let slices = placed(&key);
        let sql = match &metric.kind {
            Kind::Shares { .. } => {
                let by = "unit, bucket, share_of";
                let wholes = placed("CAST(NULL AS VARCHAR)");
                let value = if cut.dimension.is_some() { "coalesce(part, 0) / whole" } else { "1" };
                format!(
                    "SELECT unit, bucket, slice, shared AS value, shared AS numerator, items FROM (
                     SELECT unit, bucket, slice, CAST(coalesce(sum(CASE WHEN whole > 0 THEN {value} END), 0) AS DOUBLE) AS shared, CAST(sum(n) AS DOUBLE) AS items
                     FROM (SELECT {by}, slice, CAST(sum(weight) AS DOUBLE) AS part, CAST(count(*) AS DOUBLE) AS n FROM ({slices}) GROUP BY {by}, slice) AS parts
                     LEFT JOIN (SELECT {by}, CAST(sum(weight) AS DOUBLE) AS whole FROM ({wholes}) GROUP BY {by}) AS wholes USING ({by})
                     GROUP BY unit, bucket, slice)"
                )
            }
            _ => format!("SELECT unit, bucket, slice, {selected} FROM ({slices}) GROUP BY unit, bucket, slice"),
        };
        let frame = self.context.sql(&sql).await.unwrap_or_else(|error| panic!("{}: {error}\n{sql}", metric.name));
        let batches = frame.collect().await.unwrap_or_else(|error| panic!("{}: {error}\n{sql}", metric.name));
        let mut found = Numbers::new();
        for batch in &batches {
            read(&aggregates, cut, batch, &mut found);
        }
        Some(found)
    }
}

/// What is selected of a view: the values, then the numerator, then the number of items with a known value.
struct Aggregates {
    sql: Vec<String>,
    /// How many values there are; none where no view can tell.
    values: usize,
    /// The value is divided by the days of the bucket.
    by_days: bool,
}

impl Aggregates {
    /// As the comment on the view says.
    fn of(metric: &Metric, view: &View) -> Aggregates {
        if metric.statistic().is_some() {
            let value = |statistic: &Statistic| match statistic {
                Statistic::Mean => "avg(seconds)",
                Statistic::Median => "percentile_cont(seconds, 0.5)",
                Statistic::P90 => "percentile_cont(seconds, 0.9)",
                other => panic!("{other:?} is not compared"),
            };
            let values = STATISTICS.iter().map(value);
            let sql = values.chain(["coalesce(sum(seconds), 0)", "count(seconds)"]).map(str::to_owned).collect();
            return Aggregates { sql, values: STATISTICS.len(), by_days: false };
        }
        if matches!(metric.kind, Kind::Shares { .. }) {
            return Aggregates { sql: Vec::new(), values: 1, by_days: false };
        }
        let said = Regex::new(
            r"(?s).*The value (?:of a slice )?is (.+?)( divided by the [a-z ]+(?:, which no view tells)?)?, over the rows",
        );
        let said = said.unwrap();
        let said = said.captures(&view.comment).unwrap_or_else(|| panic!("{}: what is the value?", view.comment));
        let (value, by) = (said[1].to_owned(), said.get(2).map_or("", |by| by.as_str()));
        let no_view_tells = by.contains("weeks");
        // What is counted or summed is 0 where there is nothing to add up; SQL's sum is null there.
        let value = match (&metric.kind, &view.denominator) {
            (Kind::Formula { zero_filled: true, .. }, None) => format!("coalesce({value}, 0)"),
            (Kind::Formula { zero_filled: true, .. }, Some(by)) => {
                format!("CASE WHEN {by} > 0 THEN coalesce({value}, 0) END")
            }
            _ => value,
        };
        let values = if no_view_tells { Vec::new() } else { vec![value] };
        let (count, by_days) = (values.len(), by.contains("days"));
        let numerator = format!("coalesce({}, 0)", view.numerator);
        let sql = [values, vec![numerator, view.known.clone()]].concat();
        Aggregates { sql, values: count, by_days }
    }
}

/// Adds the numbers of a batch: unit, bucket, slice, then the aggregates.
fn read(aggregates: &Aggregates, cut: &Cut, batch: &RecordBatch, found: &mut Numbers) {
    let text = |column: usize, row: usize| {
        let column = arrow::compute::cast(batch.column(column), &DataType::Utf8).unwrap();
        let column = column.as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let number = |column: usize, row: usize| {
        let column = batch.column(column + 3).as_primitive::<Float64Type>();
        column.is_valid(row).then(|| column.value(row)).filter(|value| value.is_finite())
    };
    for row in 0..batch.num_rows() {
        let unit = text(0, row).and_then(|name| Granularity::ALL.iter().copied().find(|unit| unit.name() == name));
        let start = text(1, row).expect("a bucket");
        let per = if aggregates.by_days { days(unit, &start) } else { 1.0 };
        let values = (0..aggregates.values).map(|place| number(place, row).map(|value| value / per)).collect();
        let number = Number {
            values: (aggregates.values > 0).then_some(values),
            numerator: number(aggregates.values, row).unwrap_or(0.0),
            sample_size: number(aggregates.values + 1, row).unwrap_or(0.0) as u64,
        };
        found.insert(Place { key: cut.dimension.map(|_| text(2, row)), unit, start }, number);
    }
}

/// Calendar days of the bucket that begins on a day, within the period.
fn days(unit: Option<Granularity>, start: &str) -> f64 {
    let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
    let (start, last) = (day(start), day(TO));
    let months = |count: u32, from: NaiveDate| from + Months::new(count);
    let first = |month: u32| NaiveDate::from_ymd_opt(start.year(), month, 1).expect("a day");
    let end = match unit {
        None => last,
        Some(Granularity::Day) => start + Days::new(1),
        Some(Granularity::Week) => start.week(Weekday::Mon).last_day() + Days::new(1),
        Some(Granularity::Month) => months(1, first(start.month())),
        Some(Granularity::Quarter) => months(3, first(start.month0() / 3 * 3 + 1)),
        Some(Granularity::Year) => months(12, first(1)),
    };
    (end.min(last) - start).num_days() as f64
}
