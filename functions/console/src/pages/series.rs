//! What the Automation Log tells of the last days. Nothing is made up: a day that the log was not read back to is not
//! shown.

use std::collections::BTreeMap;

use jiff::{SignedDuration, civil::Date, tz::TimeZone};
use usher_domain::{
    Timestamp,
    automation::Automation,
    job::{JobState, Task},
};

/// How many days are shown.
const DAYS: i64 = 14;

/// One day's jobs, by the day on which their automation began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Day {
    /// Jobs that are completed.
    pub(super) done: u64,
    /// Jobs that did not complete.
    pub(super) failed: u64,
    /// Jobs that are open.
    pub(super) open: u64,
    /// Seats that were given.
    pub(super) seated: u64,
    /// Seats that were taken back.
    pub(super) unseated: u64,
}

/// The last days, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series {
    pub(super) days: Vec<(Date, Day)>,
}

fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl Series {
    /// Sums up the newest automations. `read_back_to`: there are older ones, so that day was not read to its beginning.
    pub(super) fn of(newest: &[Automation], read_back_to: Option<Timestamp>, now: Timestamp) -> Self {
        let mut days: BTreeMap<Date, Day> = (0..DAYS)
            .map(|back| (date(now - SignedDuration::from_hours(24 * back)), Day::default()))
            .collect();
        for automation in newest {
            if let Some(day) = days.get_mut(&date(automation.created_at)) {
                day.add(automation);
            }
        }
        if let Some(cut) = read_back_to.map(date) {
            days.retain(|day, _| *day > cut);
        }
        Self { days: days.into_iter().collect() }
    }

    /// Whether anything happened on these days.
    pub(super) fn is_empty(&self) -> bool {
        self.days.iter().all(|(_, day)| *day == Day::default())
    }
}

impl Day {
    fn add(&mut self, automation: &Automation) {
        for (state, count) in &automation.counts {
            match state {
                JobState::Done => {
                    self.done += count;
                    match automation.task {
                        Task::AddingUsers => self.seated += count,
                        Task::RemovingUsers => self.unseated += count,
                        _ => {}
                    }
                }
                JobState::Failed => self.failed += count,
                JobState::Superseded | JobState::Cancelled => {}
                _ => self.open += count,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn automation(task: &str, counts: serde_json::Value, at: &str) -> Automation {
        serde_json::from_value(json!({
            "id": "a", "workspace": "main", "integration": "hub", "target": "Hub", "task": task, "counts": counts,
            "cause": {"actor": {"kind": "usher"}, "trigger": "scim", "correlation_id": "c", "at": at},
            "created_at": at, "updated_at": at,
        }))
        .unwrap()
    }

    #[test]
    fn jobs_are_summed_by_day() {
        let rows = [
            automation("removing_users", json!({"done": 2, "failed": 1}), "2026-03-02T09:00:00Z"),
            automation(
                "adding_users",
                json!({"done": 3, "queued": 1, "superseded": 4}),
                "2026-03-01T23:59:00Z",
            ),
        ];
        let series = Series::of(&rows, None, "2026-03-02T10:00:00Z".parse().unwrap());
        assert_eq!(series.days.len(), 14);
        let (_, today) = series.days[13];
        assert_eq!(today, Day { done: 2, failed: 1, unseated: 2, ..Day::default() });
        let (_, yesterday) = series.days[12];
        assert_eq!(yesterday, Day { done: 3, open: 1, seated: 3, ..Day::default() });
    }

    #[test]
    fn a_day_that_was_not_read_to_its_beginning_is_not_shown() {
        let rows = [automation("adding_users", json!({"done": 3}), "2026-03-01T12:00:00Z")];
        let series = Series::of(&rows, Some(rows[0].created_at), "2026-03-02T10:00:00Z".parse().unwrap());
        assert_eq!(series.days.len(), 1, "{series:?}");
        assert!(series.is_empty());
    }
}
