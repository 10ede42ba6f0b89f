//! Deliveries as a Lambda function, behind their queue.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use usher_aws::{
    config::{Aws, required},
    events::QueueEvent,
    system, telemetry,
};
use usher_connector::HttpWeb;
use usher_fn_webhooks::Courier;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let aws = Aws::of_function()?;
    let clock = Arc::new(system::SystemClock);
    let courier = &Courier {
        store: Arc::new(aws.store()?),
        sealer: Arc::new(aws.sealer()?),
        web: Arc::new(HttpWeb::new(required("USHER_REACH")?.parse()?, clock.clone())?),
        ids: Arc::new(system::SystemIds),
        clock,
    };
    let redelivery = &aws.redelivery()?;
    run(service_fn(move |event: LambdaEvent<QueueEvent>| async move {
        let deliver = |message| async move { courier.deliver(&message).await };
        Ok::<_, Error>(event.payload.handle(redelivery, deliver).await)
    }))
    .await
}
