//! The SCIM endpoints as a Lambda function, behind the HTTP API.

use std::sync::Arc;

use usher_aws::config::{Aws, required};
use usher_aws::{system, telemetry};
use usher_connector::HttpKeys;
use usher_fn_scim::{App, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::start();
    let aws = Aws::of_function()?;
    let (clock, ids) = (Arc::new(system::SystemClock), Arc::new(system::SystemIds));
    let keys = HttpKeys::new(required("USHER_REACH")?.parse()?, clock.clone())?;
    let app = App::new(Arc::new(aws.store()?), clock, ids, &required("USHER_ORIGIN")?)?;
    let app = Arc::new(app.with_keys(Arc::new(keys)));
    let ending = app.clone();
    lambda_runtime::spawn_graceful_shutdown_handler(move || async move {
        if let Err(error) = ending.record_requests().await {
            tracing::error!(%error, "the last requests of this sandbox are not counted");
        }
    })
    .await;
    lambda_http::run(router(app)).await
}
