//! From a push of the identity provider to what people confirm.

use serde_json::{Value, json};

use super::office::{Office, good, steps};

const OPEN: &str = "Open ads.x.example, Account access";

#[tokio::test]
async fn a_person_comes_moves_and_goes_by_tasks_that_a_second_person_confirms() {
    let office = Office::new().await;
    let team = office.team("Growth").await;
    office.share(&team, "Analyst").await;
    let added = office.task().await;
    let expected = [
        OPEN,
        "Invite or add the person by the address above",
        "Give the role Analyst",
        "Give Access on Main account",
    ];
    assert_eq!(steps(&added), expected);
    assert_eq!((&added["address"], &added["stage"]), (&json!("ada@acme.example"), &json!("do")));
    let job = office.job(&added).await;
    assert_eq!(job["state"], "waiting");
    assert!(job["error"]["message"].as_str().unwrap().starts_with("waits for a person"), "{job}");
    assert_eq!(office.access().await["state"], "queued", "nobody is in who was not confirmed");

    office.done(&added).await;
    assert!(office.tasks(&office.bob).await.is_empty());
    assert_eq!(office.job(&added).await["state"], "done");
    let access = office.access().await;
    assert_eq!(
        (&access["state"], &access["observed"]["id"]),
        (&json!("onboarded"), &json!("ada@acme.example"))
    );
    assert_eq!(access["observed"]["seat"]["roles"], json!(["Analyst"]));

    office.share(&team, "Manager").await;
    let moved = office.task().await;
    let expected = [OPEN, "Give the role Manager", "Take the role Analyst away, if it is still there"];
    assert_eq!(steps(&moved), expected);
    office.done(&moved).await;
    assert_eq!(office.access().await["observed"]["seat"]["roles"], json!(["Manager"]));

    good(office.world.scim("DELETE", &format!("/Users/{}", office.ada), Value::Null).await);
    office.world.settle().await;
    let removal = office.task().await;
    assert_eq!((&removal["urgent"], &removal["task"]), (&json!(true), &json!("removing_users")));
    let expected = [
        OPEN,
        "Take the access to Main account away",
        "Remove the person, or take the invitation back if it was not accepted",
    ];
    assert_eq!(steps(&removal), expected);
    assert_eq!(removal["address"], "ada@acme.example", "whom it is about is known after the deletion");
    office.done(&removal).await;
    assert_eq!(office.access().await["state"], "removed");
    let events = office.events().await;
    let times = |event: &str| events.iter().filter(|told| *told == event).count();
    assert_eq!((times("task_reported"), times("task_confirmed"), times("task_sent_back")), (3, 3, 0));
    assert_eq!((times("invited"), times("updated"), times("removed")), (1, 1, 1), "{events:?}");
    assert_eq!(office.world.app_calls(), 0);
}

#[tokio::test]
async fn whoever_did_it_does_not_confirm_it() {
    let office = Office::new().await;
    office.share(&office.team("Growth").await, "Analyst").await;
    let task = office.task().await;
    assert_eq!(office.ask(&office.eve, &task, "confirm", Value::Null).await.status, 409, "nobody did it yet");
    good(office.report(&office.bob, &task).await);
    assert_eq!(office.report(&office.eve, &task).await.status, 409, "it is reported already");
    let own = office.ask(&office.bob, &task, "confirm", Value::Null).await;
    assert_eq!(own.status, 409);
    assert!(own.body["detail"].as_str().unwrap().contains("second person"), "{}", own.body);
    assert_eq!(office.access().await["state"], "queued");
    let job = office.job(&task).await;
    assert!(job["error"]["message"].as_str().unwrap().starts_with("waits for a second person"), "{job}");
    good(office.ask(&office.eve, &task, "confirm", Value::Null).await);
    assert_eq!(office.access().await["state"], "onboarded");
    let twice = office.ask(&office.eve, &task, "confirm", Value::Null).await;
    assert_eq!(twice.status, 409, "it is over");
}

#[tokio::test]
async fn what_is_not_done_is_sent_back_and_done_again() {
    let office = Office::new().await;
    office.share(&office.team("Growth").await, "Analyst").await;
    let task = office.task().await;
    good(office.report(&office.bob, &task).await);
    let nothing = office.ask(&office.eve, &task, "send-back", json!({"reason": "  "})).await;
    assert_eq!(nothing.status, 422, "{}", nothing.body);
    good(office.ask(&office.eve, &task, "send-back", json!({"reason": "The role is missing"})).await);
    let back = office.task().await;
    assert_eq!((&back["stage"], &back["sent_back"]["text"]), (&json!("do"), &json!("The role is missing")));
    assert_eq!((&back["sent_back"]["by"], &back["report"]), (&json!("eve"), &Value::Null));
    assert_eq!(office.access().await["state"], "queued");
    // Who reported before may confirm what the other did now.
    good(office.report(&office.eve, &back).await);
    good(office.ask(&office.bob, &back, "confirm", Value::Null).await);
    assert_eq!(office.access().await["state"], "onboarded");
}

#[tokio::test]
async fn evidence_is_said_in_words_and_not_in_novels() {
    let office = Office::new().await;
    office.share(&office.team("Growth").await, "Analyst").await;
    let task = office.task().await;
    for evidence in [String::new(), " \n".to_owned(), "x".repeat(2_001)] {
        let refused = office.ask(&office.bob, &task, "complete", json!({ "evidence": evidence })).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert_eq!(refused.body["errors"][0]["field"], "/evidence");
    }
    assert_eq!(office.task().await["stage"], "do");
}

#[tokio::test]
async fn a_share_that_is_withdrawn_takes_its_task_along_and_has_somebody_look() {
    let office = Office::new().await;
    let team = office.team("Growth").await;
    office.share(&team, "Analyst").await;
    let added = office.task().await;
    office.end_share(&team).await;
    let removal = office.task().await;
    assert_ne!(removal["id"], added["id"], "the task to add her is gone");
    assert_eq!(office.job(&added).await["state"], "superseded");
    assert_eq!(office.report(&office.bob, &added).await.status, 409, "nobody wants it any more");
    // Somebody may have added her before the task was gone.
    assert!(steps(&removal)[1].starts_with("Look whether the person is there"), "{removal}");
    assert!(removal["urgent"] == true);
    office.done(&removal).await;
    assert_eq!(office.access().await["state"], "removed");
    assert!(office.tasks(&office.bob).await.is_empty());
}

#[tokio::test]
async fn a_role_that_moves_meanwhile_makes_another_task_also_back_to_what_was() {
    let office = Office::new().await;
    let team = office.team("Growth").await;
    office.share(&team, "Analyst").await;
    office.done(&office.task().await).await;
    office.share(&team, "Manager").await;
    let up = office.task().await;
    good(office.report(&office.bob, &up).await);
    office.share(&team, "Analyst").await;
    let down = office.task().await;
    assert_ne!(up["id"], down["id"]);
    assert_eq!(down["stage"], "do", "what was reported was for the other role");
    assert_eq!(office.ask(&office.eve, &up, "confirm", Value::Null).await.status, 409);
    let expected = [
        OPEN,
        "Give the role Analyst",
        "Give Access on Main account",
        "Take away whatever else the person has there",
    ];
    assert_eq!(steps(&down), expected, "nobody knows how far the other one was done");
    office.done(&down).await;
    assert_eq!(office.access().await["observed"]["seat"]["roles"], json!(["Analyst"]));
}

#[tokio::test]
async fn whoever_never_got_a_task_is_shown_out_without_one() {
    let office = Office::new().await;
    let team = office.team("Growth").await;
    // Decided and withdrawn before any job began.
    let access = json!({"kind": "invite", "roles": ["Analyst"]});
    let path = format!("/integrations/{}/shares/teams/{team}", office.hub);
    good(office.world.api("PUT", &path, json!({ "app_access": access })).await);
    office.world.plan().await;
    good(office.world.api("DELETE", &path, Value::Null).await);
    office.world.settle().await;
    assert!(office.tasks(&office.bob).await.is_empty());
}

#[tokio::test]
async fn work_that_is_called_off_is_on_no_list_and_its_traces_are_looked_for() {
    let office = Office::new().await;
    let team = office.team("Growth").await;
    office.share(&team, "Analyst").await;
    let task = office.task().await;
    good(
        office
            .world
            .api("POST", &format!("/jobs/{}/cancel", task["id"].as_str().unwrap()), Value::Null)
            .await,
    );
    office.world.settle().await;
    assert!(office.tasks(&office.bob).await.is_empty());
    assert_eq!(office.report(&office.bob, &task).await.status, 409);
    office.end_share(&team).await;
    assert!(steps(&office.task().await)[1].starts_with("Look whether the person is there"));
}

#[tokio::test]
async fn a_look_hours_later_keeps_what_was_reported() {
    let office = Office::new().await;
    office.share(&office.team("Growth").await, "Analyst").await;
    let task = office.task().await;
    good(office.report(&office.bob, &task).await);
    office.world.wait(7 * 3_600);
    office.world.reconcile().await;
    office.world.settle().await;
    office.world.wait(3_600);
    office.world.settle().await;
    assert_eq!(office.task().await["stage"], "confirm");
    good(office.ask(&office.eve, &task, "confirm", Value::Null).await);
    assert_eq!(office.access().await["state"], "onboarded");
}

#[tokio::test]
async fn a_sync_reads_the_settings_and_takes_nobody_for_missing() {
    let office = Office::new().await;
    office.share(&office.team("Growth").await, "Analyst").await;
    office.done(&office.task().await).await;
    let config = json!({"assignees": "bob", "roles": "Analyst, Manager, Admin", "assets": "Main account, Brand account"});
    let path = format!("/integrations/{}", office.hub);
    good(office.world.api("PATCH", &path, json!({ "config": config })).await);
    good(office.world.api("POST", &format!("{path}/sync"), json!({})).await);
    office.world.settle().await;
    let run = good(office.world.api("GET", &format!("{path}/sync"), Value::Null).await).body;
    assert_eq!(run["state"], "finished", "{run}");
    assert!(run["reason"].as_str().unwrap().contains("nobody was compared"), "{run}");
    assert_eq!(office.access().await["state"], "onboarded");
    assert!(office.tasks(&office.bob).await.is_empty(), "nothing is to be done");
    let assets = good(office.world.api("GET", &path, Value::Null).await).body["catalogue"]["assets"].clone();
    assert_eq!(assets.as_array().unwrap().len(), 2, "{assets}");
}

#[tokio::test]
async fn removals_come_first() {
    let office = Office::new().await;
    let team = office.team("Growth").await;
    office.share(&team, "Analyst").await;
    office.done(&office.task().await).await;
    let grace = json!({"userName": "grace", "active": true});
    let grace = good(office.world.scim("POST", "/Users", grace).await).id();
    let group = json!({"displayName": "Brand", "members": [{"value": grace}]});
    let brand = good(office.world.scim("POST", "/Groups", group).await).id();
    office.share(&brand, "Analyst").await;
    office.world.wait(60);
    office.end_share(&team).await;
    let tasks = office.tasks(&office.bob).await;
    let order: Vec<_> = tasks.iter().map(|task| (task["urgent"].clone(), task["target"].clone())).collect();
    assert_eq!(order, [(json!(true), json!("ada")), (json!(false), json!("grace"))]);
}
