use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::datasource::empty::EmptyTable;

use super::*;
use crate::model;
use crate::query::{condition, facts, functions};

fn session() -> SessionContext {
    let context = SessionContext::new_with_config(facts::session_config());
    functions::register(&context);
    context
}

/// The plan, optimised, that finds the rows of a fact within a time, by a profile with these parameters.
async fn plan(fact: &str, time: &str, parameters: &[(&str, Value)]) -> String {
    let parameters: BTreeMap<String, Value> = parameters.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
    let profile = Effective::built_in(model::defaults()).with(&parameters);
    let (context, fact) = (session(), model::fact(fact).expect("a declared fact"));
    let schema = facts::schema(fact).await.expect("plans");
    let judge = Judge { profile: &profile, kind: Kind::Efficiency, time, reach: 0..1 };
    let binder = Binder::new(&context, fact, &schema, judge, Tz::UTC, None).expect("binds");
    let table = context.read_table(Arc::new(EmptyTable::new(schema.clone()))).expect("a table");
    let rows = table.filter(condition::time_within(binder.time(), &(0..1))).expect("a condition");
    format!("{}", rows.into_optimized_plan().expect("a plan").display_indent())
}

#[tokio::test]
async fn every_term_is_sql_over_its_fact() {
    let profile = Effective::built_in(model::defaults());
    let context = session();
    let mut terms = 0;
    for fact in model::facts() {
        let schema = facts::schema(fact).await.expect("plans");
        let judge = Judge { profile: &profile, kind: Kind::Efficiency, time: "NULL", reach: 0..1 };
        let binder = Binder::new(&context, fact, &schema, judge, Tz::UTC, None).expect("binds");
        for name in fact.terms.keys() {
            let bound = binder.bind(&format!("${name}")).unwrap_or_else(|e| panic!("{}.{name}: {e:#}", fact.name));
            bound.get_type(&binder.schema).unwrap_or_else(|error| panic!("{}.{name}: {error}", fact.name));
            assert!(model::defaults().declared(name).is_none(), "{}.{name} is a parameter too", fact.name);
            terms += 1;
        }
    }
    assert!(terms > 0);
}

/// What the profile leaves as it is built in costs nothing: files are still skipped by the time that they were sorted by.
#[tokio::test]
async fn choices_that_nobody_made_leave_no_trace_in_the_plan() {
    let found = plan("changes", "$led_to", &[]).await;
    assert!(found.contains("deployed_at >=") && !found.contains("CASE"), "{found}");
    let by_time = plan("changes", "$led_to", &[("link_by_time", Value::Boolean(true))]).await;
    assert!(by_time.contains("time_deployed_at"), "{by_time}");
    let all = plan("changes", "$led_to", &[("lead_time_population", Value::Text("ALL_COMPLETED".into()))]).await;
    assert!(all.contains("merged_at"), "{all}");
}
