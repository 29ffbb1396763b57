//! What happens by itself: intake, a look at the lake and at its own metrics, maintenance. Each job runs alone, fails alone, is logged here, and
//! stops when the server does.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    api::{Definitions, http},
    app::App,
    clock::Clock,
    lake::{Lake, compact},
    model,
    people::import,
    query::facts,
};

/// How long facts of older snapshots are kept: well over the longest query.
const FACTS_KEPT: chrono::TimeDelta = chrono::TimeDelta::hours(1);

/// Starts the jobs. The tracker is closed: waiting for it waits until all have stopped.
pub fn start(app: Arc<App>, shutdown: CancellationToken) -> TaskTracker {
    let tracker = TaskTracker::new();
    let config = &app.config;
    let (retention, maintenance) = (config.vacuum_retention, config.maintenance_interval);
    let jobs = app.clone();
    tracker.spawn(every("intake", config.intake_interval, shutdown.clone(), move || take_in(jobs.clone())));
    let lake = app.lake.clone();
    tracker.spawn(every("refresh", config.refresh_interval, shutdown.clone(), move || refresh(lake.clone())));
    let definitions = app.definitions().clone();
    let look = move || look_at_definitions(definitions.clone());
    tracker.spawn(every("definitions", config.reload_interval, shutdown.clone(), look));
    let lake = app.lake.clone();
    tracker.spawn(every("maintenance", maintenance, shutdown.clone(), move || maintain(lake.clone(), retention)));
    tracker.spawn(every("metrics", http::METRICS_UPKEEP, shutdown, || async {
        http::metrics_upkeep();
        Ok(())
    }));
    tracker.close();
    tracker
}

/// Joins small files, then removes what no version needs any more, and facts of older snapshots.
///
/// # Errors
/// The first table's that fails; the others are done nevertheless.
async fn maintain(lake: Lake, retention: Duration) -> Result<()> {
    let mut outcome = Ok(());
    for table in model::tables() {
        let done = async {
            let compacted = compact::compact(&lake, table).await?;
            if compacted.version.is_some() {
                let (before, after) = (compacted.files_before, compacted.files_after);
                tracing::info!(table = table.name, before, after, "compacted");
            }
            compact::vacuum(&lake, table, chrono::TimeDelta::from_std(retention)?).await
        };
        match done.await {
            Ok(vacuumed) if vacuumed.files > 0 => {
                tracing::info!(table = table.name, files = vacuumed.files, "vacuumed")
            }
            Ok(_) => {}
            Err(failure) => outcome = outcome.and(Err(failure.context(format!("table {}", table.name)))),
        }
    }
    let now = Clock::System.now();
    let swept =
        facts::sweep(&lake, &*lake.snapshot().await?, now, FACTS_KEPT).await.context("facts cannot be swept")?;
    tracing::debug!(swept, "facts");
    let swept = import::sweep(&lake, now).await.context("uploads that nobody approved cannot be swept")?;
    tracing::debug!(swept, "uploads");
    outcome
}

/// Takes in what was dropped, then builds the facts anew, so that nobody's question has to wait for them.
async fn take_in(app: Arc<App>) -> Result<()> {
    let is_changed = AtomicBool::new(false);
    let outcome = app.intake_telling(|progress| {
        for ingestion in &progress.news {
            tracing::info!(file = ingestion.file, status = %ingestion.status, "intake");
            is_changed.fetch_or(!ingestion.is_refused(), Ordering::Relaxed);
        }
    });
    let outcome = outcome.await;
    // A run that failed may have applied files before.
    if is_changed.into_inner() {
        let catalogue = Arc::clone(&app.definitions().served().catalogue);
        app.engine().build_facts(&app.lake.snapshot().await?, &catalogue).await.context("facts cannot be built")?;
    }
    outcome.map(drop)
}

async fn refresh(lake: Lake) -> Result<()> {
    lake.refresh().await.map(drop).context("the lake cannot be read")
}

async fn look_at_definitions(definitions: Definitions) -> Result<()> {
    definitions.look().await.map(drop).context("the lake's own metrics cannot be read")
}

/// Zero: never. A run that takes longer than the interval delays the next one. A stop waits for no run: whatever is cut off, the
/// lake's commits make it safe.
async fn every<F>(name: &'static str, length: Duration, shutdown: CancellationToken, run: impl Fn() -> F)
where
    F: Future<Output = Result<()>>,
{
    if length.is_zero() {
        return;
    }
    let mut ticks = interval(length);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            outcome = run() => if let Err(failure) = outcome {
                metrics::counter!("throughline_job_failures_total", "job" => name).increment(1);
                tracing::error!(job = name, "{failure:#}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_job_goes_on_after_a_failure_and_stops_at_shutdown() {
        let (runs, shutdown) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
        let (counted, stop) = (runs.clone(), shutdown.clone());
        let job = every("test", Duration::from_millis(1), shutdown, move || {
            if counted.fetch_add(1, Ordering::SeqCst) == 2 {
                stop.cancel();
            }
            async { anyhow::bail!("this run fails") }
        });
        tokio::time::timeout(Duration::from_secs(10), job).await.expect("the job stops");
        assert_eq!(runs.load(Ordering::SeqCst), 3);
        every("off", Duration::ZERO, CancellationToken::new(), || async { panic!("off means off") }).await;
    }
}
