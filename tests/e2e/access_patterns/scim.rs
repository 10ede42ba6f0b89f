//! What SCIM asks of the database.

use serde_json::{Value, json};

use super::{
    measure::{Rows, Section, group, join, leave, members, patch, user},
    world::World,
};

pub(super) async fn authentication(world: &World) -> Section {
    let mut rows =
        Rows::new("Authentication of a SCIM request (access tokens: the connection was read lately)");
    // A path with nothing behind it: known only to who is let in, and without any other read.
    let path = "/Nothing";
    world.cool_down();
    rows.answered("the connection was not read lately", 404, world.scim("GET", path, Value::Null).await);
    rows.answered("the connection was read within 3 s", 404, world.scim("GET", path, Value::Null).await);
    let (client, secret) = world.client().await;
    world.cool_down();
    world.scim("GET", path, Value::Null).await;
    let granted = world.grant(&client, &secret).await;
    let granted = rows.answered("issuing an access token, for a client's secret", 200, granted);
    let token = granted.body["access_token"].as_str().expect("a token").to_owned();
    rows.answered("an access token that was not read lately", 404, world.scim_as(&token, "GET", path).await);
    rows.answered("an access token that was read within 3 s", 404, world.scim_as(&token, "GET", path).await);
    rows.0
}

pub(super) async fn users(world: &World, people: &[String]) -> Section {
    let mut rows = Rows::new("SCIM: users (the connection was read lately)");
    let team = group(world, "Team of one", &people[..1]).await;
    let (path, none) = (format!("/Users/{}", people[0]), Value::Null);
    let get = async |path: &str| world.scim("GET", path, none.clone()).await;
    let change = async |body: Value| world.scim("PATCH", &path, patch(body)).await;

    let made = rows.answered("create", 201, world.scim("POST", "/Users", user(9_000)).await);
    rows.answered("create: the userName is taken", 409, world.scim("POST", "/Users", user(9_000)).await);
    rows.answered("get, in no group", 200, get(&format!("/Users/{}", people[1])).await);
    rows.answered("get, in one group", 200, get(&path).await);
    rows.answered("get without `groups`", 200, get(&format!("{path}?excludedAttributes=groups")).await);
    let name = "person-0000@example.com";
    rows.answered("filter `userName eq`, found", 200, get(&filtered("/Users", "userName", name)).await);
    rows.answered(
        "filter `userName eq`, not found",
        200,
        get(&filtered("/Users", "userName", "nobody")).await,
    );
    rows.answered(
        "filter `emails.value eq`, found",
        200,
        get(&filtered("/Users", "emails.value", name)).await,
    );
    rows.answered("list, count only", 200, get("/Users?count=0").await);
    rows.answered("list, first page of 100", 200, get("/Users?startIndex=1&count=100").await);
    rows.answered("list, second page of 100", 200, get("/Users?startIndex=101&count=100").await);
    rows.answered("PUT that changes nothing", 200, world.scim("PUT", &path, user(0)).await);
    rows.answered(
        "PATCH that changes nothing",
        200,
        change(json!({"op": "replace", "path": "title", "value": "Colleague"})).await,
    );
    rows.answered(
        "PATCH of an attribute without an index",
        200,
        change(json!({"op": "replace", "path": "title", "value": "Director"})).await,
    );
    rows.answered(
        "PATCH of userName",
        200,
        change(json!({"op": "replace", "path": "userName", "value": "renamed-0000@example.com"})).await,
    );
    change(json!({"op": "replace", "path": "userName", "value": name})).await;
    let made = made.id();
    world.scim("PATCH", &format!("/Groups/{team}"), join(std::slice::from_ref(&made))).await;
    rows.answered("delete, in no group", 204, {
        let lonely = world.scim("POST", "/Users", user(9_001)).await.id();
        world.scim("DELETE", &format!("/Users/{lonely}"), Value::Null).await
    });
    rows.answered(
        "delete, in one group",
        204,
        world.scim("DELETE", &format!("/Users/{made}"), Value::Null).await,
    );
    world.settle().await;
    rows.0
}

pub(super) async fn groups(world: &World, people: &[String]) -> Section {
    let mut rows = Rows::new("SCIM: groups (the connection was read lately)");
    let none = Value::Null;
    let get = async |path: &str| world.scim("GET", path, none.clone()).await;
    let made = world.scim("POST", "/Groups", json!({"displayName": "Empty"})).await;
    let path = format!("/Groups/{}", rows.answered("create, without members", 201, made).id());
    let body = json!({"displayName": "Three", "members": members(&people[..3])});
    rows.answered("create, with 3 members", 201, world.scim("POST", "/Groups", body).await);
    let slim = format!("{path}?excludedAttributes=members");

    rows.answered("add one member", 200, world.scim("PATCH", &path, join(&people[..1])).await);
    rows.answered(
        "add one member, answered without `members`",
        200,
        world.scim("PATCH", &slim, join(&people[1..2])).await,
    );
    rows.answered("add one who is a member", 200, world.scim("PATCH", &slim, join(&people[..1])).await);
    rows.answered("remove one member", 200, world.scim("PATCH", &slim, leave(&people[0])).await);
    rows.answered("remove one who is no member", 200, world.scim("PATCH", &slim, leave(&people[0])).await);
    world.scim("PATCH", &slim, leave(&people[1])).await;
    world.settle().await;
    rows.answered("add 130 members (staged)", 200, world.scim("PATCH", &slim, join(people)).await);
    world.settle().await;

    rows.answered("get without `members`", 200, get(&slim).await);
    rows.answered("get, with 130 members", 200, get(&path).await);
    let tag = get(&slim).await.headers["etag"].to_str().expect("a tag").to_owned();
    let known = world.scim_with("GET", &path, &[("if-none-match", &tag)], Value::Null).await;
    rows.answered("get of a version that the client has", 304, known);
    let excluded = |path: String| format!("{path}&excludedAttributes=members");
    rows.answered(
        "filter `displayName eq`, without `members`",
        200,
        get(&excluded(filtered("/Groups", "displayName", "Empty"))).await,
    );
    rows.answered(
        "filter `id eq and members eq`, without `members`",
        200,
        get(&format!(
            "/Groups?filter=id+eq+%22{}%22+and+members+eq+%22{}%22&excludedAttributes=members",
            path.trim_start_matches("/Groups/"),
            people[0]
        ))
        .await,
    );
    rows.answered(
        "list, first page, without `members`",
        200,
        get("/Groups?startIndex=1&count=100&excludedAttributes=members").await,
    );
    rows.answered("delete, with 130 members", 204, world.scim("DELETE", &path, Value::Null).await);
    rows.add("delete: forgetting 130 members (planner, 3 pages)", world.plan().await);
    world.settle().await;
    rows.0
}

fn filtered(collection: &str, attribute: &str, value: &str) -> String {
    format!("{collection}?filter={attribute}+eq+%22{value}%22")
}
