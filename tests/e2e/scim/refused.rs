//! Bad input, case by case: the right SCIM error, and not one row written. Members are in `refused_groups.rs`, tokens and
//! paths in `access.rs`.

use serde_json::{Value, json};

use super::{Case, Service};

const SYNTAX: &str = "invalidSyntax";
const VALUE: &str = "invalidValue";

/// A service with a user and a group, and the paths of both.
async fn settled() -> (Service, String, String) {
    let service = Service::new().await;
    let ada = service.user("ada").await;
    service.user("bob").await;
    let group = service.group("G", &[&ada]).await;
    service.group("H", &[]).await;
    (service, format!("/Users/{ada}"), format!("/Groups/{group}"))
}

/// Every way to write, on both resource types.
fn writes(user: &str, group: &str) -> [(&'static str, String); 6] {
    [
        ("POST", "/Users".to_owned()),
        ("PUT", user.to_owned()),
        ("PATCH", user.to_owned()),
        ("POST", "/Groups".to_owned()),
        ("PUT", group.to_owned()),
        ("PATCH", group.to_owned()),
    ]
}

fn operations(operations: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

#[tokio::test]
async fn bodies_that_are_no_json_objects() {
    let (service, user, group) = settled().await;
    let deep = format!("{{\"userName\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let bodies: [&[u8]; 14] = [
        b"",
        b" ",
        b"{",
        b"{\"userName\":",
        b"{'userName': 'x'}",
        b"userName=x",
        b"{\"userName\": \"x\"} {}",
        b"{\"userName\": \"\\ud800\"}",
        b"{\"userName\": \"\xff\"}",
        b"[]",
        b"null",
        b"\"x\"",
        b"5",
        deep.as_bytes(),
    ];
    let mut cases = Vec::new();
    for (method, path) in writes(&user, &group) {
        cases.extend(bodies.map(|body| Case::new(method, &path, 400, SYNTAX).body(body)));
    }
    service.refuses(cases).await;
}

#[tokio::test]
async fn bodies_that_are_too_long_or_of_another_type() {
    let (service, user, group) = settled().await;
    let text = "x".repeat(1024 * 1024);
    let over = json!({"userName": text, "displayName": text}).to_string();
    let patch = operations(&json!([{"op": "replace", "path": "displayName", "value": text}])).to_string();
    let fine = json!({"userName": "x", "displayName": "x",
        "Operations": [{"op": "replace", "path": "displayName", "value": "x"}]});
    let mut cases = Vec::new();
    for (method, path) in writes(&user, &group) {
        let body = if method == "PATCH" { &patch } else { &over };
        cases.push(Case::new(method, &path, 413, "").body(body.as_str()));
        for media in [
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "nonsense",
        ] {
            cases.push(Case::new(method, &path, 415, "").header("content-type", media).json(&fine));
        }
    }
    // Within the limit of a request, beyond that of a row.
    let title = json!({"userName": "x", "title": "x".repeat(300 * 1024)});
    cases.push(Case::new("POST", "/Users", 413, "").json(&title));
    let operation = json!({"op": "add", "path": "title", "value": "x"});
    cases.push(Case::new("PATCH", &user, 413, "").json(&operations(&json!(vec![operation; 1_001]))));
    service.refuses(cases).await;
}

#[tokio::test]
async fn values_of_wrong_types() {
    let (service, user, group) = settled().await;
    let mut cases = Vec::new();
    for (attribute, value) in [
        ("userName", json!(5)),
        ("userName", json!(true)),
        ("userName", json!({"value": "x"})),
        ("userName", json!(["x", "y"])),
        ("name", json!("Ada Byron")),
        ("name", json!(5)),
        ("name", json!({"givenName": 5})),
        ("name", json!([{"givenName": "a"}, {"givenName": "b"}])),
        ("active", json!({})),
        ("active", json!("maybe")),
        ("active", json!(1)),
        ("active", json!([true, false])),
        ("emails", json!(5)),
        ("emails", json!([5])),
        ("emails", json!([{"value": 5}])),
        ("emails", json!([{"value": "a@x.co", "primary": "perhaps"}])),
        ("emails", json!([{"value": "a@x.co", "primary": true}, {"value": "b@x.co", "primary": true}])),
        ("title", json!({})),
    ] {
        let mut body = json!({"userName": "x"});
        body[attribute] = value.clone();
        cases.push(Case::new("POST", "/Users", 400, VALUE).json(&body));
        cases.push(Case::new("PUT", &user, 400, VALUE).json(&body));
        let replace = operations(&json!([{"op": "replace", "path": attribute, "value": value}]));
        cases.push(Case::new("PATCH", &user, 400, VALUE).json(&replace));
        let whole = operations(&json!([{"op": "replace", "value": {attribute: value}}]));
        cases.push(Case::new("PATCH", &user, 400, VALUE).json(&whole));
    }
    for value in [json!(true), json!(5), json!({}), json!(["a", "b"])] {
        let body = json!({ "displayName": value });
        cases.push(Case::new("POST", "/Groups", 400, VALUE).json(&body));
        cases.push(Case::new("PUT", &group, 400, VALUE).json(&body));
        let replace = operations(&json!([{"op": "replace", "path": "displayName", "value": value}]));
        cases.push(Case::new("PATCH", &group, 400, VALUE).json(&replace));
    }
    service.refuses(cases).await;
}

#[tokio::test]
async fn required_values_that_are_missing() {
    let (service, user, group) = settled().await;
    let mut cases = Vec::new();
    for (kind, one, attribute) in [("/Users", &user, "userName"), ("/Groups", &group, "displayName")] {
        for value in [None, Some(Value::Null), Some(json!("")), Some(json!([]))] {
            let mut body = json!({"externalId": "x"});
            if let Some(value) = &value {
                body[attribute] = value.clone();
                let replace = operations(&json!([{"op": "replace", "path": attribute, "value": value}]));
                cases.push(Case::new("PATCH", one, 400, VALUE).json(&replace));
            }
            cases.push(Case::new("POST", kind, 400, VALUE).json(&body));
            cases.push(Case::new("PUT", one, 400, VALUE).json(&body));
        }
        let remove = operations(&json!([{"op": "remove", "path": attribute}]));
        cases.push(Case::new("PATCH", one, 400, "mutability").json(&remove));
    }
    service.refuses(cases).await;
}

#[tokio::test]
async fn names_that_are_taken() {
    let (service, user, group) = settled().await;
    let taken = "uniqueness";
    let rename = |attribute: &str, value: &str| {
        operations(&json!([{"op": "replace", "path": attribute, "value": value}]))
    };
    service
        .refuses([
            Case::new("POST", "/Users", 409, taken).json(&json!({"userName": "ada"})),
            Case::new("POST", "/Users", 409, taken).json(&json!({"userName": "ADA"})),
            Case::new("PUT", &user, 409, taken).json(&json!({"userName": "Bob"})),
            Case::new("PATCH", &user, 409, taken).json(&rename("userName", "bob")),
            Case::new("POST", "/Groups", 409, taken).json(&json!({"displayName": "g"})),
            Case::new("PUT", &group, 409, taken).json(&json!({"displayName": "h"})),
            Case::new("PATCH", &group, 409, taken).json(&rename("displayName", "H")),
        ])
        .await;
}

#[tokio::test]
async fn versions_that_are_not_the_stored_one() {
    let (service, user, group) = settled().await;
    let body = json!({"userName": "x", "displayName": "x",
        "Operations": [{"op": "replace", "path": "displayName", "value": "x"}]});
    let mut cases = Vec::new();
    for path in [&user, &group] {
        for method in ["PUT", "PATCH", "DELETE"] {
            for tag in ["W/\"2\"", "\"0\"", "nonsense", "W/\"11\", W/\"12\""] {
                cases.push(Case::new(method, path, 412, "").header("if-match", tag).json(&body));
            }
        }
    }
    service.refuses(cases).await;
}

#[tokio::test]
async fn patches_that_cannot_be_done() {
    let (service, user, group) = settled().await;
    let mut cases = Vec::new();
    for (body, kind) in [
        (json!({}), SYNTAX),
        (json!({"Operations": []}), SYNTAX),
        (json!({"Operations": {}}), SYNTAX),
        (json!({"Operations": [5]}), SYNTAX),
        (json!({"Operations": [{"path": "title", "value": "x"}]}), SYNTAX),
        (json!({"Operations": [{"op": "move", "path": "title", "value": "x"}]}), SYNTAX),
        (json!({"Operations": [{"op": 5, "path": "title", "value": "x"}]}), SYNTAX),
        (json!({"Operations": [{"op": "add", "path": 5, "value": "x"}]}), "invalidPath"),
        (json!({"Operations": [{"op": "add", "path": "a[", "value": "x"}]}), "invalidPath"),
        (json!({"Operations": [{"op": "add", "path": "nope", "value": "x"}]}), "invalidPath"),
        (json!({"Operations": [{"op": "add", "path": "displayName"}]}), VALUE),
        (json!({"Operations": [{"op": "add", "value": "x"}]}), VALUE),
        (json!({"Operations": [{"op": "remove"}]}), "noTarget"),
        (json!({"Operations": [{"op": "replace", "path": "id", "value": "x"}]}), "mutability"),
        (json!({"Operations": [{"op": "remove", "path": "id"}]}), "mutability"),
        (json!({"Operations": [{"op": "replace", "path": "meta.created", "value": "x"}]}), "mutability"),
    ] {
        cases.push(Case::new("PATCH", &user, 400, kind).json(&body));
        cases.push(Case::new("PATCH", &group, 400, kind).json(&body));
    }
    for (operation, kind) in [
        (json!({"op": "add", "path": "groups", "value": [{"value": "x"}]}), "mutability"),
        (json!({"op": "replace", "path": "emails[type eq \"nonexistent\"].value", "value": "x"}), "noTarget"),
        (
            json!({"op": "replace", "path": "name[givenName eq \"x\"].familyName", "value": "x"}),
            "invalidPath",
        ),
        (json!({"op": "replace", "path": "emails[type xx \"work\"].value", "value": "x"}), "invalidPath"),
    ] {
        cases.push(Case::new("PATCH", &user, 400, kind).json(&operations(&json!([operation]))));
    }
    service.refuses(cases).await;
}

/// The first operation is good, and must not be applied either.
#[tokio::test]
async fn patches_whose_second_operation_fails() {
    let (service, user, group) = settled().await;
    let ada = user.rsplit('/').next().unwrap();
    let good = json!({"op": "replace", "path": "externalId", "value": "changed"});
    let leave = json!({"op": "remove", "path": format!("members[value eq \"{ada}\"]")});
    let both = |first: &Value, second: Value| operations(&json!([first, second]));
    let unknown = json!({"op": "add", "path": "members", "value": [{"value": "nobody"}]});
    let nope = json!({"op": "replace", "path": "nope", "value": 1});
    service
        .refuses([
            Case::new("PATCH", &user, 400, "invalidPath").json(&both(&good, nope.clone())),
            Case::new("PATCH", &user, 400, VALUE)
                .json(&both(&good, json!({"op": "replace", "path": "active", "value": "maybe"}))),
            Case::new("PATCH", &user, 400, "mutability")
                .json(&both(&good, json!({"op": "remove", "path": "userName"}))),
            Case::new("PATCH", &user, 409, "uniqueness")
                .json(&both(&good, json!({"op": "replace", "path": "userName", "value": "bob"}))),
            Case::new("PATCH", &group, 400, VALUE).json(&both(&good, unknown.clone())),
            Case::new("PATCH", &group, 400, VALUE).json(&both(&leave, unknown)),
            Case::new("PATCH", &group, 400, "invalidPath").json(&both(&leave, nope)),
            Case::new("PATCH", &group, 409, "uniqueness")
                .json(&both(&leave, json!({"op": "replace", "path": "displayName", "value": "H"}))),
        ])
        .await;
}

#[tokio::test]
async fn ids_that_no_resource_can_have() {
    let (service, _, _) = settled().await;
    let body = json!({"userName": "x", "displayName": "x",
        "Operations": [{"op": "replace", "path": "displayName", "value": "x"}]});
    let long = "x".repeat(5_000);
    let mut cases = Vec::new();
    for id in [
        "%23",
        "a%23b",
        "a%2Fb",
        "%00",
        "a%00b",
        "%2e%2e",
        "..",
        "%20",
        "%22",
        "*",
        "%F0%9F%A6%80",
        "USER",
        &long,
    ] {
        for kind in ["/Users", "/Groups"] {
            for method in ["GET", "PUT", "PATCH", "DELETE"] {
                cases.push(Case::new(method, format!("{kind}/{id}"), 404, "").json(&body));
            }
        }
    }
    service.refuses(cases).await;
}

#[tokio::test]
async fn filters_that_are_not_answered() {
    let (service, _, _) = settled().await;
    let long = format!("userName eq \"{}\"", "x".repeat(9_000));
    let nested = format!("{}userName eq \"a\"{}", "(".repeat(30), ")".repeat(30));
    let many = vec!["userName eq \"a\""; 100].join(" and ");
    let users = [
        // Operators and values that do not fit the attribute, and attributes that are none.
        "active gt true",
        "active co \"tr\"",
        "active eq \"maybe\"",
        "meta.lastModified gt \"yesterday\"",
        "name eq \"x\"",
        "nope eq \"x\"",
        "userName.nope eq \"x\"",
        "urn:example:nope:userName eq \"x\"",
        "members eq \"x\"",
        "emails[nope eq \"work\"].value eq \"x\"",
        "emails[type eq \"work\"][value eq \"x\"]",
        // Malformed.
        "",
        "nonsense",
        "userName",
        "userName eq",
        "userName eq \"ada",
        "userName xx \"ada\"",
        "userName eq \"ada\" and",
        "userName eq \"ada\" userName eq \"bob\"",
        "(userName eq \"ada\"",
        "userName eq \"ada\")",
        "emails[type eq \"work\"",
        "emails[].value eq \"x\"",
        "eq \"ada\"",
        "; drop table users",
        &long,
        &nested,
        &many,
    ];
    let mut cases: Vec<Case> =
        users.map(|filter| Case::new("GET", super::filtered("/Users", filter), 400, "invalidFilter")).into();
    let groups = ["userName eq \"x\"", "members[nope eq \"x\"]", ""];
    cases.extend(
        groups.map(|filter| Case::new("GET", super::filtered("/Groups", filter), 400, "invalidFilter")),
    );
    // RFC 7644 §3.12: "sensitive" where the request's URI would carry what must not be there.
    cases.push(Case::new("GET", super::filtered("/Users", "password eq \"x\""), 400, "sensitive"));
    for (query, scim_type) in [
        ("count=x", VALUE),
        ("startIndex=1.5", VALUE),
        ("count=", VALUE),
        ("startIndex=99999999999999999999", VALUE),
        ("sortBy=userName&sortOrder=up", VALUE),
        ("sortBy=nope", "invalidPath"),
        ("sortBy=name", "invalidPath"),
        ("sortBy=password", "invalidPath"),
        ("sortBy=groups.display", "invalidPath"),
        ("cursor=&startIndex=1", "invalidCursor"),
        ("cursor=&count=0", "invalidCount"),
        ("cursor=made-up", "invalidCursor"),
    ] {
        cases.push(Case::new("GET", format!("/Users?{query}"), 400, scim_type));
    }
    service.refuses(cases).await;
}

/// The database is out of reach: the client is told to come again, and nothing is there but what was acknowledged.
#[tokio::test]
async fn a_store_that_is_out_of_reach_is_a_busy_server() {
    let (service, user, group) = settled().await;
    let body = json!({"userName": "x", "displayName": "x",
        "Operations": [{"op": "replace", "path": "displayName", "value": "x"}]});
    let before = service.everything().await;
    service.db.faults.cut_after(0);
    let deletes = [("DELETE", user.clone()), ("DELETE", group.clone())];
    for (method, path) in writes(&user, &group).into_iter().chain(deletes) {
        let answer = service.json(method, &path, body.clone()).await;
        assert_eq!((answer.error(), answer.header("retry-after")), ((503, ""), "1"), "{method} {path}");
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(!detail.contains("cut off"), "the cause is for the log: {detail}");
    }
    service.db.faults.mend();
    assert_eq!(service.everything().await, before);
    service.json("PUT", &user, body).await.ok(200);
}
