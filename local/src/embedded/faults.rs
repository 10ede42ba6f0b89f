//! Cuts the store off after so many writes: what a process that is killed there leaves behind.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// How many writes are still let through; by default all.
#[derive(Debug, Clone)]
pub struct Faults(Arc<AtomicU64>);

impl Default for Faults {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(u64::MAX)))
    }
}

impl Faults {
    /// Lets so many more writes through, and fails every one after.
    pub fn cut_after(&self, writes: u64) {
        self.0.store(writes, Ordering::SeqCst);
    }

    /// Lets everything through again, and answers how many writes were left: 0 when some were cut off, or
    /// would have been.
    pub fn mend(&self) -> u64 {
        self.0.swap(u64::MAX, Ordering::SeqCst)
    }

    /// Whether this write is cut off.
    pub(super) fn cut(&self) -> bool {
        let left = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| match left {
            u64::MAX => Some(left),
            left => left.checked_sub(1),
        });
        left.is_err()
    }
}
