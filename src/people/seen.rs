//! The accounts that appear in the tables: whom the work is by, before anybody said who they are. They come as rows of the
//! fact `identities`; how those are found is the query room's business.

use anyhow::{Context, Result};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};

/// Every account seen, at one state of the tables.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Changes when the accounts may have.
    pub key: String,
    pub accounts: Vec<SeenAccount>,
}

/// An account as the tools know it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenAccount {
    pub source: String,
    pub login: String,
    pub name: Option<String>,
    /// As the tool gives it; for plain git, the login where it is an address.
    pub email: Option<String>,
    /// Its tool says that it is a bot.
    pub is_bot: bool,
    /// Microseconds since 1970 UTC of its first and last item; none: no item names it.
    pub first: Option<i64>,
    pub last: Option<i64>,
    /// Commits, pull requests and reviews by it.
    pub code_items: i64,
    /// All items by it.
    pub items: i64,
}

impl Seen {
    /// Reads rows of the fact: `source, login, name, email, is_bot, first_at, last_at, code_items, items`.
    pub fn read(key: String, batches: &[RecordBatch]) -> Result<Seen> {
        let mut accounts = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
        for batch in batches {
            let column = |name: &str| batch.column_by_name(name).with_context(|| format!("identities has no {name}"));
            let text = |name: &str| {
                column(name)?.as_string_opt::<i32>().with_context(|| format!("identities.{name} is not Utf8"))
            };
            let time = |name: &str| {
                let array = column(name)?.as_primitive_opt::<TimestampMicrosecondType>();
                array.with_context(|| format!("identities.{name} is no timestamp"))
            };
            let int = |name: &str| {
                let array = column(name)?.as_primitive_opt::<Int64Type>();
                array.with_context(|| format!("identities.{name} is not Int64"))
            };
            let (source, login, name, email) = (text("source")?, text("login")?, text("name")?, text("email")?);
            let is_bot = column("is_bot")?.as_boolean_opt().context("identities.is_bot is no boolean")?;
            let (first, last) = (time("first_at")?, time("last_at")?);
            let (code_items, items) = (int("code_items")?, int("items")?);
            let optional = |array: &arrow::array::StringArray, row: usize| {
                array.is_valid(row).then(|| array.value(row).to_owned()).filter(|text| !text.trim().is_empty())
            };
            for row in 0..batch.num_rows() {
                accounts.push(SeenAccount {
                    source: source.value(row).to_owned(),
                    login: login.value(row).to_owned(),
                    name: optional(name, row),
                    email: optional(email, row),
                    is_bot: is_bot.is_valid(row) && is_bot.value(row),
                    first: first.is_valid(row).then(|| first.value(row)),
                    last: last.is_valid(row).then(|| last.value(row)),
                    code_items: code_items.value(row),
                    items: items.value(row),
                });
            }
        }
        accounts.sort_by(|a, b| (&a.source, &a.login).cmp(&(&b.source, &b.login)));
        Ok(Seen { key, accounts })
    }
}
