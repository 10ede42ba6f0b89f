//! People who are left alone or protected, the last admin, and grants of all assets.

use serde_json::{Value, json};
use usher_domain::access::{AccessState, Presence};

use super::Office;

async fn mark(office: &Office, person: &str, kind: &str) {
    let body = json!({"kind": kind, "reason": "a test"});
    let access = office.ok("PUT", &format!("/people/{person}/mark"), body).await;
    assert_eq!(access["mark"]["kind"], kind, "{access}");
    assert_eq!(access["mark"]["actor"]["name"], "Measure");
}

async fn unmark(office: &Office, person: &str) {
    let access = office.ok("DELETE", &format!("/people/{person}/mark"), Value::Null).await;
    assert_eq!(access["mark"], Value::Null);
}

#[tokio::test]
async fn somebody_exempt_is_left_alone_until_the_mark_is_taken_away() {
    let office = Office::new(2, json!({})).await;
    let ada = office.people[0].clone();
    mark(&office, &ada, "exempt").await;
    office.world.settle().await;
    assert_eq!(office.access(&ada).await.state, AccessState::Exempted);
    office.unshare().await;
    office.world.settle().await;
    let access = office.access(&ada).await;
    assert_eq!((access.state, access.job), (AccessState::Exempted, None));
    assert!(office.is_seated(&ada).await && !office.is_seated(&office.people[1]).await);
    unmark(&office, &ada).await;
    office.world.settle().await;
    assert!(!office.is_seated(&ada).await, "what was not done is decided anew");
    assert_eq!(office.access(&ada).await.state, AccessState::Removed);
}

#[tokio::test]
async fn an_exemption_closes_the_open_job() {
    let office = Office::new(1, json!({"losses": {"count": 0, "percent": 0}})).await;
    office.unshare().await;
    office.world.settle().await;
    assert_eq!(office.jobs_in("held").await.len(), 1);
    mark(&office, &office.people[0], "exempt").await;
    office.world.settle().await;
    assert_eq!(office.jobs_in("superseded").await.len(), 1);
    // The mark went to the planner; should a job's message overtake it, the job does nothing either.
    unmark(&office, &office.people[0]).await;
    office.world.plan().await;
    mark(&office, &office.people[0], "exempt").await;
    for message in office.world.messages() {
        office.world.execute(&message).await;
    }
    assert!(office.is_seated(&office.people[0]).await);
}

#[tokio::test]
async fn somebody_protected_stays_and_goes_when_the_mark_is_taken_away() {
    let office = Office::new(2, json!({"losses": {"count": 1, "percent": 0}})).await;
    let ada = office.people[0].clone();
    mark(&office, &ada, "protected").await;
    office.world.settle().await;
    office.unshare().await;
    office.world.settle().await;
    let failed = office.jobs_in("failed").await;
    // And it was not counted: the other removal fits the limit.
    assert_eq!(failed.len(), 1, "{:?}", office.jobs().await);
    assert_eq!((&failed[0]["person"], &failed[0]["error"]["class"]), (&json!(ada), &json!("policy_denied")));
    assert_eq!(office.seats().await, 1);
    office.world.wait(2 * 3_600);
    unmark(&office, &ada).await;
    office.world.settle().await;
    assert_eq!(office.seats().await, 0);
}

#[tokio::test]
async fn protected_accounts_are_listed_by_name() {
    let office = Office::new(2, json!({"protected_accounts": ["P0"]})).await;
    office.unshare().await;
    office.world.settle().await;
    assert!(office.is_seated(&office.people[0]).await && !office.is_seated(&office.people[1]).await);
}

#[tokio::test]
async fn the_last_admin_is_neither_demoted_nor_removed() {
    let office = Office::new(3, json!({"losses": {"count": 9, "percent": 100}})).await;
    office.share("admin").await;
    office.world.settle().await;
    office.share("viewer").await;
    office.world.settle().await;
    let failed = office.jobs_in("failed").await;
    assert_eq!(failed.len(), 1, "{:?}", office.jobs().await);
    assert!(failed[0]["error"]["message"].as_str().unwrap().contains("nobody else"), "{failed:?}");
    let last = failed[0]["person"].as_str().unwrap();
    office.deactivate(last).await;
    office.world.settle().await;
    assert!(office.is_seated(last).await);
}

#[tokio::test]
async fn a_grant_of_all_assets_follows_the_catalogue() {
    let office = Office::new(1, json!({})).await;
    let asset = |id: &str| json!({"id": id, "name": id, "permissions": [{"key": "read", "name": "Read"}]});
    let roles = office.ok("GET", "", Value::Null).await["catalogue"]["roles"].clone();
    office.set(json!({"catalogue": {"roles": roles, "assets": [asset("page")]}})).await;
    let access = json!({"app_access": {"kind": "invite", "roles": ["editor"], "assets": {"*": ["read"]}}});
    office.ok("PUT", &format!("/shares/teams/{}", office.team), access).await;
    office.world.plan().await;
    let granted = async || match office.access(&office.people[0]).await.desired.unwrap().presence {
        Presence::Seated(seat) => seat.assets.into_keys().collect::<Vec<_>>(),
        Presence::Absent => panic!("absent"),
    };
    assert_eq!(granted().await, ["page"]);
    office.set(json!({"catalogue": {"roles": roles, "assets": [asset("page"), asset("shop")]}})).await;
    office.world.plan().await;
    assert_eq!(granted().await, ["page", "shop"]);
    let star = json!({"catalogue": {"roles": roles, "assets": [asset("*")]}});
    let path = format!("/integrations/{}", office.world.hub);
    assert_eq!(office.world.api("PATCH", &path, star).await.status, 422);
}
