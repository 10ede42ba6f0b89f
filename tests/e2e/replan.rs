//! What the planner missed altogether, and an operator has planned again.

use serde_json::{Value, json};
use usher_aws::store::Store;
use usher_domain::{
    Timestamp,
    change::{Change, Subject},
    id::{PersonId, WorkspaceId},
    ports::{Admin, AdminWrite, Operating, Planning, Tenancies},
    tenancy::Suspension,
    workspace::Workspace,
};
use usher_local::replan::{Report, replan};

use crate::{
    access_patterns::world::World,
    store::{Fixture, cause},
};

#[tokio::test]
async fn whoever_left_while_the_planner_was_broken_is_shown_out_after_all() {
    let world = World::new().await;
    let user = json!({"userName": "ada@example.com", "active": true});
    let ada = world.scim("POST", "/Users", user).await.id();
    let team = json!({"displayName": "Everybody", "members": [{"value": ada}]});
    let team = world.scim("POST", "/Groups", team).await.id();
    world.share(&team).await;
    world.settle().await;
    world.wait(60);
    let since = world.now();
    world.scim("DELETE", &format!("/Users/{ada}"), Value::Null).await;
    world.lose().await;
    world.settle().await;
    world.wait(60);

    let plan_again = async |from: Timestamp, to: Timestamp| {
        let report = replan(&world.store, &(from..to), None, world.now()).await.unwrap();
        world.plan().await;
        (report, world.messages())
    };
    let later = world.now();
    world.wait(60);
    assert_eq!(plan_again(later, world.now()).await, (Report::default(), vec![]), "of another time");
    let (report, messages) = plan_again(since, later).await;
    assert_eq!(report, Report { found: 1, planned: 1, ..Report::default() });
    assert_eq!(messages.len(), 1, "the job that shows ada out");
    world.execute(&messages[0]).await;
    world.settle().await;
    let (report, messages) = plan_again(since, later).await;
    assert_eq!((report.planned, messages), (1, vec![]), "once more changes nothing");
}

/// A change of a person in a workspace, some seconds after 1970.
fn change(workspace: &str, second: i64) -> Change {
    let at = Timestamp::from_second(second).unwrap();
    let subject = Subject::Person { person: PersonId::from(uuid::Uuid::new_v4()), left: Vec::new() };
    let id = format!("{workspace}-{second}").parse().unwrap();
    Change::new(id, workspace.parse().unwrap(), subject, usher_domain::change::Cause { at, ..cause() })
}

/// Workspaces whose names begin the same, with changes of the seconds 10 and 20 each.
async fn neighbours() -> Fixture {
    let fixture = Fixture::new().await;
    for workspace in ["main", "main2"] {
        let made = Workspace::new(workspace.parse().unwrap(), workspace, Timestamp::UNIX_EPOCH);
        fixture.db.store.put_workspace(&made, AdminWrite::Create).await.unwrap();
        for second in [10, 20] {
            fixture.db.store.continue_change(&change(workspace, second)).await.unwrap();
        }
    }
    fixture
}

/// Plans the changes of some seconds again, and answers for which ones the planner is woken.
async fn woken(fixture: &Fixture, seconds: [i64; 2], workspace: Option<&str>) -> (Report, Vec<String>) {
    let stream = &fixture.db.stream;
    let before = stream.read_after(None, 1_000).unwrap().last().map(|record| record.sequence);
    let [since, until] = seconds.map(|second| Timestamp::from_second(second).unwrap());
    let workspace: Option<WorkspaceId> = workspace.map(|id| id.parse().unwrap());
    let report =
        replan(&fixture.db.store, &(since..until), workspace.as_ref(), Timestamp::now()).await.unwrap();
    let records = stream.read_after(before, 1_000).unwrap();
    let id = |record: &usher_local::embedded::Record| {
        let image = &record.event["dynamodb"]["NewImage"];
        assert_eq!(image["type"]["S"], "change", "{image}");
        image["pk"]["S"].as_str().unwrap().rsplit_once('#').unwrap().1.to_owned()
    };
    let mut woken: Vec<String> = records.iter().map(id).collect();
    woken.sort_unstable();
    (report, woken)
}

#[tokio::test]
async fn the_planner_is_woken_for_the_changes_of_a_time_and_of_a_workspace() {
    let fixture = neighbours().await;
    let all = |found| Report { found, planned: found, ..Report::default() };
    let (report, ids) = woken(&fixture, [20, 21], None).await;
    assert_eq!((report, ids), (all(2), vec!["main-20".to_owned(), "main2-20".to_owned()]));
    let (report, ids) = woken(&fixture, [10, 20], Some("main")).await;
    assert_eq!((report, ids), (all(1), vec!["main-10".to_owned()]));
}

#[tokio::test]
async fn deleted_workspaces_and_rows_that_cannot_be_read_stand_in_nobodys_way() {
    let fixture = neighbours().await;
    let store: &Store = &fixture.db.store;
    let ending: WorkspaceId = "main2".parse().unwrap();
    let mut tenancy = store.tenancy(&ending).await.unwrap();
    let since = Timestamp::now();
    tenancy.suspension = Some(Suspension { since, reason: "it is deleted".into(), for_good: true });
    store.put_tenancy(&ending, &tenancy).await.unwrap();
    let broken = json!({"TableName": "usher", "Item": {"pk": {"S": "W#main#CHANGE#broken"}, "sk": {"S": "CHANGE"},
        "type": {"S": "change"}, "doc": {"S": "{"}}});
    let put = fixture.db.endpoint.respond("DynamoDB_20120810.PutItem", broken.to_string().into()).await;
    assert_eq!(put.unwrap().0, 200);
    let (report, ids) = woken(&fixture, [10, 11], None).await;
    assert_eq!(report, Report { found: 2, planned: 1, skipped: 1, unreadable: 1 });
    assert_eq!(ids, ["main-10"]);
}

#[tokio::test]
async fn a_change_that_was_erased_meanwhile_does_not_come_back() {
    let fixture = neighbours().await;
    let store = &fixture.db.store;
    store.erase(&fixture.workspace, None).await.unwrap();
    assert!(!store.plan_again(&change("main", 10), Timestamp::now()).await.unwrap());
    assert!(store.changes(Some(&fixture.workspace), None).await.unwrap().rows.is_empty());
}

/// A change is of use as long as it is kept only if what is read to plan it is kept as long.
#[tokio::test]
async fn what_a_change_is_planned_by_is_kept_as_long_as_the_change() {
    let world = World::new().await;
    let mut members = Vec::new();
    for number in 0..120 {
        let user = json!({"userName": format!("user-{number}@example.com"), "active": true});
        members.push(json!({"value": world.scim("POST", "/Users", user).await.id()}));
    }
    let team = world.scim("POST", "/Groups", json!({"displayName": "Everybody"})).await.id();
    world.share(&team).await;
    let join = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "members", "value": members}]});
    world.scim("PATCH", &format!("/Groups/{team}"), join).await;
    let share = format!("/integrations/{}/shares/teams/{team}", world.hub);
    assert!(world.api("DELETE", &share, Value::Null).await.status < 300);
    let rows = world.rows().await;
    let ends = |kind: &str| -> Vec<i64> {
        let of_kind = rows.iter().filter(|row| row["type"]["S"] == kind);
        of_kind.filter_map(|row| row["expires_at"]["N"].as_str()?.parse().ok()).collect()
    };
    let change = *ends("change").iter().min().unwrap();
    for kind in ["staged", "share"] {
        let ends = ends(kind);
        assert!(
            !ends.is_empty() && ends.iter().all(|end| *end >= change),
            "{kind}: {ends:?} before {change}"
        );
    }
}
