//! The planner as a Lambda function, behind the table's stream and the queue of what it gave up there.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use usher_aws::{config::Aws, redrive::PlannerEvent, system, telemetry};
use usher_fn_planner::Planner;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let aws = Aws::of_function()?;
    let (clock, ids) = (Arc::new(system::SystemClock), Arc::new(system::SystemIds));
    let planner = &Planner::new(Arc::new(aws.store()?), Arc::new(aws.queues()?), clock, ids);
    let stream = &aws.stream_reader();
    run(service_fn(move |event: LambdaEvent<PlannerEvent>| async move {
        Ok::<_, Error>(event.payload.handle(stream, |wake| planner.handle(wake)).await)
    }))
    .await
}
