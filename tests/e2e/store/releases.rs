//! A table outlives the release that wrote it: rows of an earlier one are read and worked on, and so are those of a newer one
//! after a step back.

use std::{collections::BTreeSet, env, fs};

use serde_json::{Value, json};

use super::whole::busy_world;
use crate::access_patterns::world::World;

/// Rows as each release left them: a line with the tokens, then a row a line. They are kept for good.
const KEPT: [(&str, &str); 1] = [("2026-11", include_str!("../../rows/2026-11.jsonl"))];
/// Names a file to keep this release's rows in.
const KEEP: &str = "USHER_KEEP_ROWS";

fn rows(kept: &str) -> (Value, Vec<Value>) {
    let mut lines = kept.lines().map(|line| serde_json::from_str(line).unwrap());
    (lines.next().expect("the tokens"), lines.collect())
}

fn kinds(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().map(|row| row["type"]["S"].as_str().unwrap_or("counter").to_owned()).collect()
}

/// Whether everything goes on: what is there is shown, and somebody is seated and shown out.
async fn goes_on(release: &str, kept: &str, change: impl Fn(&mut Value)) {
    let (tokens, mut rows) = rows(kept);
    rows.iter_mut().for_each(change);
    let world = World::new().await;
    let config = json!({"base_url": world.app_url(), "roles": {"as": "roles_attribute"}});
    let world = world.reopened(&tokens, &rows).await;

    for path in [
        "/workspace",
        "/connections",
        "/integrations",
        "/automations",
        "/members",
        "/api-keys",
        "/audit",
        "/usage",
    ] {
        let seen = world.api("GET", path, Value::Null).await;
        assert_eq!(seen.status, 200, "{release}: {path}: {}", seen.body);
    }
    for path in ["", "/shares", "/access", "/activity", "/sync", "/drift"] {
        let path = format!("/integrations/{}{path}", world.hub);
        let seen = world.api("GET", &path, Value::Null).await;
        assert_eq!(seen.status, 200, "{release}: {path}: {}", seen.body);
    }
    let people = world.scim("GET", "/Users", Value::Null).await.body;
    let ada =
        people["Resources"][0]["id"].as_str().unwrap_or_else(|| panic!("no people: {people}")).to_owned();
    let teams = world.scim("GET", "/Groups", Value::Null).await.body;
    let team = teams["Resources"][0]["id"].as_str().unwrap().to_owned();

    let hub = format!("/integrations/{}", world.hub);
    let moved = world.api("PATCH", &hub, json!({ "config": config })).await;
    assert_eq!(moved.status, 200, "{}", moved.body);
    let bob = json!({"userName": "late@example.com", "active": true});
    let bob = world.scim("POST", "/Users", bob).await.id();
    let patch = |operation: Value| json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
    let join = patch(json!({"op": "add", "path": "members", "value": [{"value": bob}]}));
    assert_eq!(world.scim("PATCH", &format!("/Groups/{team}"), join).await.status, 200);
    let title = patch(json!({"op": "replace", "path": "title", "value": "Director"}));
    assert_eq!(world.scim("PATCH", &format!("/Users/{ada}"), title).await.status, 200);
    world.settle().await;
    world.reconcile().await;
    world.settle().await;
    let access = async || world.api("GET", &format!("{hub}/access"), Value::Null).await.body.to_string();
    assert!(access().await.matches("onboarded").count() >= 2, "{}", access().await);
    assert_eq!(world.scim("DELETE", &format!("/Users/{bob}"), Value::Null).await.status, 204);
    world.settle().await;
    assert!(access().await.contains("removed"), "{}", access().await);
}

#[tokio::test]
async fn a_table_of_an_earlier_release_goes_on_working() {
    for (release, kept) in KEPT {
        goes_on(release, kept, |_| ()).await;
    }
}

/// A step back to the release before finds fields that it does not know.
#[tokio::test]
async fn a_table_of_a_newer_release_goes_on_working() {
    let (release, newest) = KEPT[KEPT.len() - 1];
    goes_on(release, newest, |row| {
        for name in ["doc", "body"] {
            if let Some(text) = row[name]["S"].as_str()
                && let Ok(Value::Object(mut document)) = serde_json::from_str(text)
            {
                document.insert("added_by_a_newer_release".to_owned(), json!({"a": [1]}));
                row[name]["S"] = Value::Object(document).to_string().into();
            }
        }
        row["added_too"] = json!({"N": "1"});
    })
    .await;
}

#[tokio::test]
async fn the_newest_kept_rows_are_of_every_kind() {
    let world = busy_world().await;
    let rows_now = world.rows().await;
    if let Some(path) = env::var_os(KEEP) {
        let lines = std::iter::once(world.tokens()).chain(rows_now).map(|line| line.to_string() + "\n");
        fs::write(path, lines.collect::<String>()).unwrap();
        return;
    }
    let (release, newest) = KEPT[KEPT.len() - 1];
    let (known, now) = (kinds(&rows(newest).1), kinds(&rows_now));
    let new: Vec<_> = now.difference(&known).collect();
    assert!(
        new.is_empty(),
        "tests/rows/{release}.jsonl has no rows of the kinds {new:?}; keep this release's beside it:\n  \
         {KEEP}=$PWD/tests/rows/<release>.jsonl cargo test -p usher-tests --test e2e store::releases"
    );
}
