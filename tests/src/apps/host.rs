//! Ways to spoil an answer, and to serve an app on a port of its own.

use std::{future, net::SocketAddr};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::header,
    response::Response,
};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::Result;

/// Longer than any answer of a simulated app.
const LONGEST: usize = 64 * 1024 * 1024;

/// A body that fails at once makes the server drop the connection before it wrote the status line.
pub(super) fn cut() -> Response {
    let failure = Err::<Bytes, _>(std::io::Error::other("cut on purpose"));
    Response::new(Body::from_stream(futures::stream::once(future::ready(failure))))
}

/// The first half of an answer.
pub(super) async fn half(answer: Response) -> Response {
    changed(answer, |body| body.slice(..body.len() / 2)).await
}

/// An answer whose list at `pointer` lost its last item.
pub(super) async fn short(answer: Response, pointer: &str) -> Response {
    changed(answer, |body| {
        let Ok(mut json) = serde_json::from_slice::<Value>(&body) else { return body };
        if let Some(items) = json.pointer_mut(pointer).and_then(Value::as_array_mut) {
            items.pop();
        }
        json.to_string().into()
    })
    .await
}

async fn changed(answer: Response, change: impl FnOnce(Bytes) -> Bytes) -> Response {
    let (mut parts, body) = answer.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    match to_bytes(body, LONGEST).await {
        Ok(body) => Response::from_parts(parts, Body::from(change(body))),
        Err(_) => cut(),
    }
}

/// A server on a loopback port that ends when dropped.
#[derive(Debug)]
pub(super) struct Listening {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Listening {
    /// Serves `router` on a free port.
    pub(super) async fn start(router: Router) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "a simulated app stopped");
            }
        });
        Ok(Self { address, task })
    }

    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}
