//! Webhooks: a real server is told, signed, at least once under one id, and again until it accepts.

pub(crate) mod receiver;

use std::time::Duration;

use serde_json::{Value, json};
use usher_tests::{client::eventually, process::Usher};

use crate::access_patterns::world::World;
use receiver::Receiver;

/// A workspace with a webhook at a real server.
struct Scene {
    world: World,
    receiver: Receiver,
    webhook: String,
    secret: String,
}

impl Scene {
    async fn told_of(events: &[&str]) -> Self {
        let (world, receiver) = (World::new().await, Receiver::start().await);
        let form = json!({"name": "Pager", "url": receiver.url(), "events": events});
        let made = world.api("POST", "/webhooks", form).await;
        assert_eq!(made.status, 201, "{}", made.body);
        // What happened before it was made is no news to it.
        world.wait(60);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (webhook, secret) = (text(&made.body["webhook"]["id"]), text(&made.body["secret"]));
        Self { world, receiver, webhook, secret }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.world.api("GET", &format!("/webhooks/{}{path}", self.webhook), Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    async fn post(&self, path: &str) -> (u16, Value) {
        let answer = self.world.api("POST", &format!("/webhooks/{}{path}", self.webhook), Value::Null).await;
        (answer.status, answer.body)
    }

    async fn test(&self) {
        let (status, body) = self.post("/test").await;
        assert_eq!(status, 202, "{body}");
        self.world.deliver().await;
    }

    /// Lets time pass, and does what is due then.
    async fn later(&self, minutes: i64) {
        self.world.wait(60 * minutes);
        self.world.reconcile().await;
        self.world.deliver().await;
    }

    async fn last(&self) -> Value {
        self.get("/deliveries").await["items"][0].clone()
    }

    /// Somebody gets a seat.
    async fn seat(&self) {
        let user = json!({"userName": "ada@example.com", "active": true});
        let person = self.world.scim("POST", "/Users", user).await.id();
        let team = json!({"displayName": "Team", "members": [{"value": person}]});
        let team = self.world.scim("POST", "/Groups", team).await.id();
        self.world.share(&team).await;
        self.world.settle().await;
    }
}

#[tokio::test]
async fn what_happened_is_told_once_signed_and_with_the_requests_correlation_id() {
    let scene = Scene::told_of(&["job.completed", "automation.completed", "job.held"]).await;
    scene.seat().await;
    scene.world.deliver().await;
    let received = scene.receiver.received();
    let mut kinds: Vec<String> = received.iter().map(|event| event.kind()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["automation.completed", "job.completed"]);
    for event in &received {
        assert!(event.is_signed_with(&scene.secret) && !event.is_signed_with("whsec_b3RoZXI="), "{event:?}");
    }
    let told = received.iter().find(|event| event.kind() == "job.completed").unwrap();
    let data = told.body()["data"].clone();
    let job =
        scene.world.api("GET", &format!("/jobs/{}", data["job"].as_str().unwrap()), Value::Null).await.body;
    assert_eq!((&data["state"], &data["correlation_id"]), (&json!("done"), &job["correlation_id"]));
    assert_eq!(told.header("x-correlation-id"), job["correlation_id"]);
    assert_eq!(data["target"], job["target"]);

    // Everything is noticed again, and told to nobody again.
    scene.later(60).await;
    assert!(scene.receiver.received().is_empty());
    let sent = scene.get("/deliveries").await;
    assert!(sent["items"].as_array().unwrap().iter().all(|it| it["state"] == "delivered"), "{sent}");
}

#[tokio::test]
async fn a_server_that_fails_is_told_again_under_the_same_id_until_it_accepts() {
    let scene = Scene::told_of(&["job.held"]).await;
    scene.receiver.answers([500, 302]);
    scene.test().await;
    let first = scene.last().await;
    assert_eq!(
        (&first["state"], &first["status"], &first["attempts"]),
        (&json!("retrying"), &json!(500), &json!(1))
    );
    assert!(first["next_at"].is_string());
    assert!(scene.get("").await["failing_since"].is_string());
    scene.later(21).await;
    assert!(scene.last().await["problem"].as_str().unwrap().contains("redirect"));
    scene.later(31).await;
    let last = scene.last().await;
    assert_eq!(
        (&last["state"], &last["attempts"], &last["next_at"]),
        (&json!("delivered"), &json!(3), &Value::Null)
    );
    assert!(scene.get("").await["failing_since"].is_null());
    let received = scene.receiver.received();
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|event| event.id() == received[0].id() && event.text == received[0].text));
    assert!(received.iter().all(|event| event.is_signed_with(&scene.secret)));
    assert_ne!(received[0].header("webhook-timestamp"), received[2].header("webhook-timestamp"));
    // By hand it goes there again.
    let (status, _) = scene.post(&format!("/deliveries/{}/resend", received[0].id())).await;
    assert_eq!(status, 202);
    scene.world.deliver().await;
    assert_eq!(scene.receiver.received()[0].id(), received[0].id());
}

#[tokio::test]
async fn a_server_that_never_accepts_is_disabled_after_a_day_and_enabled_by_hand() {
    let scene = Scene::told_of(&["audit.recorded"]).await;
    scene.receiver.answers([503; 100]);
    scene.test().await;
    let id = scene.last().await["id"].clone();
    for _ in 0..40 {
        scene.later(60).await;
    }
    let webhook = scene.get("").await;
    assert_eq!(webhook["enabled"], false, "{webhook}");
    assert!(webhook["disabled_reason"].as_str().unwrap().contains("more than a day"));
    let sent = scene.get("/deliveries").await;
    let given_up = sent["items"].as_array().unwrap().iter().find(|it| it["id"] == id).unwrap();
    assert_eq!((&given_up["state"], &given_up["next_at"]), (&json!("failed"), &Value::Null));
    assert_eq!(scene.post("/test").await.0, 409, "nothing is sent to it");
    scene.receiver.received();
    scene.later(60).await;
    assert!(scene.receiver.received().is_empty());

    scene.receiver.accepts();
    let path = format!("/webhooks/{}", scene.webhook);
    assert_eq!(scene.world.api("PATCH", &path, json!({"enabled": true})).await.status, 200);
    scene.world.wait(60);
    let (status, _) = scene.post(&format!("/deliveries/{}/resend", id.as_str().unwrap())).await;
    assert_eq!(status, 202);
    scene.world.deliver().await;
    let received = scene.receiver.received();
    assert!(received.iter().any(|event| event.id() == id.as_str().unwrap()), "{received:?}");
}

#[tokio::test]
async fn a_server_that_is_gone_is_disabled_at_once() {
    let scene = Scene::told_of(&["job.held"]).await;
    scene.receiver.answers([410]);
    scene.test().await;
    assert_eq!(scene.last().await["state"], "failed");
    assert_eq!(scene.get("").await["enabled"], false);
}

#[tokio::test]
async fn an_act_and_a_pause_are_told_and_a_webhook_of_another_workspace_is_not_there() {
    let scene = Scene::told_of(&["audit.recorded", "integration.paused"]).await;
    let foreign = scene.world.other_workspace().await;
    let pause = format!("/integrations/{}/pause", scene.world.hub);
    assert_eq!(scene.world.api("POST", &pause, json!({"reason": "A look"})).await.status, 200);
    scene.world.deliver().await;
    let received = scene.receiver.received();
    let of = |kind: &str| received.iter().find(|event| event.kind() == kind).unwrap().body()["data"].clone();
    assert_eq!(of("integration.paused")["reason"], "A look");
    assert_eq!(
        (&of("audit.recorded")["act"], &of("audit.recorded")["outcome"]["is"]),
        (&json!("pauseIntegration"), &json!("done"))
    );
    assert_eq!(received.len(), 2, "{received:?}");

    for path in ["", "/deliveries"] {
        let path = format!("/webhooks/{}{path}", scene.webhook);
        assert_eq!(scene.world.api_as(&foreign, "GET", &path, Value::Null).await.status, 404);
    }
    let acts = scene.world.api_as(&foreign, "PATCH", "/workspace", json!({"name": "Theirs"})).await;
    assert_eq!(acts.status, 200);
    scene.world.deliver().await;
    assert!(scene.receiver.received().is_empty(), "what happens elsewhere is nobody's business here");

    // Deleted means deleted.
    let path = format!("/webhooks/{}", scene.webhook);
    assert_eq!(scene.world.api("DELETE", &path, Value::Null).await.status, 204);
    scene.world.wait(60);
    assert_eq!(scene.world.api("PATCH", "/workspace", json!({"name": "Main"})).await.status, 200);
    scene.world.deliver().await;
    assert!(scene.receiver.received().is_empty());
}

/// The whole suite as a process: the clock is real, so that the library checks everything.
#[tokio::test]
async fn a_served_suite_delivers_and_the_commands_show_it() {
    delivers(&Usher::start().await.unwrap()).await;
}

/// What was not accepted before the process died is sent after it came back.
#[tokio::test]
async fn an_event_survives_a_power_cut() {
    let receiver = Receiver::start().await;
    let mut usher = Usher::start().await.unwrap();
    let url = receiver.url();
    let made =
        usher.command(&["webhook", "create", "Pager", "--url", &url, "--event", "job.held"]).await.unwrap();
    receiver.answers([500]);
    usher.command(&["webhook", "test", made["webhook"]["id"].as_str().unwrap()]).await.unwrap();
    let came = async |what: &str| {
        let mut received = Vec::new();
        eventually(Duration::from_secs(60), what, async || {
            received = receiver.received();
            !received.is_empty()
        })
        .await;
        received[0].id().to_owned()
    };
    let first = came("the first attempt").await;
    usher.restart().await.unwrap();
    assert_eq!(came("the second attempt").await, first);
}

/// The functions' own programs, with the rights of their roles.
#[tokio::test]
async fn the_deployed_programs_deliver() {
    let usher = Usher::options().processes().start().await.unwrap();
    delivers(&usher).await;
    assert!(!usher.log().contains("does not allow this"), "{}", usher.log());
}

async fn delivers(usher: &Usher) {
    let receiver = Receiver::start().await;
    let (url, event) = (receiver.url(), "audit.recorded");
    let made = usher.command(&["webhook", "create", "Pager", "--url", &url, "--event", event]).await.unwrap();
    let webhook = made["webhook"]["id"].as_str().unwrap();
    usher.command(&["webhook", "test", webhook]).await.unwrap();
    let library = standardwebhooks::Webhook::new(made["secret"].as_str().unwrap()).unwrap();
    eventually(Duration::from_secs(60), "the test event", async || {
        let received = receiver.received();
        for event in &received {
            library.verify(event.text.as_bytes(), &event.headers).unwrap();
        }
        received.iter().any(|event| event.kind() == "webhook.test")
    })
    .await;
    eventually(Duration::from_secs(60), "its outcome", async || {
        let sent = usher.command(&["webhook", "deliveries", webhook]).await.unwrap();
        let sent = sent["items"].as_array().unwrap().clone();
        sent.iter().any(|it| it["type"] == "webhook.test" && it["state"] == "delivered")
    })
    .await;
    usher.command(&["webhook", "set", webhook, "--enabled", "false"]).await.unwrap();
    assert!(usher.command(&["webhook", "test", webhook]).await.is_err());
    usher.command(&["webhook", "delete", webhook]).await.unwrap();
    assert_eq!(usher.command(&["webhook", "list"]).await.unwrap()["items"], json!([]));
    assert!(!usher.log().contains("whsec_"));
}

#[tokio::test]
async fn a_disconnected_integration_is_told_of_once() {
    let scene = Scene::told_of(&["integration.disconnected"]).await;
    scene.seat().await;
    let path = format!("/integrations/{}?people=leave", scene.world.hub);
    assert_eq!(scene.world.api("DELETE", &path, Value::Null).await.status, 200);
    scene.world.deliver().await;
    let received = scene.receiver.received();
    let kinds: Vec<String> = received.iter().map(|event| event.kind()).collect();
    assert_eq!(kinds, ["integration.disconnected"], "the pages of its end are many, and it is told of once");
}

#[tokio::test]
async fn a_rotated_secret_signs_beside_the_new_one_for_a_day_and_not_at_all_when_it_leaked() {
    let scene = Scene::told_of(&["job.held"]).await;
    let rotate = async |body: Value| {
        let path = format!("/webhooks/{}/secret", scene.webhook);
        let answer = scene.world.api("POST", &path, body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["secret"].as_str().unwrap().to_owned()
    };
    let signed = async |secrets: [&str; 2]| {
        scene.test().await;
        let received = scene.receiver.received();
        secrets.map(|secret| received[0].is_signed_with(secret))
    };
    let second = rotate(Value::Null).await;
    assert_ne!(second, scene.secret);
    assert!(scene.get("").await["former_secret_until"].is_string());
    assert_eq!(signed([&scene.secret, &second]).await, [true, true]);
    scene.world.wait(24 * 60 * 60);
    assert_eq!(signed([&scene.secret, &second]).await, [false, true]);
    let third = rotate(json!({"overlap_seconds": 0})).await;
    assert_eq!(signed([&second, &third]).await, [false, true]);
    let (status, _) = scene.post("/secret").await;
    assert_eq!(status, 201);
    let path = format!("/webhooks/{}/secret", scene.webhook);
    let long = scene.world.api("POST", &path, json!({"overlap_seconds": 86_401})).await;
    assert_eq!(long.status, 422);
}

#[tokio::test]
async fn home_tells_of_a_webhook_that_is_disabled() {
    let scene = Scene::told_of(&["job.held"]).await;
    assert!(!scene.world.page("/").await.contains("Webhook disabled"));
    let path = format!("/webhooks/{}", scene.webhook);
    assert_eq!(scene.world.api("PATCH", &path, json!({"enabled": false})).await.status, 200);
    let home = scene.world.page("/").await;
    assert!(home.contains("Webhook disabled") && home.contains("Pager"), "{home}");
}
