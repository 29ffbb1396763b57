//! The numbers as the oracle counts them: from the sample's CSV files, and from people and teams as the server has them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use throughline::model::{Attribution, Dimension, Granularity, Metric};

use super::number::{Cut, Number, Numbers, Place, STATISTICS};
use super::scope::Scope;
use super::{FROM, TO};
use crate::oracle::Oracle;
use crate::oracle::calendar::{self, Period};
use crate::oracle::item::{By, Item, Scope as Of};
use crate::oracle::measure::{Ask, Measured};
use crate::oracle::metric::{Metric as Known, Shape};
use crate::oracle::statistics::Statistic;
use crate::oracle::whose::People;
use crate::oracle::world::World;

/// The oracle of the sample company.
pub struct Expected {
    oracle: Oracle,
    now: DateTime<Utc>,
}

impl Expected {
    pub fn new(attribution: &Attribution, now: DateTime<Utc>) -> Expected {
        let mut oracle = Oracle::new(&World::sample(), now);
        oracle.people = People::of(attribution);
        Expected { oracle, now }
    }

    /// The numbers of each cut.
    ///
    /// # Panics
    /// When the oracle does not know the metric: then it must learn it.
    pub fn count(&self, metric: &Metric, scope: &Scope, cuts: &[Cut]) -> Vec<Numbers> {
        let known = Known::named(&metric.name).unwrap_or_else(|| panic!("the oracle does not know {}", metric.name));
        let scope = match scope {
            Scope::Organization => Of::Organization,
            Scope::Repository(name) => Of::Repository((*name).to_owned()),
            Scope::Service(name) => Of::Service((*name).to_owned()),
            Scope::Contributor(_, key) => Of::Contributor(key.clone()),
            Scope::Team(_, key) => Of::Team(key.clone()),
        };
        let ask = Ask::new(known, scope);
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let period = Period { from: day(FROM), to: day(TO), zone: Tz::UTC };
        let items: Vec<Item> = self.oracle.items(&ask).into_iter().filter(|item| item.is_in(&period)).collect();
        cuts.iter().map(|cut| self.cut(&ask, &items, &period, cut)).collect()
    }

    fn cut(&self, ask: &Ask, items: &[Item], period: &Period, cut: &Cut) -> Numbers {
        let mut found = Numbers::new();
        let Some(dimension) = cut.dimension else {
            self.windows(ask, items, period, cut, None, &mut found);
            return found;
        };
        let by = By::new(dimension);
        let mut slices = BTreeMap::<Option<String>, Vec<Item>>::new();
        for item in items {
            for key in self.oracle.slices(ask, item, by) {
                slices.entry(key).or_default().push(item.clone());
            }
        }
        for (key, own) in &slices {
            // A share is one of the whole.
            let items = if ask.metric.shape() == Shape::Shares { items } else { own };
            self.windows(ask, items, period, cut, Some((dimension, key)), &mut found);
        }
        found
    }

    /// The numbers of one slice, or of the whole, over the period and in its buckets.
    fn windows(
        &self,
        ask: &Ask,
        items: &[Item],
        period: &Period,
        cut: &Cut,
        slice: Option<(Dimension, &Option<String>)>,
        found: &mut Numbers,
    ) {
        let mut count = |unit: Option<Granularity>, window: &Period| {
            let items: Vec<Item> = items.iter().filter(|item| item.is_in(window)).cloned().collect();
            let by = slice.map(|(dimension, key)| (By::new(dimension), key.as_deref()));
            let measured = self.oracle.measure(ask, &items, 0, window, by);
            let key = slice.map(|(_, key)| key.clone());
            found.insert(Place { key, unit, start: window.from.to_string() }, number(ask.metric, &measured));
        };
        count(None, period);
        let units = if cut.in_buckets { Granularity::ALL } else { &[] };
        for (unit, same) in units.iter().zip(calendar::Granularity::ALL) {
            assert_eq!(unit.name(), same.name());
            for bucket in period.buckets(same, self.now) {
                count(Some(*unit), &bucket.within);
            }
        }
    }
}

fn number(metric: Known, measured: &Measured) -> Number {
    let statistic = |name: &str| Statistic::ALL.into_iter().find(|statistic| statistic.name() == name);
    let values = match metric.is_duration() {
        true => STATISTICS.iter().map(|wanted| measured.value(statistic(wanted.name()))).collect(),
        false => vec![measured.value(None)],
    };
    Number { values: Some(values), numerator: measured.numerator, sample_size: measured.sample_size as u64 }
}
