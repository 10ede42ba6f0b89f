//! Entra ID: Test Connection, and a provisioning cycle.

use serde_json::{Value, json};

use super::nobody;
use crate::core::{Check, Need, Session, Stop, check, encode, group, urn};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("entra", "Entra ID", &[Need::Filter], test_connection());
    all.extend(group("entra", "Entra ID", &[Need::Filter, Need::Patch], cycle()));
    all
}

/// The schema that Entra ID names beside the RFC's in a new group.
const MICROSOFT: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

/// A random name, as Test Connection asks for.
fn random(s: &Session) -> String {
    format!("{}-5db4b52e-c2ec-4bd4-b5cc-5f6e9b7c0d11", s.unique())
}

fn test_connection() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "test-user",
            "Test Connection: a random user is nobody",
            "Entra ID: GET /Users?filter=userName eq \"<random guid>\" -> 200 with an empty \
                 list; a 404 quarantines",
            |s| {
                nobody(&s.filter("/Users", &format!("userName eq \"{}\"", random(s))).await?)?;
            }
        ),
        check!(
            Interop,
            "test-group",
            "Test Connection: a random group is none",
            "Entra ID: discovery and test use a random user and group",
            |s| {
                let filter = format!("displayName eq \"{}\"", random(s));
                let found =
                    s.query("/Groups", &[("excludedAttributes", "members"), ("filter", &filter)]).await?;
                nobody(&found)?;
            }
        )
        .needs(&[Need::Groups]),
        check!(
            Interop,
            "test-external-id",
            "A random externalId is nobody",
            "Entra ID: GET /Users?filter=externalId eq \"...\"",
            |s| {
                nobody(&s.filter("/Users", &format!("externalId eq \"{}\"", random(s))).await?)?;
            }
        ),
        check!(
            Interop,
            "test-email",
            "A random address is nobody",
            "Entra ID: GET /Users?filter=emails[type eq \"work\"].value eq \"user@contoso.com\"",
            |s| {
                nobody(
                    &s.filter(
                        "/Users",
                        &format!("emails[type eq \"work\"].value eq \"{}@contoso.com\"", random(s)),
                    )
                    .await?,
                )?;
            }
        )
        .needs(&[Need::User("emails")]),
        check!(
            Interop,
            "schema",
            "Schemas are read on saving",
            "Entra ID: GET /Schemas; must be a ListResponse",
            |s| {
                super::super::discovery::is_list(&s.read("/Schemas").await?)?;
            }
        ),
        check!(
            Interop,
            "reference-check",
            "A reference is checked",
            "Entra ID: GET /Users?filter=id eq \"u\" and manager eq \"m\"&attributes=id",
            |s| {
                let boss = s.user(json!({})).await?;
                let extension = json!({"manager": {"value": boss.id}});
                let user = s
                    .user(json!({
                        "schemas": [urn::USER, urn::ENTERPRISE],
                        urn::ENTERPRISE: extension,
                    }))
                    .await?;
                for (manager, wanted) in [(boss.id.as_str(), 1), ("nobody", 0)] {
                    let filter = format!("id eq \"{}\" and manager eq \"{manager}\"", user.id);
                    let found = s.query("/Users", &[("filter", &filter), ("attributes", "id")]).await?;
                    found.status(&[200])?;
                    found.is("/totalResults", &wanted.into())?;
                }
            }
        )
        .needs(&[Need::Enterprise]),
        check!(
            Interop,
            "flag",
            "The tenant URL's flag reaches the server with the filter",
            "Entra ID: ?aadOptscim062020 appended to the tenant URL stays in the base URL",
            |s| {
                let filter = encode(&format!("userName eq \"{}\"", random(s)));
                nobody(&s.get(format!("/Users?aadOptscim062020&filter={filter}")).await?)?;
            }
        ),
        check!(
            Interop,
            "rate",
            "25 requests within a second pass",
            "Entra ID, gallery: at least 25 requests a second per tenant",
            |s| {
                s.cast().await?;
                let answers = (0..25).map(|_| s.get("/Users?count=1"));
                for answer in futures::future::try_join_all(answers).await? {
                    answer.status(&[200])?;
                }
            }
        ),
    ]
}

async fn create(s: &Session) -> Result<(String, String), Stop> {
    let name = format!("{}@contoso.com", s.unique());
    nobody(&s.filter("/Users", &format!("userName eq \"{name}\"")).await?)?;
    let mut body = json!({
        "schemas": [urn::USER, urn::ENTERPRISE],
        "externalId": format!("ext-{name}"),
        "userName": name,
        "active": true,
        "displayName": "BillG",
        "emails": [{"primary": true, "type": "work", "value": name}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Bill G", "familyName": "G", "givenName": "Bill"},
        "roles": [],
    });
    if s.support().meets(Need::Enterprise).is_err() {
        body["schemas"] = json!([urn::USER]);
    }
    let made = s.post("/Users", &body).await?;
    made.status(&[201])?;
    Ok((name, format!("/Users/{}", encode(made.str("/id")))))
}

fn cycle() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "cycle-user",
            "A user is made, changed, disabled, still found, enabled and deleted",
            "Entra ID: a provisioning cycle without the flag; soft delete is active False, hard \
                 delete about 30 days later",
            |s| {
                let (name, user) = create(s).await?;
                let filter = format!("userName eq \"{name}\"");
                s.filter("/Users", &filter).await?.is("/totalResults", &1.into())?;
                let change = json!([
                    {"op": "Replace", "path": "displayName", "value": "William"},
                    {"op": "Add", "path": "name.middleName", "value": "H"},
                    {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "w@contoso.com"},
                ]);
                let now = s.patched(&user, &change).await?;
                now.is("/displayName", &"William".into())?;
                now.is("/name/middleName", &"H".into())?;
                now.values("/emails", &["w@contoso.com"])?;
                let disable = json!([{"op": "Replace", "path": "active", "value": "False"}]);
                s.patched(&user, &disable).await?.is("/active", &false.into())?;
                let found = s.filter("/Users", &filter).await?;
                found.is("/totalResults", &1.into())?;
                found.is("/Resources/0/active", &false.into())?;
                let enable = json!([{"op": "Replace", "path": "active", "value": "True"}]);
                s.patched(&user, &enable).await?.is("/active", &true.into())?;
                s.delete(&user).await?.status(&[204])?;
                nobody(&s.filter("/Users", &filter).await?)?;
            }
        ),
        check!(Interop, "cycle-user-flag", "The same with the flag", "Entra ID with aadOptscim062020", |s| {
            let (_, user) = create(s).await?;
            let change = json!([
                {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "w@contoso.com"},
                {"op": "replace", "value": {"displayName": "William", "name.givenName": "Will"}},
            ]);
            let now = s.patched(&user, &change).await?;
            now.is("/name/givenName", &"Will".into())?;
            now.values("/emails", &["w@contoso.com"])?;
            let disable = json!([{"op": "replace", "path": "active", "value": false}]);
            s.patched(&user, &disable).await?.is("/active", &false.into())?;
        }),
        check!(
            Interop,
            "cycle-mixed",
            "Both dialects from one tenant",
            "Entra ID: the flag is not honoured by on-demand provisioning, so both dialects \
                 arrive",
            |s| {
                let (_, user) = create(s).await?;
                for (value, active) in [(json!("False"), false), (json!(true), true), (json!(false), false)] {
                    let op = if value.is_string() { "Replace" } else { "replace" };
                    let now =
                        s.patched(&user, &json!([{"op": op, "path": "active", "value": value}])).await?;
                    now.is("/active", &active.into())?;
                }
            }
        ),
        check!(
            Interop,
            "cycle-group",
            "A group is looked for, made, filled, checked, emptied and deleted",
            "Entra ID: GET with excludedAttributes=members, POST with Microsoft's schema, PATCH, \
                 membership check",
            |s| {
                let people = s.users(2).await?;
                let name = format!("{} Team", s.unique());
                let filter = format!("displayName eq \"{name}\"");
                nobody(
                    &s.query("/Groups", &[("excludedAttributes", "members"), ("filter", &filter)]).await?,
                )?;
                let body = json!({
                    "schemas": [urn::GROUP, MICROSOFT],
                    "externalId": s.unique(),
                    "displayName": name,
                    "meta": {"resourceType": "Group"},
                });
                let made = s.post("/Groups", &body).await?;
                made.status(&[201])?;
                let group = format!("/Groups/{}", encode(made.str("/id")));
                let values: Vec<Value> =
                    people.iter().map(|one| json!({"$ref": null, "value": one.id})).collect();
                s.patch(
                    &group,
                    &json!([
                        {
                            "op": "Add",
                            "path": "members",
                            "value": values,
                        },
                    ]),
                )
                .await?
                .status(&[200, 204])?;
                let check = format!("id eq \"{}\" and members eq \"{}\"", made.str("/id"), people[0].id);
                let found = s.query("/Groups", &[("filter", &check), ("attributes", "id")]).await?;
                found.is("/totalResults", &1.into())?;
                let remove = json!([{"op": "Remove", "path": "members", "value": [values[0]]}]);
                s.patch(&group, &remove).await?.status(&[200, 204])?;
                s.read(&group).await?.values("/members", &[&people[1].id])?;
                s.query("/Groups", &[("filter", &check), ("attributes", "id")])
                    .await?
                    .is("/totalResults", &0.into())?;
                s.get(format!("{group}?excludedAttributes=members")).await?.lacks("/members")?;
                s.delete(&group).await?.status(&[204])?;
            }
        )
        .needs(&[Need::Groups]),
        check!(
            Interop,
            "retry",
            "A creation that is sent again is a conflict, and the user is there once",
            "Entra ID retries after a time-out: after 6, 12, 24 hours, then daily",
            |s| {
                let user = s.user(json!({})).await?;
                s.post("/Users", &user.body).await?.error(409, "uniqueness")?;
                s.filter("/Users", &format!("userName eq \"{}\"", user.name()))
                    .await?
                    .is("/totalResults", &1.into())?;
            }
        ),
    ]
}
