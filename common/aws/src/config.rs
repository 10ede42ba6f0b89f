//! A function's settings, from the environment that template.yaml gives it, and the adapters made from them.

use std::{collections::BTreeMap, env};

use aws_config::{BehaviorVersion, Region, SdkConfig, environment::EnvironmentVariableCredentialsProvider};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use serde::de::DeserializeOwned;

use crate::{
    polling::Polling,
    queue::{SqsQueues, SqsRedelivery},
    seal::KmsSealer,
    store::Store,
    stream::StreamReader,
};

/// A setting that is missing or wrong: the deployment has to be mended.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {name} {problem}; set it in template.yaml")]
pub struct Misconfigured {
    name: &'static str,
    problem: String,
}

/// A setting.
///
/// # Errors
/// When it is not set.
pub fn required(name: &'static str) -> Result<String, Misconfigured> {
    env::var(name).map_err(|_| Misconfigured { name, problem: "is not set".to_owned() })
}

/// A setting that is a JSON document; an empty one is none.
///
/// # Errors
/// When it is not such a document.
pub fn optional_json<T: DeserializeOwned>(name: &'static str) -> Result<Option<T>, Misconfigured> {
    let text = env::var(name).unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(None);
    }
    let read = serde_json::from_str(&text);
    read.map(Some).map_err(|error| Misconfigured { name, problem: format!("cannot be read: {error}") })
}

/// A setting that is a JSON object of texts.
fn by_connector(name: &'static str) -> Result<BTreeMap<String, String>, Misconfigured> {
    let problem = |error| format!("is not a JSON object of texts: {error}");
    serde_json::from_str(&required(name)?).map_err(|error| Misconfigured { name, problem: problem(error) })
}

/// AWS as the function's role reaches it.
#[derive(Debug, Clone)]
pub struct Aws {
    sdk: SdkConfig,
}

impl Aws {
    /// Reads what Lambda gives a function: region and credentials are variables of its environment
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>). The chain of files and services that
    /// operators have is not asked, and not built in: it is a tenth of a program, and all of them start sooner without.
    ///
    /// # Errors
    /// When there is no region.
    pub fn of_function() -> Result<Self, Misconfigured> {
        let mut sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(required("AWS_REGION")?))
            .credentials_provider(SharedCredentialsProvider::new(
                EnvironmentVariableCredentialsProvider::new(),
            ));
        // Where programs run behind something that plays AWS.
        sdk.set_endpoint_url(env::var("AWS_ENDPOINT_URL").ok());
        Ok(Self { sdk: sdk.build() })
    }

    /// Reads region and credentials wherever operators have them: variables, files, a sign-in, an instance's role.
    pub async fn of_operator() -> Self {
        Self { sdk: aws_config::load_from_env().await }
    }

    /// The store in the table with this name, for operators.
    pub fn store_in(&self, table: &str) -> Store {
        Store::new(aws_sdk_dynamodb::Client::new(&self.sdk), table)
    }

    /// The store in `USHER_TABLE`.
    ///
    /// # Errors
    /// When the variable is not set.
    pub fn store(&self) -> Result<Store, Misconfigured> {
        Ok(self.store_in(&required("USHER_TABLE")?))
    }

    /// What reads a table's stream again.
    pub fn stream_reader(&self) -> StreamReader {
        StreamReader::new(aws_sdk_dynamodbstreams::Client::new(&self.sdk))
    }

    /// The sealer by `USHER_KMS_KEY`.
    ///
    /// # Errors
    /// When the variable is not set.
    pub fn sealer(&self) -> Result<KmsSealer, Misconfigured> {
        Ok(KmsSealer::new(aws_sdk_kms::Client::new(&self.sdk), required("USHER_KMS_KEY")?))
    }

    /// The queues in `USHER_QUEUES`, a JSON object from connector to queue URL, and their mappings in `USHER_MAPPINGS`, one
    /// from connector to UUID.
    ///
    /// # Errors
    /// When a variable is not set or not such an object.
    pub fn queues(&self) -> Result<SqsQueues, Misconfigured> {
        let mappings = by_connector("USHER_MAPPINGS")?;
        let polling = Polling::new(aws_sdk_lambda::Client::new(&self.sdk), mappings);
        let urls = by_connector("USHER_QUEUES")?;
        Ok(SqsQueues::new(aws_sdk_sqs::Client::new(&self.sdk), urls, polling))
    }

    /// Puts off messages of the connector's own queue, `USHER_QUEUE`.
    ///
    /// # Errors
    /// When the variable is not set.
    pub fn redelivery(&self) -> Result<SqsRedelivery, Misconfigured> {
        Ok(SqsRedelivery::new(aws_sdk_sqs::Client::new(&self.sdk), required("USHER_QUEUE")?))
    }
}
