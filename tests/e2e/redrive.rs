//! What the planner gave up: the messages that Lambda leaves of it lead to the records in the stream, and these are handled as
//! ever.

use std::sync::Mutex;

use serde_json::{Value, json};
use usher_aws::redrive::PlannerEvent;
use usher_domain::{
    change::{Change, Subject},
    id::PersonId,
    ports::{StoreError, StoreResult},
    wake::Wake,
};

use crate::store::{Fixture, cause};

/// A table with a stream, and a planner that cannot handle some changes.
struct Stage {
    fixture: Fixture,
    poison: Vec<&'static str>,
    seen: Mutex<Vec<String>>,
}

impl Stage {
    /// Changes with these ids, each with a row before it that is nobody's business.
    async fn with(changes: &[&str]) -> Self {
        let stage = Self { fixture: Fixture::new().await, poison: Vec::new(), seen: Mutex::default() };
        for id in changes {
            stage
                .put(json!({"pk": {"S": "W#main"}, "sk": {"S": format!("U#{id}")}, "type": {"S": "user"}}))
                .await;
            let person = PersonId::from(uuid::Uuid::new_v4());
            let subject = Subject::Person { person, left: Vec::new() };
            let change = Change::new(id.parse().unwrap(), stage.fixture.workspace.clone(), subject, cause());
            let doc = serde_json::to_string(&change).unwrap();
            stage.put_change(id, &doc).await;
        }
        stage
    }

    async fn put_change(&self, id: &str, doc: &str) {
        self.put(json!({"pk": {"S": format!("W#main#CHANGE#{id}")}, "sk": {"S": "CHANGE"},
            "type": {"S": "change"}, "doc": {"S": doc}, "version": {"N": "1"}}))
            .await;
    }

    async fn put(&self, item: Value) {
        let put = json!({"TableName": "usher", "Item": item}).to_string();
        let answer = self.fixture.db.endpoint.respond("DynamoDB_20120810.PutItem", put.into()).await.unwrap();
        assert_eq!(answer.0, 200, "{}", answer.1);
    }

    /// The sequence number of a change's record.
    fn number(&self, id: &str) -> String {
        let records = self.fixture.db.stream.read_after(None, 1_000).unwrap();
        let key = format!("W#main#CHANGE#{id}");
        let record =
            records.iter().find(|record| record.event["dynamodb"]["Keys"]["pk"]["S"] == key.as_str());
        record.unwrap().sequence.to_string()
    }

    /// The body of a message about the records from one to another.
    fn body(&self, first: &str, last: &str) -> String {
        json!({"DDBStreamBatchInfo": {
            "streamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/usher/stream/local",
            "shardId": self.fixture.db.stream.shard_id().unwrap(),
            "startSequenceNumber": first, "endSequenceNumber": last, "batchSize": 1,
        }})
        .to_string()
    }

    /// Brings these messages, whose ids are their places, and answers what has to come again.
    async fn bring(&self, bodies: &[String]) -> Value {
        let record = |(place, body): (usize, &String)| json!({"messageId": place.to_string(), "body": body, "eventSource": "aws:sqs"});
        let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
        let event: PlannerEvent = serde_json::from_value(json!({ "Records": records })).unwrap();
        let answer = event.handle(&self.fixture.db.stream_reader, |wake| self.handle(wake)).await;
        serde_json::to_value(answer).unwrap()["batchItemFailures"].clone()
    }

    async fn handle(&self, wake: Wake) -> StoreResult<()> {
        let Wake::Change(change) = wake else { panic!("{wake:?} was never written") };
        self.seen.lock().unwrap().push(change.id.to_string());
        if self.poison.contains(&change.id.as_str()) {
            return Err(StoreError::Defect { during: "planning", source: "it is poison".into() });
        }
        Ok(())
    }

    /// The changes that were handled, or tried to be, since the last time this was asked.
    fn seen(&self) -> Vec<String> {
        let mut seen = std::mem::take(&mut *self.seen.lock().unwrap());
        seen.sort_unstable();
        seen
    }
}

#[tokio::test]
async fn a_message_brings_the_records_that_it_names_and_no_others() {
    let stage = Stage::with(&["a", "b", "c", "d"]).await;
    let failed = stage.bring(&[stage.body(&stage.number("b"), &stage.number("c"))]).await;
    assert_eq!((failed, stage.seen()), (json!([]), vec!["b".to_owned(), "c".to_owned()]));
    let failed = stage.bring(&[stage.body(&stage.number("d"), &stage.number("d"))]).await;
    assert_eq!((failed, stage.seen()), (json!([]), vec!["d".to_owned()]));
}

#[tokio::test]
async fn a_record_that_fails_again_keeps_no_other_back_and_its_message_comes_again() {
    let mut stage = Stage::with(&["a", "b", "c", "d"]).await;
    stage.poison = vec!["b"];
    let (all, one) = (
        stage.body(&stage.number("a"), &stage.number("c")),
        stage.body(&stage.number("d"), &stage.number("d")),
    );
    let messages = [all, "no message of Lambda's".to_owned(), one];
    let failed = stage.bring(&messages).await;
    assert_eq!(stage.seen(), ["a", "b", "c", "d"]);
    assert_eq!(failed, json!([{"itemIdentifier": "0"}, {"itemIdentifier": "1"}]), "what is well is deleted");
    stage.poison.clear();
    assert_eq!(stage.bring(&messages[..1]).await, json!([]), "when the cause is mended, it comes right");
}

#[tokio::test]
async fn a_record_that_cannot_be_read_comes_again_too() {
    let stage = Stage::with(&["a"]).await;
    stage.put_change("broken", "{").await;
    let failed = stage.bring(&[stage.body(&stage.number("a"), &stage.number("broken"))]).await;
    assert_eq!((failed, stage.seen()), (json!([{"itemIdentifier": "0"}]), vec!["a".to_owned()]));
}

/// The stream has dropped its oldest records: the rest is handled, and the message ends as a dead letter, so that somebody is
/// told.
#[tokio::test]
async fn what_the_stream_no_longer_has_is_told() {
    let stage = Stage::with(&["a", "b"]).await;
    let gone = "100000000000000000001".to_owned();
    let failed = stage.bring(&[stage.body(&gone, &stage.number("a"))]).await;
    assert_eq!((failed, stage.seen()), (json!([{"itemIdentifier": "0"}]), vec!["a".to_owned()]));
    let failed = stage.bring(&[stage.body(&gone, &gone)]).await;
    assert_eq!((failed, stage.seen()), (json!([{"itemIdentifier": "0"}]), vec![]));
}
