//! The simulated app, with the moment of every call.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use tokio::net::TcpListener;
use usher_tests::apps::scim::{ScimApp, router};

const TOKEN: &str = "app-token";
/// Without a call for so long, a job is over: its calls follow each other within a few milliseconds.
const QUIET: Duration = Duration::from_millis(60);
const LOOK: Duration = Duration::from_millis(2);

type Moments = Arc<Mutex<Vec<Instant>>>;

/// An app that remembers when it was called.
pub(crate) struct RecordingApp {
    base_url: String,
    moments: Moments,
}

impl RecordingApp {
    /// Listens on a free port until the process ends.
    pub(crate) async fn start() -> Self {
        let app = Arc::new(ScimApp::open(None, TOKEN.to_owned()).expect("an app in memory"));
        let moments = Moments::default();
        let router = router(app).layer(middleware::from_fn_with_state(Arc::clone(&moments), record));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let base_url = format!("http://{}/scim/v2", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await.expect("the app serves") });
        Self { base_url, moments }
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    pub(crate) fn token(&self) -> &str {
        TOKEN
    }

    /// How often it was called.
    pub(crate) fn calls(&self) -> usize {
        self.moments().len()
    }

    /// The moment of a call, once it has come.
    pub(crate) async fn call(&self, index: usize) -> Instant {
        loop {
            if let Some(moment) = self.moments().get(index).copied() {
                return moment;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits for a call after the first `seen`, and then until no more come. Answers the last one's moment.
    pub(crate) async fn quiet_after(&self, seen: usize) -> Instant {
        self.call(seen).await;
        loop {
            let last = self.moments().last().copied();
            match last {
                Some(last) if last.elapsed() >= QUIET => return last,
                _ => tokio::time::sleep(LOOK).await,
            }
        }
    }

    fn moments(&self) -> std::sync::MutexGuard<'_, Vec<Instant>> {
        self.moments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn record(State(moments): State<Moments>, request: Request, next: Next) -> Response {
    moments.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
    next.run(request).await
}
