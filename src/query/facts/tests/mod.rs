//! The rules of the facts, each on a lake of a few rows in memory.

mod changes;
mod deployments;
mod fixture;
mod incidents;
mod people;
mod pulls;
mod rework;
mod sprint_items;
mod work_items;

use arrow::datatypes::DataType;

use crate::model::{self, ColumnType};
use crate::query::facts::schema;

#[tokio::test]
async fn every_column_is_described_and_has_a_plain_type() {
    use ColumnType::{Bool, Float, Int, String, StringList, Timestamp};
    let plain = [Bool, Float, Int, String, StringList, Timestamp].map(ColumnType::arrow);
    for fact in model::facts() {
        let schema = schema(fact).await.unwrap_or_else(|error| panic!("{error:#}"));
        let found: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let described: Vec<&str> = fact.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(found, described, "{}", fact.name);
        for field in schema.fields() {
            // Or a list of structs of plain types, for SQL that looks at its items with a lambda.
            let is_plain = match field.data_type() {
                DataType::List(item) => match item.data_type() {
                    DataType::Struct(parts) => parts.iter().all(|part| plain.contains(part.data_type())),
                    _ => plain.contains(field.data_type()),
                },
                other => plain.contains(other),
            };
            assert!(is_plain, "{}.{}: {}", fact.name, field.name(), field.data_type());
        }
    }
}

#[tokio::test]
async fn a_driver_has_months_that_the_fact_holds() {
    let mut drivers = 0;
    for fact in model::facts() {
        let Some(driver) = &fact.driver else { continue };
        let table = model::table(&driver.table).unwrap_or_else(|| panic!("{}: no table {}", fact.name, driver.table));
        assert!(table.event_time.is_some(), "{}: {} has no months", fact.name, driver.table);
        let schema = schema(fact).await.unwrap_or_else(|error| panic!("{error:#}"));
        let time = schema.field_with_name(&driver.time).expect("the declaration names a column");
        assert_eq!(*time.data_type(), ColumnType::Timestamp.arrow(), "{}", fact.name);
        drivers += 1;
    }
    assert!(drivers > 0);
}
