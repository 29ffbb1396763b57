//! What holds for one scope: the profile of each kind, completed by what is built in, over all time.
//!
//! A row is judged by the *segment* that its own time lies in: the versions that were in force then. What is said of a
//! whole period (whether a metric is on, its statistic, its thresholds) is said by the segment of its last day.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Defaults, Kind, MetricValues, Profile, StageValues, Value, Values};
use crate::clock::midnight;
use crate::model::business_calendar::{self, BusinessCalendar};
use crate::model::metric::{Kind as MetricKind, Stage, Statistic};
use crate::model::rating::Band;
use crate::model::{Classification, Metric};

/// Kinds of profiles.
const KINDS: usize = Kind::ALL.len();

/// The profiles of a scope, composed.
#[derive(Debug, Clone)]
pub struct Effective {
    /// A hash of what it says: two that say the same are one, whatever the profiles are called.
    pub id: String,
    /// Ids of the profiles, by [`Kind::place`]; of one that is built in, the name of its kind.
    profiles: [String; KINDS],
    /// By their days; the first has none.
    segments: Vec<Segment>,
    /// Parameters that were changed for one question.
    changed: BTreeMap<String, Value>,
}

/// A time during which no version changes.
#[derive(Debug, Clone)]
pub struct Segment {
    /// First day; none: always.
    from: Option<NaiveDate>,
    /// Its beginning, in microseconds since 1970 UTC.
    starts: i64,
    complete: [Arc<Complete>; KINDS],
}

/// What a version of one kind says, with what is built in where it says nothing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Complete {
    pub parameters: BTreeMap<String, Value>,
    pub metrics: BTreeMap<String, MetricValues>,
    pub classifications: BTreeMap<String, Classification>,
    #[serde(skip)]
    pub calendar: BusinessCalendar,
}

/// A stage that is on, and what bounds it.
#[derive(Debug, Clone, Copy)]
pub struct StageInForce<'a> {
    pub stage: &'static Stage,
    /// SQL over the fact.
    pub from: &'a str,
    pub to: &'a str,
    /// Empty: nobody set any.
    pub thresholds: &'a [Band],
}

impl Effective {
    /// What holds where there are no profiles.
    pub fn built_in(defaults: &Defaults) -> Effective {
        Effective::compose(defaults, [None; KINDS], Tz::UTC)
    }

    /// What profiles come to; `None`: the built-in one of the kind at that place. Each has its id beside it. Versions begin
    /// at midnight in `zone`.
    pub fn compose(defaults: &Defaults, profiles: [Option<(&str, &Profile)>; KINDS], zone: Tz) -> Effective {
        let days = profiles.iter().flatten().flat_map(|(_, profile)| profile.versions.iter().map(|v| v.from));
        let mut days: Vec<Option<NaiveDate>> = days.chain([None]).collect();
        days.sort_unstable();
        days.dedup();
        let mut known: Vec<(usize, &Values, Arc<Complete>)> = Vec::new();
        let nothing = Values::default();
        let mut complete = |kind: Kind, day: Option<NaiveDate>| {
            let version = profiles[kind.place()].and_then(|(_, profile)| profile.on(day.unwrap_or(NaiveDate::MIN)));
            let values = version.map_or(&nothing, |version| &version.values);
            let same = |(place, of, _): &&(usize, &Values, _)| *place == kind.place() && std::ptr::eq(*of, values);
            if let Some((_, _, made)) = known.iter().find(same) {
                return Arc::clone(made);
            }
            let made = Arc::new(Complete::new(defaults, kind, values));
            known.push((kind.place(), values, Arc::clone(&made)));
            made
        };
        let segments = days.into_iter().map(|from| Segment {
            from,
            starts: from.map_or(i64::MIN, |day| midnight(day, zone).timestamp_micros()),
            complete: Kind::ALL
                .iter()
                .map(|kind| complete(*kind, from))
                .collect::<Vec<_>>()
                .try_into()
                .unwrap_or_else(|made: Vec<_>| unreachable!("{} kinds are made for {KINDS}", made.len())),
        });
        let segments: Vec<Segment> = segments.collect();
        let id_of = |kind: Kind| profiles[kind.place()].map_or_else(|| kind.name().to_owned(), |(id, _)| id.to_owned());
        let profiles = [Kind::ALL[0], Kind::ALL[1], Kind::ALL[2]].map(id_of);
        Effective { id: id(&segments), profiles, segments, changed: BTreeMap::new() }
    }

    /// The same with single parameters changed for all time. Names that nobody declares are left out.
    pub fn with(&self, parameters: &BTreeMap<String, Value>) -> Effective {
        let complete = |complete: &Arc<Complete>| Arc::new(complete.with(parameters));
        let segment =
            |segment: &Segment| Segment { complete: segment.complete.each_ref().map(complete), ..segment.clone() };
        let segments: Vec<Segment> = self.segments.iter().map(segment).collect();
        let mut changed = self.changed.clone();
        changed.extend(parameters.iter().map(|(name, value)| (name.clone(), value.clone())));
        Effective { id: id(&segments), profiles: self.profiles.clone(), segments, changed }
    }

    /// Id of the profile of a kind; of one that is built in, the name of the kind.
    pub fn profile(&self, kind: Kind) -> &str {
        &self.profiles[kind.place()]
    }

    /// The parameters that [`Effective::with`] changed.
    pub fn changed(&self) -> &BTreeMap<String, Value> {
        &self.changed
    }

    /// What holds at an instant, in microseconds since 1970 UTC.
    pub fn at(&self, instant: i64) -> &Segment {
        let found = self.segments.iter().rev().find(|segment| segment.starts <= instant);
        found.unwrap_or(&self.segments[0])
    }

    /// What holds on the last day of a half-open time.
    pub fn at_the_end(&self, of: &Range<i64>) -> &Segment {
        self.at(of.end.saturating_sub(1))
    }

    /// The segments that a half-open time touches, oldest first, at least one.
    pub fn within(&self, reach: &Range<i64>) -> &[Segment] {
        let first = self.segments.iter().rposition(|segment| segment.starts <= reach.start).unwrap_or(0);
        let last = self.segments.iter().rposition(|segment| segment.starts < reach.end).unwrap_or(0);
        &self.segments[first..=last.max(first)]
    }

    /// Every segment, oldest first.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

impl Segment {
    /// First day; `None`: always.
    pub fn from(&self) -> Option<NaiveDate> {
        self.from
    }

    /// When it begins, in microseconds since 1970 UTC.
    pub fn starts(&self) -> i64 {
        self.starts
    }

    /// What is said of metrics of a kind.
    pub fn of(&self, kind: Kind) -> &Complete {
        &self.complete[kind.place()]
    }

    /// A parameter, as metrics of a kind see it.
    pub fn parameter(&self, kind: Kind, name: &str) -> Option<&Value> {
        let others = self.complete.iter().map(Arc::as_ref);
        std::iter::once(self.of(kind)).chain(others).find_map(|complete| complete.parameters.get(name))
    }

    /// A classification.
    pub fn classification(&self, name: &str) -> Option<&Classification> {
        self.complete.iter().find_map(|complete| complete.classifications.get(name))
    }

    /// Whether a metric is shown.
    pub fn is_on(&self, metric: &Metric) -> bool {
        self.values(metric).is_none_or(|values| values.enabled != Some(false))
    }

    /// The statistic shown when none is asked for; `None` where the value is no distribution.
    pub fn statistic(&self, metric: &Metric) -> Option<Statistic> {
        let own = metric.statistic()?;
        Some(self.values(metric).and_then(|values| values.statistic).unwrap_or(own))
    }

    /// The tiers that are set for a metric; empty: nobody set any.
    pub fn thresholds(&self, metric: &Metric) -> &[Band] {
        self.values(metric).map_or(&[], |values| &values.thresholds)
    }

    /// The stages that are on, in declared order.
    pub fn stages(&self, metric: &'static Metric) -> impl Iterator<Item = StageInForce<'_>> {
        metric.stages().iter().filter_map(move |stage| self.stage(metric, stage))
    }

    /// A stage, where it is on.
    pub fn stage(&self, metric: &Metric, stage: &'static Stage) -> Option<StageInForce<'_>> {
        let none = StageInForce { stage, from: &stage.from, to: &stage.to, thresholds: &[] };
        let Some(StageValues { enabled, from, to, thresholds }) =
            self.values(metric).and_then(|values| values.stages.get(&stage.name))
        else {
            return (!stage.optional).then_some(none);
        };
        enabled.unwrap_or(!stage.optional).then(|| StageInForce {
            from: from.as_ref().unwrap_or(&stage.from),
            to: to.as_ref().unwrap_or(&stage.to),
            thresholds,
            ..none
        })
    }

    /// Where the whole of a duration begins and ends, as SQL over the fact; `None` where it is none.
    pub fn bounds(&self, metric: &'static Metric) -> Option<(&str, &str)> {
        let MetricKind::Duration { from, to, .. } = &metric.kind else { return None };
        let first = self.stages(metric).find(|in_force| in_force.stage.starts_total);
        Some((first.map_or(from, |first| first.from), to))
    }

    /// The days of rest that a metric's durations leave out; `None` where they are wall-clock time.
    pub fn calendar(&self, metric: &Metric) -> Option<&BusinessCalendar> {
        let calendar = &self.of(Kind::of(metric)).calendar;
        calendar.applies_to(metric).then_some(calendar)
    }

    fn values(&self, metric: &Metric) -> Option<&MetricValues> {
        self.of(Kind::of(metric)).metrics.get(&metric.name)
    }
}

impl Complete {
    /// What was stored is looked at again: a parameter that is not declared any more, or as another type, is left out.
    pub fn new(defaults: &Defaults, kind: Kind, values: &Values) -> Complete {
        let parameters = defaults.of(kind).map(|declared| {
            let said = values.parameters.get(&declared.name).and_then(|value| declared.kept(value));
            (declared.name.clone(), said.unwrap_or_else(|| declared.value.clone()))
        });
        let parameters: BTreeMap<String, Value> = parameters.collect();
        let classifications = defaults.classifications_of(kind).iter().filter_map(|name| {
            let said = values.classifications.get(name).or_else(|| defaults.classifications.get(name));
            Some((name.clone(), said?.clone()))
        });
        let calendar = calendar(&parameters);
        Complete { parameters, metrics: values.metrics.clone(), classifications: classifications.collect(), calendar }
    }

    fn with(&self, changed: &BTreeMap<String, Value>) -> Complete {
        let parameters = self.parameters.iter();
        let parameters = parameters.map(|(name, value)| (name.clone(), changed.get(name).unwrap_or(value).clone()));
        let parameters: BTreeMap<String, Value> = parameters.collect();
        let calendar = calendar(&parameters);
        Complete { parameters, calendar, ..self.clone() }
    }
}

/// The calendar that parameters spell. What was checked when it was stored can be read.
fn calendar(parameters: &BTreeMap<String, Value>) -> BusinessCalendar {
    let texts = |name: &str| match parameters.get(name) {
        Some(Value::Texts(texts)) => texts.as_slice(),
        _ => &[],
    };
    BusinessCalendar {
        weekend: business_calendar::weekend(texts("weekend")).unwrap_or_default(),
        holidays: business_calendar::holidays(texts("holidays")).unwrap_or_default(),
        metrics: texts("calendar_metrics").iter().cloned().collect(),
    }
}

/// 32 hexadecimal digits of what segments say.
fn id(segments: &[Segment]) -> String {
    let mut text = String::new();
    for segment in segments {
        text += &format!("{} {:?}\n", segment.starts, segment.from);
        for complete in &segment.complete {
            let Complete { parameters, metrics, classifications, .. } = complete.as_ref();
            text += &format!("{parameters:?} {metrics:?} {classifications:?}\n");
        }
    }
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::profile::Version;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn at(text: &str) -> i64 {
        text.parse::<chrono::DateTime<chrono::Utc>>().expect("an instant").timestamp_micros()
    }

    fn version(from: Option<&str>, json: &str) -> Version {
        Version { from: from.map(day), values: serde_json::from_str(json).expect("values") }
    }

    fn age(segment: &Segment) -> Option<&Value> {
        segment.parameter(Kind::Efficiency, "incident_max_age_seconds")
    }

    #[test]
    fn a_version_is_completed_and_holds_from_its_local_midnight() {
        let defaults = crate::model::defaults();
        let versions = vec![
            version(None, r#"{"parameters":{"incident_max_age_seconds":60}}"#),
            version(Some("2026-03-01"), r#"{"parameters":{"hotfix_label":"^urgent$"}}"#),
        ];
        let profile = Profile { kind: Kind::Efficiency, name: "x".into(), versions };
        let effective = Effective::compose(defaults, [Some(("p-1", &profile)), None, None], Tz::Europe__Berlin);
        assert_eq!(
            (effective.profile(Kind::Efficiency), effective.profile(Kind::Productivity)),
            ("p-1", "PRODUCTIVITY")
        );
        let (before, after) = (effective.at(at("2026-02-28T22:59:59Z")), effective.at(at("2026-02-28T23:00:00Z")));
        assert_eq!((age(before), age(after)), (Some(&Value::Number(60.0)), Some(&Value::Number(604_800.0))));
        let label = |segment: &Segment| segment.parameter(Kind::Productivity, "hotfix_label").cloned();
        assert_eq!(label(before), Some(Value::Text("^hotfix$".into())), "of another kind it is seen too");
        assert_eq!(label(after), Some(Value::Text("^urgent$".into())));
        assert_eq!(effective.within(&(at("2026-02-01T00:00:00Z")..at("2026-02-28T23:00:00Z"))).len(), 1);
        assert_eq!(effective.within(&(at("2026-02-01T00:00:00Z")..at("2026-02-28T23:00:01Z"))).len(), 2);
    }

    #[test]
    fn before_the_first_version_what_is_built_in_holds() {
        let defaults = crate::model::defaults();
        let versions = vec![version(Some("2026-03-01"), r#"{"metrics":{"CHANGE_FAILURE_RATE":{"enabled":false}}}"#)];
        let profile = Profile { kind: Kind::Efficiency, name: "x".into(), versions };
        let effective = Effective::compose(defaults, [Some(("p-1", &profile)), None, None], Tz::UTC);
        let metric = crate::model::metric("CHANGE_FAILURE_RATE").expect("a metric");
        assert!(effective.at(at("2026-02-28T00:00:00Z")).is_on(metric));
        assert!(!effective.at(at("2026-03-01T00:00:00Z")).is_on(metric));
    }

    #[test]
    fn the_same_said_is_the_same_id() {
        let defaults = crate::model::defaults();
        let built_in = Effective::built_in(defaults);
        let same = Profile { kind: Kind::Efficiency, name: "x".into(), versions: vec![version(None, "{}")] };
        let same = Effective::compose(defaults, [Some(("p-1", &same)), None, None], Tz::Europe__Berlin);
        assert_eq!(same.id, built_in.id);
        let sixty = BTreeMap::from([("incident_max_age_seconds".to_owned(), Value::Number(60.0))]);
        let changed = built_in.with(&sixty);
        assert_ne!(changed.id, built_in.id);
        assert_eq!(age(changed.at(0)), Some(&Value::Number(60.0)));
        let usual = BTreeMap::from([("incident_max_age_seconds".to_owned(), Value::Number(604_800.0))]);
        assert_eq!(changed.with(&usual).id, built_in.id);
    }

    #[test]
    fn a_stage_is_bounded_as_a_profile_says() {
        let defaults = crate::model::defaults();
        let json = r#"{"metrics":{"LEAD_TIME_FOR_CHANGES":{"statistic":"P90","stages":
            {"REVIEW":{"from":"ready_at"},"BUILD":{"enabled":false}}}}}"#;
        let profile = Profile { kind: Kind::Efficiency, name: "x".into(), versions: vec![version(None, json)] };
        let effective = Effective::compose(defaults, [Some(("p-1", &profile)), None, None], Tz::UTC);
        let metric = crate::model::metric("LEAD_TIME_FOR_CHANGES").expect("a metric");
        let (now, usual) = (effective.at(0), Effective::built_in(defaults));
        let bounds = |segment: &Segment| -> Vec<String> {
            segment.stages(metric).map(|s| format!("{} {}..{}", s.stage.name, s.from, s.to)).collect()
        };
        assert!(bounds(now).contains(&"REVIEW ready_at..merged_at".to_owned()));
        assert_eq!(bounds(now).len() + 1, bounds(usual.at(0)).len());
        assert_eq!(
            (now.statistic(metric), usual.at(0).statistic(metric)),
            (Some(Statistic::P90), Some(Statistic::Median))
        );
    }

    #[test]
    fn each_kind_has_a_calendar_of_its_own() {
        let defaults = crate::model::defaults();
        let json = r#"{"parameters":{"weekend":["SATURDAY","SUNDAY"]}}"#;
        let profile = Profile { kind: Kind::Productivity, name: "x".into(), versions: vec![version(None, json)] };
        let effective = Effective::compose(defaults, [None, Some(("p-1", &profile)), None], Tz::UTC);
        let rests = |name: &str| effective.at(0).calendar(crate::model::metric(name).expect("a metric")).is_some();
        assert!(rests("PULL_REQUEST_CYCLE_TIME") && !rests("LEAD_TIME_FOR_CHANGES"));
    }
}
