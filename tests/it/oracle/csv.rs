//! Rows of CSV files as the sample company and the cases have them. Trusts them: intake checks files, this only reads.

use super::record::{Record, Row};

/// The rows of a file of one table.
pub fn rows<T: Record>(text: &str) -> Vec<Row<T>> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let names = reader.headers().expect("a header").clone();
    let row = |record: csv::StringRecord| {
        let text = |name: &str| -> Option<String> {
            let place = names.iter().position(|known| known == name)?;
            record.get(place).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        Row {
            source: text("source").expect("a source"),
            id: text("id").expect("an id"),
            updated_at: text("updated_at").expect("a time of update").parse().expect("a time"),
            deleted: text("deleted").as_deref() == Some("true"),
            url: text("url"),
            own: T::read(&text),
        }
    };
    reader.records().map(|record| row(record.expect("a row"))).collect()
}
