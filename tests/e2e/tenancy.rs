//! What an operator decides about a workspace: quotas, and whether it is served.

use serde_json::{Value, json};
use usher_domain::{
    ports::{Operating, Runs, Tenancies},
    tenancy::{Quotas, Suspension, Tenancy},
};

use crate::access_patterns::world::World;

impl World {
    /// Decides about the workspace, and waits until that is noticed.
    pub(crate) async fn decide(&self, change: impl FnOnce(&mut Tenancy)) {
        let mut tenancy = self.store.tenancy(&self.workspace).await.unwrap();
        change(&mut tenancy);
        self.store.put_tenancy(&self.workspace, &tenancy).await.unwrap();
        self.cool_down();
    }

    pub(crate) async fn suspend(&self) {
        let suspension = Suspension { since: self.now(), reason: "the bill of May".into(), for_good: false };
        self.decide(|tenancy| tenancy.suspension = Some(suspension)).await;
    }

    async fn users(&self, count: usize) -> Vec<Value> {
        let mut members = Vec::new();
        for number in 0..count {
            let user = json!({"userName": format!("person-{number}@example.com"), "active": true});
            members.push(json!({"value": self.scim("POST", "/Users", user).await.id()}));
        }
        members
    }

    /// A team of so many, with whom the hub is shared.
    async fn shared_team(&self, people: usize) -> String {
        let members = self.users(people).await;
        let team = json!({"displayName": "Everybody", "members": members});
        let team = self.scim("POST", "/Groups", team).await.id();
        self.share(&team).await;
        team
    }

    async fn access_states(&self) -> Vec<String> {
        let list = self.api("GET", &format!("/integrations/{}/access", self.hub), Value::Null).await.body;
        let items = list["items"].as_array().unwrap();
        let mut states: Vec<_> = items.iter().map(|it| it["state"].as_str().unwrap().to_owned()).collect();
        states.sort();
        states
    }
}

#[tokio::test]
async fn a_suspended_workspace_takes_nothing_in_and_loses_nothing() {
    let world = World::new().await;
    let team = world.shared_team(2).await;
    world.suspend().await;

    let user = json!({"userName": "late@example.com", "active": true});
    for (method, path, body) in [
        ("POST", "/Users", user.clone()),
        ("GET", "/Users", Value::Null),
        ("DELETE", &format!("/Groups/{team}"), Value::Null),
    ] {
        let refused = world.scim(method, path, body).await;
        assert_eq!((refused.status, &refused.body["status"]), (403, &json!("403")), "{}", refused.body);
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains("suspended: the bill of May"), "{detail}");
    }
    // Whoever cannot prove who they are does not learn of it.
    assert_eq!(world.scim_as("wrong", "GET", "/Users").await.status, 401);
    assert_eq!(world.scim("GET", "/Schemas", Value::Null).await.status, 200);

    // What was acknowledged before is done: nobody keeps access, or waits for it, because of a bill.
    world.settle().await;
    assert_eq!(world.access_states().await, ["onboarded", "onboarded"]);

    world.decide(|tenancy| tenancy.suspension = None).await;
    assert_eq!(world.scim("POST", "/Users", user).await.status, 201);
    assert_eq!(world.scim("DELETE", &format!("/Groups/{team}"), Value::Null).await.status, 204);
}

#[tokio::test]
async fn an_oauth_client_of_a_suspended_workspace_gets_no_token() {
    let world = World::new().await;
    let (client, secret) = world.client().await;
    world.suspend().await;
    let refused = world.grant(&client, &secret).await;
    assert_eq!((refused.status, &refused.body["error"]), (403, &json!("unauthorized_client")));
    assert_eq!(world.grant(&client, "wrong").await.status, 401);
}

#[tokio::test]
async fn the_console_of_a_suspended_workspace_can_be_read_and_takes_rights_away() {
    let world = World::new().await;
    let key = json!({"name": "Robot", "role": "admin"});
    let key = world.api("POST", "/api-keys", key).await.body["key"]["id"].as_str().unwrap().to_owned();
    world.suspend().await;
    let refused = world.api("PATCH", "/workspace", json!({"name": "Another"})).await;
    assert_eq!((refused.status, &refused.body["type"]), (403, &json!("urn:usher:problem:suspended")));
    let sync = world.api("POST", &format!("/integrations/{}/sync", world.hub), json!({})).await;
    assert_eq!(sync.status, 403, "{}", sync.body);
    // A question changes nothing.
    let question = json!({"change": {"kind": "end_team_share", "team": "nobody"}});
    let asked = world.api("POST", &format!("/integrations/{}/preview", world.hub), question).await;
    assert_ne!(asked.body["type"], "urn:usher:problem:suspended");

    let seen = world.api("GET", "/workspace", Value::Null).await.body;
    assert_eq!((&seen["name"], &seen["suspension"]["reason"]), (&json!("Main"), &json!("the bill of May")));
    let revoked = world.api("DELETE", &format!("/api-keys/{key}"), Value::Null).await;
    assert_eq!(revoked.status, 204, "{}", revoked.body);
    // That it was tried is in the log.
    let log = world.api("GET", "/audit", Value::Null).await.body.to_string();
    assert!(log.contains("patchWorkspace") && log.contains("suspended"), "{log}");
}

#[tokio::test]
async fn nothing_is_read_on_a_schedule_for_a_suspended_workspace() {
    let world = World::new().await;
    world.suspend().await;
    let run = async || world.store.last_run(&world.workspace, &world.hub).await.unwrap();
    world.wait(48 * 60 * 60);
    world.reconcile().await;
    assert!(run().await.is_none());
    world.decide(|tenancy| tenancy.suspension = None).await;
    world.reconcile().await;
    assert!(run().await.is_some());
}

#[tokio::test]
async fn seats_beyond_the_quota_wait_for_somebody_to_raise_it() {
    let world = World::new().await;
    world.decide(|tenancy| tenancy.quotas = Quotas { seats: Some(2), ..Quotas::default() }).await;
    world.shared_team(3).await;
    world.settle().await;
    assert_eq!(world.access_states().await, ["failed", "onboarded", "onboarded"]);
    let automation = world.api("GET", "/automations", Value::Null).await.body["items"][0].clone();
    assert_eq!(automation["status"], "not_completed", "{automation}");
    let id = automation["id"].as_str().unwrap();
    let jobs = world.api("GET", &format!("/automations/{id}/jobs"), Value::Null).await.body;
    let failed = jobs["items"].as_array().unwrap().iter().find(|job| job["state"] == "failed").unwrap();
    assert_eq!(failed["error"]["class"], "seat_limit");
    let said = failed["error"]["message"].as_str().unwrap();
    assert!(said.starts_with("the workspace may have 2 seats, and has 2;"), "{said}");
    // The app was not asked for a third seat.
    world.app_calls();

    let retry = async || world.api("POST", &format!("/automations/{id}/retry"), Value::Null).await.status;
    assert_eq!(retry().await, 200);
    world.settle().await;
    assert_eq!((world.access_states().await[0].as_str(), world.app_calls()), ("failed", 0));
    world.decide(|tenancy| tenancy.quotas.seats = Some(3)).await;
    assert_eq!(retry().await, 200);
    world.settle().await;
    assert_eq!(world.access_states().await, ["onboarded", "onboarded", "onboarded"]);
}

#[tokio::test]
async fn a_preview_tells_for_whom_the_quota_leaves_no_seat() {
    let world = World::new().await;
    world.shared_team(1).await;
    world.settle().await;
    world.decide(|tenancy| tenancy.quotas.seats = Some(3)).await;
    let more = ["ada", "grace", "hedy"].map(|name| json!({"userName": name, "active": true}));
    let mut people = Vec::new();
    for user in more {
        people.push(json!({"value": world.scim("POST", "/Users", user).await.id()}));
    }
    let team = json!({"displayName": "More", "members": people});
    let team = world.scim("POST", "/Groups", team).await.id();
    let share = json!({"app_access": {"kind": "invite", "roles": ["editor"]}});
    let mut told = Vec::new();
    // Also where an answer has one person.
    for limit in [10, 1] {
        let (mut refused, mut cursor) = (Vec::new(), Value::Null);
        loop {
            let change = json!({"kind": "put_team_share", "team": team, "app_access": share["app_access"]});
            let question = json!({"change": change, "limit": limit, "cursor": cursor});
            let path = format!("/integrations/{}/preview", world.hub);
            let answer = world.api("POST", &path, question).await.body;
            let violations = answer["items"][0]["violations"].as_array().unwrap().clone();
            refused.extend(violations.into_iter().filter(|it| it["code"] == "no_seat_left"));
            cursor = answer["next"].clone();
            if cursor.is_null() {
                break;
            }
        }
        told.push(refused);
    }
    let detail = told[0][0]["detail"].as_str().unwrap();
    assert!(
        detail.contains("1 of these people") && detail.contains("may have 3 seats, and has 3;"),
        "{detail}"
    );
    assert_eq!((told[0].len(), &told[0]), (1, &told[1]));

    let path = format!("/integrations/{}/shares/teams/{team}", world.hub);
    assert_eq!(world.api("PUT", &path, share).await.status, 200);
    world.settle().await;
    assert_eq!(world.access_states().await, ["failed", "onboarded", "onboarded", "onboarded"]);
}

#[tokio::test]
async fn a_quota_that_is_used_up_lets_people_be_changed_and_taken_out() {
    let world = World::new().await;
    let team = world.shared_team(2).await;
    world.settle().await;
    world.decide(|tenancy| tenancy.quotas = Quotas { seats: Some(1), ..Quotas::default() }).await;
    let body = json!({"app_access": {"kind": "invite", "roles": ["admin"]}});
    let path = format!("/integrations/{}/shares/teams/{team}", world.hub);
    assert_eq!(world.api("PUT", &path, body).await.status, 200);
    world.settle().await;
    assert_eq!(world.access_states().await, ["onboarded", "onboarded"]);
    let list = world.api("GET", &format!("/integrations/{}/access", world.hub), Value::Null).await.body;
    assert!(list.to_string().contains("admin"), "{list}");
}

#[tokio::test]
async fn integrations_beyond_the_quota_are_refused() {
    let world = World::new().await;
    let quotas = Quotas { integrations: Some(2), requests_per_second: Some(40), ..Quotas::default() };
    world.decide(|tenancy| tenancy.quotas = quotas).await;
    let hub = json!({"name": "Another", "kind": "business_hub", "connector": "scim",
        "config": {"base_url": "https://app.example"}});
    assert_eq!(world.api("POST", "/integrations", hub.clone()).await.status, 201);
    let refused = world.api("POST", "/integrations", hub).await;
    assert_eq!((refused.status, &refused.body["type"]), (403, &json!("urn:usher:problem:quota")));
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.starts_with("the workspace may have 2 integrations, and has 2;"), "{detail}");
    let seen = world.api("GET", "/workspace", Value::Null).await.body["quotas"].clone();
    assert_eq!(seen, json!({"requests_per_second": 40, "seats": null, "integrations": 2}));
}

#[tokio::test]
async fn requests_beyond_the_quota_are_told_when_to_come_again() {
    let world = World::new().await;
    world.decide(|tenancy| tenancy.quotas.requests_per_second = Some(30)).await;
    let mut refused = Vec::new();
    for _ in 0..70 {
        let answer = world.scim("GET", "/Users?count=0", Value::Null).await;
        if answer.status != 200 {
            refused.push(answer);
        }
    }
    assert_eq!(refused.len(), 10);
    for answer in &refused {
        assert_eq!((answer.status, &answer.body["status"]), (429, &json!("429")));
        assert_eq!(answer.headers["retry-after"], "1");
    }
    world.wait(1);
    assert_eq!(world.scim("GET", "/Users?count=0", Value::Null).await.status, 200);
}

/// Two operators at the same moment do not undo each other, and nobody decides about a workspace that is not there.
#[tokio::test]
async fn a_decision_is_made_on_what_was_read() {
    let world = World::new().await;
    let read = world.store.tenancy(&world.workspace).await.unwrap();
    world.store.put_tenancy(&world.workspace, &read).await.unwrap();
    assert!(world.store.put_tenancy(&world.workspace, &read).await.is_err());
    let read = world.store.tenancy(&world.workspace).await.unwrap();
    world.store.put_tenancy(&world.workspace, &read).await.unwrap();
    assert!(world.store.put_tenancy(&"nowhere".parse().unwrap(), &Tenancy::default()).await.is_err());
    // A tenant's change of its settings leaves it as it is.
    world.suspend().await;
    let workspace =
        usher_domain::ports::Admin::workspace(&*world.store, &world.workspace).await.unwrap().unwrap();
    let write = usher_domain::ports::AdminWrite::Replace;
    usher_domain::ports::Admin::put_workspace(&*world.store, &workspace, write).await.unwrap();
    assert!(world.store.tenancy(&world.workspace).await.unwrap().suspension.is_some());
}
