//! How many requests a piece of work sends to its app. Counted where they are sent, for whatever runs meanwhile in the same
//! task: no connector can forget it.

use std::{cell::Cell, future::Future};

tokio::task_local! {
    static SENT: Cell<u64>;
}

/// Runs some work, and answers how many requests it sent besides what it came to.
pub(crate) async fn counted<T>(work: impl Future<Output = T>) -> (T, u64) {
    // On the heap: a job is a large future, and each layer around it would hold it again.
    let work = Box::pin(work);
    SENT.scope(Cell::new(0), async {
        let result = work.await;
        (result, SENT.with(Cell::get))
    })
    .await
}

/// Counts a request that is sent now. Outside of such work, as in tests of a client, nobody asks.
pub(super) fn sends_one() {
    let _ = SENT.try_with(|sent| sent.set(sent.get() + 1));
}

/// How many requests the work under way has sent since this was asked before.
pub(crate) fn taken() -> u64 {
    SENT.try_with(Cell::take).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_piece_of_work_counts_its_own() {
        let work = |requests: u64| async move {
            for _ in 0..requests {
                tokio::task::yield_now().await;
                sends_one();
            }
        };
        sends_one();
        let (two, three) = tokio::join!(counted(work(2)), counted(work(3)));
        assert_eq!((two.1, three.1, taken()), (2, 3, 0));
    }

    #[tokio::test]
    async fn what_was_taken_is_not_counted_again() {
        let work = async {
            sends_one();
            sends_one();
            let first = taken();
            sends_one();
            (first, taken())
        };
        assert_eq!(counted(work).await, ((2, 1), 0));
    }
}
