//! Okta.

use serde_json::{Value, json};

use super::nobody;
use crate::core::{Check, Exchange, Need, Request, Session, Stop, check, encode, group, merged, urn};

pub(super) fn checks() -> Vec<Check> {
    group("okta", "Okta", &[Need::Filter], conversations())
}

/// As Okta sends it.
async fn send(s: &Session, request: Request) -> Result<Exchange, Stop> {
    let accept = "application/scim+json; charset=utf-8";
    s.send(request.header("accept", accept).header("user-agent", "Okta SCIM Client 1.0.0")).await
}

async fn by_name(s: &Session, name: &str) -> Result<Exchange, Stop> {
    let filter = encode(&format!("userName eq \"{name}\""));
    send(s, Request::get(format!("/Users?filter={filter}&startIndex=1&count=100"))).await
}

fn person(name: &str) -> Value {
    json!({
        "schemas": [urn::USER],
        "userName": name,
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": true, "value": name, "type": "work"}],
        "displayName": "Test User",
        "locale": "en-US",
        "externalId": format!("00u-{name}"),
        "groups": [],
        "password": super::super::body::PASSWORD,
        "active": true,
    })
}

async fn create(s: &Session) -> Result<(String, Exchange), Stop> {
    let name = format!("{}@okta.local", s.unique());
    nobody(&by_name(s, &name).await?)?;
    let answer = send(s, Request::post("/Users", &person(&name))).await?;
    answer.status(&[201])?;
    answer.expect(!answer.str("/id").is_empty(), "a body with the id: an empty body fails the user")?;
    Ok((name, answer))
}

fn path(answer: &Exchange, endpoint: &str) -> String {
    format!("{endpoint}/{}", encode(answer.str("/id")))
}

fn conversations() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "create",
            "A user is looked for, then made, then found",
            "Okta: GET by userName, POST with groups [] and password, GET",
            |s| {
                let (name, made) = create(s).await?;
                made.is("/userName", &name.as_str().into())?;
                made.lacks("/password")?;
                let found = by_name(s, &name).await?;
                found.is("/totalResults", &1.into())?;
                found.is("/Resources/0/id", made.at("/id"))?;
            }
        ),
        check!(
            Interop,
            "update",
            "A user is read, then replaced by the whole body",
            "Okta: GET, then PUT of the full body, id, groups [] and meta included",
            |s| {
                let (name, made) = create(s).await?;
                let read = send(s, Request::get(path(&made, "/Users"))).await?;
                let body = json!({
                    "schemas": [urn::USER],
                    "id": read.at("/id"),
                    "userName": name,
                    "name": {"givenName": "Another", "middleName": "Excited", "familyName": "User"},
                    "emails": [{"primary": true, "value": name, "type": "work", "display": "Work"}],
                    "active": true,
                    "groups": [],
                    "meta": {"resourceType": "User"},
                });
                let request =
                    Request::new(reqwest::Method::PUT, path(&made, "/Users")).text(body.to_string());
                let answer = send(s, request).await?;
                answer.status(&[200])?;
                answer.is("/name/middleName", &"Excited".into())?;
                answer.is("/id", made.at("/id"))?;
            }
        ),
        check!(
            Interop,
            "deactivate",
            "A user is deactivated and activated again by PATCH",
            "Okta, OIN apps: PATCH for activate and deactivate; users are never deleted",
            |s| {
                let (name, made) = create(s).await?;
                for active in [false, true] {
                    let now = s
                        .patched(
                            &path(&made, "/Users"),
                            &json!([
                                {
                                    "op": "replace",
                                    "value": {"active": active},
                                },
                            ]),
                        )
                        .await?;
                    now.is("/active", &active.into())?;
                    by_name(s, &name).await?.is("/Resources/0/active", &active.into())?;
                }
            }
        )
        .needs(&[Need::Patch]),
        check!(
            Interop,
            "deactivate-put",
            "A user is deactivated by PUT",
            "Okta, custom apps (AIW): PUT for everything",
            |s| {
                let (name, made) = create(s).await?;
                let body = merged(
                    person(&name),
                    json!({
                        "id": made.at("/id"),
                        "active": false,
                        "password": null,
                    }),
                );
                let request =
                    Request::new(reqwest::Method::PUT, path(&made, "/Users")).text(body.to_string());
                send(s, request).await?.status(&[200])?;
                s.read(&path(&made, "/Users")).await?.is("/active", &false.into())?;
            }
        ),
        check!(Interop, "password", "A password is pushed", "Okta: PATCH for password sync", |s| {
            let (_, made) = create(s).await?;
            let change = json!([{"op": "replace", "value": {"password": "aN0ther-Pass&word"}}]);
            let answer = s.patch(&path(&made, "/Users"), &change).await?;
            answer.status(&[200, 204])?;
            answer.expect(!answer.text().contains("aN0ther"), "no password in the answer")?;
        })
        .needs(&[Need::Patch]),
        check!(
            Interop,
            "again",
            "A user who is there already is found, not made twice",
            "Okta: 409 must carry the Error schema",
            |s| {
                let (name, made) = create(s).await?;
                let again = send(s, Request::post("/Users", &person(&name))).await?;
                again.error(409, "uniqueness")?;
                again.expect(again.list("/schemas").contains(&urn::ERROR.into()), "the Error schema")?;
                by_name(s, &name).await?.is("/Resources/0/id", made.at("/id"))?;
            }
        ),
        check!(
            Interop,
            "import",
            "Everybody is imported in pages of 100",
            "Okta, import: GET /Users?startIndex=1&count=100, and on until totalResults",
            |s| {
                s.cast().await?;
                let first = send(s, Request::get("/Users?startIndex=1&count=100")).await?;
                first.status(&[200])?;
                let total = first.at("/totalResults").as_u64().unwrap_or_default();
                let wanted = usize::try_from(total).unwrap_or(usize::MAX).min(100);
                first.expect(
                    first.resources().len() == wanted,
                    format!("{wanted} users on the first page of 100"),
                )?;
            }
        ),
        check!(
            Interop,
            "group-push",
            "A group is made, filled, renamed, changed and deleted",
            "Okta group push: POST, PATCH with the name and with members, DELETE",
            |s| {
                let people = s.users(3).await?;
                let ids: Vec<_> = people.iter().map(|person| person.id.as_str()).collect();
                let name = format!("{} Push", s.unique());
                nobody(&s.filter("/Groups", &format!("displayName eq \"{name}\"")).await?)?;
                let body = json!({"schemas": [urn::GROUP], "displayName": name, "members": []});
                let made = send(s, Request::post("/Groups", &body)).await?;
                made.status(&[201])?;
                let group = path(&made, "/Groups");
                let display = json!({
                    "op": "replace",
                    "value": {"id": made.at("/id"), "displayName": name},
                });
                let add = |id: &str| {
                    json!({
                        "op": "add",
                        "path": "members",
                        "value": [{"value": id, "display": "x"}],
                    })
                };
                s.patched(&group, &json!([display, add(ids[0]), add(ids[1])]))
                    .await?
                    .values("/members", &ids[..2])?;
                let change = json!([
                    {"op": "remove", "path": format!("members[value eq \"{}\"]", ids[0])},
                    add(ids[2]),
                ]);
                s.patched(&group, &change).await?.values("/members", &ids[1..])?;
                let renamed = format!("{name} 2");
                let change = json!([
                    {
                        "op": "replace",
                        "value": {"id": made.at("/id"), "displayName": renamed},
                    },
                ]);
                let now = s.patched(&group, &change).await?;
                now.is("/displayName", &renamed.into())?;
                now.values("/members", &ids[1..])?;
                s.delete(&group).await?.status(&[204])?;
            }
        )
        .needs(&[Need::Patch, Need::Groups]),
        check!(
            Interop,
            "group-push-now",
            "A group is pushed whole, then empty",
            "Okta \"Push now\": replace members with all; with [] for an empty group",
            |s| {
                let people = s.users(2).await?;
                let group = s.group(&[&people[0]]).await?;
                let all: Vec<_> = people
                    .iter()
                    .map(|person| json!({"value": person.id, "display": person.name()}))
                    .collect();
                let now = s
                    .patched(
                        &group.path,
                        &json!([
                            {
                                "op": "replace",
                                "path": "members",
                                "value": all,
                            },
                        ]),
                    )
                    .await?;
                now.values("/members", &[&people[0].id, &people[1].id])?;
                s.patched(
                    &group.path,
                    &json!([
                        {
                            "op": "replace",
                            "path": "members",
                            "value": [],
                        },
                    ]),
                )
                .await?
                .lacks("/members")?;
            }
        )
        .needs(&[Need::Patch, Need::Groups]),
        check!(
            Interop,
            "entitlements",
            "Discovery for entitlements: resource types, then their schemas",
            "Okta, user schema discovery: /ResourceTypes, then /Schemas for extension URNs, then \
                 every endpoint of roles and entitlements",
            |s| {
                let types = s.read("/ResourceTypes").await?;
                s.read("/Schemas").await?;
                let known =
                    ["urn:okta:scim:schemas:core:1.0:Role", "urn:okta:scim:schemas:core:1.0:Entitlement"];
                for kind in
                    types.resources().iter().filter(|kind| known.iter().any(|urn| kind["schema"] == *urn))
                {
                    let endpoint = kind["endpoint"].as_str().unwrap_or_default();
                    let list = s.get(format!("{endpoint}?startIndex=1&count=100")).await?;
                    super::super::discovery::is_list(&list)?;
                    let whole = |one: &Value| one["id"].is_string() && one["displayName"].is_string();
                    list.expect(list.resources().iter().all(whole), "id and displayName on each")?;
                }
            }
        ),
    ]
}
