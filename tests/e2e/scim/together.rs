//! Many requests at the same moment: what is acknowledged is there, and nothing else.

use futures::future::join_all;
use serde_json::json;

use super::{Answer, Service, filtered, set};

/// More at once than identity providers send for one resource.
const AT_ONCE: usize = 24;

fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}

async fn people(service: &Service, count: usize) -> Vec<String> {
    let mut people = Vec::new();
    for number in 0..count {
        people.push(service.user(&format!("p{number}")).await);
    }
    people
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_patches_of_one_group_lose_nothing() {
    let service = Service::new().await;
    let people = people(&service, 2 * AT_ONCE).await;
    let (staying, joining) = people.split_at(AT_ONCE);
    let staying: Vec<&str> = staying.iter().map(String::as_str).collect();
    let path = format!("/Groups/{}", service.group("G", &staying).await);
    let add = |id: &String| json!({"op": "add", "path": "members", "value": [{"value": id}]});
    let joins = join_all(joining.iter().map(|id| service.patch(&path, add(id))));
    let leave = |id: &&str| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")});
    let leaves = join_all(staying.iter().map(|id| service.patch(&path, leave(id))));
    let rename = service.patch(&path, json!({"op": "replace", "path": "displayName", "value": "H"}));
    let (joined, left, renamed) = tokio::join!(joins, leaves, rename);
    assert_eq!(statuses(&joined), [200; AT_ONCE]);
    assert_eq!(statuses(&left), [200; AT_ONCE]);
    assert_eq!(renamed.status, 200);

    let group = service.get(&path).await;
    let joining: Vec<&str> = joining.iter().map(String::as_str).collect();
    assert_eq!(group.members(), set(&joining));
    assert_eq!(group.body["displayName"], "H");
    let version = format!("W/\"{}\"", 2 * AT_ONCE + 2);
    assert_eq!(group.header("etag"), version, "each write is a version of its own");
    for id in [staying[0], joining[0]] {
        let groups = &service.get(&format!("/Users/{id}")).await.body["groups"];
        assert_eq!(groups.is_array(), id == joining[0], "{groups}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_patches_of_one_user_lose_nothing() {
    let service = Service::new().await;
    let path = format!("/Users/{}", service.user("ada").await);
    let email = |number: usize| {
        let value = json!([{"value": format!("{number}@example.com")}]);
        json!({"op": "add", "path": "emails", "value": value})
    };
    let answers = join_all((0..AT_ONCE).map(|number| service.patch(&path, email(number)))).await;
    assert_eq!(statuses(&answers), [200; AT_ONCE]);
    let user = service.get(&path).await;
    assert_eq!(user.body["emails"].as_array().unwrap().len(), AT_ONCE);
    assert_eq!(user.header("etag"), format!("W/\"{}\"", AT_ONCE + 1));
    for number in 0..AT_ONCE {
        let found = service.get(&filtered("/Users", &format!("emails eq \"{number}@example.com\""))).await;
        assert_eq!(found.body["totalResults"], 1, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_gets_the_name() {
    let service = Service::new().await;
    for (kind, attribute) in [("/Users", "userName"), ("/Groups", "displayName")] {
        let create = || service.json("POST", kind, json!({ attribute: "ada" }));
        let answers = join_all((0..AT_ONCE).map(|_| create())).await;
        let mut wanted = [409; AT_ONCE];
        wanted[0] = 201;
        assert_eq!(statuses(&answers), wanted, "{kind}");
        let listed = service.get(kind).await.body;
        assert_eq!((&listed["totalResults"], &listed["itemsPerPage"]), (&json!(1), &json!(1)), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_writes_of_one_version_is_done() {
    let service = Service::new().await;
    let path = format!("/Users/{}", service.user("ada").await);
    let body = |title: usize| json!({"userName": "ada", "title": title.to_string()}).to_string();
    let put = async |title| service.with("PUT", &path, &[("if-match", "W/\"1\"")], body(title)).await;
    let answers = join_all((0..AT_ONCE).map(put)).await;
    let mut wanted = [412; AT_ONCE];
    wanted[0] = 200;
    assert_eq!(statuses(&answers), wanted);
    let done = answers.iter().find(|answer| answer.status == 200).unwrap();
    assert_eq!(service.get(&path).await.body, done.body);
}

/// Somebody is deleted while others make them a member, rename them, and delete them too.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_deletes_and_the_others_find_nobody() {
    let service = Service::new().await;
    for round in 0..10 {
        let id = service.user(&format!("user-{round}")).await;
        let path = format!("/Users/{id}");
        let rename = json!({"op": "replace", "path": "userName", "value": format!("new-{round}")});
        let deletes = join_all((0..4).map(|_| service.delete(&path)));
        let (deleted, renamed) = tokio::join!(deletes, service.patch(&path, rename));
        assert_eq!(statuses(&deleted), [204, 404, 404, 404]);
        assert!([200, 404].contains(&renamed.status), "{renamed:?}");
        assert_eq!(service.get(&path).await.status, 404);
        // Whichever name it had last is free again.
        service.user(&format!("user-{round}")).await;
        service.user(&format!("new-{round}")).await;
    }
    assert_eq!(service.get("/Users?count=0").await.body["totalResults"], 20);
}
