//! What of a plan depends on people and teams: which slices there are, how rows belong to teams, and what the numbers in
//! the answer stand for.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use arrow::datatypes::DataType;
use chrono::{DateTime, Utc};
use datafusion::functions_nested::expr_fn::{array_has, cardinality};
use datafusion::logical_expr::{Expr, ScalarUDF, bitwise_and, bitwise_shift_right, cast, col, lit};

use super::{Belongs, Plan};
use crate::model::metric::Absent;
use crate::model::{Attribution, Dimension, Fact, Membership};
use crate::query::belonging::Belonging;
use crate::query::condition::{account, has_dimension};
use crate::query::developers::Developers;
use crate::query::functions::cells::{Cell, Intervals};
use crate::query::functions::placement::{
    CELL_BITS, Code, MOST, PartSpec, Placement, SLICE_BITS, Scopes, SliceCode, Slicing, Spec,
};
use crate::query::question::{By, Question, Scope};

/// What the numbers of a coded answer stand for.
pub struct Keys {
    attribution: Arc<Attribution>,
    /// The scopes, where they are people or teams.
    scopes: Option<Vec<String>>,
    slicings: Vec<Option<Slicing>>,
}

/// How rows belong to teams, by the metric where settings of some team say something of it. Made where it is asked for.
pub(super) type Belongings = Mutex<HashMap<Option<&'static str>, Arc<Belonging>>>;

/// A code in words.
pub struct Read {
    /// `None`: the code does not tell the scope.
    pub scope: Option<String>,
    pub cell: Cell,
    /// `None`: the code does not tell the slice.
    pub slice: Option<Option<String>>,
}

impl Keys {
    pub fn read(&self, code: i64) -> Read {
        let Code { scope, cell, slice } = Code::unpack(code);
        let slice = match (slice, self.slicings.get(cell as usize).copied().flatten()) {
            (SliceCode::None, _) => None,
            (SliceCode::Key(person), Some(Slicing::Person)) => {
                Some(self.attribution.people.get(person as usize).map(|person| person.key.clone()))
            }
            (SliceCode::Key(node), _) => Some(self.attribution.nodes.get(node as usize).map(|node| node.key.clone())),
            (SliceCode::Nobody, _) => Some(None),
        };
        let scope = self.scopes.as_ref().and_then(|scopes| scopes.get(scope as usize)).cloned();
        Read { scope, cell, slice }
    }
}

impl Plan {
    /// Whether a row counts for a question's scope and slice, as far as these are people or teams; `None`: neither is. `time` is
    /// the row's; the slice is one of the question's breakdowns, by its key.
    pub fn counts(
        fact: &'static Fact,
        time: Expr,
        question: &Question,
        slice: Option<&(By, Option<String>)>,
        attribution: Option<Arc<Attribution>>,
        now: DateTime<Utc>,
    ) -> Result<Option<Expr>> {
        let slice = slice.filter(|(by, _)| by.dimension.is_of_people());
        let scope = question.scope.dimension().filter(|scope| scope.is_of_people());
        if slice.is_none() && scope.is_none() {
            return Ok(None);
        }
        let mut plan = Plan::new(fact, scope, attribution, now, Arc::clone(&question.profile));
        let places = plan.add(question)?;
        let places = plan.finish(&places);
        let codes = |cell: Cell| -> Result<Expr> {
            plan.placement(vec![Intervals::new(&[(question.period.instants(), cell)])], vec![time])
        };
        let Some((by, key)) = slice else { return Ok(Some(cardinality(codes(places.total)?).gt(lit(0_u64)))) };
        let breakdown = places.breakdowns.iter().find(|breakdown| breakdown.by == *by);
        let cell = breakdown.context("a slice is of a breakdown of its question")?.total;
        let attribution = plan.attribution.as_ref().context("a plan about people has their attribution")?;
        let number = |key: &String| match by.dimension {
            Dimension::Contributor => attribution.person(key),
            _ => attribution.node(key),
        };
        let slice = match key {
            None => Some(SliceCode::Nobody),
            Some(key) => number(key).map(SliceCode::Key),
        };
        // A question has one scope, hence number 0.
        let wanted = slice.map(|slice| Code { scope: 0, cell, slice }.pack());
        Ok(Some(wanted.map_or(Ok(lit(false)), |code| codes(cell).map(|codes| array_has(codes, lit(code))))?))
    }

    /// What the numbers of the answer stand for; `None` where it has texts.
    pub fn keys(&self) -> Option<Keys> {
        let attribution = self.attribution.clone().filter(|_| self.is_coded())?;
        let scopes = self.scope.filter(|scope| scope.is_of_people()).map(|_| self.keys.iter().cloned().collect());
        Some(Keys { attribution, scopes, slicings: self.slicings() })
    }

    /// Why nothing can be known of a question's scope, whatever the rows: they may carry nothing that tells whose they are, or
    /// nobody said which are a team's.
    pub fn absent(&self, question: &Question) -> Option<Absent> {
        let has_meaning = |dimension| has_dimension(self.fact, dimension).is_ok();
        if !question.scope.dimension().is_none_or(has_meaning) {
            return Some(Absent::NotApplicable);
        }
        (!self.is_configured(question)).then_some(Absent::NotConfigured)
    }

    fn is_configured(&self, question: &Question) -> bool {
        let Some(attribution) = &self.attribution else { return true };
        match &question.scope {
            Scope::Key(Dimension::Team, key) => {
                let belongs = self.belongs(question);
                let (from, to) = match belongs.membership {
                    Membership::AtEvent => (question.period.instants().start, question.period.instants().end),
                    Membership::Current => (self.now.timestamp_micros(), self.now.timestamp_micros() + 1),
                };
                let node = attribution.node(key);
                node.is_some_and(|node| self.belonging(attribution, belongs).is_configured(node, from, to))
            }
            _ => true,
        }
    }

    /// The developers of a question's scope, where the metric is about them.
    pub fn developers(&self, question: &Question) -> Option<Developers> {
        let attribution = self.attribution.as_ref()?;
        question
            .metric
            .is_per_developer()
            .then(|| Developers::of(question, attribution, self.now.timestamp_micros()))
            .flatten()
    }

    /// Whether the plan gives codes: scopes or slices are people or teams.
    pub(super) fn is_coded(&self) -> bool {
        let sliced = || self.slicings().into_iter().flatten().any(|slicing| !matches!(slicing, Slicing::Column(_)));
        self.scope.is_some_and(Dimension::is_of_people) || sliced()
    }

    /// What a breakdown of a scope slices by.
    pub(super) fn slicing(&self, by: &By, scope: &Scope) -> Result<Slicing> {
        let attribution = || self.attribution.as_ref().context("a plan about people has their attribution");
        let tree = || {
            let attribution = attribution()?;
            let of_scope = || match scope {
                Scope::Key(Dimension::Team, key) => attribution.node(key).map(|n| attribution.nodes[n as usize].tree),
                _ => None,
            };
            match &by.tree {
                None => Ok(of_scope().unwrap_or(0)),
                Some(id) => {
                    let place = attribution.trees.iter().position(|tree| tree == id);
                    place.map(|place| place as u32).with_context(|| format!("no org tree has the id {id:?}"))
                }
            }
        };
        match by.dimension {
            Dimension::Contributor => attribution().map(|_| Slicing::Person),
            Dimension::Team => Ok(Slicing::Team { tree: tree()? }),
            Dimension::OrgLevel => Ok(Slicing::Level { tree: tree()?, level: by.level }),
            other => Ok(Slicing::Column(other)),
        }
    }

    pub(super) fn belongs(&self, question: &Question) -> Belongs {
        let name = question.metric.name.as_str();
        let metric = self.switched.contains(name).then_some(name);
        // Where people do not matter, neither does when they were members.
        let membership = if self.attribution.is_some() { question.membership } else { Membership::AtEvent };
        Belongs { membership, metric }
    }

    /// The codes of a row. `times` has the time of each part, null where the row is not eligible.
    pub(super) fn placement(&self, intervals: Vec<Intervals>, times: Vec<Expr>) -> Result<Expr> {
        let attribution = self.attribution.as_ref().context("a plan about people has their attribution")?;
        let numbered = |number: &dyn Fn(&str) -> Option<u32>| -> HashMap<u32, u32> {
            self.keys.iter().enumerate().filter_map(|(scope, key)| Some((number(key)?, scope as u32))).collect()
        };
        let scopes = match self.scope {
            Some(Dimension::Team) => Scopes::Nodes(numbered(&|key| attribution.node(key))),
            Some(Dimension::Contributor) => Scopes::People(numbered(&|key| attribution.person(key))),
            _ => Scopes::Everything,
        };
        let slicings = self.slicings();
        ensure!(self.keys.len() <= MOST && slicings.len() <= MOST, "too many windows or scopes for one plan");
        let keys = attribution.nodes.len().max(attribution.people.len());
        ensure!(keys + 2 < 1 << SLICE_BITS, "{keys} people or teams are too many for one plan");
        let of_nodes = |slicing: &Slicing| matches!(slicing, Slicing::Team { .. } | Slicing::Level { .. });
        let parts = self.parts.iter().zip(intervals).map(|(part, intervals)| PartSpec {
            intervals,
            belonging: self.belonging(attribution, part.belongs),
            at: (part.belongs.membership == Membership::Current).then(|| self.now.timestamp_micros()),
            by_node: matches!(scopes, Scopes::Nodes(_))
                || part.windows.iter().filter_map(|(_, slicing)| slicing.as_ref()).any(of_nodes),
        });
        let parts = parts.collect();
        let fact = self.fact;
        let mut arguments = times;
        if fact.person.is_some() {
            arguments.extend(account(fact)?);
        }
        arguments.extend(fact.fields.iter().map(|(_, column)| col(column)));
        let fields = fact.fields.iter().map(|(field, _)| field.clone()).collect();
        let (attribution, has_person) = (Arc::clone(attribution), fact.person.is_some());
        let spec = Spec { attribution, scopes, parts, slicings, has_person, fields };
        Ok(ScalarUDF::from(Placement::new(spec)).call(arguments))
    }

    fn belonging(&self, attribution: &Arc<Attribution>, belongs: Belongs) -> Arc<Belonging> {
        let mut known = self.belongings.lock().unwrap_or_else(PoisonError::into_inner);
        let made = known.entry(belongs.metric).or_insert_with(|| {
            let metric = belongs.metric.unwrap_or_default();
            Arc::new(Belonging::new(Arc::clone(attribution), self.fact, metric))
        });
        Arc::clone(made)
    }

    /// What the slices of each cell are.
    fn slicings(&self) -> Vec<Option<Slicing>> {
        self.parts.iter().flat_map(|part| part.windows.iter().map(|(_, slicing)| *slicing)).collect()
    }
}

/// Metrics of which some team switches the people filter off.
pub(super) fn switched(attribution: Option<&Attribution>) -> BTreeSet<String> {
    let filters =
        attribution.into_iter().flat_map(|attribution| &attribution.nodes).flat_map(|node| &node.people_filter);
    filters.filter(|(_, on)| !**on).map(|(metric, _)| metric.clone()).collect()
}

/// The number of the cell in a code.
pub(super) fn cell_of_code(code: Expr) -> Expr {
    let mask = (1_i64 << CELL_BITS) - 1;
    cast(bitwise_and(bitwise_shift_right(code, lit(i64::from(SLICE_BITS))), lit(mask)), DataType::Int32)
}
