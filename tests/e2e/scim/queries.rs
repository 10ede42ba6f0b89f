//! Filters that no index answers, sorting, cursors, and searches by POST and across types.

use serde_json::{Value, json};

use super::{Answer, Service, filtered};

/// Users and groups that differ in what the questions are about.
async fn peopled() -> Service {
    let service = Service::new().await;
    let people = [
        json!({"userName": "ada", "title": "Countess", "active": true, "name": {"familyName": "Byron"},
            "emails": [{"value": "ada@x.co", "type": "work", "primary": true}, {"value": "a@home.co", "type": "home"}]}),
        json!({"userName": "bob", "title": "baker", "active": false, "emails": [{"value": "bob@x.co", "type": "home"}]}),
        json!({"userName": "Cy", "displayName": "Cyrus", "active": true,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Tools", "manager": {"value": "ada"}}}),
        json!({"userName": "dan", "title": "Ärztin", "nickName": "d\"n"}),
    ];
    for person in people {
        service.json("POST", "/Users", person).await.ok(201);
        service.wait(60);
    }
    service
}

fn names(list: &Value) -> Vec<&str> {
    let name =
        |resource: &'_ Value| resource["userName"].as_str().or(resource["displayName"].as_str()).is_some();
    let resources = list["Resources"].as_array().unwrap();
    assert!(resources.iter().all(name), "{list}");
    resources.iter().map(|r| r["userName"].as_str().or(r["displayName"].as_str()).unwrap()).collect()
}

#[tokio::test]
async fn filters_that_no_index_answers_are_answered_by_looking() {
    let service = peopled().await;
    for (filter, wanted) in [
        ("userName ne \"ada\"", vec!["bob", "Cy", "dan"]),
        ("userName co \"A\"", vec!["ada", "dan"]),
        ("userName sw \"c\"", vec!["Cy"]),
        ("userName ew \"B\"", vec!["bob"]),
        ("userName gt \"bob\"", vec!["Cy", "dan"]),
        ("userName le \"bob\"", vec!["ada", "bob"]),
        ("title pr", vec!["ada", "bob", "dan"]),
        ("not (title pr)", vec!["Cy"]),
        ("title eq null", vec!["Cy"]),
        ("title co \"\\u00c4rzt\"", vec!["dan"]),
        ("nickName eq \"d\\\"n\"", vec!["dan"]),
        ("active eq true", vec!["ada", "Cy"]),
        ("active ne true", vec!["bob", "dan"]),
        ("userName eq \"ada\" or userName eq \"bob\"", vec!["ada", "bob"]),
        ("userName eq \"ada\" or title eq \"baker\"", vec!["ada", "bob"]),
        ("title pr and active eq false or userName eq \"cy\"", vec!["bob", "Cy"]),
        ("title pr and (active eq false or userName eq \"cy\")", vec!["bob"]),
        ("emails[type eq \"work\"]", vec!["ada"]),
        ("emails[type eq \"work\" and value sw \"a@\"]", vec![]),
        ("emails.type eq \"home\"", vec!["ada", "bob"]),
        ("name.familyName eq \"byron\"", vec!["ada"]),
        ("meta.created gt \"2026-01-01T00:01:30Z\"", vec!["Cy", "dan"]),
        // The same instant in another zone.
        ("meta.lastModified le \"2026-01-01T02:01:00+02:00\"", vec!["ada", "bob"]),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"tools\"", vec!["Cy"]),
        ("manager.value eq \"ada\"", vec!["Cy"]),
        ("groups pr", vec![]),
    ] {
        let found = service.get(&filtered("/Users", filter)).await.ok(200);
        assert_eq!(names(&found), wanted, "{filter}");
        assert_eq!(found["totalResults"], wanted.len(), "{filter}");
    }
}

#[tokio::test]
async fn memberships_are_asked_for_from_both_sides() {
    let service = Service::new().await;
    let (ada, bob, cy) = (service.user("ada").await, service.user("bob").await, service.user("cy").await);
    let (red, blue) = (service.group("Red", &[&ada, &bob]).await, service.group("Blue", &[&bob]).await);
    service.group("Empty", &[]).await;
    for (path, filter, wanted) in [
        ("/Users", format!("groups.value eq \"{red}\""), vec!["ada", "bob"]),
        ("/Users", format!("groups eq \"{red}\" and groups eq \"{blue}\""), vec!["bob"]),
        ("/Users", format!("groups[value eq \"{red}\"] and userName sw \"a\""), vec!["ada"]),
        ("/Users", "groups.display eq \"Blue\"".into(), vec!["bob"]),
        ("/Users", "not (groups pr)".into(), vec!["cy"]),
        ("/Users", "groups.value eq \"nobody\"".into(), vec![]),
        ("/Groups", format!("members.value eq \"{bob}\""), vec!["Red", "Blue"]),
        ("/Groups", format!("members eq \"{ada}\" and members eq \"{bob}\""), vec!["Red"]),
        ("/Groups", format!("members[value eq \"{cy}\"]"), vec![]),
        ("/Groups", format!("displayName sw \"r\" and members eq \"{bob}\""), vec!["Red"]),
        ("/Groups", format!("id eq \"{blue}\" and members eq \"{ada}\""), vec![]),
        ("/Groups", "members pr".into(), vec!["Red", "Blue"]),
        ("/Groups", "not (members pr)".into(), vec!["Empty"]),
        ("/Groups", "members[type eq \"User\"]".into(), vec!["Red", "Blue"]),
    ] {
        let found = service.get(&filtered(path, &filter)).await.ok(200);
        assert_eq!(names(&found), wanted, "{filter}");
    }
}

#[tokio::test]
async fn lists_are_sorted_whatever_the_page() {
    let service = peopled().await;
    for (query, wanted) in [
        ("sortBy=userName", ["ada", "bob", "Cy", "dan"]),
        ("sortBy=userName&sortOrder=descending", ["dan", "Cy", "bob", "ada"]),
        ("sortBy=title", ["bob", "ada", "dan", "Cy"]),
        ("sortBy=meta.created&sortOrder=DESCENDING", ["dan", "Cy", "bob", "ada"]),
        ("sortBy=emails", ["ada", "bob", "Cy", "dan"]),
    ] {
        let all = service.get(&format!("/Users?{query}")).await.ok(200);
        assert_eq!(names(&all), wanted, "{query}");
        for (at, name) in wanted.iter().enumerate() {
            let page = service.get(&format!("/Users?{query}&count=1&startIndex={}", at + 1)).await.ok(200);
            assert_eq!(names(&page), [*name], "{query}");
            assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(4), &json!(at + 1)));
        }
        let by_cursor = walked(&service, &format!("/Users?{query}&count=3")).await;
        assert_eq!(by_cursor.iter().map(String::as_str).collect::<Vec<_>>(), wanted, "{query}");
    }
}

/// Everything that a walk by cursor shows.
async fn walked(service: &Service, query: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = service.get(&format!("{query}&cursor={cursor}")).await.ok(200);
        assert_eq!(page.get("startIndex"), None);
        all.extend(names(&page).into_iter().map(str::to_owned));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return all,
        }
    }
}

#[tokio::test]
async fn a_cursor_walks_through_one_question_only() {
    let service = peopled().await;
    service.group("Red", &[]).await;
    let everybody = ["ada", "bob", "Cy", "dan"];
    for count in 1..=5 {
        assert_eq!(walked(&service, &format!("/Users?count={count}")).await, everybody);
        let sw = filtered("/Users", "userName sw \"c\" or title pr");
        assert_eq!(walked(&service, &format!("{sw}&count={count}")).await, everybody);
        let all_types = walked(&service, &format!("?count={count}")).await;
        assert_eq!(all_types, ["ada", "bob", "Cy", "dan", "Red"]);
    }
    let page = service.get("/Users?cursor=&count=2").await.ok(200);
    assert_eq!(page["totalResults"], 4, "a whole list is counted");
    let next = page["nextCursor"].as_str().unwrap();
    let other = [
        format!("/Groups?cursor={next}"),
        format!("?cursor={next}"),
        format!("/Users?cursor={next}&sortBy=userName"),
        format!("{}&cursor={next}", filtered("/Users", "title pr")),
        format!("/Users?cursor={next}x"),
    ];
    for path in other {
        assert_eq!(service.get(&path).await.error(), (400, "invalidCursor"), "{path}");
    }
    // Whoever is deleted before the walk goes on makes it skip nobody.
    let first = page["Resources"][0]["id"].as_str().unwrap();
    service.delete(&format!("/Users/{first}")).await;
    let rest = service.get(&format!("/Users?count=2&cursor={next}")).await.ok(200);
    assert_eq!(names(&rest), ["Cy", "dan"]);
    service.wait(3_601);
    assert_eq!(service.get(&format!("/Users?cursor={next}")).await.error(), (400, "expiredCursor"));
}

fn search(parameters: Value) -> Value {
    let mut body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]});
    body.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_search_by_post_is_a_list() {
    let service = peopled().await;
    for (query, parameters) in [
        ("", json!({})),
        ("?count=2&startIndex=2", json!({"count": 2, "startIndex": 2})),
        (
            "?filter=title+pr&sortBy=userName&sortOrder=descending",
            json!({"filter": "title pr", "sortBy": "userName", "sortOrder": "descending"}),
        ),
        ("?attributes=userName,emails.value", json!({"attributes": ["userName", "emails.value"]})),
        ("?excludedAttributes=emails", json!({"excludedAttributes": ["emails"]})),
    ] {
        let listed = service.get(&format!("/Users{query}")).await.ok(200);
        let searched = service.json("POST", "/Users/.search", search(parameters.clone())).await.ok(200);
        assert_eq!(searched, listed, "{query}");
        let parameters = match query {
            "" => json!({"filter": "meta.resourceType eq \"User\""}),
            _ => parameters,
        };
        // Nothing else is there, so that all types together are the same.
        assert_eq!(service.json("POST", "/.search", search(parameters)).await.ok(200), listed, "{query}");
    }
    let wrong =
        service.json("POST", "/Users/.search", json!({"schemas": ["urn:x"], "filter": "title pr"})).await;
    assert_eq!(wrong.error(), (400, "invalidSyntax"));
}

#[tokio::test]
async fn all_types_are_asked_together() {
    let service = peopled().await;
    let id =
        service.get(&filtered("/Users", "userName eq \"ada\"")).await.ok(200)["Resources"][0]["id"].clone();
    service.group("Cyan", &[id.as_str().unwrap()]).await;
    let shown = |answer: Answer| {
        let list = answer.ok(200);
        names(&list).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(shown(service.get("").await), ["ada", "bob", "Cy", "dan", "Cyan"]);
    assert_eq!(shown(service.get("?startIndex=4&count=5").await), ["dan", "Cyan"]);
    assert_eq!(shown(service.get("?startIndex=5").await), ["Cyan"]);
    assert_eq!(service.get("?count=0").await.ok(200)["totalResults"], 5);
    for (filter, wanted) in [
        // An attribute that a type has not is one without a value there.
        ("displayName sw \"cy\"", vec!["Cy", "Cyan"]),
        ("userName sw \"c\"", vec!["Cy"]),
        ("not (userName pr)", vec!["Cyan"]),
        ("meta.resourceType eq \"Group\"", vec!["Cyan"]),
        ("userName eq \"ada\" or displayName eq \"cyan\"", vec!["ada", "Cyan"]),
    ] {
        assert_eq!(shown(service.get(&filtered("", filter)).await), wanted, "{filter}");
    }
    let unknown = service.get(&filtered("", "nope eq \"x\"")).await;
    assert_eq!(unknown.error(), (400, "invalidFilter"));
    let group = service.get(&filtered("", "displayName eq \"cyan\"")).await.ok(200);
    assert_eq!(group["Resources"][0]["members"][0]["value"], id, "a list shows what a list of groups shows");
}
