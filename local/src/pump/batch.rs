//! What becomes of a batch of stream records: handled, tried again, split, or given up.

use std::{
    collections::VecDeque,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::json;

use super::SetAside;
use crate::{
    embedded::Record,
    function::{Failure, Function, batch_failures},
    template::StreamMapping,
};

/// How long a batch that failed waits, times the number of tries.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// One of the ways that run beside each other, each with partitions of its own.
#[derive(Clone, Copy)]
pub(super) struct Lane<'a> {
    pub(super) mapping: &'a StreamMapping,
    pub(super) function: &'a dyn Function,
    pub(super) set_aside: &'a SetAside,
}

/// Records that are delivered together.
struct Batch {
    records: Vec<Record>,
    tries: u32,
}

impl Lane<'_> {
    /// Delivers records until each is handled or set aside.
    pub(super) async fn deliver(self, records: Vec<Record>) {
        let mut batches = VecDeque::from([Batch { records, tries: 0 }]);
        while let Some(mut batch) = batches.pop_front() {
            if batch.records.is_empty() {
                continue;
            }
            if self.too_old(&batch.records[0]) {
                self.set_aside.put(self.mapping, "RecordAgeExceeded", &batch.records);
                continue;
            }
            let Some(handled) = self.invoke(&batch.records).await else { continue };
            batch.records.drain(..handled);
            // What comes again after others were handled is another batch.
            batch.tries = if handled > 0 { 1 } else { batch.tries + 1 };
            if self.mapping.bisect && handled == 0 && batch.records.len() > 1 {
                // A split is not a retry: a poison record is alone before its retries are counted.
                let second = batch.records.split_off(batch.records.len() / 2);
                batches.push_front(Batch { records: second, tries: 0 });
                batches.push_front(Batch { records: batch.records, tries: 0 });
            } else if batch.tries > self.mapping.retries {
                self.set_aside.put(self.mapping, "RetryAttemptsExhausted", &batch.records);
            } else {
                tokio::time::sleep(RETRY_PAUSE * batch.tries).await;
                batches.push_front(batch);
            }
        }
    }

    /// Invokes the function. `None` when all records were handled, otherwise how many were before the first that was
    /// not.
    async fn invoke(self, records: &[Record]) -> Option<usize> {
        let event = json!({ "Records": records.iter().map(|record| &record.event).collect::<Vec<_>>() });
        let answered = self.function.invoke(&event).await.and_then(|answer| batch_failures(&answer));
        match answered.and_then(|failed| first_failed(records, &failed)) {
            Ok(first) => first,
            Err(error) => {
                tracing::warn!(%error, records = records.len(), "a batch of the stream is delivered again");
                Some(0)
            }
        }
    }

    fn too_old(self, record: &Record) -> bool {
        let created = record.event["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or(f64::MAX);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        now.as_secs_f64() - created > self.mapping.max_age.as_secs_f64()
    }
}

/// The place of the earliest record that is named; Lambda delivers everything from there on again.
fn first_failed(records: &[Record], failed: &[String]) -> Result<Option<usize>, Failure> {
    let place = |id: &String| records.iter().position(|record| record.sequence.to_string() == *id);
    let places: Option<Vec<usize>> = failed.iter().map(place).collect();
    let unknown = || Failure::Failed("the answer names a record that was not in the batch".to_owned());
    Ok(places.ok_or_else(unknown)?.into_iter().min())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use async_trait::async_trait;
    use serde_json::Value;

    use super::*;

    /// Fails for one record: by its answer, or by ending.
    struct Planner {
        poison: u128,
        crashes: bool,
        invocations: Mutex<Vec<Vec<u128>>>,
    }

    #[async_trait]
    impl Function for Planner {
        async fn invoke(&self, event: &Value) -> Result<Value, Failure> {
            let records = event["Records"].as_array().unwrap();
            let numbers: Vec<u128> = records
                .iter()
                .map(|it| it["dynamodb"]["SequenceNumber"].as_str().unwrap().parse().unwrap())
                .collect();
            self.invocations.lock().unwrap().push(numbers.clone());
            let poisoned = numbers.contains(&self.poison);
            match (poisoned, self.crashes) {
                (true, true) => Err(Failure::Failed("it ended".to_owned())),
                (true, false) => {
                    Ok(json!({"batchItemFailures": [{"itemIdentifier": self.poison.to_string()}]}))
                }
                _ => Ok(json!({"batchItemFailures": []})),
            }
        }
    }

    fn records(many: u128, created: Duration) -> Vec<Record> {
        let record = |sequence: u128| Record {
            sequence,
            partition: "p".to_owned(),
            event: json!({"dynamodb": {
                "SequenceNumber": sequence.to_string(),
                "ApproximateCreationDateTime": created.as_secs(),
            }}),
        };
        (1..=many).map(record).collect()
    }

    /// The invocations, and the messages about what was given up.
    async fn delivered(poison: u128, crashes: bool, records: Vec<Record>) -> (Vec<Vec<u128>>, Vec<Value>) {
        let folder = tempfile::tempdir().unwrap();
        let data = crate::data::DataFolder::open(folder.path()).unwrap();
        let stream = crate::embedded::Embedded::open(&data.file("usher.db")).await.unwrap().stream;
        let template = crate::template::Template::load().unwrap();
        let mapping = StreamMapping { retries: 2, ..template.stream };
        let failures = Arc::new(crate::queue::Queue::new(template.failures, data.dead_letters()));
        let planner = Planner { poison, crashes, invocations: Mutex::default() };
        let set_aside = SetAside::of(&stream, &failures).unwrap();
        let lane = Lane { mapping: &mapping, function: &planner, set_aside: &set_aside };
        lane.deliver(records).await;
        let mut messages = Vec::new();
        // After the longest delay none comes any more.
        while let Ok(batch) = tokio::time::timeout(Duration::from_secs(900), failures.receive()).await {
            for message in batch {
                failures.delete(&message.receipt);
                messages.push(serde_json::from_str(&message.body).unwrap());
            }
        }
        (planner.invocations.into_inner().unwrap(), messages)
    }

    fn now() -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_that_is_handled_comes_once() {
        let (invocations, messages) = delivered(99, false, records(5, now())).await;
        assert_eq!((invocations.len(), messages.len()), (1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_poison_record_that_is_named_is_given_up_alone() {
        let (invocations, messages) = delivered(3, false, records(5, now())).await;
        assert_eq!(invocations[1], [3, 4, 5], "everything from the named one on comes again");
        assert_eq!(messages.len(), 1);
        let info = &messages[0]["DDBStreamBatchInfo"];
        assert_eq!((&info["startSequenceNumber"], &info["batchSize"]), (&json!("3"), &json!(1)));
        assert_eq!(messages[0]["requestContext"]["condition"], "RetryAttemptsExhausted");
        let alone = invocations.iter().filter(|numbers| **numbers == [3]).count();
        assert_eq!(alone, 3, "once, and two retries");
        assert_eq!(invocations.last().unwrap(), &[4, 5]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_record_that_ends_the_function_is_bisected_and_given_up_alone() {
        let (invocations, messages) = delivered(3, true, records(5, now())).await;
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0]["DDBStreamBatchInfo"]["startSequenceNumber"], "3");
        let well: Vec<u128> = invocations.iter().filter(|it| !it.contains(&3)).flatten().copied().collect();
        assert_eq!(well, [1, 2, 4, 5], "in order, each once");
    }

    #[tokio::test(start_paused = true)]
    async fn records_that_are_too_old_are_given_up() {
        let (invocations, messages) = delivered(99, false, records(2, Duration::from_secs(1))).await;
        assert!(invocations.is_empty());
        assert_eq!(messages[0]["requestContext"]["condition"], "RecordAgeExceeded");
    }
}
