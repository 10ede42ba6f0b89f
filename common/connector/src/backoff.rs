//! When to try again. Nothing here sleeps: a delay becomes the job's due time.

use std::time::Duration;

use usher_domain::Timestamp;

/// The longest delay that an app may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Exponential backoff with full jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest delay after the first attempt; doubles with each.
    pub base: Duration,
    /// The longest delay at all.
    pub cap: Duration,
    /// After how many attempts to give up.
    pub max_attempts: u32,
}

impl Default for Backoff {
    /// Rides out an outage of about two hours.
    fn default() -> Self {
        Self { base: Duration::from_secs(2), cap: Duration::from_secs(15 * 60), max_attempts: 25 }
    }
}

impl Backoff {
    /// The delay after attempt number `attempt` (from 1): random below the doubled base, or what the app
    /// asks for and up to a tenth more, so that not everybody comes back at the same second.
    pub fn delay(&self, attempt: u32, asked: Option<Duration>, random: u64) -> Duration {
        match asked {
            Some(asked) => {
                let asked = asked.min(LONGEST_ASKED);
                asked + share((asked / 10).min(Duration::from_secs(60)), random)
            }
            None => {
                let doubled = 2_u32.checked_pow(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
                share(self.base.saturating_mul(doubled).min(self.cap), random)
            }
        }
    }

    /// Whether the attempts are used up.
    pub fn is_exhausted(&self, attempts: u32) -> bool {
        attempts >= self.max_attempts
    }
}

/// `random` of its range, as a part of `whole`, in milliseconds.
fn share(whole: Duration, random: u64) -> Duration {
    let millis = whole.as_millis() * u128::from(random) / u128::from(u64::MAX);
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

/// Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(LONGEST_ASKED));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_zoned(value).ok()?;
    let seconds = date.timestamp().as_second().saturating_sub(now.as_second()).max(0);
    Some(Duration::from_secs(seconds.unsigned_abs()).min(LONGEST_ASKED))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BACKOFF: Backoff =
        Backoff { base: Duration::from_secs(2), cap: Duration::from_secs(900), max_attempts: 25 };

    #[test]
    fn doubles_up_to_the_cap() {
        let longest = |attempt| BACKOFF.delay(attempt, None, u64::MAX).as_secs();
        assert_eq!([1, 2, 3, 9, 10, 33, 4_000].map(longest), [2, 4, 8, 512, 900, 900, 900]);
        assert_eq!(BACKOFF.delay(5, None, 0), Duration::ZERO);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "1994-11-06T08:00:00Z".parse().unwrap();
        assert_eq!(retry_after("40591", now), Some(Duration::from_secs(40_591)));
        assert_eq!(retry_after(" 7 ", now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 10:49:37 GMT", now), Some(Duration::from_secs(10_177)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 07:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("99999999999", now), Some(LONGEST_ASKED));
        for nonsense in ["", "-3", "soon", "1.5"] {
            assert_eq!(retry_after(nonsense, now), None, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn never_earlier_than_the_app_asks(attempt in 1_u32..100, asked in 0_u64..604_800, random: u64) {
            let delay = BACKOFF.delay(attempt, Some(Duration::from_secs(asked)), random);
            prop_assert!(delay >= Duration::from_secs(asked));
            prop_assert!(delay <= Duration::from_secs(asked + 60));
            prop_assert!(BACKOFF.delay(attempt, None, random) <= BACKOFF.cap);
        }
    }
}
