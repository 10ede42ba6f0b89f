//! When a delivery that was not accepted is sent again: soon, then further and further apart, for about a day.

use std::time::Duration;

/// What lies between attempts, in seconds: five seconds to eight hours, a little more than a day in all.
const DELAYS: [u64; 7] = [5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 9 * 3_600, 9 * 3_600];
/// How often a delivery is sent at most.
pub const MAX_ATTEMPTS: u32 = DELAYS.len() as u32 + 1;
/// The longest delay that a receiver may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(9 * 3_600);

/// The delay after attempt number `attempt` (from 1); `None` when it was the last. A tenth more or less by `random`, so that
/// what failed together does not come back together; and never sooner than the receiver asked for.
pub fn next_attempt(attempt: u32, asked: Option<Duration>, random: u64) -> Option<Duration> {
    let place = usize::try_from(attempt).ok()?.checked_sub(1)?;
    let delay = Duration::from_secs(*DELAYS.get(place)?);
    let spread = delay / 5;
    let share = u128::from(random) * spread.as_millis() / u128::from(u64::MAX);
    let jittered = delay - spread / 2 + Duration::from_millis(u64::try_from(share).unwrap_or(0));
    Some(asked.map_or(jittered, |asked| jittered.max(asked.min(LONGEST_ASKED))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_spread_over_a_day_and_end() {
        for random in [0, u64::MAX / 2, u64::MAX] {
            let delays: Vec<Duration> =
                (1..).map_while(|attempt| next_attempt(attempt, None, random)).collect();
            assert_eq!(delays.len() + 1, MAX_ATTEMPTS as usize);
            assert!(delays[0] < Duration::from_secs(6) && delays.is_sorted());
            let hours = delays.iter().sum::<Duration>().as_secs() / 3_600;
            assert!((22..=29).contains(&hours), "{hours}");
        }
        assert_ne!(next_attempt(2, None, 0), next_attempt(2, None, u64::MAX));
    }

    #[test]
    fn a_receiver_is_not_asked_sooner_than_it_wants() {
        let minute = Duration::from_secs(60);
        assert_eq!(next_attempt(1, Some(minute), 0), Some(minute));
        assert!(next_attempt(2, Some(minute), 0) > Some(minute));
        assert_eq!(next_attempt(1, Some(Duration::MAX), 0), Some(LONGEST_ASKED));
    }
}
