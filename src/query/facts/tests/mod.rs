//! The rules of the facts, each on a lake of a few rows in memory.

mod changes;
mod deployments;
mod fixture;
mod incidents;
mod people;

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
            assert!(plain.contains(field.data_type()), "{}.{}: {}", fact.name, field.name(), field.data_type());
        }
    }
}
