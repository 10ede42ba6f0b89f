//! A workspace of many people, with one hub that everybody is in, and its pages.

use futures::{StreamExt, stream};
use serde_json::{Value, json};
use usher_connector::Verdict;

use super::World;

/// How many people join in one request.
const AT_ONCE: usize = 1_000;
/// How many jobs are executed at the same time.
const JOBS_AT_ONCE: usize = 8;

/// The workspace.
pub(crate) struct Office {
    pub(crate) world: World,
    team: String,
    person: String,
}

impl Office {
    /// So many people, all in one team that the hub is shared with; so many of them join one by one, each an automation of
    /// their own.
    pub(crate) async fn new(people: usize, one_by_one: usize) -> Self {
        let world = World::new().await;
        let team = world.scim("POST", "/Groups", json!({"displayName": "Everybody"})).await.id();
        let mut everybody = Vec::with_capacity(people);
        for number in 0..people {
            let user = json!({"userName": format!("colleague{number:05}@northwind.example"), "active": true,
                "displayName": format!("Colleague Number {number:05}"),
                "emails": [{"value": format!("colleague{number:05}@northwind.example"), "primary": true}]});
            everybody.push(world.scim("POST", "/Users", user).await.id());
        }
        let (first, rest) = everybody.split_at(people.saturating_sub(one_by_one));
        for some in first.chunks(AT_ONCE) {
            join(&world, &team, some).await;
        }
        let shared =
            json!({"hub_role": "collaborator", "app_access": {"kind": "invite", "roles": ["editor"]}});
        let path = format!("/integrations/{}/shares/teams/{team}", world.hub);
        assert!(world.api("PUT", &path, shared).await.status < 300);
        work(&world).await;
        for one in rest.chunks(1) {
            join(&world, &team, one).await;
            work(&world).await;
        }
        Self { person: everybody[0].clone(), world, team }
    }

    /// Every page, by name and address.
    pub(crate) async fn pages(&self) -> Vec<(&'static str, String)> {
        let Self { world, team, person } = self;
        let automations = world.api("GET", "/automations?limit=100", Value::Null).await.body;
        let largest = automations["items"].as_array().unwrap().iter().max_by_key(|automation| {
            automation["counts"].as_object().unwrap().values().filter_map(Value::as_u64).sum::<u64>()
        });
        let automation = largest.unwrap()["id"].as_str().unwrap().to_owned();
        let path = format!("/automations/{automation}/jobs?limit=1");
        let jobs = world.api("GET", &path, Value::Null).await.body;
        let job = jobs["items"][0]["id"].as_str().unwrap().to_owned();
        let hub = format!("/integrations/{}", world.hub);
        vec![
            ("home", "/".to_owned()),
            ("log", "/automations".to_owned()),
            ("log, filtered", "/automations?status=completed".to_owned()),
            ("log, jobs open", format!("/automations?open={automation}")),
            ("automation", format!("/automations/{automation}")),
            ("job", format!("/jobs/{job}")),
            ("integrations", "/integrations".to_owned()),
            ("connect an app", "/integrations/new".to_owned()),
            ("connect: form", "/integrations/new/scim".to_owned()),
            ("overview", hub.clone()),
            ("access", format!("{hub}/access")),
            ("access, by state", format!("{hub}/access?state=onboarded")),
            ("shares", format!("{hub}/shares")),
            ("share: choose", format!("{hub}/share?q=colleague")),
            ("share: preview", format!("{hub}/share?team={team}&role.role=viewer")),
            ("end a share", format!("{hub}/share/end?team={team}")),
            ("entitlements", format!("{hub}/entitlements")),
            ("sync", format!("{hub}/sync")),
            ("activity", format!("{hub}/activity")),
            ("settings of it", format!("{hub}/settings")),
            ("settings of the app", format!("{hub}/app")),
            ("disconnect", format!("{hub}/disconnect")),
            (
                "guards",
                format!(
                    "{hub}/guards?losses_count=1&losses_percent=1&promotions_count=1&promotions_percent=1&hold_hours=1&protected_accounts="
                ),
            ),
            ("held work", format!("{hub}/held")),
            ("people", "/people".to_owned()),
            ("people, found", "/people?q=colleague00042".to_owned()),
            ("person", format!("/people/{person}")),
            ("explain", format!("/people/{person}/access/{}", world.hub)),
            ("teams", "/teams".to_owned()),
            ("team", format!("/teams/{team}")),
            ("new team", "/teams/new".to_owned()),
            ("identity providers", "/connections".to_owned()),
            ("connection", "/connections/main.idp".to_owned()),
            ("guide", "/connections/main.idp/guide/okta".to_owned()),
            ("usage", "/usage".to_owned()),
            ("audit log", "/audit".to_owned()),
            ("members", "/settings/members".to_owned()),
            ("API keys", "/settings/keys".to_owned()),
            ("webhooks", "/settings/webhooks".to_owned()),
            ("sign-in", "/settings/sign-in".to_owned()),
            ("sessions", "/settings/sessions".to_owned()),
        ]
    }
}

async fn join(world: &World, team: &str, people: &[String]) {
    let members: Vec<Value> = people.iter().map(|person| json!({ "value": person })).collect();
    let operation = json!({"op": "add", "path": "members", "value": members});
    let patch =
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
    let path = format!("/Groups/{team}?excludedAttributes=members");
    let joined = world.scim("PATCH", &path, patch).await;
    assert_eq!(joined.status, 200, "{}", joined.body);
}

/// Everything that is left to do, several jobs at a time.
async fn work(world: &World) {
    loop {
        world.plan().await;
        let messages = world.messages();
        if messages.is_empty() {
            return;
        }
        let executing = stream::iter(&messages).map(|message| world.executor.run(message));
        executing
            .buffer_unordered(JOBS_AT_ONCE)
            .for_each(async |ended| assert_eq!(ended.expect("the store answers"), Verdict::Done))
            .await;
    }
}
