//! `placement(time, ..., source, login, field, ...)`: where a row counts, for plans that know people and teams. It gives a
//! list of [`Code`]s: for each cell of the plan that the row belongs to, which of the asked teams or people it counts for, and
//! as which slice. All of them are numbers, so that what follows is as cheap for 5,000 teams as for one.
//!
//! Made anew for every plan, since it holds the windows and the attribution. It has one time for each *part* of the
//! plan, null where the row is not eligible.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, Int64Builder, ListArray, ListBuilder, StringArray};
use arrow::datatypes::{DataType, Field, TimestampMicrosecondType};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::cells::{Cell, Intervals};
use crate::model::Attribution;
use crate::query::belonging::{Belonging, Path};

/// The function, for one plan.
#[derive(Debug)]
pub struct Placement {
    signature: Signature,
    number: u64,
    spec: Spec,
}

/// What a plan asks.
#[derive(Debug)]
pub struct Spec {
    pub attribution: Arc<Attribution>,
    pub scopes: Scopes,
    pub parts: Vec<PartSpec>,
    /// By cell.
    pub slicings: Vec<Option<Slicing>>,
    /// Whether source and login are given.
    pub has_person: bool,
    /// The fields that are given, in order.
    pub fields: Vec<String>,
}

/// Of whom it is asked.
#[derive(Debug)]
pub enum Scopes {
    /// Everything counts, for scope 0.
    Everything,
    /// Teams: node -> number of the scope.
    Nodes(HashMap<u32, u32>),
    /// People: person -> number of the scope.
    People(HashMap<u32, u32>),
}

/// A part of the plan.
#[derive(Debug)]
pub struct PartSpec {
    pub intervals: Intervals,
    pub belonging: Arc<Belonging>,
    /// The instant at which people's teams count; `None`: the row's own.
    pub at: Option<i64>,
    /// Whether some cell or the scope asks for nodes.
    pub by_node: bool,
}

/// What the slices of a cell are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slicing {
    /// Keys that a column holds; not this function's business.
    Column(crate::model::Dimension),
    /// The person.
    Person,
    /// Leaves of a tree.
    Team { tree: u32 },
    /// Nodes of a tree so many levels below the scope; of the organisation, so many from the top.
    Level { tree: u32, level: u32 },
}

/// A scope, a cell and a slice in one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    pub scope: u32,
    pub cell: Cell,
    pub slice: SliceCode,
}

/// The slice of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SliceCode {
    /// The cell has none, or not of this function.
    None,
    /// Nobody's.
    Nobody,
    /// A person or a node.
    Key(u32),
}

pub const SLICE_BITS: u32 = 23;
pub const CELL_BITS: u32 = 20;
/// The most scopes of a plan, and cells; two slices less than `1 << SLICE_BITS`.
pub const MOST: usize = 1 << 20;

impl Code {
    pub fn pack(self) -> i64 {
        let slice = match self.slice {
            SliceCode::None => 0,
            SliceCode::Nobody => 1,
            SliceCode::Key(key) => i64::from(key) + 2,
        };
        (i64::from(self.scope) << (SLICE_BITS + CELL_BITS)) | (i64::from(self.cell) << SLICE_BITS) | slice
    }

    pub fn unpack(code: i64) -> Code {
        let slice = match code & ((1 << SLICE_BITS) - 1) {
            0 => SliceCode::None,
            1 => SliceCode::Nobody,
            key => SliceCode::Key((key - 2) as u32),
        };
        let cell = ((code >> SLICE_BITS) & ((1 << CELL_BITS) - 1)) as Cell;
        Code { scope: (code >> (SLICE_BITS + CELL_BITS)) as u32, cell, slice }
    }
}

impl Placement {
    pub fn new(spec: Spec) -> Placement {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let signature = Signature::variadic_any(Volatility::Immutable);
        Placement { signature, number: NUMBER.fetch_add(1, Ordering::Relaxed), spec }
    }
}

impl PartialEq for Placement {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Placement {}

impl Hash for Placement {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl ScalarUDFImpl for Placement {
    fn name(&self) -> &str {
        "placement"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(Arc::new(Field::new("item", DataType::Int64, true))))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let spec = &self.spec;
        let arrays = args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let (times, others) = arrays.split_at(spec.parts.len());
        let (account, fields) = others.split_at(if spec.has_person { 2 } else { 0 });
        let times: Vec<_> = times.iter().map(|time| time.as_primitive::<TimestampMicrosecondType>()).collect();
        let account: Vec<_> = account.iter().map(|column| column.as_string::<i32>()).collect();
        let fields = fields.iter().map(Values::of).collect::<Result<Vec<_>>>()?;
        let mut lists = ListBuilder::new(Int64Builder::with_capacity(args.number_rows * 2));
        let mut row = Row { spec, fields: &fields, placed: HashMap::new(), paths: Vec::new() };
        for number in 0..args.number_rows {
            row.paths.clear();
            let person = match account.as_slice() {
                [source, login] if source.is_valid(number) && login.is_valid(number) => {
                    spec.attribution.person_of(source.value(number), login.value(number))
                }
                _ => None,
            };
            for (part, time) in spec.parts.iter().zip(&times) {
                if time.is_valid(number) {
                    row.place(number, person, part, time.value(number), lists.values());
                }
            }
            lists.append(true);
        }
        Ok(ColumnarValue::Array(Arc::new(lists.finish())))
    }
}

/// The values of a field, row by row.
enum Values<'a> {
    One(&'a StringArray),
    Many(&'a ListArray, &'a StringArray),
}

impl<'a> Values<'a> {
    fn of(array: &'a ArrayRef) -> Result<Values<'a>> {
        if let Some(texts) = array.as_string_opt::<i32>() {
            return Ok(Values::One(texts));
        }
        match array.as_list_opt::<i32>().and_then(|lists| Some((lists, lists.values().as_string_opt::<i32>()?))) {
            Some((lists, texts)) => Ok(Values::Many(lists, texts)),
            None => exec_err!("placement: a field is neither text nor a list of texts: {}", array.data_type()),
        }
    }

    fn get(&self, row: usize) -> Vec<&'a str> {
        match self {
            Values::One(texts) if texts.is_valid(row) => vec![texts.value(row)],
            Values::One(_) => Vec::new(),
            Values::Many(lists, _) if lists.is_null(row) => Vec::new(),
            Values::Many(lists, texts) => {
                let offsets = lists.value_offsets();
                let (from, to) = (offsets[row] as usize, offsets[row + 1] as usize);
                (from..to).filter(|place| texts.is_valid(*place)).map(|place| texts.value(place)).collect()
            }
        }
    }
}

/// What is known of the row at hand, and of places that came before.
struct Row<'a> {
    spec: &'a Spec,
    fields: &'a [Values<'a>],
    /// By belonging and place: nodes for which the place alone decides. Most rows happened in the same few places.
    placed: HashMap<(*const Belonging, String), Vec<u32>>,
    /// Parts often share how and when rows belong.
    paths: Vec<(*const Belonging, i64, Vec<Path>)>,
}

impl Row<'_> {
    fn place(&mut self, row: usize, person: Option<u32>, part: &PartSpec, time: i64, codes: &mut Int64Builder) {
        let spec = self.spec;
        let cells = part.intervals.at(time);
        if cells.is_empty() {
            return;
        }
        let at = part.at.unwrap_or(time);
        let paths = if part.by_node { self.paths(row, person, part, at) } else { &[] };
        let mut scopes: Vec<(u32, Option<u32>)> = Vec::new();
        match &spec.scopes {
            Scopes::Everything => scopes.push((0, None)),
            Scopes::People(asked) => {
                scopes.extend(person.and_then(|person| asked.get(&person)).map(|scope| (*scope, None)));
            }
            Scopes::Nodes(asked) => {
                for node in paths.iter().flatten() {
                    let scope = asked.get(node).map(|scope| (*scope, Some(*node)));
                    scopes.extend(scope.filter(|scope| !scopes.contains(scope)));
                }
            }
        }
        let mut known: Vec<(Slicing, Vec<SliceCode>)> = Vec::new();
        for (scope, node) in scopes {
            known.clear();
            for cell in cells {
                let mut add = |slice| codes.append_value(Code { scope, cell: *cell, slice }.pack());
                match spec.slicings[*cell as usize] {
                    None | Some(Slicing::Column(_)) => add(SliceCode::None),
                    Some(slicing) => {
                        let place = known.iter().position(|(done, _)| *done == slicing).unwrap_or_else(|| {
                            known.push((slicing, slices(&spec.attribution, slicing, person, paths, node, at)));
                            known.len() - 1
                        });
                        known[place].1.iter().copied().for_each(&mut add);
                    }
                }
            }
        }
    }

    fn paths(&mut self, row: usize, person: Option<u32>, part: &PartSpec, at: i64) -> &[Path] {
        let belonging = Arc::as_ptr(&part.belonging);
        let known = self.paths.iter().position(|(which, when, _)| *which == belonging && *when == at);
        let known = known.unwrap_or_else(|| {
            let (spec, fields) = (self.spec, self.fields);
            let place = |field: &str| {
                let column = spec.fields.iter().position(|known| known == field)?;
                Some(fields[column].get(row))
            };
            let mut nowhere = Vec::new();
            let placed = if part.belonging.asks_for_place() {
                let key = (belonging, self.tuple(row));
                self.placed.entry(key).or_insert_with(|| part.belonging.placed(&place))
            } else {
                &mut nowhere
            };
            let paths = part.belonging.paths(person, at, placed, &place);
            self.paths.push((belonging, at, paths));
            self.paths.len() - 1
        });
        &self.paths[known].2
    }

    /// Where the row happened, as a text that differs where anything does.
    fn tuple(&self, row: usize) -> String {
        let mut tuple = String::new();
        for field in self.fields {
            for value in field.get(row) {
                tuple.push_str(value);
                tuple.push('\u{1f}');
            }
            tuple.push('\u{1e}');
        }
        tuple
    }
}

/// The slices of a row within a scope, each once; nobody's where there are none.
fn slices(
    attribution: &Attribution,
    slicing: Slicing,
    person: Option<u32>,
    paths: &[Path],
    scope: Option<u32>,
    at: i64,
) -> Vec<SliceCode> {
    let mut found = Vec::new();
    match slicing {
        Slicing::Column(_) => return vec![SliceCode::None],
        Slicing::Person => found.extend(person),
        Slicing::Team { tree } => {
            for path in paths.iter().filter(|path| attribution.nodes[path[0] as usize].tree == tree) {
                let below = scope.is_none_or(|scope| path.contains(&scope));
                found.extend(Some(path[0]).filter(|leaf| below && attribution.is_leaf_at(*leaf, at)));
            }
        }
        Slicing::Level { tree, level } => {
            for path in paths.iter().filter(|path| attribution.nodes[path[0] as usize].tree == tree) {
                let top = match scope {
                    None => Some(path.len()),
                    Some(scope) => path.iter().position(|node| *node == scope),
                };
                let place = top.and_then(|top| top.checked_sub(level as usize));
                found.extend(place.and_then(|place| path.get(place)));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() { vec![SliceCode::Nobody] } else { found.into_iter().map(SliceCode::Key).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_what_was_packed() {
        let (scope, cell) = ((1 << 20) - 1, (1 << 20) - 1);
        for slice in [SliceCode::None, SliceCode::Nobody, SliceCode::Key(0), SliceCode::Key((1 << 23) - 3)] {
            for (scope, cell) in [(0, 0), (scope, 0), (0, cell), (scope, cell)] {
                let code = Code { scope, cell, slice };
                assert_eq!(Code::unpack(code.pack()), code);
                assert!(code.pack() >= 0);
            }
        }
    }
}
