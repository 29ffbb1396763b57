//! What is above an issue, as functions of SQL, since SQL has no walk: `issue_ancestors(source, id, parent, epic)`,
//! `issue_is_leaf(source, id)` and `issue_key(source, reference)`, over the session's `issues`.
//!
//! What a reference to a parent or epic means: the issue of the same source with that id, else the one with that key (of
//! several the first by id). Only issues that others refer to are held in memory.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder, ListBuilder, RecordBatch, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{Result as QueryResult, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use serde::Serialize;

use crate::model::ColumnType;

const ALL: [Ask; 3] = [Ask::Ancestors, Ask::IsLeaf, Ask::Key];
/// A longer line of ancestors ends here.
const MOST_ANCESTORS: usize = 64;

/// Issues that others refer to, once for each way in which they do. Who refers to itself is not above itself.
const REFERRED: &str = "
    WITH named AS (
      SELECT source, parent AS called FROM issues WHERE parent IS NOT NULL AND parent <> id AND parent <> key
      UNION
      SELECT source, epic FROM issues WHERE epic IS NOT NULL AND epic <> id AND epic <> key
    )
    SELECT n.called, 0 AS rule, i.source, i.id, i.key, i.type, i.status, i.labels, i.priority, i.components, i.project,
           i.title, i.epic, i.parent
    FROM named n JOIN issues i ON n.source = i.source AND n.called = i.id
    UNION ALL
    SELECT n.called, 1, i.source, i.id, i.key, i.type, i.status, i.labels, i.priority, i.components, i.project,
           i.title, i.epic, i.parent
    FROM named n JOIN issues i ON n.source = i.source AND n.called = i.key";

/// Whether a SELECT needs the functions.
pub fn is_used(sql: &str) -> bool {
    ALL.iter().any(|ask| sql.contains(ask.name()))
}

/// Makes the functions known to a session, over the session's `issues`.
pub async fn register(ctx: &SessionContext) -> Result<()> {
    let mut found = Vec::new();
    let mut batches = ctx.sql(REFERRED).await?.execute_stream().await?;
    while let Some(batch) = batches.next().await {
        read(&batch?, &mut found)?;
    }
    let lineage = Arc::new(Lineage::new(found));
    for ask in ALL {
        ctx.register_udf(ScalarUDF::from(Function::new(ask, Arc::clone(&lineage))));
    }
    Ok(())
}

/// An issue that others refer to. What others read of it has its keys in this order.
#[derive(Debug, Clone, Serialize)]
struct Ancestor {
    key: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    status: Option<String>,
    labels: Vec<String>,
    priority: Option<String>,
    components: Vec<String>,
    project: String,
    title: Option<String>,
    epic: Option<String>,
    parent: Option<String>,
}

/// One way in which an issue is referred to: what it is called, by id (0) or key (1), its source, its id.
type Found = (String, i64, String, String, Ancestor);

fn read(batch: &RecordBatch, found: &mut Vec<Found>) -> Result<()> {
    let column = |name: &str| batch.column_by_name(name).with_context(|| format!("no column {name}"));
    let text = |name: &str| anyhow::Ok(column(name)?.as_string::<i32>().clone());
    let value = |texts: &StringArray, row: usize| texts.is_valid(row).then(|| texts.value(row).to_owned());
    let [called, source, id, key] = [text("called")?, text("source")?, text("id")?, text("key")?];
    let [kind, status, priority] = [text("type")?, text("status")?, text("priority")?];
    let [project, title, epic, parent] = [text("project")?, text("title")?, text("epic")?, text("parent")?];
    let rules = column("rule")?.as_primitive::<arrow::datatypes::Int64Type>();
    let list = |name: &str, row: usize| {
        let lists = column(name)?.as_list::<i32>();
        let texts = if lists.is_valid(row) { Some(lists.value(row)) } else { None };
        let texts = texts.iter().flat_map(|texts| texts.as_string::<i32>().iter().flatten().map(str::to_owned));
        anyhow::Ok(texts.collect::<Vec<_>>())
    };
    for row in 0..batch.num_rows() {
        let ancestor = Ancestor {
            key: key.value(row).to_owned(),
            kind: value(&kind, row),
            status: value(&status, row),
            labels: list("labels", row)?,
            priority: value(&priority, row),
            components: list("components", row)?,
            project: project.value(row).to_owned(),
            title: value(&title, row),
            epic: value(&epic, row),
            parent: value(&parent, row),
        };
        let [called, source, id] = [&called, &source, &id].map(|texts| texts.value(row).to_owned());
        found.push((called, rules.value(row), source, id, ancestor));
    }
    Ok(())
}

/// The issues that others refer to.
#[derive(Debug, Default)]
struct Lineage {
    /// By source, then by what they are called.
    called: HashMap<String, HashMap<String, usize>>,
    /// By source: the ids of all of them.
    ids: HashMap<String, HashSet<String>>,
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    id: String,
    key: String,
    /// The ancestor as others read it.
    text: String,
    /// What is next above it.
    above: Option<usize>,
}

impl Lineage {
    fn new(mut found: Vec<Found>) -> Lineage {
        // The first of what one thing is called is what it means.
        found.sort_by(|(a, a_rule, a_source, a_id, _), (b, b_rule, b_source, b_id, _)| {
            (a_source, a, a_rule, a_id).cmp(&(b_source, b, b_rule, b_id))
        });
        found.dedup_by(|(b, _, b_source, ..), (a, _, a_source, ..)| a_source == b_source && a == b);
        let mut lineage = Lineage::default();
        let mut ancestors = Vec::new();
        let mut places: HashMap<(String, String), usize> = HashMap::new();
        for (called, _, source, id, ancestor) in found {
            let place = *places.entry((source.clone(), id.clone())).or_insert_with(|| {
                ancestors.push((source.clone(), id.clone(), ancestor));
                ancestors.len() - 1
            });
            lineage.ids.entry(source.clone()).or_default().insert(id);
            lineage.called.entry(source).or_default().insert(called, place);
        }
        let node = |(_, id, ancestor): &(String, String, Ancestor)| Node {
            id: id.clone(),
            key: ancestor.key.clone(),
            text: String::new(),
            above: None,
        };
        lineage.nodes = ancestors.iter().map(node).collect();
        for (place, (source, id, ancestor)) in ancestors.into_iter().enumerate() {
            let above = lineage.next(&source, &id, ancestor.parent.as_deref(), ancestor.epic.as_deref());
            let named = |called: Option<String>| called.map(|called| lineage.key(&source, &called).to_owned());
            let (epic, parent) = (named(ancestor.epic.clone()), named(ancestor.parent.clone()));
            let told = Ancestor { epic, parent, ..ancestor };
            let text = serde_json::to_string(&told).expect("texts and lists of texts are JSON");
            lineage.nodes[place] = Node { id, key: told.key, text, above };
        }
        lineage
    }

    fn find(&self, source: &str, called: &str) -> Option<usize> {
        self.called.get(source)?.get(called).copied()
    }

    /// The key of what is called so; where there is no such issue, what it is called.
    fn key<'a>(&'a self, source: &str, called: &'a str) -> &'a str {
        self.find(source, called).map_or(called, |place| &self.nodes[place].key)
    }

    /// The parent where there is such an issue, else the epic; an issue is not above itself.
    fn next(&self, source: &str, id: &str, parent: Option<&str>, epic: Option<&str>) -> Option<usize> {
        let find = |called: Option<&str>| self.find(source, called?).filter(|&place| self.nodes[place].id != id);
        find(parent).or_else(|| find(epic))
    }

    /// What is above an issue, nearest first. A circle ends before it comes back.
    fn above(&self, id: &str, first: Option<usize>) -> Vec<usize> {
        let mut line: Vec<usize> = Vec::new();
        let mut next = first;
        while let Some(place) = next.filter(|_| line.len() < MOST_ANCESTORS) {
            if line.contains(&place) || self.nodes[place].id == id {
                break;
            }
            line.push(place);
            next = self.nodes[place].above;
        }
        line
    }

    fn is_referred_to(&self, source: &str, id: &str) -> bool {
        self.ids.get(source).is_some_and(|ids| ids.contains(id))
    }
}

/// What is asked of the lineage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Ask {
    Ancestors,
    IsLeaf,
    Key,
}

impl Ask {
    fn name(self) -> &'static str {
        match self {
            Ask::Ancestors => "issue_ancestors",
            Ask::IsLeaf => "issue_is_leaf",
            Ask::Key => "issue_key",
        }
    }

    fn arguments(self) -> usize {
        match self {
            Ask::Ancestors => 4,
            Ask::IsLeaf | Ask::Key => 2,
        }
    }

    fn returns(self) -> DataType {
        match self {
            Ask::Ancestors => ColumnType::StringList.arrow(),
            Ask::IsLeaf => DataType::Boolean,
            Ask::Key => DataType::Utf8,
        }
    }
}

#[derive(Debug)]
struct Function {
    ask: Ask,
    signature: Signature,
    lineage: Arc<Lineage>,
}

impl Function {
    fn new(ask: Ask, lineage: Arc<Lineage>) -> Function {
        let texts = TypeSignature::Exact(vec![DataType::Utf8; ask.arguments()]);
        Function { ask, signature: Signature::new(texts, Volatility::Stable), lineage }
    }
}

// Two functions are one where they ask the same of the same issues.
impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.ask == other.ask && Arc::ptr_eq(&self.lineage, &other.lineage)
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.ask.hash(state);
        Arc::as_ptr(&self.lineage).hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.ask.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> QueryResult<DataType> {
        Ok(self.ask.returns())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> QueryResult<ColumnarValue> {
        let arrays: Vec<ArrayRef> = ColumnarValue::values_to_arrays(&args.args)?;
        if arrays.len() != self.ask.arguments() {
            return exec_err!("{} takes {} texts", self.name(), self.ask.arguments());
        }
        let texts: Vec<&StringArray> = arrays.iter().map(|array| array.as_string::<i32>()).collect();
        let at = |argument: usize, row: usize| {
            let texts = texts[argument];
            texts.is_valid(row).then(|| texts.value(row))
        };
        // A scalar stands for every row; all are arrays here, of one row where all were scalars.
        let rows = texts[0].len();
        let answer: ArrayRef = match self.ask {
            Ask::Ancestors => {
                let item = Field::new("item", DataType::Utf8, true);
                let mut lists = ListBuilder::new(StringBuilder::new()).with_field(item);
                for row in 0..rows {
                    if let (Some(source), Some(id)) = (at(0, row), at(1, row)) {
                        let first = self.lineage.next(source, id, at(2, row), at(3, row));
                        for place in self.lineage.above(id, first) {
                            lists.values().append_value(&self.lineage.nodes[place].text);
                        }
                    }
                    lists.append(true);
                }
                Arc::new(lists.finish())
            }
            Ask::IsLeaf => {
                let mut leaves = BooleanBuilder::with_capacity(rows);
                for row in 0..rows {
                    let issue = at(0, row).zip(at(1, row));
                    leaves.append_value(!issue.is_some_and(|(source, id)| self.lineage.is_referred_to(source, id)));
                }
                Arc::new(leaves.finish())
            }
            Ask::Key => {
                let mut keys = StringBuilder::new();
                for row in 0..rows {
                    let reference = at(0, row).zip(at(1, row));
                    keys.append_option(reference.map(|(source, called)| self.lineage.key(source, called)));
                }
                Arc::new(keys.finish())
            }
        };
        Ok(ColumnarValue::Array(answer))
    }
}
