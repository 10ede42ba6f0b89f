//! The TikTok Business Center connector as a Lambda function, behind its queue.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use usher_aws::{
    config::{Aws, required},
    events::QueueEvent,
    system, telemetry,
};
use usher_connector::{Executor, Settings, Transport, Verdict};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let aws = Aws::of_function()?;
    let clock = Arc::new(system::SystemClock);
    let transport = Transport::new(required("USHER_REACH")?.parse()?, clock.clone())?;
    let executor = &Executor {
        store: Arc::new(aws.store()?),
        sealer: Arc::new(aws.sealer()?),
        factory: Arc::new(usher_connector_tiktok::factory(transport)),
        ids: Arc::new(system::SystemIds),
        settings: Settings::default(),
        clock,
    };
    let redelivery = &aws.redelivery()?;
    run(service_fn(move |event: LambdaEvent<QueueEvent>| async move {
        let job = |message| async move { executor.run(&message).await.map(Verdict::again_after) };
        Ok::<_, Error>(event.payload.handle(redelivery, job).await)
    }))
    .await
}
