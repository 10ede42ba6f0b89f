//! Everything that a run draws from its seed: chance, time, ids, and the turns of the store's calls.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    task::Poll,
};

use futures::future::BoxFuture;
use jiff::Timestamp;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use usher_domain::ports::{Clock, Ids};
use usher_local::embedded::{Fate, Pace};

/// The run's chance, clock and faults; one for all parts, so that a seed replays a run.
#[derive(Clone)]
pub(super) struct Chance {
    rng: Arc<Mutex<StdRng>>,
    millis: Arc<AtomicI64>,
    chaos: Arc<AtomicBool>,
    lags: Arc<AtomicBool>,
    written: Arc<AtomicBool>,
}

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            rng: Arc::new(Mutex::new(StdRng::seed_from_u64(seed))),
            millis: Arc::new(AtomicI64::new(1_767_225_600_000)),
            chaos: Arc::new(AtomicBool::new(false)),
            lags: Arc::new(AtomicBool::new(false)),
            written: Arc::new(AtomicBool::new(true)),
        }
    }

    fn with<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.rng.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A number below `bound`.
    pub(super) fn below(&self, bound: usize) -> usize {
        self.with(|rng| rng.random_range(0..bound))
    }

    /// True so many times in a thousand.
    pub(super) fn in_thousand(&self, times: u32) -> bool {
        self.with(|rng| rng.random_ratio(times, 1_000))
    }

    /// The same, while faults happen.
    pub(super) fn fault(&self, times_in_thousand: u32) -> bool {
        self.chaos.load(Ordering::SeqCst) && self.in_thousand(times_in_thousand)
    }

    /// One of these.
    pub(super) fn one<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        self.with(|rng| of.choose(rng))
    }

    /// Lets faults happen, or ends them.
    pub(super) fn set_chaos(&self, on: bool) {
        self.chaos.store(on, Ordering::SeqCst);
    }

    /// Lets indexes follow late while faults happen.
    pub(super) fn set_lags(&self, on: bool) {
        self.lags.store(on, Ordering::SeqCst);
    }

    pub(super) fn millis(&self) -> i64 {
        self.millis.load(Ordering::SeqCst)
    }

    pub(super) fn advance(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// Whether something was written since this was asked last.
    pub(super) fn take_written(&self) -> bool {
        self.written.swap(false, Ordering::SeqCst)
    }
}

/// Gives every other task a chance to go first; also where a task may be killed.
pub(super) async fn turn() {
    let mut waited = false;
    poll_fn(|context| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Pace for Chance {
    fn turn(&self, operation: &str) -> BoxFuture<'static, Fate> {
        let this = self.clone();
        let writes = matches!(operation, "TransactWriteItems" | "PutItem" | "DeleteItem");
        Box::pin(async move {
            turn().await;
            if writes {
                this.written.store(true, Ordering::SeqCst);
            }
            match (this.fault(10), writes) {
                (false, _) => Fate::Answered,
                (true, true) if this.in_thousand(500) => Fate::AnswerLost,
                (true, _) => Fate::Refused,
            }
        })
    }

    /// A few mostly, sometimes very many.
    fn unseen(&self) -> Option<usize> {
        if !self.lags.load(Ordering::SeqCst) || !self.chaos.load(Ordering::SeqCst) {
            return None;
        }
        let most = if self.in_thousand(300) { 400 } else { 20 };
        Some(self.below(most))
    }
}

impl Clock for Chance {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.millis()).unwrap()
    }
}

impl Ids for Chance {
    fn uuid(&self) -> uuid::Uuid {
        uuid::Builder::from_random_bytes(self.with(|rng| rng.random())).into_uuid()
    }

    fn secret(&self) -> [u8; 32] {
        self.with(|rng| rng.random())
    }
}
