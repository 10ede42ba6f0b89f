//! Who sees a task, who may do it, and who is told.

use serde_json::{Value, json};

use super::office::{Office, good};

#[tokio::test]
async fn a_task_is_for_its_assignees_and_whoever_manages_the_hub() {
    let office = Office::new().await;
    office.share(&office.team("Growth").await, "Analyst").await;
    let task = office.task().await;
    assert_eq!(office.tasks(&office.eve).await.len(), 1, "by user name, in any case");
    assert!(office.tasks(&office.mallory).await.is_empty());
    let path = format!("/tasks/{}", task["id"].as_str().unwrap());
    assert_eq!(office.world.api_as(&office.mallory, "GET", &path, Value::Null).await.status, 404);
    assert_eq!(office.report(&office.mallory, &task).await.status, 404);
    for verb in ["confirm", "send-back"] {
        let answer = office.ask(&office.mallory, &task, verb, json!({"reason": "no"})).await;
        assert_eq!(answer.status, 404, "{verb}");
    }
    assert_eq!(office.task().await["stage"], "do");
    // The Owner's key is nobody's and manages everything.
    let listed = good(office.world.api("GET", "/tasks", Value::Null).await);
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_people_did_is_in_the_audit_log() {
    let office = Office::new().await;
    office.share(&office.team("Growth").await, "Analyst").await;
    let task = office.task().await;
    office.done(&task).await;
    let entries = good(office.world.api("GET", "/audit", Value::Null).await).body;
    let entries = entries["items"].as_array().unwrap();
    for (act, name) in [("completeTask", "bob"), ("confirmTask", "eve")] {
        let entry = entries.iter().find(|entry| entry["act"] == act).unwrap_or_else(|| panic!("no {act}"));
        assert_eq!(
            (&entry["integration"], &entry["outcome"]),
            (&json!(office.hub), &json!("done")),
            "{entry}"
        );
        assert!(entry.to_string().contains(name), "{entry}");
    }
}

#[tokio::test]
async fn webhooks_are_told_when_people_are_waited_for() {
    let office = Office::new().await;
    let form = json!({"name": "Pager", "url": "https://pager.example/", "events": ["task.waiting"]});
    let made = good(office.world.api("POST", "/webhooks", form).await).body;
    let webhook = made["webhook"]["id"].as_str().unwrap().to_owned();
    office.world.wait(20);
    office.share(&office.team("Growth").await, "Analyst").await;
    let task = office.task().await;
    office.world.wait(1);
    good(office.report(&office.bob, &task).await);
    // Looking again tells nothing new.
    office.world.wait(7 * 3_600);
    office.world.reconcile().await;
    office.world.settle().await;
    let sent =
        good(office.world.api("GET", &format!("/webhooks/{webhook}/deliveries"), Value::Null).await).body;
    let sent = sent["items"].as_array().unwrap();
    assert_eq!(sent.len(), 2, "{sent:?}");
}
