//! A preview says what then happens: random changes are asked about, made for real, and planned by the real planner
//! over the embedded database.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use usher_domain::{
    access::{Access, Presence},
    id::{IntegrationId, PersonId},
    job::Message,
    ports::Facts,
};

use crate::access_patterns::world::World;

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const CHANGES: usize = 25;

/// A workspace with random people, teams and shares.
struct Office {
    world: World,
    rng: StdRng,
    people: Vec<String>,
    teams: Vec<String>,
    hubs: Vec<IntegrationId>,
    /// Whom the identity provider deleted.
    deleted: BTreeSet<String>,
}

/// Everybody's recorded access, by hub and person.
type Recorded = BTreeMap<(IntegrationId, String), Access>;

impl Office {
    async fn new(seed: u64) -> Self {
        let world = World::new().await;
        let mut rng = StdRng::seed_from_u64(seed);
        let role = |key: &str, group: Option<&str>, rank: u32| json!({"key": key, "name": key, "exclusion_group": group, "rank": rank});
        // Two that rank the same, and a permission beside them.
        let catalogue = json!({
            "roles": [role("viewer", Some("role"), 1), role("editor", Some("role"), 2),
                role("writer", Some("role"), 2), role("billing", None, 0)],
            "entitlements": [{"value": "ads", "name": "Ads"}],
        });
        let path = format!("/integrations/{}", world.hub);
        let grace = *[0, 600].choose(&mut rng).unwrap();
        let patched =
            world.api("PATCH", &path, json!({"catalogue": catalogue, "grace_seconds": grace})).await;
        assert_eq!(patched.status, 200, "{}", patched.body);
        let second = json!({"name": "Second", "kind": "business_hub", "connector": "scim",
            "config": {"base_url": "https://app.invalid"}, "catalogue": catalogue, "grace_seconds": 60});
        let second = world.api("POST", "/integrations", second).await;
        assert_eq!(second.status, 201, "{}", second.body);
        let second = second.body["integration"]["id"].as_str().unwrap().parse().unwrap();
        let mut people = Vec::new();
        for number in 0..7 {
            let user = json!({"userName": format!("p{number}"), "active": number != 6});
            people.push(world.scim("POST", "/Users", user).await.id());
        }
        let mut teams = Vec::new();
        for number in 0..3 {
            let members: Vec<_> = people
                .iter()
                .filter(|_| rng.random_ratio(1, 2))
                .map(|person| json!({ "value": person }))
                .collect();
            let group = json!({"displayName": format!("t{number}"), "members": members});
            teams.push(world.scim("POST", "/Groups", group).await.id());
        }
        let hubs = vec![world.hub.clone(), second];
        Self { world, rng, people, teams, hubs, deleted: BTreeSet::new() }
    }

    fn access(&mut self) -> Value {
        if self.rng.random_ratio(1, 6) {
            return json!({"kind": "hub_only"});
        }
        let rng = &mut self.rng;
        let roles = ["viewer", "editor", "writer", "billing"].into_iter().filter(|_| rng.random_ratio(2, 5));
        let roles: Vec<_> = roles.collect();
        let assets = if rng.random_ratio(1, 3) { json!({"page": ["read"]}) } else { json!({}) };
        let entitlements = if rng.random_ratio(1, 4) { json!(["ads"]) } else { json!([]) };
        json!({"kind": "invite", "roles": roles, "assets": assets, "entitlements": entitlements})
    }

    fn person(&mut self) -> String {
        self.people.choose(&mut self.rng).unwrap().clone()
    }

    fn team(&mut self) -> String {
        self.teams.choose(&mut self.rng).unwrap().clone()
    }

    /// A change, as it is asked about.
    fn change(&mut self) -> Value {
        let some: Vec<String> =
            self.people.clone().into_iter().filter(|_| self.rng.random_ratio(1, 3)).collect();
        match self.rng.random_range(0..20) {
            0..=4 => json!({"kind": "put_team_share", "team": self.team(), "app_access": self.access()}),
            5..=7 => {
                json!({"kind": "put_person_share", "person": self.person(), "app_access": self.access()})
            }
            8..=9 => json!({"kind": "end_team_share", "team": self.team()}),
            10 => json!({"kind": "end_person_share", "person": self.person()}),
            11..=13 => json!({"kind": "add_members", "team": self.team(), "people": some}),
            14..=16 => json!({"kind": "remove_members", "team": self.team(), "people": some}),
            17 => json!({"kind": "delete_team", "team": self.team()}),
            18 => json!({"kind": "deactivate_person", "person": self.person()}),
            _ => json!({"kind": "delete_person", "person": self.person()}),
        }
    }

    fn names_the_deleted(&self, change: &Value) -> bool {
        let people = change["people"].as_array().filter(|_| change["kind"] == "add_members");
        people.into_iter().flatten().any(|person| self.deleted.contains(person.as_str().unwrap()))
    }

    /// Makes the change for real; answers whether it was accepted.
    async fn make(&self, hub: &IntegrationId, change: &Value) -> bool {
        let text = |name: &str| change[name].as_str().unwrap_or_default();
        let (team, person) = (text("team"), text("person"));
        let shares = format!("/integrations/{hub}/shares");
        let patch = |operation: Value| json!({"schemas": [PATCH_OP], "Operations": [operation]});
        let members = |op: &str| {
            let people: Vec<_> = change["people"].as_array().unwrap().iter().collect();
            match op {
                "add" => {
                    let value: Vec<_> = people.iter().map(|person| json!({ "value": person })).collect();
                    vec![json!({"op": "add", "path": "members", "value": value})]
                }
                _ => people
                    .iter()
                    .map(|person| json!({"op": "remove", "path": format!("members[value eq {person}]")}))
                    .collect(),
            }
        };
        let world = &self.world;
        let put = json!({ "app_access": change["app_access"] });
        let answer = match text("kind") {
            "put_team_share" => world.api("PUT", &format!("{shares}/teams/{team}"), put).await,
            "put_person_share" => world.api("PUT", &format!("{shares}/people/{person}"), put).await,
            "end_team_share" => world.api("DELETE", &format!("{shares}/teams/{team}"), Value::Null).await,
            "end_person_share" => {
                world.api("DELETE", &format!("{shares}/people/{person}"), Value::Null).await
            }
            "add_members" | "remove_members" => {
                let op = if text("kind") == "add_members" { "add" } else { "remove" };
                let body = json!({"schemas": [PATCH_OP], "Operations": members(op)});
                if change["people"].as_array().unwrap().is_empty() {
                    return true;
                }
                world.scim("PATCH", &format!("/Groups/{team}"), body).await
            }
            "delete_team" => world.scim("DELETE", &format!("/Groups/{team}"), Value::Null).await,
            "deactivate_person" => {
                let off = patch(json!({"op": "replace", "path": "active", "value": false}));
                world.scim("PATCH", &format!("/Users/{person}"), off).await
            }
            "delete_person" => world.scim("DELETE", &format!("/Users/{person}"), Value::Null).await,
            other => panic!("{other}"),
        };
        answer.status < 300
    }

    async fn recorded(&self) -> Recorded {
        let people: Vec<PersonId> = self.people.iter().map(|person| person.parse().unwrap()).collect();
        let mut recorded = Recorded::new();
        for hub in &self.hubs {
            let found =
                Facts::accesses(&*self.world.store, &self.world.workspace, hub, &people).await.unwrap();
            recorded.extend(
                found.into_iter().map(|(person, access)| ((hub.clone(), person.to_string()), access)),
            );
        }
        recorded
    }

    /// All pages of the preview: what it says of each person in each hub, and with which status it answered.
    async fn previewed(
        &mut self,
        hub: &IntegrationId,
        change: &Value,
    ) -> Result<BTreeMap<(IntegrationId, String), Value>, u16> {
        let of_share = change["kind"].as_str().unwrap().ends_with("_share");
        let path = if of_share { format!("/integrations/{hub}/preview") } else { "/preview".to_owned() };
        let limit = self.rng.random_range(1..5);
        let (mut said, mut cursor, mut left) = (BTreeMap::new(), Value::Null, None);
        loop {
            let question = json!({"change": change, "cursor": cursor, "limit": limit});
            let answer = self.world.api("POST", &path, question).await;
            if answer.status != 200 {
                return Err(answer.status);
            }
            let mut counted = 0;
            for item in answer.body["items"].as_array().unwrap() {
                let hub: IntegrationId = item["integration"].as_str().unwrap().parse().unwrap();
                let people = item["people"].as_array().unwrap();
                let total: u64 =
                    item["totals"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
                assert_eq!(total, people.len() as u64);
                for (seats, side) in [("seats_before", "before"), ("seats_after", "after")] {
                    let seated = people.iter().filter(|person| !person[side].is_null()).count();
                    assert_eq!(item[seats], seated, "{item}");
                }
                counted = counted.max(people.len() as u64);
                for person in people {
                    let key = (hub.clone(), person["person"].as_str().unwrap().to_owned());
                    assert_eq!(said.insert(key, person.clone()), None, "nobody comes twice");
                }
            }
            if let Some(left) = left.filter(|_| !answer.body["items"].as_array().unwrap().is_empty()) {
                assert!(counted <= left, "more people than were said to be left");
            }
            left = answer.body["left"].as_u64();
            cursor = answer.body["next"].clone();
            if cursor.is_null() {
                assert_eq!(left, Some(0));
                return Ok(said);
            }
            assert!(left > Some(0));
        }
    }
}

fn seat(access: Option<&Access>) -> Value {
    match access.and_then(|access| access.desired.as_ref()).map(|desired| &desired.presence) {
        Some(Presence::Seated(seat)) => serde_json::to_value(seat).unwrap(),
        Some(Presence::Absent) | None => Value::Null,
    }
}

fn not_before(access: Option<&Access>) -> Value {
    json!(access.and_then(|access| access.desired.as_ref()).and_then(|desired| desired.not_before))
}

/// What the preview did not say right, of one change.
fn compare(
    said: &BTreeMap<(IntegrationId, String), Value>,
    before: &Recorded,
    after: &Recorded,
) -> BTreeMap<String, u64> {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let keys: BTreeSet<_> = said.keys().chain(before.keys()).chain(after.keys()).collect();
    for key in keys {
        let (was, is) = (before.get(key), after.get(key));
        let Some(told) = said.get(key) else {
            assert_eq!(seat(was), seat(is), "{key:?} was not foretold");
            continue;
        };
        assert_eq!(told["before"], seat(was), "{key:?} before: {told}");
        assert_eq!(told["after"], seat(is), "{key:?} after: {told}");
        let change = told["change"].as_str().unwrap();
        *seen.entry(change.to_owned()).or_default() += 1;
        let version = |access: Option<&Access>| access.map_or(0, Access::version);
        if change == "unchanged" {
            assert_eq!(version(was), version(is), "{key:?}: {told}");
        } else {
            assert_eq!(version(was) + 1, version(is), "{key:?}: {told}");
            assert_eq!(told["dissolves"], json!(is.is_some_and(|access| access.job.is_none())), "{key:?}");
        }
        if change.starts_with("removed") {
            assert_eq!(told["removal_begins_at"], not_before(is), "{key:?}: {told}");
        }
    }
    seen
}

/// Asks, makes and compares. Answers how often each kind of change was seen.
async fn run(seed: u64) -> BTreeMap<String, u64> {
    let mut office = Office::new(seed).await;
    office.world.plan().await;
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for _ in 0..CHANGES {
        let change = office.change();
        let hub = office.hubs.choose(&mut office.rng).unwrap().clone();
        let before = office.recorded().await;
        let said = office.previewed(&hub, &change).await;
        assert_eq!(office.recorded().await, before, "seed {seed}: a preview wrote something: {change}");
        let accepted = office.make(&hub, &change).await;
        office.world.plan().await;
        let after = office.recorded().await;
        match said {
            // The connection refuses a write that names somebody who is not there. The preview says so (see below),
            // and what it would be without them.
            Ok(_) if office.names_the_deleted(&change) => {
                assert!(!accepted, "seed {seed}: {change}");
                assert_eq!(before, after);
            }
            Ok(said) => {
                if change["kind"] == "delete_person" {
                    office.deleted.insert(change["person"].as_str().unwrap().to_owned());
                }
                assert!(accepted, "seed {seed}: refused after a preview: {change}");
                for (kind, count) in compare(&said, &before, &after) {
                    *seen.entry(kind).or_default() += count;
                }
            }
            Err(status) => {
                assert!(!accepted, "seed {seed}: {status} was said, and it was accepted: {change}");
                assert!((400..500).contains(&status));
            }
        }
        // Some changes meet open jobs, others an app that agrees.
        if office.rng.random_ratio(1, 3) {
            for message in office.world.messages() {
                let Message::Job(job) = &message else { continue };
                if job.integration == office.world.hub {
                    office.world.execute(&message).await;
                }
            }
            office.world.plan().await;
        }
    }
    seen
}

#[tokio::test]
async fn a_preview_of_a_random_change_is_what_then_happens() {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let seeds = match std::env::var("USHER_SEED").ok().and_then(|seed| seed.parse::<u64>().ok()) {
        Some(seed) => seed..seed + 1,
        None => 0..5,
    };
    let one = seeds.end - seeds.start == 1;
    for seed in seeds {
        for (kind, count) in run(seed).await {
            *seen.entry(kind).or_default() += count;
        }
    }
    for kind in ["added", "roles_changed", "assets_changed", "removed", "unchanged"] {
        assert!(one || seen.contains_key(kind), "no run has seen anybody {kind}: {seen:?}");
    }
}

#[tokio::test]
async fn a_preview_tells_what_would_be_refused_or_give_nothing() {
    let mut office = Office::new(1).await;
    office.world.plan().await;
    let (team, hub) = (office.team(), office.world.hub.clone());
    let path = format!("/integrations/{hub}/preview");
    let unknown = json!({"kind": "put_team_share", "team": team, "app_access":
        {"kind": "invite", "roles": ["owner"], "entitlements": ["gold"]}});
    let answer = office.world.api("POST", &path, json!({ "change": unknown })).await.body;
    let codes = |answer: &Value| -> Vec<String> {
        let violations = answer["items"][0]["violations"].as_array().unwrap();
        violations.iter().map(|violation| violation["code"].as_str().unwrap().to_owned()).collect()
    };
    assert!(codes(&answer).starts_with(&["unknown_role".into(), "unknown_entitlement".into()]), "{answer}");
    let hub_only = json!({"kind": "put_team_share", "team": team, "app_access": {"kind": "hub_only"}});
    let answer = office.world.api("POST", &path, json!({ "change": hub_only })).await.body;
    assert_eq!(codes(&answer)[0], "hub_only");
    let join = json!({"kind": "add_members", "team": team, "people": [office.people[6], "nobody"]});
    let answer = office.world.api("POST", &path, json!({ "change": join })).await.body;
    assert_eq!(codes(&answer), ["not_in_directory", "inactive"]);

    let share = json!({"change": {"kind": "end_team_share", "team": team}});
    assert_eq!(office.world.api("POST", "/preview", share.clone()).await.status, 422);
    assert_eq!(office.world.api("POST", &path, share).await.status, 404);
    let missing = json!({"change": {"kind": "delete_team", "team": "nothing"}});
    assert_eq!(office.world.api("POST", "/preview", missing).await.status, 404);
}
