//! An aggregate over a fact taken apart: what it looks at becomes columns of a view, and the same aggregate over those columns
//! gives the same number.

use std::ops::ControlFlow;

use anyhow::{Context, Result, bail, ensure};
use datafusion::sql::sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, visit_expressions,
    visit_expressions_mut,
};
use datafusion::sql::sqlparser::dialect::DuckDbDialect;
use datafusion::sql::sqlparser::parser::Parser;

/// Aggregates that views can show.
const AGGREGATES: [&str; 13] = [
    "count",
    "sum",
    "avg",
    "mean",
    "min",
    "max",
    "median",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "var_pop",
    "var_samp",
    "spread",
];

/// What is left of an aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// Name and SQL over the fact.
    pub columns: Vec<(String, String)>,
    /// SQL over the columns.
    pub sql: String,
    /// Whether each column counts rows: it is 1 or 0.
    pub counts: bool,
}

/// Takes an aggregate, or a formula of several, apart. Columns are called `name`, `name_2`, ...
///
/// # Errors
/// When it has no aggregate, one that views cannot show, or one outside of which it looks at the fact.
pub fn apart(sql: &str, name: &str) -> Result<Apart> {
    let mut whole = Parser::new(&DuckDbDialect {}).try_with_sql(sql)?.parse_expr()?;
    let mut taking = Taking { name, columns: Vec::new(), counts: true };
    let taken = visit_expressions_mut(&mut whole, |expr| match taking.take(expr) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error),
    });
    if let ControlFlow::Break(error) = taken {
        return Err(error.context(format!("in SQL {sql:?}")));
    }
    let Taking { columns, counts, .. } = taking;
    ensure!(!columns.is_empty(), "{sql:?} is no aggregate that a view can show; there are {}", AGGREGATES.join(", "));
    let outside = visit_expressions(&whole, |expr| match expr {
        Expr::Identifier(named) if !columns.iter().any(|(column, _)| *column == named.value) => {
            ControlFlow::Break(named.value.clone())
        }
        _ => ControlFlow::Continue(()),
    });
    if let ControlFlow::Break(column) = outside {
        let known = AGGREGATES.join(", ");
        bail!("in SQL {sql:?}: {column} stands in no aggregate that a view can show; there are {known}");
    }
    Ok(Apart { columns, sql: whole.to_string(), counts })
}

/// Columns found so far.
struct Taking<'a> {
    name: &'a str,
    columns: Vec<(String, String)>,
    counts: bool,
}

impl Taking<'_> {
    /// Puts columns in place of what an aggregate looks at. Parts come before the whole, and aggregates hold none.
    fn take(&mut self, expr: &mut Expr) -> Result<()> {
        let Expr::Function(call) = expr else { return Ok(()) };
        let function = call.name.to_string().to_lowercase();
        if !AGGREGATES.contains(&function.as_str()) {
            return Ok(());
        }
        let plain = call.over.is_none() && call.within_group.is_empty() && call.null_treatment.is_none();
        ensure!(plain, "{function}: a view shows plain aggregates, with FILTER or without");
        let filter = call.filter.take();
        let FunctionArguments::List(list) = &mut call.args else { bail!("{function} of nothing") };
        ensure!(list.clauses.is_empty(), "{function}: a view shows plain aggregates, with FILTER or without");
        let distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        if function == "count" && !distinct {
            let counted = list.args.first().context("count of nothing")?;
            let known = match counted {
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => None,
                FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(_))) => None,
                FunctionArg::Unnamed(FunctionArgExpr::Expr(counted)) => Some(format!("({counted}) IS NOT NULL")),
                other => bail!("count of {other}"),
            };
            let conditions: Vec<String> = filter.map(|filter| filter.to_string()).into_iter().chain(known).collect();
            let sql = match conditions.as_slice() {
                [] => "1".to_owned(),
                [one] => format!("CASE WHEN {one} THEN 1 ELSE 0 END"),
                several => format!("CASE WHEN ({}) THEN 1 ELSE 0 END", several.join(") AND (")),
            };
            let column = self.column(sql);
            *expr = parsed(&format!("sum({column})"))?;
            return Ok(());
        }
        self.counts = false;
        for arg in &mut list.args {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(of)) = arg else { bail!("{function} of {arg}") };
            if matches!(of, Expr::Value(_)) && filter.is_none() {
                continue;
            }
            let sql = match &filter {
                None => of.to_string(),
                Some(filter) => format!("CASE WHEN {filter} THEN {of} END"),
            };
            *of = parsed(&self.column(sql))?;
        }
        Ok(())
    }

    /// The name of the column of an expression.
    fn column(&mut self, sql: String) -> String {
        if let Some((name, _)) = self.columns.iter().find(|(_, known)| *known == sql) {
            return name.clone();
        }
        let name = match self.columns.len() {
            0 => self.name.to_owned(),
            before => format!("{}_{}", self.name, before + 1),
        };
        self.columns.push((name.clone(), sql));
        name
    }
}

fn parsed(sql: &str) -> Result<Expr> {
    Ok(Parser::new(&DuckDbDialect {}).try_with_sql(sql)?.parse_expr()?)
}

/// Whether an aggregate counts all rows.
pub fn is_every_row(sql: &str) -> bool {
    matches!(parsed(sql), Ok(Expr::Function(Function { ref name, ref args, filter: None, over: None, .. }))
        if name.to_string().eq_ignore_ascii_case("count") && args.to_string() == "(*)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sql: &str) -> (Vec<String>, String) {
        let apart = apart(sql, "counted").unwrap_or_else(|error| panic!("{error:#}"));
        (apart.columns.into_iter().map(|(_, sql)| sql).collect(), apart.sql)
    }

    fn columns(columns: &[&str], sql: &str) -> (Vec<String>, String) {
        (columns.iter().map(|column| (*column).to_owned()).collect(), sql.to_owned())
    }

    #[test]
    fn what_an_aggregate_looks_at_becomes_columns() {
        assert_eq!(of("count(*)"), columns(&["1"], "sum(counted)"));
        assert_eq!(
            of("count(*) FILTER (WHERE a > 1)"),
            columns(&["CASE WHEN a > 1 THEN 1 ELSE 0 END"], "sum(counted)")
        );
        let known = columns(&["CASE WHEN (b) AND ((a) IS NOT NULL) THEN 1 ELSE 0 END"], "sum(counted)");
        assert_eq!(of("count(a) FILTER (WHERE b)"), known);
        assert_eq!(of("sum(a + b)"), columns(&["a + b"], "sum(counted)"));
        assert_eq!(of("sum(a) FILTER (WHERE b)"), columns(&["CASE WHEN b THEN a END"], "sum(counted)"));
        assert_eq!(of("count(DISTINCT a * 2)"), columns(&["a * 2"], "count(DISTINCT counted)"));
        let formula =
            columns(&["a", "CASE WHEN b THEN 1 ELSE 0 END"], "sum(counted) + 2 * sum(counted_2) - sum(counted)");
        assert_eq!(of("sum(a) + 2 * count(*) FILTER (WHERE b) - sum(a)"), formula);
        assert_eq!(of("spread(k, a, 1)"), columns(&["k", "a"], "spread(counted, counted_2, 1)"));
        assert!(is_every_row("COUNT(*)") && !is_every_row("count(a)") && !is_every_row("sum(a)"));
    }

    #[test]
    fn what_a_view_cannot_show_is_an_error() {
        for wrong in
            ["a + 1", "sum(a) + b", "median_of(a)", "percentile_cont(0.5) WITHIN GROUP (ORDER BY a)", "sum(a) OVER ()"]
        {
            assert!(apart(wrong, "counted").is_err(), "{wrong}");
        }
    }
}
