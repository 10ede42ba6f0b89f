//! How many requests each workspace sends, counted in this process and recorded now and then.
//!
//! Each process records how many it has let in on a day so far, in a row of its own. What was counted since the last record
//! is lost when a process dies; never is anything counted twice. A process that is ended in order records before
//! ([`crate::App::record_requests`]).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use usher_domain::Timestamp;
use usher_domain::id::WorkspaceId;
use usher_domain::ports::{RequestMeter, StoreResult};
use usher_domain::usage::day_of;

/// How long a process counts before it records.
const RECORD_AFTER_MS: i64 = 60_000;

/// What a process counted.
pub(crate) struct Requests {
    /// The process's own part of its rows' keys.
    process: String,
    counted: Mutex<HashMap<(WorkspaceId, Date), Count>>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    requests: u64,
    recorded: u64,
    recorded_at: Timestamp,
}

/// A number that is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    workspace: WorkspaceId,
    day: Date,
    requests: u64,
}

impl Requests {
    pub(crate) fn of(process: String) -> Self {
        Self { process, counted: Mutex::default() }
    }

    /// Counts a request, and tells what is to be recorded when it is time for that. The first request of a day is recorded
    /// at once: many a process serves no other.
    pub(crate) fn count(&self, workspace: &WorkspaceId, now: Timestamp) -> Option<Record> {
        let day = day_of(now);
        let mut counted = self.lock();
        let count = counted.entry((workspace.clone(), day)).or_insert(Count {
            requests: 0,
            recorded: 0,
            recorded_at: Timestamp::MIN,
        });
        count.requests += 1;
        if now.as_millisecond() - count.recorded_at.as_millisecond() < RECORD_AFTER_MS {
            return None;
        }
        // Others need not record it as well; where it fails, what is missing is in the next one.
        count.recorded_at = now;
        Some(Record { workspace: workspace.clone(), day, requests: count.requests })
    }

    /// Everything that is not recorded.
    fn open(&self) -> Vec<Record> {
        let counted = self.lock();
        let open = counted.iter().filter(|(_, count)| count.requests > count.recorded);
        open.map(|((workspace, day), count)| Record {
            workspace: workspace.clone(),
            day: *day,
            requests: count.requests,
        })
        .collect()
    }

    fn recorded(&self, record: &Record) {
        let mut counted = self.lock();
        if let Some(count) = counted.get_mut(&(record.workspace.clone(), record.day)) {
            count.recorded = count.recorded.max(record.requests);
        }
        // Of days that are over nothing comes any more.
        counted.retain(|(_, day), count| *day >= record.day || count.requests > count.recorded);
    }

    /// Records a number. A request is answered whether or not it could be counted.
    pub(crate) async fn record(&self, store: &dyn RequestMeter, record: Option<Record>, now: Timestamp) {
        let Some(record) = record else { return };
        if let Err(error) = self.put(store, &record, now).await {
            tracing::warn!(workspace = %record.workspace, %error, "requests were not recorded; the next record has them");
        }
    }

    /// Records everything that is not.
    pub(crate) async fn record_all(&self, store: &dyn RequestMeter, now: Timestamp) -> StoreResult<()> {
        for record in self.open() {
            self.put(store, &record, now).await?;
        }
        Ok(())
    }

    async fn put(&self, store: &dyn RequestMeter, record: &Record, now: Timestamp) -> StoreResult<()> {
        let Record { workspace, day, requests } = record;
        store.put_requests(workspace, *day, &self.process, *requests, now).await?;
        self.recorded(record);
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(WorkspaceId, Date), Count>> {
        // A poisoned lock only means that another request panicked; the map itself is whole.
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + seconds).unwrap()
    }

    #[test]
    fn a_record_a_minute_tells_how_many_there_were() {
        let requests = Requests::of("p".to_owned());
        let main: WorkspaceId = "main".parse().unwrap();
        let recorded: Vec<_> = (0..=120).filter_map(|second| requests.count(&main, at(second))).collect();
        assert_eq!(recorded.iter().map(|record| record.requests).collect::<Vec<_>>(), [1, 61, 121]);
        let other = "other".parse().unwrap();
        assert_eq!(requests.count(&other, at(120)).unwrap().requests, 1, "each workspace by itself");
        let tomorrow = requests.count(&main, at(86_400)).unwrap();
        assert_eq!((tomorrow.requests, tomorrow.day), (1, "2026-01-02".parse().unwrap()));
    }

    #[test]
    fn what_is_not_recorded_stays_open() {
        let requests = Requests::of("p".to_owned());
        let main: WorkspaceId = "main".parse().unwrap();
        let first = requests.count(&main, at(0)).unwrap();
        requests.recorded(&first);
        assert_eq!(requests.open(), []);
        assert_eq!(requests.count(&main, at(1)), None);
        assert_eq!(requests.open()[0].requests, 2);
        // A failed record is made up for by the next one.
        let second = requests.count(&main, at(60)).unwrap();
        assert_eq!(requests.open(), std::slice::from_ref(&second));
        requests.recorded(&second);
        assert_eq!(requests.open(), []);
        // Yesterday is forgotten once today is recorded.
        let today = requests.count(&main, at(86_400)).unwrap();
        requests.recorded(&today);
        assert_eq!(requests.lock().len(), 1);
    }
}
