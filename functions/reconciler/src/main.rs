//! The reconciler as a Lambda function, on a schedule.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use usher_aws::{config::Aws, system::SystemClock, telemetry};
use usher_fn_reconciler::Reconciler;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let aws = Aws::of_function()?;
    let reconciler = &Reconciler::new(Arc::new(aws.store()?), Arc::new(SystemClock));
    run(service_fn(move |_: LambdaEvent<serde::de::IgnoredAny>| async move {
        let report = reconciler.run().await?;
        Ok::<_, Error>(report.released)
    }))
    .await
}
