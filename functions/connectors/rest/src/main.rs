//! The connectors of described REST apps and of manual tasks as a Lambda function, behind one queue.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use usher_aws::{
    config::{Aws, required},
    events::QueueEvent,
    system, telemetry,
};
use usher_connector::{Executor, Factory, Settings, Together, Transport, Verdict};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let aws = Aws::of_function()?;
    let clock = Arc::new(system::SystemClock);
    let transport = Transport::new(required("USHER_REACH")?.parse()?, clock.clone())?;
    let rest: Arc<dyn Factory> = Arc::new(usher_connector_rest::factory(transport));
    let manual: Arc<dyn Factory> = Arc::new(usher_connector_manual::factory());
    let connectors = [(usher_connector_rest::KEY, rest), (usher_connector_manual::KEY, manual)];
    let connectors = connectors.map(|(key, factory)| (key.to_owned(), factory));
    let executor = &Executor {
        store: Arc::new(aws.store()?),
        sealer: Arc::new(aws.sealer()?),
        factory: Arc::new(Together::from_iter(connectors)),
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
