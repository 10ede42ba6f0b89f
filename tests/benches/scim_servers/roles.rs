//! What this program is started again as: Usher taken apart, as it is when deployed. The function has a process of its
//! own and reaches its table through the SDK over HTTP; nothing plans what it writes.

use std::{net::TcpListener, path::Path, sync::Arc};

use dynoxide::Database;
use usher_aws::{
    config::{Aws, required},
    system, telemetry,
};

fn listener(port: u16) -> tokio::net::TcpListener {
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    listener.set_nonblocking(true).expect("a socket");
    tokio::net::TcpListener::from_std(listener).expect("a runtime")
}

/// Serves a database file by DynamoDB's protocol, until it is killed.
pub(crate) fn database(file: &Path, port: u16) {
    let database = Database::new(file.to_str().expect("a path")).expect("a database");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async move { dynoxide::server::serve_on(listener(port), database).await });
}

/// Serves SCIM with what the function's `main` puts together, but behind a socket in place of Lambda's runtime.
pub(crate) fn function(port: u16) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async move {
        telemetry::start();
        let aws = Aws::of_function().expect("a region");
        let (clock, ids) = (Arc::new(system::SystemClock), Arc::new(system::SystemIds));
        let store = Arc::new(aws.store().expect("a table"));
        let origin = required("USHER_ORIGIN").expect("an origin");
        let app = usher_fn_scim::App::new(store, clock, ids, &origin).expect("the schemas");
        axum::serve(listener(port), usher_fn_scim::router(Arc::new(app))).await.expect("it serves");
    });
}
