//! `classify(classification, 'field', value, ...)`: the class that a row belongs to, and `unclassified(classification)`:
//! the name of the class of rows that belong to no other. Null only where the classification is.
//!
//! A classification is its JSON, as `$work_types` and `$categories` are bound and as views carry it; so rows may be judged
//! by different ones. Fields are those of `model::classification`, each a text or a list of texts; one that a kind of row does
//! not have is left out. Two names are no fields: `ancestors` (a list of JSON objects of the same fields (lists in the plural), of the issues above,
//! the nearest first) and `is_leaf` (a boolean). How values are read stands in `fields`.

mod fields;

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, AsArray, StringArray, StringBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{Result, plan_datafusion_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use fields::{Ancestor, Fields};

use crate::model::Classification;
use crate::model::classification::{Judged, Ranked};

/// Classifications kept ready; when there are more, all are forgotten.
const REMEMBERED: usize = 64;

/// `classify`.
#[derive(Debug)]
pub struct Classify {
    signature: Signature,
    known: Mutex<HashMap<String, Arc<Ranked>>>,
}

/// `unclassified`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Unclassified {
    signature: Signature,
}

/// One classification at work on a batch: what it said of rows and of ancestors that look the same.
struct Judge {
    ranked: Arc<Ranked>,
    own: HashMap<String, Rc<Judged>>,
    above: HashMap<String, Rc<Judged>>,
}

impl Classify {
    pub fn new() -> Classify {
        Classify { signature: Signature::variadic_any(Volatility::Immutable), known: Mutex::default() }
    }

    /// The classification that a text is.
    fn ranked(&self, json: &str) -> Result<Arc<Ranked>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ranked) = known.get(json) {
            return Ok(Arc::clone(ranked));
        }
        let ranked = Classification::read(json).and_then(|read| read.rank());
        let ranked = Arc::new(ranked.map_err(|error| plan_datafusion_err!("classify: {error:#}"))?);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(json.to_owned(), Arc::clone(&ranked));
        Ok(ranked)
    }
}

impl Unclassified {
    pub fn new() -> Unclassified {
        Unclassified { signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable) }
    }
}

// Two of them do the same: what is kept ready makes no difference.
impl PartialEq for Classify {
    fn eq(&self, other: &Self) -> bool {
        self.signature == other.signature
    }
}

impl Eq for Classify {}

impl Hash for Classify {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.signature.hash(state);
    }
}

impl ScalarUDFImpl for Classify {
    fn name(&self) -> &str {
        "classify"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        if arguments.len().is_multiple_of(2) {
            return Err(plan_datafusion_err!("classify: give a classification, then pairs of a name and a value"));
        }
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let texts = args.args[0].to_array(rows)?;
        let Some(texts) = texts.as_string_opt::<i32>() else {
            return Ok(ColumnarValue::Array(Arc::new(StringArray::new_null(rows))));
        };
        let fields = Fields::read(&args.args[1..], rows)?;
        let mut judges: HashMap<&str, Judge> = HashMap::new();
        let mut names = StringBuilder::with_capacity(rows, rows * 16);
        let mut key = String::new();
        for row in 0..rows {
            if texts.is_null(row) {
                names.append_null();
                continue;
            }
            let text = texts.value(row);
            if !judges.contains_key(text) {
                judges.insert(text, Judge::new(self.ranked(text)?));
            }
            match judges.get_mut(text) {
                Some(judge) => names.append_value(judge.class(&fields, row, &mut key)?),
                None => names.append_null(),
            }
        }
        Ok(ColumnarValue::Array(Arc::new(names.finish())))
    }
}

impl ScalarUDFImpl for Unclassified {
    fn name(&self) -> &str {
        "unclassified"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let texts = args.args[0].to_array(args.number_rows)?;
        let mut known: HashMap<&str, String> = HashMap::new();
        let mut names = StringBuilder::new();
        for text in texts.as_string::<i32>() {
            if let Some(text) = text
                && !known.contains_key(text)
            {
                let read = Classification::read(text);
                let read = read.map_err(|error| plan_datafusion_err!("unclassified: {error:#}"))?;
                known.insert(text, read.otherwise);
            }
            names.append_option(text.and_then(|text| known.get(text)));
        }
        Ok(ColumnarValue::Array(Arc::new(names.finish())))
    }
}

impl Judge {
    fn new(ranked: Arc<Ranked>) -> Judge {
        Judge { ranked, own: HashMap::new(), above: HashMap::new() }
    }

    /// The class of a row. `key` is room to work in.
    fn class(&mut self, fields: &Fields, row: usize, key: &mut String) -> Result<&str> {
        key.clear();
        fields.write_key(&self.ranked.tested, row, key);
        if !self.own.contains_key(key.as_str()) {
            let judged = self.ranked.judge(&|field| fields.values(field, row));
            self.own.insert(key.clone(), Rc::new(judged));
        }
        let own = self.own.get(key.as_str()).cloned().unwrap_or_default();
        let mut above = Vec::new();
        if self.ranked.looks_up {
            for text in fields.ancestors(row) {
                if let Some(judged) = self.above.get(text) {
                    above.push(Rc::clone(judged));
                    continue;
                }
                let ancestor = Ancestor::read(text)?;
                let judged = Rc::new(self.ranked.judge(&|field| ancestor.values(field)));
                self.above.insert(text.to_owned(), Rc::clone(&judged));
                above.push(judged);
            }
        }
        Ok(self.ranked.class(&own, above.iter().map(Rc::as_ref), fields.is_leaf(row)))
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{ListBuilder, RecordBatch, StringArray};
    use datafusion::prelude::SessionContext;

    use super::*;

    const LABELS: &str = r#"{"otherwise":"rest","classes":[
        {"name":"deep","hierarchy":"WITH_DESCENDANTS","condition":{"field":"label","operator":"EQUALS","values":["a"]}},
        {"name":"story","condition":{"field":"type","operator":"EQUALS","values":["Story"]}},
        {"name":"rootless","condition":{"field":"priority","operator":"NOT_EQUALS","values":["Low"]}}]}"#;

    fn lists(rows: &[Option<&[&str]>]) -> Arc<dyn Array> {
        let mut lists = ListBuilder::new(StringBuilder::new());
        for row in rows {
            row.iter().copied().flatten().for_each(|text| lists.values().append_value(text));
            lists.append(row.is_some());
        }
        Arc::new(lists.finish())
    }

    async fn answer(sql: &str) -> Result<Vec<Option<String>>> {
        let context = SessionContext::new();
        crate::query::functions::register(&context);
        let texts = |rows: [Option<&str>; 4]| -> Arc<dyn Array> { Arc::new(StringArray::from(rows.to_vec())) };
        let batch = RecordBatch::try_from_iter([
            ("kind", texts([Some("Story"), Some("Task"), None, Some("Story")])),
            ("labels", lists(&[Some(&["b"]), None, Some(&["b", "a"]), Some(&[])])),
            (
                "above",
                lists(&[Some(&[r#"{"type":"Epic","labels":["a"]}"#]), Some(&[]), None, Some(&[r#"{"type":null}"#])]),
            ),
            ("priority", texts([Some("Low"), Some("High"), Some("Low"), Some("Low")])),
            ("rules", texts([Some(LABELS), Some(r#"{"otherwise":"nothing"}"#), None, Some(LABELS)])),
        ])?;
        context.register_batch("rows", batch)?;
        let sql = format!("SELECT {} AS name FROM rows", sql.replace("$rules", &format!("'{LABELS}'")));
        let mut names = Vec::new();
        for batch in context.sql(&sql).await?.collect().await? {
            let column = arrow::compute::cast(batch.column(0), &DataType::Utf8)?;
            names.extend(column.as_string::<i32>().iter().map(|name| name.map(str::to_owned)));
        }
        Ok(names)
    }

    async fn names(sql: &str) -> Vec<String> {
        answer(sql).await.expect("runs").into_iter().map(Option::unwrap_or_default).collect()
    }

    #[tokio::test]
    async fn a_row_is_classified_by_the_fields_it_has() {
        assert_eq!(names("classify($rules, 'type', kind)").await, ["story", "rest", "rest", "story"]);
        let labels = "classify($rules, 'type', kind, 'label', labels, 'priority', priority)";
        assert_eq!(names(labels).await, ["story", "rootless", "deep", "story"]);
        let above = "classify($rules, 'type', kind, 'label', labels, 'ancestors', above)";
        assert_eq!(names(above).await, ["deep", "rest", "deep", "story"]);
        assert_eq!(names("classify($rules, 'type', NULL)").await, ["rest"; 4]);
        assert_eq!(names("classify($rules)").await, ["rest"; 4]);
    }

    #[tokio::test]
    async fn every_row_may_have_rules_of_its_own() {
        assert_eq!(names("classify(rules, 'type', kind)").await, ["story", "nothing", "", "story"]);
        assert_eq!(names("unclassified(rules)").await, ["rest", "nothing", "", "rest"]);
        assert_eq!(names("classify(NULL, 'type', kind)").await, [""; 4]);
    }

    #[tokio::test]
    async fn wrong_use_is_refused() {
        for (sql, told) in [
            ("classify('{}', 'type', kind)", "otherwise"),
            ("classify($rules, 'color', kind)", "color"),
            ("classify($rules, 'type')", "pairs"),
            ("classify($rules, kind, kind)", "name"),
            ("classify($rules, 'label', labels, 'ancestors', labels)", "ancestor"),
        ] {
            let error = answer(sql).await.expect_err("refused").to_string();
            assert!(error.contains(told), "{sql}: {error}");
        }
    }
}
