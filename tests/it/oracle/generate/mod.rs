//! Random small lakes, from a seed. Each has what a number could be wrong about: ties, skewed clocks, missing milestones,
//! bots, branches, several environments, late updates, removed rows. Leaves instants to `moments` and commits to
//! `history`.

mod code;
mod commits;
mod issues;
mod operations;
mod sprints;

use chrono::Duration;
use chrono_tz::Tz;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::history::History;
use super::moments::Moments;
use super::record::{At, Row};
use super::rest::Rest;
use super::versions::add_versions;
use super::world::*;

/// A world, the zone and instant it is built around, and what time it is for those who ask.
pub struct Scenario {
    pub world: World,
    pub zone: Tz,
    pub scene: At,
    pub now: At,
    pub rest: Rest,
}

/// The scenario of a seed.
pub fn scenario(seed: u64) -> Scenario {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let moments = Moments::new(&mut rng);
    let now = if rng.random_ratio(1, 3) { moments.scene } else { moments.scene + Duration::days(60) };
    let calm = rng.random_ratio(1, 2);
    let mut author = Author { rng, moments, world: World::default(), repositories: Vec::new(), calm };
    author.people();
    author.repositories();
    author.issues();
    author.sprints();
    for number in 0..author.repositories.len() {
        author.pull_requests(number);
    }
    let most = *[3, 12, 25, 25].choose(&mut author.rng).expect("not empty");
    for _ in 0..author.rng.random_range(1..=most) {
        author.deployment();
    }
    for _ in 0..author.rng.random_range(1..=10) {
        author.incident();
    }
    let Author { mut rng, mut moments, mut world, .. } = author;
    let now = if rng.random_ratio(1, 4) { moments.draw(&mut rng) } else { now };
    add_versions(&mut world, &mut rng);
    let rest = Rest::draw(&mut rng, moments.scene);
    Scenario { world, zone: moments.zone, scene: moments.scene, now, rest }
}

/// A repository with its commits; a blind one's deployments carry none.
struct Home {
    source: &'static str,
    name: String,
    service: Option<String>,
    blind: bool,
    history: History,
}

struct Author {
    rng: ChaCha8Rng,
    moments: Moments,
    world: World,
    repositories: Vec<Home>,
    /// Most deployments succeed, go to one environment and come from one repository: streams are long.
    calm: bool,
}

impl Author {
    fn one_in(&mut self, of: u32) -> bool {
        self.rng.random_ratio(1, of)
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from.choose(&mut self.rng).expect("something to pick from").clone()
    }

    fn moment(&mut self) -> At {
        self.moments.draw(&mut self.rng)
    }

    fn after(&mut self, at: At, hours: i64) -> At {
        self.moments.after(&mut self.rng, at, hours)
    }

    /// A row whose last update came long after all that it tells.
    fn row<T>(&mut self, source: &str, id: impl ToString, own: T) -> Row<T> {
        let updated_at = self.moments.scene + Duration::days(200) + Duration::seconds(self.rng.random_range(0..90_000));
        Row { source: source.to_owned(), id: id.to_string(), updated_at, deleted: false, url: None, own }
    }

    fn people(&mut self) {
        let accounts = [
            ("github", "ann", Some("USER")),
            ("github", "ann", Some("USER")),
            ("github", "bob", None),
            ("github", "ci", Some("BOT")),
            ("github", "deps[bot]", None),
            ("gitlab", "ci", Some("USER")),
            ("gitlab", "gina", None),
            ("gitlab", "robo", Some("BOT")),
            ("tracker", "ann", Some("USER")),
            ("tracker", "gina", None),
            ("tracker", "triage", Some("BOT")),
        ];
        for (number, (source, login, kind)) in accounts.into_iter().enumerate() {
            let row = self.row(source, number, Account { login: login.to_owned(), kind, ..Account::default() });
            self.world.accounts.push(row);
        }
    }

    fn repositories(&mut self) {
        for number in 0..self.rng.random_range(2..=4) {
            let name = format!("acme/{}", ["app", "lib", "web", "api"][number]);
            let service = self.pick(&[Some("checkout"), Some("checkout"), Some("search"), None]).map(str::to_owned);
            let project = self.pick(&[Some("shop"), Some("shop"), Some("ops"), None]).map(str::to_owned);
            let source = if number == 3 { "gitlab" } else { "github" };
            let own = Repository { name: name.clone(), default_branch: Some("main".to_owned()), service, project };
            let service = own.service.clone();
            let row = self.row(source, number, own.clone());
            self.world.repositories.push(row);
            if self.one_in(5) {
                let other = self.row("argo", number, own);
                self.world.repositories.push(other);
            }
            let begun = self.moments.scene - Duration::days(400);
            let history = History::new(source, &name, begun);
            let blind = self.one_in(if self.calm { 8 } else { 4 });
            self.repositories.push(Home { source, name, service, blind, history });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::super::facts::facts;
    use super::super::files::landing_files;
    use super::*;

    #[test]
    fn worlds_hold_what_they_are_for() {
        let mut rules = BTreeMap::new();
        let mut causes = BTreeSet::new();
        let mut resting = 0;
        let (mut negative, mut several, mut failed, mut rework, mut bots) = (0, 0, 0, 0, 0);
        for seed in 0..40 {
            let scenario = scenario(seed);
            resting += usize::from(scenario.rest != Rest::default());
            let facts = facts(&scenario.world);
            for change in &facts.changes {
                *rules.entry(format!("{:?}", change.rule)).or_insert(0) += 1;
            }
            causes.extend(facts.incidents.iter().map(|i| format!("{:?}", i.rule)));
            negative +=
                facts.changes.iter().filter(|c| c.deployed_at.is_some() && c.deployed_at < c.pull.merged_at).count();
            bots += facts.changes.iter().filter(|c| c.pull.bot && c.deployed_at.is_some()).count();
            several += facts.deployments.iter().filter(|d| d.repositories.len() > 1).count();
            failed += facts.deployments.iter().filter(|d| d.failed).count();
            rework += facts.deployments.iter().filter(|d| d.rework).count();
        }
        assert_eq!(rules.len(), 5, "EXPLICIT, COMMIT, ANCESTRY, TIME and none: {rules:?}");
        assert!(rules.values().all(|count| *count > 10), "{rules:?}");
        assert_eq!(causes.len(), 4, "EXPLICIT, ROLLBACK, LATEST and none: {causes:?}");
        assert!((10..30).contains(&resting), "{resting}");
        assert!([negative, several, failed, rework, bots].iter().all(|count| *count > 5));
    }

    #[test]
    fn a_seed_makes_one_world_and_its_files_hold_every_row() {
        for seed in 0..5 {
            let world = scenario(seed).world;
            assert_eq!(world, scenario(seed).world);
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let rows: usize = landing_files(&world, &mut rng, 3).iter().map(|file| file.rows.num_rows()).sum();
            assert_eq!(rows, world.len());
        }
    }
}
