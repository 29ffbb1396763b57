//! Days on which somebody wrote code, each in the calendar of where its author was.

use chrono::{Duration, NaiveDate, NaiveTime};
use throughline::model::Dimension;

use super::choices::Choices;
use super::facts::{Facts, is_bot};
use super::item::Item;
use super::pulls::home;
use super::world::World;

/// A day of one account in one repository.
#[derive(Debug, Clone, PartialEq)]
pub struct Coded {
    pub source: String,
    pub author: String,
    pub bot: bool,
    pub repository: String,
    pub service: Option<String>,
    pub project: Option<String>,
    pub day: NaiveDate,
}

/// Every such day, once.
pub fn coded(world: &World) -> Vec<Coded> {
    let mut days: Vec<Coded> = Vec::new();
    for commit in &world.commits {
        let own = &commit.own;
        let (Some(at), false) = (own.authored_at, own.is_merge.unwrap_or(own.parents.len() > 1)) else { continue };
        let home = home(world, &own.repository);
        let day = Coded {
            source: commit.source.clone(),
            author: own.author.clone(),
            bot: is_bot(world, &commit.source, &own.author),
            repository: own.repository.clone(),
            service: home.and_then(|r| r.service.clone()),
            project: home.and_then(|r| r.project.clone()),
            day: (at + Duration::minutes(own.authored_offset_minutes.unwrap_or(0))).date_naive(),
        };
        if !days.contains(&day) {
            days.push(day);
        }
    }
    days
}

impl Facts {
    /// Days with code. Grouped by account and day: the accounts of one person are one group where they are known.
    pub fn coding_days(&self, _: &Choices) -> Vec<Item> {
        let item = |day: &Coded| {
            let mut item = Item::new(day.day.and_time(NaiveTime::MIN).and_utc(), Some(1.0))
                .of(&day.source, Some(&day.author), Some(day.bot))
                .with(Dimension::Repository, [day.repository.clone()])
                .with(Dimension::Service, day.service.clone())
                .with(Dimension::Project, day.project.clone());
            item.is_day = true;
            item.group = day.day.to_string();
            item.place = [
                ("project", day.project.iter().cloned().collect()),
                ("repository", vec![day.repository.clone()]),
                ("service", day.service.iter().cloned().collect()),
            ]
            .into();
            item
        };
        self.coded.iter().map(item).collect()
    }
}
