//! Earlier and later versions of rows: what a lake gathers when sources are asked again, late and out of order.

use chrono::Duration;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::record::Row;
use super::world::World;

/// Adds outdated versions (some of another month, some removed then), repeated rows and removals to a world.
pub fn add_versions(world: &mut World, rng: &mut ChaCha8Rng) {
    let far = Duration::days(rng.random_range(-70..=70));
    versions(&mut world.repositories, rng, |r| r.service = Some("former".to_owned()));
    versions(&mut world.accounts, rng, |a| a.kind = if a.kind == Some("BOT") { None } else { Some("BOT") });
    versions(&mut world.pull_requests, rng, |p| {
        p.state = if p.state == "MERGED" { "OPEN" } else { "MERGED" };
        p.created_at = p.created_at.map(|at| at + far);
        p.labels.push("hotfix".to_owned());
    });
    versions(&mut world.pull_request_commits, rng, |c| c.authored_at = c.authored_at.map(|at| at + far));
    versions(&mut world.builds, rng, |b| b.finished_at = b.finished_at.map(|at| at + far));
    versions(&mut world.deployments, rng, |d| {
        d.status = if d.status == "SUCCESS" { "RUNNING" } else { "SUCCESS" };
        d.finished_at = if d.finished_at.is_some() { None } else { d.started_at.map(|at| at + far) };
        d.is_rollback = Some(d.is_rollback != Some(true));
    });
    versions(&mut world.deployment_changes, rng, |c| c.commit.push_str("-old"));
    versions(&mut world.incidents, rng, |i| {
        i.created_at = i.created_at.map(|at| at + far);
        i.resolved_at = None;
    });
    repeat(&mut world.commits, rng);
    repeat(&mut world.deployment_commits, rng);
    repeat(&mut world.reviews, rng);
}

/// Gives some rows a rival: another content with the same time of update. Which of them wins is not told, only that
/// it is the same one in whatever order they come.
pub fn add_rivals(world: &mut World, rng: &mut ChaCha8Rng) {
    rivals(&mut world.pull_requests, rng, |p| p.merged_at = p.merged_at.map(|at| at + Duration::days(3)));
    rivals(&mut world.deployments, rng, |d| d.finished_at = d.finished_at.map(|at| at + Duration::days(3)));
    rivals(&mut world.incidents, rng, |i| i.resolved_at = None);
}

fn versions<T: Clone>(rows: &mut Vec<Row<T>>, rng: &mut ChaCha8Rng, mut spoil: impl FnMut(&mut T)) {
    for place in 0..rows.len() {
        let mut version = rows[place].clone();
        match rng.random_range(0..24) {
            0..=2 => {
                version.updated_at -= Duration::seconds(rng.random_range(1..9_000_000));
                spoil(&mut version.own);
            }
            3 => {
                version.updated_at -= Duration::microseconds(1);
                version.deleted = true;
            }
            4 => {
                version.updated_at += Duration::microseconds(1);
                version.deleted = true;
            }
            5 => version.url = Some("https://example.org/other".to_owned()),
            _ => continue,
        }
        rows.push(version);
    }
    repeat(rows, rng);
}

fn repeat<T: Clone>(rows: &mut Vec<Row<T>>, rng: &mut ChaCha8Rng) {
    for place in 0..rows.len() {
        if rng.random_ratio(1, 15) {
            rows.push(rows[place].clone());
        }
    }
}

fn rivals<T: Clone>(rows: &mut Vec<Row<T>>, rng: &mut ChaCha8Rng, mut alter: impl FnMut(&mut T)) {
    for place in 0..rows.len() {
        if rng.random_ratio(1, 4) {
            let mut rival = rows[place].clone();
            if rng.random_ratio(1, 4) {
                rival.deleted = true;
            } else {
                alter(&mut rival.own);
            }
            rows.push(rival);
        }
    }
}
