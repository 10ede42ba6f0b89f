//! The Lambda function.

use std::sync::Arc;

use usher_aws::{
    config::{Aws, optional_json, required},
    system::{SystemClock, SystemIds},
};
use usher_fn_console::{App, Connector, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    usher_aws::telemetry::start();
    let aws = Aws::from_environment().await;
    let store = Arc::new(aws.store()?);
    let app = App {
        store: store.clone(),
        facts: store,
        sealer: Arc::new(aws.sealer()?),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        origin: required("USHER_ORIGIN")?,
        connectors: Connector::list(&required("USHER_CONNECTORS")?),
        prices: optional_json("USHER_PRICES")?,
    };
    lambda_http::run(router(Arc::new(app))).await
}
