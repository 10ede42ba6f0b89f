//! A server of a workspace that is told of events: it checks each signature with the specification's own library.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::{net::TcpListener, task::JoinSet};

/// An event as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn kind(&self) -> String {
        self.body()["type"].as_str().unwrap().to_owned()
    }

    /// One of the signatures is that of the specification's library; how old it is is not asked.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let timestamp = self.header("webhook-timestamp").parse().unwrap();
        let library = Webhook::new(secret).unwrap();
        let own = library.sign(self.id(), timestamp, self.text.as_bytes()).unwrap();
        self.header("webhook-signature").split(' ').any(|signature| signature == own)
    }
}

#[derive(Default)]
struct Kept {
    received: Mutex<Vec<Received>>,
    answers: Mutex<VecDeque<u16>>,
}

/// The server. It ends with this value.
pub(crate) struct Receiver {
    address: SocketAddr,
    kept: Arc<Kept>,
    _server: JoinSet<()>,
}

async fn receive(State(kept): State<Arc<Kept>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = String::from_utf8(body.to_vec()).unwrap();
    kept.received.lock().unwrap().push(Received { headers, text });
    let answer = kept.answers.lock().unwrap().pop_front().unwrap_or(204);
    StatusCode::from_u16(answer).unwrap()
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Arc::new(Kept::default());
        let router = Router::new().route("/hook", post(receive)).with_state(kept.clone());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, kept, _server: server }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Answers the next events so, and the others with 204.
    pub(crate) fn answers(&self, statuses: impl IntoIterator<Item = u16>) {
        self.kept.answers.lock().unwrap().extend(statuses);
    }

    /// Accepts everything from now on.
    pub(crate) fn accepts(&self) {
        self.kept.answers.lock().unwrap().clear();
    }

    /// What came since the last call.
    pub(crate) fn received(&self) -> Vec<Received> {
        std::mem::take(&mut *self.kept.received.lock().unwrap())
    }
}
