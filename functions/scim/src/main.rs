//! The SCIM endpoints as a Lambda function, behind the HTTP API.

use std::sync::Arc;

use usher_aws::config::{Aws, required};
use usher_aws::{system, telemetry};
use usher_connector::HttpKeys;
use usher_fn_scim::{App, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::start();
    let aws = Aws::from_environment().await;
    let (clock, ids) = (Arc::new(system::SystemClock), Arc::new(system::SystemIds));
    let keys = HttpKeys::new(required("USHER_REACH")?.parse()?, clock.clone())?;
    let app = App::new(Arc::new(aws.store()?), clock, ids, &required("USHER_ORIGIN")?)?;
    lambda_http::run(router(Arc::new(app.with_keys(Arc::new(keys))))).await
}
