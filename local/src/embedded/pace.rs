//! When a call of the store is carried out, and whether: the simulation decides it, call by call.

use futures::future::BoxFuture;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is carried out and answered.
    Answered,
    /// It is not carried out, and an error is answered.
    Refused,
    /// It is carried out, and the answer is lost.
    AnswerLost,
}

/// Decides over each call, on the thread that makes it.
pub trait Pace: Send + Sync {
    /// Comes when the call may go on.
    fn turn(&self, operation: &str) -> BoxFuture<'static, Fate>;

    /// How many of the latest writes an index does not show to whoever asks it now; `None` where indexes follow at once.
    fn unseen(&self) -> Option<usize>;
}
