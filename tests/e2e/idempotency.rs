//! Writes that are sent again under the same idempotency key.

use std::{collections::BTreeSet, time::Duration};

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use futures::future::join_all;
use serde_json::{Value, json};
use tower::ServiceExt;
use usher_domain::{idempotency::KeyedRequest, ports::Idempotency};
use usher_tests::client::eventually;

use crate::access_patterns::world::World;

pub(crate) struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn replayed(&self) -> bool {
        self.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
    }
}

/// The Owner's key: its text and its id.
pub(crate) async fn owner(world: &World) -> (String, String) {
    let made = world.api("POST", "/api-keys", json!({"name": "Robot", "role": "owner"})).await.body;
    (made["token"].as_str().unwrap().to_owned(), made["key"]["id"].as_str().unwrap().to_owned())
}

pub(crate) async fn send(world: &World, token: &str, key: &str, path: &str, body: &Value) -> Answer {
    let request = Request::post(format!("/api/v1{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .body(Body::from(body.to_string()));
    let answer = world.console_router().oneshot(request.unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

/// How many connections were made with this name.
async fn made(world: &World, name: &str) -> usize {
    let all = world.api("GET", "/connections", Value::Null).await.body;
    all["items"].as_array().unwrap().iter().filter(|connection| connection["name"] == name).count()
}

fn form(name: &str) -> Value {
    json!({ "name": name })
}

#[tokio::test]
async fn what_is_sent_again_is_done_once_and_answered_as_it_was() {
    let world = World::new().await;
    let (token, id) = owner(&world).await;
    let first = send(&world, &token, "k-1", "/connections", &form("Okta")).await;
    let again = send(&world, &token, "\"k-1\"", "/connections", &form("Okta")).await;
    assert_eq!((first.status, first.replayed()), (201, false), "{}", first.body);
    assert_eq!((again.status, again.replayed()), (201, true), "{}", again.body);
    assert_eq!(again.headers["content-type"], "application/json");
    assert_eq!(first.body, again.body);
    assert_eq!(made(&world, "Okta").await, 1);
    let log = world.api("GET", "/audit?act=createConnection", Value::Null).await.body;
    assert_eq!(log["items"].as_array().unwrap().len(), 1, "nothing was done the second time");

    // The answer shows a token once; the row shows it to nobody.
    let secret = first.body["token"].as_str().unwrap();
    let asked = KeyedRequest::begin(world.workspace.clone(), &id, "k-1", "", world.now());
    let kept = world.store.claim_request(&asked).await.unwrap().expect("the key is taken");
    assert!(!serde_json::to_string(&kept).unwrap().contains(secret));

    // As it is where the process died before it answered.
    world.store.answer_request(&KeyedRequest { answer: None, ..kept }).await.unwrap();
    let broken = send(&world, &token, "k-1", "/connections", &form("Okta")).await;
    assert_eq!(
        (broken.status, &broken.body["type"]),
        (409, &json!("urn:usher:problem:idempotency-key-in-use"))
    );
    assert_eq!(made(&world, "Okta").await, 1);

    // After a day the key is as good as new, also while the database still has the row.
    world.wait(24 * 60 * 60);
    assert_eq!(send(&world, &token, "k-1", "/connections", &form("Okta")).await.status, 201);
    assert_eq!(made(&world, "Okta").await, 2);
}

#[tokio::test]
async fn a_key_is_for_one_request_of_one_caller() {
    let world = World::new().await;
    let (token, _) = owner(&world).await;
    let (another, _) = owner(&world).await;
    let foreign = world.other_workspace().await;
    assert_eq!(send(&world, &token, "k", "/connections", &form("Okta")).await.status, 201);
    for (path, body) in [("/connections", form("Entra")), ("/api-keys", form("Okta"))] {
        let refused = send(&world, &token, "k", path, &body).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert_eq!(refused.body["type"], "urn:usher:problem:idempotency-key-reused");
    }
    for other in [&another, &foreign] {
        let own = send(&world, other, "k", "/connections", &form("Okta")).await;
        assert_eq!((own.status, own.replayed()), (201, false), "{}", own.body);
    }
    assert_eq!(send(&world, "usher_nobody", "k", "/connections", &form("Okta")).await.status, 401);
    assert_eq!(send(&world, &token, "two words", "/connections", &form("Okta")).await.status, 400);
    // A key that was revoked gets no old answers.
    let keys = world.api("GET", "/api-keys", Value::Null).await.body;
    for key in keys["items"].as_array().unwrap().iter().filter(|key| key["name"] == "Robot") {
        let path = format!("/api-keys/{}", key["id"].as_str().unwrap());
        assert_eq!(world.api("DELETE", &path, Value::Null).await.status, 204);
    }
    assert_eq!(send(&world, &token, "k", "/connections", &form("Okta")).await.status, 401);
}

#[tokio::test]
async fn a_refusal_is_answered_again_and_a_question_is_asked_anew() {
    let world = World::new().await;
    let (token, _) = owner(&world).await;
    let long = form(&"x".repeat(200));
    let first = send(&world, &token, "k", "/connections", &long).await;
    let again = send(&world, &token, "k", "/connections", &long).await;
    assert_eq!((first.status, again.status, again.replayed()), (422, 422, true));
    assert_eq!(again.headers["content-type"], "application/problem+json");
    assert_eq!(first.body, again.body);

    let path = format!("/integrations/{}/preview", world.hub);
    let question = json!({"change": {"kind": "deactivate_person", "person": "nobody"}});
    for _ in 0..2 {
        assert!(!send(&world, &token, "q", &path, &question).await.replayed());
    }
}

#[tokio::test]
async fn of_requests_at_the_same_time_one_is_done() {
    let world = World::new().await;
    let (token, _) = owner(&world).await;
    let okta = form("Okta");
    let answers = join_all((0..8).map(|_| send(&world, &token, "k", "/connections", &okta))).await;
    let done = answers.iter().filter(|answer| answer.status == 201 && !answer.replayed()).count();
    let statuses: BTreeSet<u16> = answers.iter().map(|answer| answer.status).collect();
    assert!(done == 1 && statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
    assert_eq!(made(&world, "Okta").await, 1);
}

/// A sender that hangs up leaves nothing half done, and gets the answer when it asks again.
#[tokio::test]
async fn a_sender_that_hangs_up_gets_the_answer_later() {
    let world = World::new().await;
    let (token, _) = owner(&world).await;
    let okta = form("Okta");
    let mut asking = Box::pin(send(&world, &token, "k", "/connections", &okta));
    assert!(futures::poll!(asking.as_mut()).is_pending());
    drop(asking);
    eventually(Duration::from_secs(60), "the answer", async || {
        let again = send(&world, &token, "k", "/connections", &okta).await;
        again.status == 201 && again.replayed()
    })
    .await;
    assert_eq!(made(&world, "Okta").await, 1);
}
