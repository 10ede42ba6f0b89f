//! What Usher asks of the database for each operation: round trips, and the capacity that DynamoDB would bill. A database
//! of its own, in this process: the same calls are made whatever runs the function.

use serde::Serialize;
use serde_json::{Value, json};
use usher_domain::id::ConnectionId;
use usher_local::embedded::Usage;

use crate::{
    operations::{CREATE, FILTER, GET, LIST, PATCH_LARGE, PATCH_SMALL, PATCH_USER, moves},
    people,
    servers::create,
    world::{Answer, World},
};

/// Enough for the large group and those who come and go.
const PEOPLE: usize = 10_060;

/// What one request asked.
#[derive(Debug, Serialize)]
pub(crate) struct Cost {
    pub(crate) operation: &'static str,
    #[serde(flatten)]
    pub(crate) usage: Usage,
}

/// Asks each operation once; the connection was read lately.
pub(crate) async fn measure() -> Vec<Cost> {
    let world = World::new().await;
    let connection = ConnectionId::new(&world.workspace, "idp").expect("an id");
    create(world.store.as_ref(), &connection, 0..PEOPLE).await;
    let user = format!("/Users/{}", people::id(7));
    let name = people::user_name(7);
    let get = async |path: &str| world.scim("GET", path, Value::Null).await;
    // The first request reads the connection too.
    get(&user).await;
    let mut costs = Vec::new();
    let mut add = |operation, answer: Answer| {
        assert!(answer.status < 300, "{operation}: {}", answer.body);
        costs.push(Cost { operation, usage: answer.calls.total() });
    };
    add(GET, get(&user).await);
    add(FILTER, get(&format!("/Users?filter=userName%20eq%20%22{name}%22")).await);
    add(LIST, get("/Users?startIndex=101&count=100").await);
    let title = json!([{"op": "replace", "path": "title", "value": "Director"}]);
    add(PATCH_USER, world.scim("PATCH", &user, patch(&title)).await);
    add(CREATE, world.scim("POST", "/Users", people::user("new@example.com")).await);
    for (operation, members) in [(PATCH_SMALL, 10), (PATCH_LARGE, 10_000)] {
        let members: Vec<Value> =
            (0..30).chain(60..60 + members).map(|person| json!({"value": people::id(person)})).collect();
        let group = json!({"displayName": operation, "members": members});
        let made = world.scim("POST", "/Groups", group).await;
        add(operation, world.scim("PATCH", &format!("/Groups/{}", made.id()), patch(&moves(false))).await);
    }
    costs
}

fn patch(operations: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}
