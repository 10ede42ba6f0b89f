//! The Lambda function.

use std::sync::Arc;

use usher_aws::{
    config::{Aws, optional_json, required},
    system::{SystemClock, SystemIds},
};
use usher_connector::HttpWeb;
use usher_fn_console::{App, Connector, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    usher_aws::telemetry::start();
    let aws = Aws::of_function()?;
    let store = Arc::new(aws.store()?);
    let clock = Arc::new(SystemClock);
    let app = App {
        store: store.clone(),
        facts: store,
        web: Arc::new(HttpWeb::new(required("USHER_REACH")?.parse()?, clock.clone())?),
        sealer: Arc::new(aws.sealer()?),
        clock,
        ids: Arc::new(SystemIds),
        origin: required("USHER_ORIGIN")?,
        connectors: Connector::list(&required("USHER_CONNECTORS")?),
        prices: optional_json("USHER_PRICES")?,
    };
    lambda_http::run(router(Arc::new(app))).await
}
