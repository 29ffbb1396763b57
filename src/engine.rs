//! The engine room: a runtime of its own for plans, so that doors and health stay responsive while cores compute, and a
//! queue before it, so that memory is shared by few plans at a time. What a plan is, the rooms know.

use std::{future::Future, sync::Arc, time::Instant};

use anyhow::{Context, Result, anyhow};
use datafusion::execution::{
    memory_pool::{FairSpillPool, MemoryPool, TrackConsumersPool},
    runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
};
use tokio::{runtime::Runtime, sync::Semaphore};
use tokio_util::task::AbortOnDropHandle;

/// Facts are built from a pool of their own, and what no pool sees (decoding, answers, caches) needs room too.
const POOL_SHARE: f64 = 0.5;
/// How many of the largest consumers an error for want of memory names.
const NAMED_CONSUMERS: usize = 5;

/// Where plans run. Cheap to clone; the runtime stops with the last clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    turns: Semaphore,
    environment: Arc<RuntimeEnv>,
}

impl Engine {
    /// A runtime with `threads` workers that runs `at_once` plans at a time within `memory_bytes`.
    ///
    /// # Errors
    /// When the machine gives no threads.
    pub fn new(threads: usize, at_once: usize, memory_bytes: u64) -> Result<Engine> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .thread_name("engine")
            .enable_all()
            .build()
            .context("cannot start the engine's threads")?;
        let pool = FairSpillPool::new((memory_bytes as f64 * POOL_SHARE) as usize);
        let named = std::num::NonZeroUsize::new(NAMED_CONSUMERS).expect("it is not zero");
        let pool: Arc<dyn MemoryPool> = Arc::new(TrackConsumersPool::new(pool, named));
        let environment = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc()?;
        Ok(Engine(Arc::new(Inner { runtime: Some(runtime), turns: Semaphore::new(at_once.max(1)), environment })))
    }

    /// Memory pool and disk space that every session of this process shares.
    pub fn environment(&self) -> Arc<RuntimeEnv> {
        self.0.environment.clone()
    }

    /// Runs work on the engine's threads when its turn comes. Dropping the future stops the work.
    ///
    /// # Errors
    /// The work's own, or that it panicked.
    pub async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let asked = Instant::now();
        let _turn = self.0.turns.acquire().await.context("the engine has stopped")?;
        metrics::histogram!("throughline_plan_wait_seconds").record(asked.elapsed().as_secs_f64());
        metrics::counter!("throughline_plans_total").increment(1);
        let started = Instant::now();
        let runtime = self.0.runtime.as_ref().context("the engine has stopped")?;
        let outcome = AbortOnDropHandle::new(runtime.spawn(work)).await;
        metrics::histogram!("throughline_plan_seconds").record(started.elapsed().as_secs_f64());
        outcome.map_err(|failure| anyhow!("the engine's work failed: {failure}"))?
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // A runtime may not be waited for inside another.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use super::*;

    #[tokio::test]
    async fn work_waits_for_its_turn() {
        let engine = Engine::new(2, 1, 1 << 30).unwrap();
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let works = (0..4).map(|_| {
            let (running, most) = (running.clone(), most.clone());
            engine.run(async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(std::thread::current().name().map(str::to_owned))
            })
        });
        for name in futures::future::try_join_all(works).await.unwrap() {
            assert_eq!(name.as_deref(), Some("engine"));
        }
        assert_eq!(most.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn dropping_stops_the_work_and_frees_the_turn() {
        let engine = Engine::new(1, 1, 1 << 30).unwrap();
        let token = tokio_util::sync::CancellationToken::new();
        let guard = token.clone().drop_guard();
        let endless = engine.run(async move {
            let _guard = guard;
            std::future::pending::<Result<()>>().await
        });
        assert!(tokio::time::timeout(Duration::from_millis(50), endless).await.is_err());
        tokio::time::timeout(Duration::from_secs(5), token.cancelled()).await.expect("the work was dropped");
        assert_eq!(engine.run(async { Ok(7) }).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_panic_is_an_error() {
        let engine = Engine::new(1, 1, 1 << 30).unwrap();
        assert!(engine.run::<(), _>(async { panic!("ouch") }).await.is_err());
        assert_eq!(engine.run(async { Ok(7) }).await.unwrap(), 7);
    }
}
