//! Blast radius: what is held, and what becomes of it.

use futures::future::join_all;
use serde_json::{Value, json};
use usher_domain::{access::AccessState, ports::Execution};

use super::Office;

fn person(job: &Value) -> &str {
    job["person"].as_str().unwrap()
}

#[tokio::test]
async fn a_mass_removal_is_held_beyond_the_limit_and_an_admin_decides() {
    let office = Office::new(12, json!({})).await;
    office.unshare().await;
    office.world.settle().await;
    // 20 % of 12 seats are fewer than 5.
    let held = office.jobs_in("held").await;
    assert_eq!((office.seats().await, held.len()), (7, 7));
    let automation = office.automation().await;
    assert_eq!(automation["status"], "awaiting_approval", "{automation}");
    assert_eq!(automation["counts"], json!({"held": 7, "done": 5}));
    assert_eq!(held[0]["error"]["class"], "blast_radius");
    assert_eq!(office.access(person(&held[0])).await.state, AccessState::Held);

    let approved = office.rule(&held[0], "approve").await;
    assert_eq!((&approved["state"], &approved["ruling"]["verdict"]), (&json!("queued"), &json!("approved")));
    assert_eq!(approved["ruling"]["actor"]["name"], "Measure");
    office.world.settle().await;
    assert!(!office.is_seated(person(&held[0])).await);

    let rejected = office.rule(&held[1], "reject").await;
    assert_eq!(
        (&rejected["state"], &rejected["ruling"]["verdict"]),
        (&json!("cancelled"), &json!("rejected"))
    );
    let twice = format!("/jobs/{}/approve", rejected["id"].as_str().unwrap());
    assert_eq!(office.world.api("POST", &twice, Value::Null).await.status, 409);

    let path = format!("/automations/{}/approve", automation["id"].as_str().unwrap());
    let ruled = office.world.api("POST", &path, Value::Null).await;
    assert_eq!((ruled.status, ruled.body), (200, json!({"jobs": 5, "more": false})));
    office.world.settle().await;
    assert_eq!(office.seats().await, 1);
    assert_eq!(office.automation().await["counts"], json!({"done": 11, "cancelled": 1}));
    let activity = office.ok("GET", "/activity", Value::Null).await;
    let told = activity["items"].as_array().unwrap().iter().find(|row| row["job"] == rejected["id"]);
    assert_eq!(told.unwrap()["event"], "removal_failed", "{told:?}");
}

#[tokio::test]
async fn all_held_work_of_an_integration_is_decided_at_once_from_whichever_automation() {
    let office = Office::new(4, json!({"losses": {"count": 0, "percent": 0}})).await;
    for person in &office.people {
        office.deactivate(person).await;
    }
    office.world.settle().await;
    let path = |path: &str| format!("/integrations/{}{path}", office.world.hub);
    let shown = office.world.page(&path("/held")).await;
    assert!(shown.contains("Removing users") && shown.contains("4 people"), "{shown}");
    assert!(shown.contains("Approve all 4"), "{shown}");
    assert!(office.world.page(&path("")).await.contains(&path("/held")));
    assert_eq!(office.seats().await, 4, "each is an automation of its own, and all of them are held");

    assert_eq!(office.ok("POST", "/held/reject", Value::Null).await, json!({"jobs": 4, "more": false}));
    assert_eq!(office.ok("POST", "/held/approve", Value::Null).await["jobs"], 0, "it is decided once");
    office.world.settle().await;
    assert_eq!(office.seats().await, 4);

    // Something else is decided, and held again.
    for person in &office.people {
        office.activate(person).await;
        office.world.settle().await;
        office.deactivate(person).await;
    }
    office.world.settle().await;
    let approved = office.ok("POST", "/held/approve", Value::Null).await;
    assert_eq!(approved["jobs"], 4);
    office.world.settle().await;
    assert_eq!(office.seats().await, 0);
    let nobody = office.world.api("POST", "/integrations/nothing/held/approve", Value::Null).await;
    assert_eq!(nobody.status, 404);
}

#[tokio::test]
async fn what_was_rejected_is_not_asked_for_again_until_something_else_is_decided() {
    let office = Office::new(1, json!({"losses": {"count": 0, "percent": 0}})).await;
    let ada = office.people[0].clone();
    office.unshare().await;
    office.world.settle().await;
    office.rule(&office.jobs_in("held").await[0], "reject").await;
    let version = office.access(&ada).await.version();

    // Whatever makes the planner look again.
    let rename = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "displayName", "value": "Ada"}]});
    office.world.scim("PATCH", &format!("/Users/{ada}"), rename).await;
    office.world.settle().await;
    office.world.reconcile().await;
    office.world.settle().await;
    let access = office.access(&ada).await;
    assert_eq!((access.version(), access.job), (version, None));
    assert!(office.is_seated(&ada).await);

    // To keep somebody who lost their grants is not to keep somebody who left.
    office.deactivate(&ada).await;
    office.world.settle().await;
    let held = office.jobs_in("held").await;
    assert_eq!(held.len(), 1, "a deactivation passes through the guard too");
    office.rule(&held[0], "approve").await;
    office.world.settle().await;
    assert!(!office.is_seated(&ada).await);
}

#[tokio::test]
async fn held_work_dissolves_when_access_returns() {
    let office = Office::new(2, json!({"losses": {"count": 0, "percent": 0}})).await;
    office.unshare().await;
    office.world.settle().await;
    let held = office.jobs_in("held").await;
    assert_eq!(held.len(), 2);
    office.share("editor").await;
    office.world.settle().await;
    let access = office.access(&office.people[0]).await;
    assert_eq!((access.state, access.job), (AccessState::Onboarded, None));
    let path = format!("/jobs/{}", held[0]["id"].as_str().unwrap());
    assert_eq!(office.world.api("GET", &path, Value::Null).await.body["state"], "superseded");
    assert_eq!(office.seats().await, 2);
}

#[tokio::test]
async fn held_work_expires_as_if_it_were_rejected() {
    let office = Office::new(1, json!({"losses": {"count": 0, "percent": 0}, "hold_seconds": 3600})).await;
    office.unshare().await;
    office.world.settle().await;
    office.world.wait(3_000);
    office.world.reconcile().await;
    assert_eq!(office.jobs_in("held").await.len(), 1, "its time has not passed");
    office.world.wait(601);
    office.world.reconcile().await;
    let expired = office.jobs_in("cancelled").await;
    assert_eq!(expired[0]["ruling"]["verdict"], "expired", "{expired:?}");
    let access = office.access(&office.people[0]).await;
    assert!(access.is_rejected());
    assert_eq!((access.state, access.job), (AccessState::Onboarded, None));
    let activity = office.ok("GET", "/activity", Value::Null).await;
    assert_eq!(activity["items"][0]["event"], "removal_failed");
    assert_eq!(activity["items"][0]["actor"]["kind"], "usher");
}

#[tokio::test]
async fn demotions_and_removals_share_a_limit_and_promotions_have_their_own() {
    let guards = json!({"losses": {"count": 2, "percent": 0}, "promotions": {"count": 1, "percent": 0}});
    let office = Office::new(3, guards).await;
    office.deactivate(&office.people[0]).await;
    office.world.settle().await;
    office.share("viewer").await;
    office.world.settle().await;
    assert_eq!((office.jobs_in("done").await.len(), office.jobs_in("held").await.len()), (1, 1));
    let held = office.jobs_in("held").await;
    office.rule(&held[0], "approve").await;
    office.world.settle().await;
    office.share("admin").await;
    office.world.settle().await;
    assert_eq!((office.jobs_in("done").await.len(), office.jobs_in("held").await.len()), (1, 1));
}

#[tokio::test]
async fn many_executors_at_once_let_no_more_pass() {
    let office = Office::new(12, json!({})).await;
    office.unshare().await;
    office.world.plan().await;
    let messages = office.world.messages();
    assert_eq!(messages.len(), 12);
    join_all(messages.iter().map(|message| office.world.execute(message))).await;
    office.world.settle().await;
    let tally = office.world.store.tally(&office.world.workspace, &office.world.hub).await.unwrap();
    assert_eq!(tally.lately.iter().map(|bucket| bucket.losses).sum::<u64>(), 5);
    assert_eq!((tally.seats, office.jobs_in("held").await.len()), (7, 7));
}

#[tokio::test]
async fn guards_are_settings_of_the_integration() {
    let office = Office::new(0, json!({"losses": {"count": 1}})).await;
    let shown = office.ok("GET", "", Value::Null).await;
    let promotions = json!({"count": 5, "percent": 20});
    let losses = json!({"count": 1, "percent": 20});
    let expected = json!({"losses": losses, "promotions": promotions, "hold_seconds": 604_800,
        "protected_accounts": []});
    assert_eq!(shown["guards"], expected);
    let path = format!("/integrations/{}", office.world.hub);
    let wrong = json!({"guards": {"losses": {"percent": 200}}});
    assert_eq!(office.world.api("PATCH", &path, wrong).await.status, 422);
}

#[tokio::test]
async fn held_work_is_told_with_the_automation_that_holds_it_and_its_reason_once() {
    let office = Office::new(4, json!({"losses": {"count": 0, "percent": 0}})).await;
    office.unshare().await;
    office.world.settle().await;
    let page = office.world.page(&format!("/integrations/{}/held", office.world.hub)).await;
    let automation = office.automation().await["id"].as_str().unwrap().to_owned();
    assert!(page.contains(&format!("action=\"/automations/{automation}/approve\"")), "{page}");
    assert!(page.contains("Approve all 4") && page.contains("Approve 4"), "{page}");
    assert_eq!(page.matches("wait for an approval").count(), 1, "{page}");
    for person in &office.people {
        assert!(page.contains(&format!("/people/{person}")), "{page}");
    }
}
