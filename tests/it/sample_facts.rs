//! The facts of the sample company, row by row: `tests/cases/facts/<fact>.csv` tells for some columns what must come
//! out, computed from the CSV files by a program of another language that walks every list and every parent.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::DataType;
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use throughline::lake::merge::{Incoming, merge};
use throughline::lake::{Lake, scan};
use throughline::query::facts;
use throughline::{model, sources};

#[tokio::test]
async fn facts_of_the_sample_company() {
    let lake = Lake::open("memory://").await.expect("a lake in memory opens");
    let mut files: Vec<_> = std::fs::read_dir("data/sample")
        .expect("the sample company")
        .map(|entry| entry.expect("an entry of the folder").path())
        // Beside the tables lie the people, in a folder of their own.
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    for path in files {
        let file = path.file_name().and_then(|name| name.to_str()).expect("a plain name").to_owned();
        let table = file.split('.').next().and_then(model::table).expect("named after a table");
        let text = std::fs::read_to_string(&path).expect("CSV is UTF-8");
        let rows = vec![sources::csv::read(table, &file, &text).expect("as the table declares")];
        merge(&lake, table, vec![Incoming { file, rows }]).await.expect("a merge");
    }
    let ctx = SessionContext::new_with_config(facts::session_config());
    scan::register_store(&lake, &ctx);
    let snapshot = lake.refresh().await.expect("a snapshot");
    scan::register_tables(&lake, &snapshot, &ctx).expect("the tables of the lake");
    for fact in model::facts() {
        let rows = facts::compute(&ctx, fact).await.expect("a plan").collect().await.expect("the rows of a fact");
        // Nullability differs from plan to plan; the fact's own schema is what the next one sees.
        let schema = facts::schema(fact).await.expect("a schema");
        let rows = rows.into_iter().map(|batch| RecordBatch::try_new(schema.clone(), batch.columns().to_vec()));
        let rows = rows.collect::<Result<_, _>>().expect("rows of the schema");
        let table = MemTable::try_new(schema, vec![rows]).expect("a table in memory");
        facts::register(&ctx, &fact.name, Arc::new(table)).expect("a name of its own");
    }
    for fact in ["changes", "coding_days", "deployments", "file_changes", "incidents", "sprint_items", "work_items"] {
        check(&ctx, fact).await;
    }
}

async fn check(ctx: &SessionContext, fact: &str) {
    let file = Path::new("tests/cases/facts").join(fact).with_extension("csv");
    let text = std::fs::read_to_string(&file).expect("a case is UTF-8");
    let mut lines = text.lines();
    let columns: Vec<_> = lines.next().expect("a header").split(',').collect();
    let expected: BTreeSet<_> = lines.map(str::to_owned).collect();
    let found = rows(ctx, fact, &columns).await;
    let missing: Vec<_> = expected.difference(&found).cloned().collect();
    let surplus: Vec<_> = found.difference(&expected).cloned().collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "{}:\nexpected\n{}\nfound\n{}",
        file.display(),
        missing.join("\n"),
        surplus.join("\n")
    );
}

/// The rows of a fact as lines of CSV; lists as `a;b`, nothing as nothing.
async fn rows(ctx: &SessionContext, fact: &str, columns: &[&str]) -> BTreeSet<String> {
    let table = ctx.table(format!("facts.{fact}")).await.expect("a fact");
    let text = columns.iter().map(|column| {
        let field = table.schema().field_with_unqualified_name(column).expect("a column of the fact");
        let text = match field.data_type() {
            DataType::List(_) => format!("array_to_string(\"{column}\", ';')"),
            DataType::Timestamp(..) => format!("to_char(\"{column}\", '%Y-%m-%dT%H:%M:%SZ')"),
            _ => format!("CAST(\"{column}\" AS VARCHAR)"),
        };
        format!("coalesce({text}, '')")
    });
    let text = text.collect::<Vec<_>>().join(" || ',' || ");
    let sql = format!("SELECT {text} AS line FROM facts.{fact}");
    let batches = ctx.sql(&sql).await.expect("a plan").collect().await.expect("lines");
    let lines: Vec<String> = batches
        .iter()
        .flat_map(|batch| batch.column(0).as_string::<i32>().iter().flatten().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let count = lines.len();
    let distinct: BTreeSet<_> = lines.into_iter().collect();
    assert_eq!(distinct.len(), count, "{fact}: a row stands twice");
    distinct
}
