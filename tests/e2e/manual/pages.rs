//! Tasks in the browser of somebody who has nothing else to do here.

use serde_json::{Value, json};

use super::office::{Office, good};
use crate::sign_in::browser::Browser;

/// A browser that somebody without any rights signed in with.
async fn browser<'a>(office: &'a Office, person: &str) -> Browser<'a> {
    let path = format!("/members/{person}");
    good(office.world.api("PUT", &path, json!({"role": "user"})).await);
    let link = good(office.world.api("POST", &format!("{path}/sign-in-links"), Value::Null).await);
    let mut browser = Browser::new(&office.world);
    browser.follow(link.body["url"].as_str().unwrap()).await;
    browser
}

#[tokio::test]
async fn an_assignee_does_a_task_and_another_confirms_it_in_their_browsers() {
    let office = Office::new().await;
    let me = async |key: &str| {
        let me = good(office.world.api_as(key, "GET", "/me", Value::Null).await).body;
        me["person"].as_str().unwrap_or_else(|| panic!("{me}")).to_owned()
    };
    let (bob, eve, mallory) = (me(&office.bob).await, me(&office.eve).await, me(&office.mallory).await);
    let (mut bob, mut eve) = (browser(&office, &bob).await, browser(&office, &eve).await);
    assert!(bob.open("/tasks").await.text.contains("Nothing to do"));
    office.share(&office.team("Growth").await, "Analyst").await;
    let path = format!("/tasks/{}", office.task().await["id"].as_str().unwrap());

    let list = bob.open("/tasks").await.text;
    assert!(list.contains(&path) && list.contains("To do") && list.contains("X Ads"), "{list}");
    let page = bob.open(&path).await.text;
    assert!(page.contains("ada@acme.example") && page.contains("Give the role Analyst"), "{page}");
    assert!(!page.contains("/jobs/"), "the log is not for him");
    let mut stranger = browser(&office, &mallory).await;
    assert_eq!(stranger.open(&path).await.status, 404);
    assert!(stranger.open("/tasks").await.text.contains("Nothing to do"));

    let reported =
        bob.submit(&format!("{path}/complete"), "evidence=https%3A%2F%2Fads.x.example%2Flog%2F1").await;
    assert_eq!((reported.status, reported.location()), (303, "/tasks"), "{}", reported.text);
    let own = bob.open(&path).await.text;
    assert!(
        own.contains("a second person confirms it") && !own.contains(&format!("{path}/confirm")),
        "{own}"
    );
    let other = eve.open(&path).await.text;
    assert!(other.contains(r#"href="https://ads.x.example/log/1""#), "{other}");
    assert_eq!(eve.submit(&format!("{path}/send-back"), "reason=No+role+yet").await.status, 303);
    let back = bob.open(&path).await.text;
    assert!(back.contains("No role yet") && back.contains("Report as done"), "{back}");
    assert_eq!(bob.submit(&format!("{path}/complete"), "evidence=Now").await.status, 303);
    assert_eq!(eve.submit(&format!("{path}/confirm"), "").await.status, 303);
    office.world.settle().await;
    assert_eq!(office.access().await["state"], "onboarded");
    assert!(eve.open(&path).await.text.contains("This task is over"));
    let home = office.world.page("/").await;
    assert!(!home.contains("/tasks\">1 task"), "{home}");
}

#[tokio::test]
async fn home_and_the_log_say_that_people_are_waited_for() {
    let office = Office::new().await;
    let team = office.team("Growth").await;
    office.share(&team, "Analyst").await;
    let task = office.task().await;
    let home = office.world.page("/").await;
    assert!(home.contains("1 task") && home.contains("to do by hand") && !home.contains("Urgent"), "{home}");
    let job = office.world.page(&format!("/jobs/{}", task["id"].as_str().unwrap())).await;
    assert!(job.contains("Waits for a person") || job.contains("waits for a person"), "{job}");
    assert!(job.contains(&format!("/tasks/{}", task["id"].as_str().unwrap())), "{job}");
    office.end_share(&team).await;
    let home = office.world.page("/").await;
    assert!(home.contains("Urgent tasks") && home.contains("takes somebody out"), "{home}");
}
