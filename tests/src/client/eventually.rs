//! Waiting for what happens by itself, with a deadline instead of a guess.

use std::{fmt::Display, time::Duration};

use tokio::time::{Instant, sleep};

/// Long enough not to disturb what is waited for, too short to be felt.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks until the condition holds.
///
/// # Panics
/// When it does not hold by the deadline; `what` says what was awaited.
pub async fn eventually<F>(deadline: Duration, what: &str, mut condition: F)
where
    F: AsyncFnMut() -> bool,
{
    eventually_ok(deadline, async || if condition().await { Ok(()) } else { Err(what.to_owned()) }).await;
}

/// Asks until there is an answer, and returns it.
///
/// # Panics
/// When there is none by the deadline; the last refusal says what was missing.
#[expect(clippy::panic, reason = "a missed deadline is how a test fails")]
pub async fn eventually_ok<T, E, F>(deadline: Duration, mut question: F) -> T
where
    E: Display,
    F: AsyncFnMut() -> Result<T, E>,
{
    let end = Instant::now() + deadline;
    loop {
        match question().await {
            Ok(answer) => return answer,
            Err(missing) if Instant::now() >= end => panic!("not within {deadline:?}: {missing}"),
            Err(_) => sleep(PAUSE).await,
        }
    }
}
