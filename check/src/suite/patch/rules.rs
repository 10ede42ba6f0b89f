//! The rules of a whole PATCH request: answers, atomicity, time of change.

use serde_json::{Value, json};

use super::{Need, check, group, group_of_two, rich_user, urn};
use crate::core::{Check, Request};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("patch", "RFC 7644 §3.5.2", &[Need::Patch, Need::User("title")], users());
    all.extend(group("patch", "RFC 7644 §3.5.2", &[Need::Patch, Need::Groups], groups()));
    all.extend(group("patch", "Entra ID", &[Need::Patch, Need::User("roles")], roles()));
    all
}

fn users() -> Vec<Check> {
    vec![
        check!(
            Must,
            "answer",
            "The answer is 200 with the user, or 204 without a body",
            "RFC 7644 §3.5.2: \"the server either MUST return a 200 OK response code and the \
                 entire resource within the response body, ... or MAY return HTTP status code 204 \
                 (No Content)\"",
            |s| {
                let user = rich_user(s).await?;
                let answer = s.patch(&user.path, &title("Major")).await?;
                answer.status(&[200, 204])?;
                if answer.code() == 200 {
                    answer.is("/id", &user.id.as_str().into())?;
                    answer.is("/title", &"Major".into())?;
                } else {
                    answer.expect(answer.text().is_empty(), "no body")?;
                }
            }
        ),
        check!(
            Must,
            "answer-attributes",
            "With attributes asked for, the answer is 200 with them",
            "RFC 7644 §3.5.2: \"The server MUST return a 200 OK if the \"attributes\" parameter \
                 is specified in the request\"",
            |s| {
                let user = rich_user(s).await?;
                let answer = s.patch(&format!("{}?attributes=title", user.path), &title("Major")).await?;
                answer.status(&[200])?;
                answer.is("/title", &"Major".into())?;
                answer.lacks("/nickName")?;
            }
        ),
        check!(
            Must,
            "atomic",
            "When one operation fails, none is done",
            "RFC 7644 §3.5.2: \"A PATCH request, regardless of the number of operations, SHALL \
                 be treated as atomic. If a single operation encounters an error condition, the \
                 original SCIM resource MUST be restored\"",
            |s| {
                let user = rich_user(s).await?;
                let wrong = json!([
                    {"op": "replace", "path": "title", "value": "Major"},
                    {"op": "replace", "path": "id", "value": "mine"},
                ]);
                s.patch(&user.path, &wrong).await?.status(&[400])?;
                s.read(&user.path).await?.is("/title", &"Captain".into())?;
            }
        ),
        check!(
            Must,
            "atomic-path",
            "Also when its path is malformed",
            "RFC 7644 §3.5.2: \"SHALL be treated as atomic\"",
            |s| {
                let user = rich_user(s).await?;
                let wrong = json!([
                    {"op": "remove", "path": "title"},
                    {"op": "replace", "path": "emails[type eq", "value": "x"},
                ]);
                s.patch(&user.path, &wrong).await?.status(&[400])?;
                s.read(&user.path).await?.is("/title", &"Captain".into())?;
            }
        ),
        check!(
            Must,
            "modified",
            "A change moves lastModified, not created",
            "RFC 7643 §3.1: lastModified \"The most recent DateTime that the details of this \
                 resource were updated at the service provider\"",
            |s| {
                let user = rich_user(s).await?;
                // Some servers count whole seconds.
                tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
                let now = s.patched(&user.path, &title("Major")).await?;
                now.is("/meta/created", user.answer.at("/meta/created"))?;
                let moved = now.at("/meta/lastModified") != user.answer.at("/meta/lastModified");
                now.expect(moved, "another meta.lastModified than before")?;
            }
        ),
        check!(
            Must,
            "unmodified",
            "No change leaves lastModified",
            "RFC 7644 §3.5.2.1: \"no changes SHOULD be made to the resource, and a success \
                 response SHOULD be returned. ... this operation SHALL NOT change the modify \
                 timestamp of the resource\"",
            |s| {
                let user = rich_user(s).await?;
                tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
                let now = s
                    .patched(
                        &user.path,
                        &json!([
                            {
                                "op": "add",
                                "path": "title",
                                "value": "Captain",
                            },
                        ]),
                    )
                    .await?;
                now.is("/meta/lastModified", user.answer.at("/meta/lastModified"))?;
            }
        ),
        check!(Must, "unknown", "An unknown user is not found", "RFC 7644 §3.12: 404", |s| {
            s.patch("/Users/6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0ac", &title("x")).await?.status(&[404])?;
        }),
        check!(
            Must,
            "conflict",
            "A taken userName is a conflict",
            "RFC 7644 §3.12: 409 and uniqueness \"One or more of the attribute values are \
                 already in use or are reserved\"",
            |s| {
                let (user, other) = (rich_user(s).await?, rich_user(s).await?);
                let answer = s
                    .patch(
                        &user.path,
                        &json!([
                            {
                                "op": "replace",
                                "path": "userName",
                                "value": other.name(),
                            },
                        ]),
                    )
                    .await?;
                answer.error(409, "uniqueness")?;
            }
        ),
        check!(
            Must,
            "rename",
            "userName can be changed, and finds the user",
            "Microsoft SCIM Validator: update userName; RFC 7643 §4.1.1: userName is readWrite",
            |s| {
                let user = rich_user(s).await?;
                let name = format!("{}@check.example", s.unique());
                let now = s
                    .patched(
                        &user.path,
                        &json!([
                            {
                                "op": "replace",
                                "path": "userName",
                                "value": name,
                            },
                        ]),
                    )
                    .await?;
                now.is("/userName", &name.as_str().into())?;
                let found = s.filter("/Users", &format!("userName eq \"{name}\"")).await?;
                found.expect(found.ids() == [user.id.as_str()], "exactly this user")?;
            }
        )
        .needs(&[Need::Filter]),
        check!(
            Must,
            "one-primary",
            "One value at most is primary after a change",
            "RFC 7644 §3.5.2: \"SHALL cause the server to automatically set \"primary\" to \
                 \"false\" for any other values in the array\"",
            |s| {
                let user = rich_user(s).await?;
                let change = json!([
                    {
                        "op": "add",
                        "path": "emails",
                        "value": [{"value": "o@check.example", "primary": true}],
                    },
                ]);
                let now = s.patched(&user.path, &change).await?;
                let primaries: Vec<&Value> =
                    now.list("/emails").iter().filter(|one| one["primary"] == true).collect();
                let right = primaries.len() == 1 && primaries[0]["value"] == "o@check.example";
                now.expect(right, "only the new address to be primary")?;
            }
        )
        .needs(&[Need::User("emails")]),
        check!(
            Must,
            "no-operations",
            "A body without Operations is refused",
            "RFC 7644 §3.5.2: \"The body of an HTTP PATCH request MUST contain the attribute \
                 \"Operations\"\"",
            |s| {
                let user = rich_user(s).await?;
                let body = json!({"schemas": [urn::PATCH]}).to_string();
                s.send(Request::new(reqwest::Method::PATCH, &user.path).text(body)).await?.status(&[400])?;
            }
        ),
        check!(
            Must,
            "not-json",
            "A body that is no JSON is refused",
            "RFC 7644 §3.12: invalidSyntax \"The request body message structure was invalid\"",
            |s| {
                let user = rich_user(s).await?;
                let answer = s
                    .send(Request::new(reqwest::Method::PATCH, &user.path).text("{\"Operations\": ["))
                    .await?;
                answer.status(&[400])?;
            }
        ),
        check!(
            Interop,
            "no-schemas",
            "A PATCH body without schemas is taken",
            "Tolerance list: missing PatchOp schemas",
            |s| {
                let user = rich_user(s).await?;
                let body = json!({"Operations": title("Major")}).to_string();
                s.send(Request::new(reqwest::Method::PATCH, &user.path).text(body))
                    .await?
                    .status(&[200, 204])?;
                s.read(&user.path).await?.is("/title", &"Major".into())?;
            }
        )
        .needs(&[Need::Tolerance]),
        check!(
            Must,
            "password",
            "A changed password is not told",
            "RFC 7643 §4.1.1: password is never returned",
            |s| {
                let user = rich_user(s).await?;
                let change = json!([
                    {
                        "op": "replace",
                        "path": "password",
                        "value": super::super::body::PASSWORD,
                    },
                ]);
                let answer = s.patch(&user.path, &change).await?;
                answer.status(&[200, 204])?;
                answer.expect(
                    !answer.text().contains(super::super::body::PASSWORD),
                    "no password in the answer",
                )?;
            }
        ),
    ]
}

fn groups() -> Vec<Check> {
    vec![
        check!(
            Must,
            "atomic-members",
            "A failed request changes no member",
            "RFC 7644 §3.5.2: \"SHALL be treated as atomic\"",
            |s| {
                let (group, people) = group_of_two(s).await?;
                let wrong = json!([
                    {"op": "add", "path": "members", "value": [{"value": people[2].id}]},
                    {"op": "remove", "path": "members[value eq", "value": "x"},
                ]);
                s.patch(&group.path, &wrong).await?.status(&[400])?;
                s.read(&group.path).await?.values("/members", &[&people[0].id, &people[1].id])?;
            }
        ),
        check!(Must, "user-follows", "A user's groups follow the members", "RFC 7643 §4.1.2: groups", |s| {
            let (group, people) = group_of_two(s).await?;
            let change = json!([
                {"op": "remove", "path": format!("members[value eq \"{}\"]", people[0].id)},
                {"op": "add", "path": "members", "value": [{"value": people[2].id}]},
            ]);
            s.patch(&group.path, &change).await?.status(&[200, 204])?;
            s.read(&people[0].path).await?.lacks("/groups")?;
            s.read(&people[2].path).await?.values("/groups", &[&group.id])?;
        }),
        check!(Must, "group-unknown", "An unknown group is not found", "RFC 7644 §3.12: 404", |s| {
            let change = json!([{"op": "replace", "path": "displayName", "value": "x"}]);
            s.patch("/Groups/6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0ad", &change).await?.status(&[404])?;
        }),
        check!(
            Must,
            "group-required",
            "A group's name cannot be removed",
            "RFC 7644 §3.5.2.2: a required attribute; erratum 5368: displayName is required",
            |s| {
                let (group, _) = group_of_two(s).await?;
                s.patch(&group.path, &json!([{"op": "remove", "path": "displayName"}]))
                    .await?
                    .status(&[400])?;
            }
        ),
    ]
}

fn roles() -> Vec<Check> {
    vec![check!(
        Interop,
        "entra-role-json",
        "A role as JSON in a string is kept, as text or as the role it tells",
        "Entra ID, AppRoleAssignmentsComplex: \
                 {\"op\":\"Add\",\"path\":\"roles\",\"value\":[{\"value\":\"{\\\"id\\\":…}\"}]}",
        |s| {
            let user = rich_user(s).await?;
            let role = json!({"id": "06b0", "value": "Admin", "displayName": "Admin"}).to_string();
            let change = json!([{"op": "Add", "path": "roles", "value": [{"value": role}]}]);
            let now = s.patched(&user.path, &change).await?;
            let kept = now.str("/roles/0/value");
            now.expect(kept == role || kept == "Admin", "a role whose value is the text, or Admin")?;
        }
    )]
}

fn title(value: &str) -> Value {
    json!([{"op": "replace", "path": "title", "value": value}])
}
