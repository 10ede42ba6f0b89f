//! What identity providers send beside the RFCs, in bodies and URLs. PATCH has its own tables.

use serde_json::{Value, json};

use crate::core::{Check, Need, Request, check, encode, group, merged, urn};

const LIST: &str = "Tolerance list of identity providers' habits";

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("tolerance", "Tolerance", &[Need::Tolerance], bodies());
    all.extend(group("tolerance", "Tolerance", &[], urls()));
    all
}

fn bodies() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "boolean-text",
            "Booleans as text in a new user",
            "Tolerance list; OneLogin's template: \"active\":\"{$user.active}\"",
            |s| {
                for (text, value) in [("True", true), ("false", false)] {
                    let answer = s.post("/Users", &s.user_body(json!({"active": text}))).await?;
                    answer.status(&[201])?;
                    answer.is("/active", &value.into())?;
                }
            }
        )
        .needs(&[Need::User("active")]),
        check!(
            Interop,
            "boolean-text-primary",
            "primary as text",
            "Microsoft SCIM Validator sends roles[].primary:\"True\"",
            |s| {
                let answer = s
                    .post(
                        "/Users",
                        &s.user_body(json!({
                            "roles": [{"value": "Admin", "primary": "True"}],
                        })),
                    )
                    .await?;
                answer.status(&[201])?;
                answer.is("/roles/0/primary", &true.into())?;
            }
        )
        .needs(&[Need::User("roles")]),
        check!(
            Interop,
            "nulls",
            "Nulls in a new user",
            "Entra ID's documented samples and OneLogin's template (\"id\":null) have nulls",
            |s| {
                let body = json!({
                    "id": null,
                    "title": null,
                    "emails": null,
                    "name": {"givenName": "Ada", "middleName": null},
                });
                let answer = s.post("/Users", &s.user_body(body)).await?;
                answer.status(&[201])?;
                answer.is("/name/givenName", &"Ada".into())?;
                answer.lacks("/name/middleName")?;
            }
        ),
        check!(
            Interop,
            "empty-text",
            "Empty strings in a new user are no values",
            "Tolerance list: null and \"\" clear a single value",
            |s| {
                let answer = s.post("/Users", &s.user_body(json!({"title": "", "nickName": ""}))).await?;
                answer.status(&[201])?;
                answer.expect(matches!(answer.at("/title").as_str(), None | Some("")), "no title")?;
            }
        ),
        check!(Interop, "unknown-attributes", "Unknown attributes are dropped", LIST, |s| {
            let answer = s
                .post(
                    "/Users",
                    &s.user_body(json!({
                        "noSuchAttribute": "x",
                        "name": {"givenName": "Ada", "noSuch": 1},
                    })),
                )
                .await?;
            answer.status(&[201])?;
            answer.lacks("/noSuchAttribute")?;
            answer.is("/name/givenName", &"Ada".into())?;
        }),
        check!(
            Interop,
            "unknown-schema",
            "Unknown schemas are dropped",
            "Tolerance list; Entra ID: \
                 http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
            |s| {
                let body = json!({
                    "schemas": [
                        urn::GROUP,
                        "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
                    ],
                });
                let answer = s.post("/Groups", &merged(s.group_body(&[]), body)).await?;
                answer.status(&[201])?;
                answer.is("/schemas", &json!([urn::GROUP]))?;
            }
        )
        .needs(&[Need::Groups]),
        check!(Interop, "unknown-extension", "Data of an unknown extension is dropped", LIST, |s| {
            let answer = s
                .post(
                    "/Users",
                    &s.user_body(json!({
                        "urn:example:unicorn:2.0:User": {"horn": "long"},
                    })),
                )
                .await?;
            answer.status(&[201])?;
            answer.lacks("/urn:example:unicorn:2.0:User")?;
        }),
        check!(
            Interop,
            "scim-1",
            "The schema URI of SCIM 1",
            "OneLogin's core template: \"schemas\":[\"urn:scim:schemas:core:1.0\"]",
            |s| {
                s.post("/Users", &s.user_body(json!({"schemas": ["urn:scim:schemas:core:1.0"]})))
                    .await?
                    .status(&[201])?;
            }
        ),
        check!(
            Interop,
            "no-schemas",
            "A new user without schemas",
            "Tolerance list: schemas in bodies ignored",
            |s| {
                s.post(
                    "/Users",
                    &json!({
                        "userName": format!("{}@check.example", s.unique()),
                    }),
                )
                .await?
                .status(&[201])?;
            }
        ),
        check!(
            Interop,
            "extension-unnamed",
            "An extension's data whose URN is not in schemas",
            "Entra ID: the custom extension's URN is not listed in schemas",
            |s| {
                let answer = s
                    .post("/Users", &s.user_body(json!({urn::ENTERPRISE: {"department": "Engines"}})))
                    .await?;
                answer.status(&[201])?;
                answer.is(&format!("/{}/department", urn::ENTERPRISE), &"Engines".into())?;
            }
        )
        .needs(&[Need::Enterprise]),
        check!(
            Interop,
            "extension-case",
            "An extension's URN in another case",
            "RFC 7643 §2.1 and RFC 8141: URNs are compared in any case",
            |s| {
                let urn = urn::ENTERPRISE.to_uppercase().replace("URN:IETF", "urn:ietf");
                let answer = s.post("/Users", &s.user_body(json!({urn: {"department": "Engines"}}))).await?;
                answer.status(&[201])?;
            }
        )
        .needs(&[Need::Enterprise]),
        check!(
            Interop,
            "manager-text",
            "The manager as a bare string",
            "Entra ID: the manager as a bare string",
            |s| {
                let answer =
                    s.post("/Users", &s.user_body(json!({urn::ENTERPRISE: {"manager": "271"}}))).await?;
                answer.status(&[201])?;
                answer.is(&format!("/{}/manager/value", urn::ENTERPRISE), &"271".into())?;
            }
        )
        .needs(&[Need::Enterprise]),
        check!(Interop, "lone-element", "A lone object where an array belongs", LIST, |s| {
            let answer = s
                .post(
                    "/Users",
                    &s.user_body(json!({
                        "emails": {"value": "w@check.example", "type": "work"},
                    })),
                )
                .await?;
            answer.status(&[201])?;
            answer.values("/emails", &["w@check.example"])?;
        })
        .needs(&[Need::User("emails")]),
        check!(
            Interop,
            "other-types",
            "Types that nobody listed",
            "RFC 7643 §7: canonicalValues are suggestions; Slack, Entra ID and others send their \
                 own",
            |s| {
                let answer = s
                    .post(
                        "/Users",
                        &s.user_body(json!({
                            "emails": [{"value": "w@check.example", "type": "main"}],
                        })),
                    )
                    .await?;
                answer.status(&[201])?;
                answer.is("/emails/0/type", &"main".into())?;
            }
        )
        .needs(&[Need::User("emails")]),
        check!(
            Interop,
            "password",
            "A password is taken, and not told",
            "Okta and Entra ID send password; accepted, hashed or dropped, never echoed",
            |s| {
                let answer =
                    s.post("/Users", &s.user_body(json!({"password": super::body::PASSWORD}))).await?;
                answer.status(&[201])?;
                answer.lacks("/password")?;
            }
        ),
        check!(
            Interop,
            "member-extras",
            "Members with display, type and $ref null",
            "Tolerance list: $ref:null; Okta sends display",
            |s| {
                let user = s.user(json!({})).await?;
                let member = json!({
                    "value": user.id,
                    "display": "Ada",
                    "type": "User",
                    "$ref": null,
                });
                let answer =
                    s.post("/Groups", &merged(s.group_body(&[]), json!({"members": [member]}))).await?;
                answer.status(&[201])?;
                s.read(&format!("/Groups/{}", encode(answer.str("/id"))))
                    .await?
                    .values("/members", &[&user.id])?;
            }
        )
        .needs(&[Need::Groups]),
        check!(
            Interop,
            "members-null",
            "A group with members null",
            "Okta accepts and sends members: null",
            |s| {
                let answer = s.post("/Groups", &merged(s.group_body(&[]), json!({"members": null}))).await?;
                answer.status(&[201])?;
            }
        )
        .needs(&[Need::Groups]),
    ]
}

fn urls() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "unknown-parameters",
            "Unknown parameters are ignored",
            "RFC 7644 §3.4.2: \"SHOULD ignore any query parameters they do not recognize\"; \
                 Entra ID's aadOptscim062020 may reach the server",
            |s| {
                s.get("/Users?count=1&aadOptscim062020&tenant=x").await?.status(&[200])?;
            }
        ),
        check!(
            Interop,
            "flag-in-path",
            "Entra's flag on every request",
            "Entra ID: the tenant URL's ?aadOptscim062020 may reach the server with any request",
            |s| {
                let answer = s.post("/Users?aadOptscim062020", &s.user_body(json!({}))).await?;
                answer.status(&[201])?;
                s.get(format!("/Users/{}?aadOptscim062020", encode(answer.str("/id"))))
                    .await?
                    .status(&[200])?;
            }
        ),
        check!(Interop, "trailing-slash", "A slash at the end", "Tolerance list: trailing slash", |s| {
            s.get("/Users/?count=1").await?.status(&[200])?;
            let user = s.user(json!({})).await?;
            s.get(format!("{}/", user.path)).await?.status(&[200])?;
        }),
        check!(
            Interop,
            "parameter-case",
            "Parameters in any case never end in a server error",
            "Tolerance list: unknown query parameters",
            |s| {
                let answer = s.get("/Users?STARTINDEX=1&Count=1").await?;
                answer.status(&[200])?;
            }
        ),
        check!(
            Interop,
            "attributes-case",
            "attributes in any case",
            "RFC 7643 §2.1: names in any case",
            |s| {
                let user = s.user(json!({})).await?;
                s.get(format!("{}?attributes=USERNAME", user.path)).await?.has("/userName")?;
            }
        ),
        check!(
            Interop,
            "get-with-type",
            "GET with a Content-Type",
            "Several clients set Content-Type on every request",
            |s| {
                let request =
                    Request::get("/Users?count=1").header("content-type", "application/scim+json").text("");
                s.send(request).await?.status(&[200])?;
            }
        ),
        check!(
            Interop,
            "delete-with-body",
            "DELETE with a body",
            "Several clients send a body with DELETE",
            |s| {
                let user = s.user(json!({})).await?;
                let request = Request::new(reqwest::Method::DELETE, &user.path)
                    .text(Value::Object(Default::default()).to_string());
                s.send(request).await?.status(&[204])?;
            }
        ),
    ]
}
