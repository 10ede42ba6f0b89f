//! A part of a table's stream, read once more. A stream keeps its records for a day.

use aws_sdk_dynamodbstreams::{
    Client,
    types::{AttributeValue, Record, ShardIteratorType},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use usher_domain::ports::{StoreError, StoreResult};

use crate::{events::StreamRecord, store::error::from_sdk};

const DURING: &str = "reading the stream again";

/// How many pages without a record are read one after the other. "Note that it might take multiple calls to get to a portion
/// of the shard that contains stream records", says
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html>, and an open shard never ends.
const EMPTY_PAGES: u32 = 100;

/// Some records of a shard, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamRange {
    /// The stream.
    pub stream_arn: String,
    /// The shard.
    pub shard_id: String,
    /// The sequence number of the first record.
    #[serde(rename = "startSequenceNumber")]
    pub first: String,
    /// The sequence number of the last record.
    #[serde(rename = "endSequenceNumber")]
    pub last: String,
}

/// What the stream still has of a range.
#[derive(Debug)]
pub struct Found {
    /// The records, with those that the filter of a mapping would have left out.
    pub records: Vec<StreamRecord>,
    /// Whether the stream has the range from its beginning: it drops the oldest first.
    pub whole: bool,
}

/// Reads parts of a stream.
#[derive(Debug, Clone)]
pub struct StreamReader {
    client: Client,
}

impl StreamReader {
    /// A reader by this client.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The records of a range, as far as the stream still has them.
    ///
    /// # Errors
    /// When the stream does not answer, or does not come to the end of the range. An iterator that expires or is trimmed
    /// meanwhile is no more than that: a next call begins with a new one.
    pub async fn read(&self, range: &StreamRange) -> StoreResult<Found> {
        let mut next = self.begin(range).await?;
        let mut found = Found { records: Vec::new(), whole: false };
        let mut empty = 0;
        // Without a next one the shard is closed, and this was its end.
        while let Some(iterator) = next {
            let page = self.client.get_records().shard_iterator(iterator).send().await;
            let page = page.map_err(|error| from_sdk(DURING, error))?;
            let records = page.records.unwrap_or_default();
            empty = if records.is_empty() { empty + 1 } else { 0 };
            if empty > EMPTY_PAGES {
                let source = format!("no record comes any more before {}", range.last).into();
                return Err(StoreError::Unavailable { during: DURING, source });
            }
            for record in records {
                let (number, record) = read(record);
                if order(&number) > order(&range.last) {
                    return Ok(found);
                }
                found.whole |= number == range.first;
                let is_last = number == range.last;
                found.records.push(record);
                if is_last {
                    return Ok(found);
                }
            }
            next = page.next_shard_iterator;
        }
        Ok(found)
    }

    /// Where to begin: at the first record, or at the oldest one where the first is no more; nowhere where the whole shard is not.
    async fn begin(&self, range: &StreamRange) -> StoreResult<Option<String>> {
        let ask = || self.client.get_shard_iterator().stream_arn(&range.stream_arn).shard_id(&range.shard_id);
        let at_first = ask()
            .shard_iterator_type(ShardIteratorType::AtSequenceNumber)
            .sequence_number(&range.first)
            .send()
            .await;
        let begun = match at_first {
            Err(error)
                if error.as_service_error().is_some_and(|it| it.is_trimmed_data_access_exception()) =>
            {
                ask().shard_iterator_type(ShardIteratorType::TrimHorizon).send().await
            }
            other => other,
        };
        match begun {
            Ok(begun) => Ok(begun.shard_iterator),
            Err(error) if error.as_service_error().is_some_and(|it| it.is_resource_not_found_exception()) => {
                Ok(None)
            }
            Err(error) => Err(from_sdk(DURING, error)),
        }
    }
}

/// Sequence numbers have up to 40 digits, more than an integer holds: of two the longer one is the later.
fn order(number: &str) -> (usize, &str) {
    let digits = number.trim_start_matches('0');
    (digits.len(), digits)
}

/// A record with its number, in the form of Lambda's event.
fn read(record: Record) -> (String, StreamRecord) {
    let told = record.dynamodb;
    let (number, image) =
        told.map_or_else(Default::default, |told| (told.sequence_number.unwrap_or_default(), told.new_image));
    let image = image.map(|image| {
        let texts = image.into_iter().filter_map(|(name, value)| match value {
            AttributeValue::S(text) => Some((name, json!({ "S": text }))),
            AttributeValue::B(bytes) => Some((name, json!({ "B": BASE64_STANDARD.encode(bytes) }))),
            _ => None,
        });
        Value::Object(texts.collect::<Map<_, _>>())
    });
    (number.clone(), StreamRecord::read(number, image))
}

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        sync::{Arc, Mutex},
    };

    use aws_sdk_dynamodbstreams::config::{BehaviorVersion, Region, retry::RetryConfig};
    use aws_smithy_runtime_api::client::{
        http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        runtime_components::RuntimeComponents,
    };
    use aws_smithy_types::body::SdkBody;

    use super::*;

    /// What the embedded database does not do: it answers one after the other what a stream of AWS may, and keeps what it was
    /// asked.
    #[derive(Debug, Clone, Default)]
    struct Shard {
        answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
        asked: Arc<Mutex<Vec<Value>>>,
    }

    impl HttpConnector for Shard {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            self.asked.lock().unwrap().push(serde_json::from_slice(request.body().bytes().unwrap()).unwrap());
            let (status, answer) =
                self.answers.lock().unwrap().pop_front().unwrap_or_else(|| page(&[], "open"));
            let answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(answer.to_string()));
            HttpConnectorFuture::ready(Ok(answer))
        }
    }

    impl HttpClient for Shard {
        fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
            SharedHttpConnector::new(self.clone())
        }
    }

    impl Shard {
        fn new(answers: impl IntoIterator<Item = (u16, Value)>) -> Self {
            Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), asked: Arc::default() }
        }

        /// What is found of the records 8 to 11.
        async fn read(&self) -> StoreResult<(Vec<String>, bool)> {
            let config = aws_sdk_dynamodbstreams::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::from_static("us-east-1"))
                .allow_no_auth()
                .retry_config(RetryConfig::disabled())
                .http_client(self.clone())
                .build();
            let range = StreamRange {
                stream_arn: "arn:aws:dynamodb:us-east-1:0:table/usher/stream/1".to_owned(),
                shard_id: "shard-1".to_owned(),
                first: "8".to_owned(),
                last: "11".to_owned(),
            };
            let found = StreamReader::new(Client::from_conf(config)).read(&range).await?;
            Ok((found.records.iter().map(|record| record.id().to_owned()).collect(), found.whole))
        }
    }

    fn iterator() -> (u16, Value) {
        (200, json!({ "ShardIterator": "first" }))
    }

    /// A page of records; `next` is empty where the shard is closed.
    fn page(numbers: &[u32], next: &str) -> (u16, Value) {
        let record = |number: &u32| json!({"dynamodb": {"SequenceNumber": number.to_string()}});
        let mut page = json!({ "Records": numbers.iter().map(record).collect::<Vec<_>>() });
        if !next.is_empty() {
            page["NextShardIterator"] = next.into();
        }
        (200, page)
    }

    fn refusal(code: &str) -> (u16, Value) {
        (400, json!({ "__type": format!("com.amazonaws.dynamodb.streams#{code}"), "message": "no" }))
    }

    fn numbers(numbers: &[u32]) -> Vec<String> {
        numbers.iter().map(u32::to_string).collect()
    }

    #[tokio::test]
    async fn records_are_read_over_pages_and_empty_pages_to_the_last_one_and_no_further() {
        let shard = Shard::new([iterator(), page(&[], "a"), page(&[8, 9], "b"), page(&[10, 11, 12], "c")]);
        assert_eq!(shard.read().await.unwrap(), (numbers(&[8, 9, 10, 11]), true));
        let asked = shard.asked.lock().unwrap();
        assert_eq!(
            (&asked[0]["ShardIteratorType"], &asked[0]["SequenceNumber"]),
            (&json!("AT_SEQUENCE_NUMBER"), &json!("8"))
        );
        let iterators: Vec<&Value> = asked[1..].iter().map(|it| &it["ShardIterator"]).collect();
        assert_eq!(iterators, ["first", "a", "b"]);
    }

    #[tokio::test]
    async fn a_closed_shard_ends_the_range() {
        let shard = Shard::new([iterator(), page(&[8, 9], "")]);
        assert_eq!(shard.read().await.unwrap(), (numbers(&[8, 9]), true));
    }

    #[tokio::test]
    async fn what_is_left_of_a_trimmed_range_is_read_and_that_some_is_missing_is_told() {
        let shard = Shard::new([refusal("TrimmedDataAccessException"), iterator(), page(&[10, 11], "a")]);
        assert_eq!(shard.read().await.unwrap(), (numbers(&[10, 11]), false));
        assert_eq!(shard.asked.lock().unwrap()[1]["ShardIteratorType"], "TRIM_HORIZON");
        let shard = Shard::new([refusal("TrimmedDataAccessException"), iterator(), page(&[12], "a")]);
        assert_eq!(shard.read().await.unwrap(), (numbers(&[]), false), "all of it is gone");
        let shard = Shard::new([refusal("ResourceNotFoundException")]);
        assert_eq!(shard.read().await.unwrap(), (numbers(&[]), false), "and so is its shard");
    }

    #[tokio::test]
    async fn an_iterator_that_expires_and_a_stream_that_refuses_are_errors() {
        for code in ["ExpiredIteratorException", "TrimmedDataAccessException", "LimitExceededException"] {
            let error = Shard::new([iterator(), refusal(code)]).read().await.unwrap_err();
            assert!(crate::events::chain(&error).contains(code), "{error}");
        }
    }

    #[tokio::test]
    async fn a_shard_that_never_comes_to_the_end_is_not_read_for_ever() {
        let shard = Shard::new([iterator(), page(&[8], "a")]);
        assert!(shard.read().await.is_err());
        assert_eq!(shard.asked.lock().unwrap().len(), 3 + EMPTY_PAGES as usize);
    }

    #[test]
    fn numbers_of_forty_digits_are_in_order() {
        let (nines, one) = ("9".repeat(39), format!("1{}", "0".repeat(39)));
        assert!(order(&nines) < order(&one) && order("0009") < order("10") && order("009") == order("9"));
    }
}
