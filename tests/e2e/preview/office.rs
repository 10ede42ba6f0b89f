//! A workspace with random people, teams and shares, and random changes of it: as they are asked about, and made.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use usher_domain::{
    access::{Access, Presence},
    id::{IntegrationId, PersonId},
    ports::Facts,
};

use crate::access_patterns::world::{Answer, World};

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Everybody's recorded access, by integration and person.
pub(super) type Recorded = BTreeMap<(IntegrationId, String), Access>;

/// What a preview says of everybody, by integration and person.
pub(super) type Said = BTreeMap<(IntegrationId, String), Value>;

/// A workspace with random people, teams and shares.
pub(super) struct Office {
    pub(super) world: World,
    pub(super) rng: StdRng,
    pub(super) people: Vec<String>,
    pub(super) teams: Vec<String>,
    /// Two hubs, the second without an app that answers.
    pub(super) hubs: Vec<IntegrationId>,
    /// Whether shares give assets, which the app of the first hub does not have.
    pub(super) gives_assets: bool,
    gateway: Gateway,
}

/// An IdLCM integration with people of its own.
struct Gateway {
    integration: IntegrationId,
    connection: String,
    token: String,
    people: Vec<String>,
}

/// What exists in every app of the office: two roles that rank the same, and a permission beside them.
pub(super) fn catalogue(assets: &[&str]) -> Value {
    let role = |key: &str, group: Option<&str>, rank: u32| json!({"key": key, "name": key, "exclusion_group": group, "rank": rank});
    let asset = |id: &&str| json!({"id": id, "name": id, "permissions": [role("read", None, 0), role("post", None, 0)]});
    json!({
        "roles": [role("viewer", Some("role"), 1), role("editor", Some("role"), 2),
            role("writer", Some("role"), 2), role("admin", Some("role"), 3), role("billing", None, 0)],
        "entitlements": [{"value": "ads", "name": "Ads"}, {"value": "shop", "name": "Shop"}],
        "assets": assets.iter().map(asset).collect::<Vec<_>>(),
    })
}

impl Office {
    pub(super) async fn new(seed: u64, size: usize) -> Self {
        let world = World::new().await;
        let mut rng = StdRng::seed_from_u64(seed);
        let path = format!("/integrations/{}", world.hub);
        let grace = *[0, 600].choose(&mut rng).unwrap();
        let mut config = world.api("GET", &path, Value::Null).await.body["config"].clone();
        config["entitlements"] = json!({"as": "entitlements_attribute"});
        let settings = json!({"catalogue": catalogue(&["page"]), "grace_seconds": grace, "config": config});
        let patched = world.api("PATCH", &path, settings).await;
        assert_eq!(patched.status, 200, "{}", patched.body);
        let second = integration(&world, "business_hub").await["integration"].clone();
        let made = integration(&world, "id_lcm").await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut gateway = Gateway {
            integration: text(&made["integration"]["id"]).parse().unwrap(),
            connection: text(&made["integration"]["connection"]),
            token: text(&made["scim"]["token"]),
            people: Vec::new(),
        };
        for number in 0..3 {
            let user = json!({"userName": format!("own{number}"), "active": true});
            gateway.people.push(gateway.call(&world, "POST", "/Users", user).await.id());
        }
        let mut people = Vec::new();
        for number in 0..size {
            let user = json!({"userName": format!("p{number}"), "active": number + 1 != size});
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
        let hubs = vec![world.hub.clone(), text(&second["id"]).parse().unwrap()];
        Self { world, rng, people, teams, hubs, gives_assets: true, gateway }
    }

    pub(super) fn access(&mut self) -> Value {
        if self.rng.random_ratio(1, 6) {
            return json!({"kind": "hub_only"});
        }
        let rng = &mut self.rng;
        let likely = [("viewer", 2), ("editor", 2), ("writer", 2), ("admin", 1), ("billing", 2)];
        let roles = likely.into_iter().filter(|(_, fifths)| rng.random_ratio(*fifths, 6));
        let roles: Vec<_> = roles.map(|(role, _)| role).collect();
        let assets = match rng.random_range(0..5) {
            _ if !self.gives_assets => json!({}),
            0 => json!({"page": ["read"]}),
            1 => json!({"*": ["read", "post"]}),
            _ => json!({}),
        };
        let entitlements = if rng.random_ratio(1, 4) { json!(["ads"]) } else { json!([]) };
        json!({"kind": "invite", "roles": roles, "assets": assets, "entitlements": entitlements})
    }

    pub(super) fn person(&mut self) -> String {
        self.people.choose(&mut self.rng).unwrap().clone()
    }

    pub(super) fn team(&mut self) -> String {
        self.teams.choose(&mut self.rng).unwrap().clone()
    }

    /// At least one.
    pub(super) fn some_people(&mut self) -> Vec<String> {
        let one = self.person();
        self.people
            .clone()
            .into_iter()
            .filter(|person| *person == one || self.rng.random_ratio(1, 3))
            .collect()
    }

    /// Guards that hold a few things back.
    pub(super) fn guards(&mut self) -> Value {
        let rng = &mut self.rng;
        let mut limit = || json!({"count": rng.random_range(0..5), "percent": rng.random_range(0..40)});
        let (losses, promotions) = (limit(), limit());
        let protected: Vec<String> = (0..self.people.len())
            .filter(|_| rng.random_ratio(1, 8))
            .map(|number| format!("P{number}"))
            .collect();
        json!({"losses": losses, "promotions": promotions, "protected_accounts": protected})
    }

    /// A change, as it is asked about.
    pub(super) fn change(&mut self) -> Value {
        match self.rng.random_range(0..29) {
            0..=4 => json!({"kind": "put_team_share", "team": self.team(), "app_access": self.access()}),
            5..=7 => {
                json!({"kind": "put_person_share", "person": self.person(), "app_access": self.access()})
            }
            8..=9 => json!({"kind": "end_team_share", "team": self.team()}),
            10 => json!({"kind": "end_person_share", "person": self.person()}),
            11..=13 => json!({"kind": "add_members", "team": self.team(), "people": self.some_people()}),
            14..=16 => json!({"kind": "remove_members", "team": self.team(), "people": self.some_people()}),
            17 => json!({"kind": "delete_team", "team": self.team()}),
            18 => json!({"kind": "deactivate_person", "person": self.person()}),
            19 => json!({"kind": "delete_person", "person": self.person()}),
            20 => json!({"kind": "activate_person", "person": self.person()}),
            21..=22 => self.assignment(),
            23..=24 => {
                let mark = *["exempt", "protected"].choose(&mut self.rng).unwrap();
                json!({"kind": "set_mark", "person": self.person(), "mark": mark})
            }
            25 => json!({"kind": "take_mark", "person": self.person()}),
            26 => json!({"kind": "set_guards", "guards": self.guards()}),
            _ => {
                let assets: Vec<&str> =
                    ["page", "shop", "pixel"].into_iter().filter(|_| self.rng.random_ratio(1, 2)).collect();
                json!({"kind": "set_catalogue", "catalogue": catalogue(&assets)})
            }
        }
    }

    fn assignment(&mut self) -> Value {
        let rng = &mut self.rng;
        let person = self.gateway.people.choose(rng).unwrap();
        let roles: Vec<_> = ["viewer", "admin"].into_iter().filter(|_| rng.random_ratio(1, 2)).collect();
        let entitlements: Vec<_> = ["ads", "shop"].into_iter().filter(|_| rng.random_ratio(1, 2)).collect();
        json!({"kind": "assign_person", "person": person, "roles": roles, "entitlements": entitlements})
    }

    /// Makes the change for real; answers whether it was accepted.
    pub(super) async fn make(&self, hub: &IntegrationId, change: &Value) -> bool {
        let text = |name: &str| change[name].as_str().unwrap_or_default();
        let (team, person) = (text("team"), text("person"));
        let integration = format!("/integrations/{hub}");
        let shares = format!("{integration}/shares");
        let patch = |operations: Value| json!({"schemas": [PATCH_OP], "Operations": operations});
        let active = |active: bool| patch(json!([{"op": "replace", "path": "active", "value": active}]));
        let world = &self.world;
        let put = json!({ "app_access": change["app_access"] });
        let user = format!("/Users/{person}");
        let mark = format!("{integration}/people/{person}/mark");
        let answer = match text("kind") {
            "put_team_share" => world.api("PUT", &format!("{shares}/teams/{team}"), put).await,
            "put_person_share" => world.api("PUT", &format!("{shares}/people/{person}"), put).await,
            "end_team_share" => world.api("DELETE", &format!("{shares}/teams/{team}"), Value::Null).await,
            "end_person_share" => {
                world.api("DELETE", &format!("{shares}/people/{person}"), Value::Null).await
            }
            kind @ ("add_members" | "remove_members") => {
                let people = change["people"].as_array().unwrap();
                world.scim("PATCH", &format!("/Groups/{team}"), patch(members(kind, people))).await
            }
            "delete_team" => world.scim("DELETE", &format!("/Groups/{team}"), Value::Null).await,
            "activate_person" => world.scim("PATCH", &user, active(true)).await,
            "deactivate_person" => world.scim("PATCH", &user, active(false)).await,
            "delete_person" => world.scim("DELETE", &user, Value::Null).await,
            "assign_person" => {
                let values = |name: &str| -> Vec<Value> {
                    change[name].as_array().unwrap().iter().map(|value| json!({ "value": value })).collect()
                };
                let operations = json!([
                    {"op": "replace", "path": "roles", "value": values("roles")},
                    {"op": "replace", "path": "entitlements", "value": values("entitlements")},
                ]);
                self.gateway.call(world, "PATCH", &user, patch(operations)).await
            }
            "set_mark" => {
                let body = json!({"kind": change["mark"], "reason": "a test"});
                world.api("PUT", &mark, body).await
            }
            "take_mark" => world.api("DELETE", &mark, Value::Null).await,
            "set_guards" => world.api("PATCH", &integration, json!({ "guards": change["guards"] })).await,
            "set_catalogue" => {
                world.api("PATCH", &integration, json!({ "catalogue": change["catalogue"] })).await
            }
            other => panic!("{other}"),
        };
        answer.status < 300
    }

    pub(super) async fn recorded(&self) -> Recorded {
        let everybody = self.people.iter().chain(&self.gateway.people);
        let people: Vec<PersonId> = everybody.map(|person| person.parse().unwrap()).collect();
        let mut recorded = Recorded::new();
        for integration in self.hubs.iter().chain([&self.gateway.integration]) {
            let found =
                Facts::accesses(&*self.world.store, &self.world.workspace, integration, &people).await;
            recorded.extend(
                found
                    .unwrap()
                    .into_iter()
                    .map(|(person, access)| ((integration.clone(), person.to_string()), access)),
            );
        }
        recorded
    }

    /// All pages of the preview: what it says of each person in each integration, and with which status it answered.
    pub(super) async fn previewed(
        &self,
        hub: &IntegrationId,
        change: &Value,
        limit: u32,
    ) -> Result<Said, u16> {
        const OF_INTEGRATIONS: [&str; 5] = ["share", "set_mark", "take_mark", "guards", "catalogue"];
        let kind = change["kind"].as_str().unwrap();
        let inside = OF_INTEGRATIONS.iter().any(|end| kind.ends_with(end));
        let path = if inside { format!("/integrations/{hub}/preview") } else { "/preview".to_owned() };
        let (mut said, mut cursor, mut left) = (Said::new(), Value::Null, None);
        loop {
            let question = json!({"change": change, "cursor": cursor, "limit": limit});
            let answer = self.world.api("POST", &path, question).await;
            if answer.status != 200 {
                return Err(answer.status);
            }
            let mut counted = 0;
            for item in answer.body["items"].as_array().unwrap() {
                check_totals(item);
                let hub: IntegrationId = item["integration"].as_str().unwrap().parse().unwrap();
                let people = item["people"].as_array().unwrap();
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

impl Gateway {
    async fn call(&self, world: &World, method: &str, path: &str, body: Value) -> Answer {
        world.scim_at(&self.connection, &self.token, (method, path), body).await
    }
}

/// Makes an integration whose app does not answer.
async fn integration(world: &World, kind: &str) -> Value {
    let body = json!({"name": "Another", "kind": kind, "connector": "scim",
        "config": {"base_url": "https://app.invalid"}, "catalogue": catalogue(&[]), "grace_seconds": 60});
    let made = world.api("POST", "/integrations", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.body
}

fn members(kind: &str, people: &[Value]) -> Value {
    if kind == "add_members" {
        let value: Vec<_> = people.iter().map(|person| json!({ "value": person })).collect();
        return json!([{"op": "add", "path": "members", "value": value}]);
    }
    let operation = |person| json!({"op": "remove", "path": format!("members[value eq {person}]")});
    people.iter().map(operation).collect()
}

/// Whether what a preview counts is what it lists.
fn check_totals(item: &Value) {
    let people = item["people"].as_array().unwrap();
    let count = |is: &dyn Fn(&Value) -> bool| people.iter().filter(|person| is(person)).count() as u64;
    let counts = |name: &str| item[name].as_object().unwrap().clone();
    for (change, total) in counts("totals") {
        assert_eq!(total, count(&|person| person["change"] == change.as_str()), "{change}: {item}");
    }
    let touched = |person: &Value| person["change"] != "unchanged" || person["work"] != person["work_before"];
    for (work, total) in counts("works") {
        assert_eq!(
            total,
            count(&|person| person["work"] == work.as_str() && touched(person)),
            "{work}: {item}"
        );
    }
    let sum = |name: &str| counts(name).values().map(|count| count.as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("totals"), sum("works")), (people.len() as u64, count(&touched)));
    for (seats, side) in [("seats_before", "before"), ("seats_after", "after")] {
        assert_eq!(item[seats], count(&|person| !person[side].is_null()), "{item}");
    }
    for asset in item["assets"].as_array().unwrap() {
        let of =
            |person: &Value, side: &str| person[side]["assets"][asset["asset"].as_str().unwrap()].clone();
        let changed = |before: bool, after: bool| {
            count(&|person| {
                let (was, is) = (of(person, "before"), of(person, "after"));
                was != is && was.is_null() != before && is.is_null() != after
            })
        };
        let counted = (changed(false, true), changed(true, true), changed(true, false));
        assert_eq!(
            (&asset["gained"], &asset["changed"], &asset["lost"]),
            (&json!(counted.0), &json!(counted.1), &json!(counted.2))
        );
        assert_ne!(counted, (0, 0, 0));
    }
}

/// What somebody has: as it is decided, or as the app has it where nothing is done about what is decided.
pub(super) fn seat(access: Option<&Access>) -> Value {
    let Some(access) = access else { return Value::Null };
    let left_alone = access.is_exempt() || (access.job.is_none() && access.is_rejected());
    let decided = access.desired.as_ref().map(|desired| &desired.presence);
    match if left_alone { None } else { decided } {
        Some(Presence::Seated(seat)) => serde_json::to_value(seat).unwrap(),
        Some(Presence::Absent) => Value::Null,
        None => in_app(Some(access)),
    }
}

/// What the app has.
pub(super) fn in_app(access: Option<&Access>) -> Value {
    let Some(access) = access else { return Value::Null };
    match (&access.settled, &access.observed) {
        (Some(settled), _) => match &settled.presence {
            Presence::Seated(seat) => serde_json::to_value(seat).unwrap(),
            Presence::Absent => Value::Null,
        },
        (None, Some(observed)) if observed.account.is_some() => serde_json::to_value(&observed.seat).unwrap(),
        (None, _) => Value::Null,
    }
}
