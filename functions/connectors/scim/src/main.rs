//! The SCIM connector as a Lambda function, behind its queue.

use std::sync::Arc;

use futures::future::join_all;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use usher_aws::{
    config::Aws, events::BatchAnswer, events::QueueEvent, events::QueueRecord, system, telemetry,
};
use usher_connector::{Executor, Reach, Settings, Transport, Verdict};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let aws = Aws::from_environment().await;
    let clock = Arc::new(system::SystemClock);
    let transport = Transport::new(Reach::Public, clock.clone())?;
    let executor = &Executor {
        store: Arc::new(aws.store()?),
        sealer: Arc::new(aws.sealer()?),
        factory: Arc::new(usher_connector_scim::factory(transport)),
        ids: Arc::new(system::SystemIds),
        settings: Settings::default(),
        clock,
    };
    run(service_fn(async move |event: LambdaEvent<QueueEvent>| {
        let again = join_all(event.payload.records.iter().map(|record| handle(executor, record))).await;
        Ok::<_, Error>(BatchAnswer::failed(again.into_iter().flatten()))
    }))
    .await
}

/// Runs one job. Answers the message's id where it has to come again.
async fn handle(executor: &Executor, record: &QueueRecord) -> Option<String> {
    let again = match record.message() {
        Ok(message) => match executor.run(&message).await {
            Ok(verdict) => verdict != Verdict::Done,
            Err(error) => {
                tracing::error!(message = record.message_id, %error, "a job was not recorded; it comes again");
                true
            }
        },
        Err(error) => {
            tracing::error!(message = record.message_id, %error, "a message was not read");
            true
        }
    };
    again.then(|| record.message_id.clone())
}
