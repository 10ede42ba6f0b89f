//! Teams that admins make by hand: shared, previewed and moved like any other, and nothing of SCIM's.

use serde_json::{Value, json};

use crate::access_patterns::world::World;

struct Scene {
    world: World,
    ada: String,
    bob: String,
    /// A team that was made by hand, shared as editors.
    crew: String,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let person = async |name: &str| {
            world.scim("POST", "/Users", json!({"userName": name, "active": true})).await.id()
        };
        let (ada, bob) = (person("ada").await, person("bob").await);
        let made = world.api("POST", "/teams", json!({"name": "Launch crew"})).await;
        assert_eq!((made.status, &made.body["kind"]), (201, &json!("user_managed")), "{}", made.body);
        let crew = made.id();
        world.share(&crew).await;
        // What comes is the team's doing, and not that of whoever pushed its people.
        world.settle().await;
        Self { world, ada, bob, crew }
    }

    fn path(&self) -> String {
        format!("/teams/{}", self.crew)
    }

    async fn change(&self, patch: Value) -> Value {
        let answer = self.world.api("PATCH", &self.path(), patch).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.world.settle().await;
        answer.body
    }

    async fn preview(&self, change: Value) -> Value {
        let answer = self.world.api("POST", "/preview", json!({ "change": change })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["items"][0]["totals"].clone()
    }

    /// The chip and the roles of a person in the hub.
    async fn access(&self, person: &str) -> (Value, Value) {
        let path = format!("/integrations/{}/access", self.world.hub);
        let listed = self.world.api("GET", &path, Value::Null).await.body;
        let of = |row: &&Value| row["person"] == person;
        let row = listed["items"].as_array().unwrap().iter().find(of).cloned().unwrap_or_default();
        (row["state"].clone(), row["desired"]["roles"].clone())
    }
}

#[tokio::test]
async fn who_joins_gets_a_seat_who_leaves_loses_it_and_a_preview_says_so_before() {
    let scene = Scene::new().await;
    let Scene { world, ada, bob, crew } = &scene;
    let join = json!({"kind": "add_members", "team": crew, "people": [ada, bob]});
    assert_eq!(scene.preview(join).await, json!({"added": 2}));
    let shown = world.page(&format!("{}/people?direction=add&people=ada%0Abob%0Azuse", scene.path())).await;
    assert!(shown.contains("Add 2 people: 2 added") && shown.contains("is found by: zuse"), "{shown}");
    scene.change(json!({"add": [ada, bob]})).await;
    assert_eq!(scene.access(ada).await, (json!("onboarded"), json!(["editor"])));
    let automations = world.api("GET", "/automations", Value::Null).await.body["items"].clone();
    let by_hand = |one: &&Value| one["trigger"] == "team_change" && one["actor"]["name"] == "Measure";
    assert_eq!(automations.as_array().unwrap().iter().filter(by_hand).count(), 1, "{automations}");
    let members = world.api("GET", &format!("{}/members?limit=1", scene.path()), Value::Null).await.body;
    assert!(members["next"].is_string(), "{members}");
    let path = format!("/integrations/{}/people/{ada}/explain", world.hub);
    let told = world.api("GET", &path, Value::Null).await.body;
    assert_eq!(told["grants"][0]["path"], "team “Launch crew” → share of The hub", "{told}");

    let leave = json!({"kind": "remove_members", "team": crew, "people": [bob]});
    assert_eq!(scene.preview(leave).await, json!({"removed": 1}));
    // A move to a team of the identity provider is one change of role, in whichever order.
    let group =
        world.scim("POST", "/Groups", json!({"displayName": "IdP", "members": [{"value": bob}]})).await;
    let share = json!({"app_access": {"kind": "invite", "roles": ["viewer"]}});
    let path = format!("/integrations/{}/shares/teams/{}", world.hub, group.id());
    assert_eq!(world.api("PUT", &path, share).await.status, 200);
    scene.change(json!({"remove": [bob], "name": "Landing crew"})).await;
    assert_eq!(scene.access(bob).await, (json!("onboarded"), json!(["viewer"])));

    let gone = json!({"kind": "delete_team", "team": crew});
    assert_eq!(scene.preview(gone).await, json!({"removed": 1}));
    assert!(world.page(&format!("{}/delete", scene.path())).await.contains("Delete the team: 1 removed"));
    assert_eq!(world.api("DELETE", &scene.path(), Value::Null).await.status, 204);
    world.settle().await;
    assert_eq!(scene.access(ada).await.0, "removed");
    assert_eq!(world.api("GET", &scene.path(), Value::Null).await.status, 404);
    let shares = world.api("GET", &format!("/integrations/{}/shares", world.hub), Value::Null).await.body;
    assert_eq!(shares["items"].as_array().unwrap().len(), 1, "its share went with it: {shares}");
}

#[tokio::test]
async fn scim_neither_sees_nor_changes_a_team_that_was_made_by_hand() {
    let scene = Scene::new().await;
    let Scene { world, ada, crew, .. } = &scene;
    scene.change(json!({"add": [ada]})).await;
    world.cool_down();
    let get = async |path: &str| world.scim("GET", path, Value::Null).await;
    assert_eq!(get(&format!("/Groups/{crew}")).await.status, 404);
    assert_eq!(get("/Groups").await.body["totalResults"], 0);
    for filter in ["displayName eq \"Launch crew\"".to_owned(), format!("members.value eq \"{ada}\"")] {
        let filter = filter.replace(' ', "%20").replace('"', "%22");
        assert_eq!(get(&format!("/Groups?filter={filter}")).await.body["totalResults"], 0, "{filter}");
    }
    let filter = format!("groups.value%20eq%20%22{crew}%22");
    assert_eq!(get(&format!("/Users?filter={filter}")).await.body["totalResults"], 0);
    assert!(get(&format!("/Users/{ada}")).await.body.get("groups").is_none(), "nor through its members");
    let listed = get("/Users").await.body;
    assert!(!listed.to_string().contains("Launch crew"), "{listed}");
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "displayName", "value": "Taken over"}]});
    assert_eq!(world.scim("PATCH", &format!("/Groups/{crew}"), patch).await.status, 404);
    assert_eq!(world.scim("DELETE", &format!("/Groups/{crew}"), Value::Null).await.status, 404);
    // The same name is free for the identity provider.
    let same = world.scim("POST", "/Groups", json!({"displayName": "Launch crew"})).await;
    assert_eq!(same.status, 201, "{}", same.body);

    // Whom it deletes is gone from here as well.
    assert_eq!(world.scim("DELETE", &format!("/Users/{ada}"), Value::Null).await.status, 204);
    world.settle().await;
    let members = world.api("GET", &format!("{}/members", scene.path()), Value::Null).await.body;
    assert_eq!(members["items"], json!([]));
}

#[tokio::test]
async fn what_is_not_to_be_is_refused() {
    let scene = Scene::new().await;
    let Scene { world, ada, .. } = &scene;
    let status = async |method: &str, path: &str, body: Value| world.api(method, path, body).await.status;
    assert_eq!(status("POST", "/teams", json!({"name": "launch CREW"})).await, 409, "the name is taken");
    assert_eq!(status("POST", "/teams", json!({"name": " "})).await, 422);
    assert_eq!(status("PATCH", &scene.path(), json!({"add": ["nobody"]})).await, 422);
    assert_eq!(status("PATCH", &scene.path(), json!({"add": [ada], "remove": [ada]})).await, 422);
    // A team of the identity provider is read only here, by API and pages.
    let group = world.scim("POST", "/Groups", json!({"displayName": "IdP"})).await.id();
    assert_eq!(status("PATCH", &format!("/teams/{group}"), json!({"add": [ada]})).await, 409);
    assert_eq!(status("DELETE", &format!("/teams/{group}"), Value::Null).await, 409);
    let shown = world.page(&format!("/teams/{group}")).await;
    assert!(!shown.contains("Add people") && !shown.contains("Delete the team"), "{shown}");
    assert!(world.page(&scene.path()).await.contains("Add people"));
    // Nobody of an integration's own directory joins.
    let gateway = json!({"name": "Gateway", "kind": "id_lcm", "connector": "scim",
        "config": {"base_url": world.app_url()}, "connection": {"slug": "app"}});
    let made = world.api("POST", "/integrations", gateway).await.body;
    let token = made["scim"]["token"].as_str().unwrap().to_owned();
    let outside = json!({"userName": "eve", "active": true});
    let outside = world.scim_at("main.app", &token, ("POST", "/Users"), outside).await.id();
    assert_eq!(status("PATCH", &scene.path(), json!({"add": [outside]})).await, 409);
    // And no connection takes the place of the directory of such teams.
    assert_eq!(status("POST", "/connections", json!({"name": "Sly", "slug": "-"})).await, 422);
}
