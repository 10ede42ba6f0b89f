//! The HTTP client against a server that misbehaves on the wire.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use usher_connector::{Class, Method, Reach, Request, Response, Transport};
use usher_domain::{Timestamp, ports::Clock};

struct Noon;
impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-01-01T12:00:00Z".parse().unwrap()
    }
}

/// Answers every request with these bytes and closes; keeps it open without an answer where there are none.
async fn server(answer: &'static [u8], hang: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(answer).await;
                if hang {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    base
}

async fn send(base: &str, method: Method) -> Result<Response, usher_connector::Error> {
    let transport = Transport::new(Reach::Anywhere, Arc::new(Noon)).unwrap();
    let http = transport
        .with_timeout(Duration::from_millis(500))
        .with_max_answer(1_000)
        .http(base)
        .unwrap()
        .with_bearer(&"s3cret".to_owned().into())
        .unwrap();
    let request = Request::new(method, "testing", ["Users", "somebody@example.org"]);
    http.send(&request.body(json!({ "password": "hunter2" }))).await
}

async fn class(base: &str, method: Method) -> Class {
    let error = send(base, method).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    for secret in ["s3cret", "hunter2", "somebody"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    error.class()
}

const TRANSIENT: Class = Class::Transient { after: None };

#[tokio::test]
async fn a_request_that_never_left_is_transient() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(class(&base, Method::Post).await, TRANSIENT);
}

#[tokio::test]
async fn a_write_without_a_whole_answer_is_ambiguous_and_a_read_is_not() {
    let answers: [(&[u8], bool); 4] = [
        (b"", false),
        (b"", true),
        (b"HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{", false),
        (b"HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{", true),
    ];
    for (answer, hang) in answers {
        let base = server(answer, hang).await;
        assert_eq!(class(&base, Method::Post).await, Class::Ambiguous);
        assert_eq!(class(&base, Method::Get).await, TRANSIENT);
    }
}

#[tokio::test]
async fn an_answer_is_bounded() {
    let huge = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e8\r\n";
    let answer: &'static [u8] =
        [huge.as_slice(), &[b'x'; 1_000], b"\r\n3e8\r\n", &[b'x'; 1_000]].concat().leak();
    let base = server(answer, true).await;
    assert_eq!(class(&base, Method::Get).await, Class::Invalid);
    assert_eq!(class(&base, Method::Patch).await, Class::Ambiguous);
}

#[tokio::test]
async fn the_apps_delay_is_read_and_a_redirect_is_not_followed() {
    let base = server(b"HTTP/1.1 429 No\r\nretry-after: 40591\r\ncontent-length: 0\r\n\r\n", false).await;
    let answer = send(&base, Method::Post).await.unwrap();
    let after = Some(Duration::from_secs(40_591));
    assert_eq!(answer.class(Method::Post), Class::RateLimited { after });

    let base =
        server(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", false)
            .await;
    assert_eq!(send(&base, Method::Get).await.unwrap().class(Method::Get), Class::Invalid);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused() {
    let transport = Transport::new(Reach::Public, Arc::new(Noon)).unwrap();
    let http = transport.http("https://localhost:1/").unwrap();
    let error = http.send(&Request::get("testing", ["Users"])).await.unwrap_err();
    assert_eq!(error.class(), Class::PolicyDenied);
}
