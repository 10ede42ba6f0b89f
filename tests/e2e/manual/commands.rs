//! A task from the command line of a running Usher, whose queue it shares with another connector.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use usher_tests::{client::eventually, process::Usher};

async fn one_task(usher: &Usher) -> Value {
    eventually(Duration::from_secs(60), "the task waits", async || {
        usher.command(&["task", "list"]).await.unwrap()["items"].as_array().unwrap().len() == 1
    })
    .await;
    usher.command(&["task", "list"]).await.unwrap()["items"][0].clone()
}

#[tokio::test]
async fn a_task_is_done_from_the_command_line_and_confirmed_by_another_key() {
    let usher = Usher::start().await.unwrap();
    let scim = usher.scim();
    let ada = scim.create_user("ada", &json!({})).await.unwrap().id().to_owned();
    scim.create_group("Growth", &[&ada]).await.unwrap();
    let api = usher.api();
    let hub = json!({"name": "X Ads", "kind": "business_hub", "connector": "manual",
        "config": {"assignees": "bob"}, "catalogue": {"roles": [{"key": "Editor", "name": "Editor"}]}});
    let made = api.send(Method::POST, "/integrations", Some(&hub)).await.unwrap().json;
    let hub = made["integration"]["id"].as_str().unwrap();
    usher.command(&["share", "put", hub, "--team", "Growth", "--role", "Editor"]).await.unwrap();

    let task = one_task(&usher).await;
    let id = task["id"].as_str().unwrap();
    assert_eq!(usher.command(&["task", "show", id]).await.unwrap()["steps"], task["steps"]);
    let shown = usher.output(&["task", "show", id]).await.unwrap();
    assert!(shown.contains("Invite or add the person"), "{shown}");
    let complete = ["task", "complete", id, "--evidence", "Invited, see the app's log"];
    assert_eq!(usher.command(&complete).await.unwrap()["stage"], "confirm");
    let refused = usher.command(&["task", "confirm", id]).await.unwrap_err().to_string();
    assert!(refused.contains("second person"), "{refused}");
    let back = usher.command(&["task", "send-back", id, "--reason", "Not there"]).await.unwrap();
    assert_eq!((&back["stage"], &back["sent_back"]["text"]), (&json!("do"), &json!("Not there")));
    usher.command(&complete).await.unwrap();

    let form = json!({"name": "Eve", "role": "owner"});
    let key = api.send(Method::POST, "/api-keys", Some(&form)).await.unwrap().json;
    let eve = api.with_token(key["token"].as_str().unwrap());
    let path = format!("/tasks/{id}/confirm");
    eve.send(Method::POST, &path, None).await.unwrap().ok().unwrap();
    eventually(Duration::from_secs(60), "she is in", async || {
        let path = format!("/integrations/{hub}/access");
        api.send(Method::GET, &path, None).await.unwrap().json["items"][0]["state"] == "onboarded"
    })
    .await;
    assert_eq!(usher.command(&["task", "list"]).await.unwrap()["items"], json!([]));
}
