//! The planner as a Lambda function, behind the table's stream.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use usher_aws::{config::Aws, events::StreamEvent, system, telemetry};
use usher_fn_planner::Planner;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let aws = Aws::of_function()?;
    let (clock, ids) = (Arc::new(system::SystemClock), Arc::new(system::SystemIds));
    let planner = &Planner::new(Arc::new(aws.store()?), Arc::new(aws.queues()?), clock, ids);
    run(service_fn(move |event: LambdaEvent<StreamEvent>| async move {
        Ok::<_, Error>(event.payload.handle(|wake| planner.handle(wake)).await)
    }))
    .await
}
