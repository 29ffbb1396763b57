//! `MetricSiblings`: where a team stands among the teams of its level. Which those are is decided here; each is asked the
//! same question, in the same plan.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Object, Result};

use super::asking::Asking;
use super::metric::Metric;
use crate::model::metric::{Better, Statistic};
use crate::model::{Attribution, Dimension, Membership};
use crate::query::calendar::Period;
use crate::query::question::{Filter, Question, Scope, Wants};

/// The same question, asked of all teams of a level.
pub struct Peers {
    /// 1 is the top of the tree.
    level: u32,
    metrics: Vec<Metric>,
}

/// The questions of this kind that a request asked already: however many teams of a level ask for their siblings, each
/// team is asked once.
#[derive(Default)]
pub struct KnownPeers(Mutex<HashMap<Key, Arc<Peers>>>);

/// What tells such questions apart.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    metric: &'static str,
    tree: u32,
    level: u32,
    period: Period,
    filter: Filter,
    membership: Membership,
}

/// Where a team stands among the teams of its level.
pub struct MetricSiblings {
    level: u32,
    /// The team's own value.
    own: Option<f64>,
    /// The values of all teams that have one, its own among them, the best first.
    values: Vec<f64>,
    without: usize,
    better: Better,
}

impl Peers {
    /// Asks the question of every team that, at the end of its period, is in the same tree on the same level; `None` where it
    /// is asked of no team, or of one that does not exist by then.
    pub fn register(asking: &Asking, attribution: &Attribution, question: &Question) -> Result<Option<Arc<Peers>>> {
        let Scope::Key(Dimension::Team, team) = &question.scope else { return Ok(None) };
        let at = question.period.instants().end - 1;
        let Some((node, level)) = attribution.node(team).and_then(|node| Some((node, level(attribution, node, at)?)))
        else {
            return Ok(None);
        };
        let tree = attribution.nodes[node as usize].tree;
        let key = Key {
            metric: &question.metric.name,
            tree,
            level,
            period: question.period,
            filter: question.filter.clone(),
            membership: question.membership,
        };
        let mut known = asking.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(peers) = known.get(&key) {
            return Ok(Some(Arc::clone(peers)));
        }
        let beside = |other: &u32| {
            attribution.nodes[*other as usize].tree == tree && self::level(attribution, *other, at) == Some(level)
        };
        let nodes = (0..attribution.nodes.len() as u32).filter(beside);
        let ask = |node: u32| {
            let scope = Scope::Key(Dimension::Team, attribution.nodes[node as usize].key.clone());
            Metric::ask(asking, Question { scope, wants: Wants::default(), ..question.clone() })
        };
        let peers = Arc::new(Peers { level, metrics: nodes.map(ask).collect::<Result<_>>()? });
        known.insert(key, Arc::clone(&peers));
        Ok(Some(peers))
    }
}

/// How deep a team is in its tree at an instant, 1 at the top; `None` where there is no such team then.
fn level(attribution: &Attribution, node: u32, at: i64) -> Option<u32> {
    let above = std::iter::successors(Some(node), |node| attribution.parent_at(*node, at));
    attribution.exists_at(node, at).then(|| above.count() as u32)
}

impl MetricSiblings {
    /// The values of all, and where `own` stands among them.
    pub async fn gather(
        context: &Context<'_>,
        own: &Metric,
        peers: &Peers,
        statistic: Option<Statistic>,
    ) -> Result<MetricSiblings> {
        let mut values = Vec::new();
        for metric in &peers.metrics {
            values.extend(metric.value_of(context, statistic).await?);
        }
        let better = own.better();
        values.sort_by(|a, b| match better {
            Better::Higher => b.total_cmp(a),
            Better::Lower => a.total_cmp(b),
        });
        let own = own.value_of(context, statistic).await?;
        let without = peers.metrics.len() - values.len();
        Ok(MetricSiblings { level: peers.level, own, values, without, better })
    }

    /// The share of the others' values that are worse than its own, equal ones by half.
    fn left_behind(&self) -> Option<f64> {
        let (own, others) = (self.own?, self.values.len().saturating_sub(1));
        let better = self.better_than(own);
        let equal = self.values.iter().filter(|value| **value == own).count().saturating_sub(1);
        let behind = others.saturating_sub(better + equal);
        (others > 0).then(|| (behind as f64 + equal as f64 / 2.0) / others as f64)
    }

    fn middle(&self) -> Option<f64> {
        let count = self.values.len();
        let (below, above) = (self.values.get(count.checked_sub(1)? / 2)?, self.values.get(count / 2)?);
        Some((below + above) / 2.0)
    }

    /// How many values are better than this one.
    fn better_than(&self, own: f64) -> usize {
        let is_better = |value: &&f64| match self.better {
            Better::Higher => **value > own,
            Better::Lower => **value < own,
        };
        self.values.iter().filter(is_better).count()
    }
}

/// Where a team stands among the teams that are in the same tree on the same level when the period ends, itself among
/// them. All of them are asked the same question.
#[Object]
impl MetricSiblings {
    /// The level: 1 at the top of the tree.
    async fn level(&self) -> u32 {
        self.level
    }

    /// The place from the best, 1, on; teams of equal value share the better place. Null where the team has no value.
    async fn rank(&self) -> Option<usize> {
        self.own.map(|own| self.better_than(own) + 1)
    }

    /// How many teams have a value.
    async fn of(&self) -> usize {
        self.values.len()
    }

    /// How many teams of the level have none.
    async fn without_value(&self) -> usize {
        self.without
    }

    /// The share of the other teams that it leaves behind, in percent: 100 is better than all, 0 worse than all; a team of equal
    /// value is left behind by half. Null where it has no value, or no other team has one.
    async fn percentile(&self) -> Option<f64> {
        self.left_behind().map(|share| 100.0 * share)
    }

    /// The median of the teams' values; null where none has one.
    async fn median(&self) -> Option<f64> {
        self.middle()
    }

    /// The best value.
    async fn best(&self) -> Option<f64> {
        self.values.first().copied()
    }

    /// The worst value.
    async fn worst(&self) -> Option<f64> {
        self.values.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn siblings(own: Option<f64>, values: &[f64], better: Better) -> MetricSiblings {
        MetricSiblings { level: 1, own, values: values.to_vec(), without: 0, better }
    }

    #[test]
    fn equal_values_share_a_place() {
        let second = siblings(Some(3.0), &[5.0, 3.0, 3.0, 1.0], Better::Higher);
        assert_eq!((second.better_than(3.0), second.left_behind()), (1, Some(0.5)));
        assert_eq!(second.middle(), Some(3.0));
        let worst = siblings(Some(2.0), &[1.0, 2.0], Better::Lower);
        assert_eq!((worst.better_than(2.0), worst.left_behind(), worst.middle()), (1, Some(0.0), Some(1.5)));
    }

    #[test]
    fn nobody_beside_is_no_percentile() {
        assert_eq!(siblings(Some(1.0), &[1.0], Better::Higher).left_behind(), None);
        assert_eq!(siblings(None, &[1.0, 2.0], Better::Higher).left_behind(), None);
        assert_eq!(siblings(None, &[], Better::Higher).middle(), None);
    }
}
