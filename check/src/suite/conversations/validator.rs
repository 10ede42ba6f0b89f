//! The list of the Microsoft SCIM Validator, as read from its result files.

use serde_json::{Value, json};

use crate::core::{Check, Made, Need, Session, Stop, check, group, merged, urn};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("validator", "Entra ID", &[], users());
    all.extend(group("validator", "Entra ID", &[Need::Groups], groups()));
    all
}

const LIST: &str = "Microsoft SCIM Validator: its mandatory tests";
const PREVIEW: &str = "Microsoft SCIM Validator: its preview tests";

async fn whole_user(s: &Session) -> Result<Made, Stop> {
    let mut body = json!({
        "schemas": [urn::USER, urn::ENTERPRISE],
        "externalId": s.unique(),
        "displayName": "Elva",
        "nickName": "Elvie",
        "title": "Engineer",
        "userType": "Employee",
        "preferredLanguage": "en-US",
        "active": true,
        "name": {"givenName": "Elva", "familyName": "Kub", "formatted": "Elva Kub"},
        "emails": [{"type": "work", "value": "elva@contoso.com", "primary": true}],
        "phoneNumbers": [
            {"type": "work", "value": "+1-555-0100", "primary": true},
            {"type": "mobile", "value": "+1-555-0101"},
        ],
        "addresses": [{"type": "work", "locality": "Oslo", "country": "NO", "postalCode": "0150"}],
        "roles": [{"primary": "True", "display": "Admin", "value": "admin", "type": "x"}],
        urn::ENTERPRISE: {"department": "R&D", "costCenter": "1", "employeeNumber": "42"},
    });
    if s.support().meets(Need::Enterprise).is_err()
        && let Value::Object(attributes) = &mut body
    {
        attributes.remove(urn::ENTERPRISE);
        attributes.remove("schemas");
    }
    s.user(body).await.map_err(|stop| match stop {
        // To make this user is itself one of the tests.
        Stop::Blocked(failure) => Stop::Failed(failure),
        other => other,
    })
}

fn users() -> Vec<Check> {
    let manager = format!("{}:manager", urn::ENTERPRISE);
    vec![
        check!(Interop, "user-create", "Create a user", LIST, |s| {
            let user = whole_user(s).await?;
            let read = s.read(&user.path).await?;
            read.is("/phoneNumbers/1/value", &"+1-555-0101".into())?;
            read.is("/addresses/0/locality", &"Oslo".into())?;
            read.is("/roles/0/primary", &true.into())?;
        }),
        check!(Interop, "user-duplicate", "Create a duplicate user: 409", LIST, |s| {
            let user = s.user(json!({})).await?;
            s.post("/Users", &user.body).await?.status(&[409])?;
        }),
        check!(Interop, "user-filter", "Filter for an existing user", LIST, |s| {
            let user = s.user(json!({})).await?;
            let found = s.filter("/Users", &format!("userName eq \"{}\"", user.name())).await?;
            found.is("/totalResults", &1.into())?;
            found.is("/Resources/0/id", &user.id.into())?;
        })
        .needs(&[Need::Filter]),
        check!(Interop, "user-filter-none", "Filter for a user who does not exist", LIST, |s| {
            super::nobody(&s.filter("/Users", &format!("userName eq \"{}\"", s.unique())).await?)?;
        })
        .needs(&[Need::Filter]),
        check!(Interop, "user-filter-case", "Filter for an existing user in another case", LIST, |s| {
            let user = s.user(json!({})).await?;
            let found =
                s.filter("/Users", &format!("userName eq \"{}\"", user.name().to_uppercase())).await?;
            found.is("/totalResults", &1.into())?;
        })
        .needs(&[Need::Filter]),
        check!(
            Interop,
            "user-replace",
            "Patch a user, replace, verbose",
            "Microsoft SCIM Validator: about 36 replace operations in one request",
            |s| {
                let user = whole_user(s).await?;
                let single = [
                    "displayName",
                    "nickName",
                    "title",
                    "userType",
                    "name.givenName",
                    "name.familyName",
                    "name.formatted",
                ];
                let mut change: Vec<_> = single
                    .iter()
                    .map(|path| {
                        json!({
                            "op": "replace",
                            "path": path,
                            "value": format!("New {path}"),
                        })
                    })
                    .collect();
                let paths = [
                    "emails[type eq \"work\"].value",
                    "phoneNumbers[type eq \"work\"].value",
                    "phoneNumbers[type eq \"mobile\"].value",
                    "phoneNumbers[type eq \"fax\"].value",
                    "addresses[type eq \"work\"].formatted",
                    "addresses[type eq \"work\"].streetAddress",
                    "addresses[type eq \"work\"].locality",
                    "addresses[type eq \"work\"].region",
                    "addresses[type eq \"work\"].postalCode",
                ];
                change.extend(paths.iter().map(|path| {
                    json!({
                        "op": "replace",
                        "path": path,
                        "value": "new",
                    })
                }));
                change.push(json!({
                    "op": "replace",
                    "path": "addresses[type eq \"work\"].primary",
                    "value": true,
                }));
                let now = s.patched(&user.path, &change.into()).await?;
                now.is("/name/formatted", &"New name.formatted".into())?;
                now.values("/phoneNumbers", &["new", "new", "new"])?;
                now.is("/addresses/0/streetAddress", &"new".into())?;
            }
        )
        .needs(&[Need::Patch]),
        check!(
            Interop,
            "user-add",
            "Patch a user, add, verbose",
            "Microsoft SCIM Validator: add operations of attributes without a value",
            |s| {
                let user = s.user(json!({})).await?;
                let single = [
                    "displayName",
                    "nickName",
                    "title",
                    "name.givenName",
                    "name.familyName",
                    "name.honorificPrefix",
                ];
                let mut change: Vec<_> = single
                    .iter()
                    .map(|path| json!({"op": "add", "path": path, "value": format!("New {path}")}))
                    .collect();
                let paths = [
                    "emails[type eq \"work\"].value",
                    "phoneNumbers[type eq \"work\"].value",
                    "phoneNumbers[type eq \"mobile\"].value",
                    "addresses[type eq \"work\"].locality",
                    "addresses[type eq \"work\"].country",
                ];
                change.extend(paths.iter().map(|path| json!({"op": "add", "path": path, "value": "new"})));
                let now = s.patched(&user.path, &change.into()).await?;
                now.is("/name/honorificPrefix", &"New name.honorificPrefix".into())?;
                now.values("/phoneNumbers", &["new", "new"])?;
                now.is("/addresses/0/country", &"new".into())?;
            }
        )
        .needs(&[Need::Patch]),
        check!(Interop, "user-rename", "Update userName", LIST, |s| {
            let user = s.user(json!({})).await?;
            let name = format!("{}@contoso.com", s.unique());
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
            now.is("/userName", &name.into())?;
        })
        .needs(&[Need::Patch]),
        check!(Interop, "user-disable", "Disable a user", LIST, |s| {
            let user = s.user(json!({"active": true})).await?;
            let now = s
                .patched(
                    &user.path,
                    &json!([
                        {
                            "op": "replace",
                            "path": "active",
                            "value": false,
                        },
                    ]),
                )
                .await?;
            now.is("/active", &false.into())?;
        })
        .needs(&[Need::Patch]),
        check!(Interop, "user-manager", "Add, replace and remove the manager", LIST, [manager], |s| {
            let (user, first, second) =
                (s.user(json!({})).await?, s.user(json!({})).await?, s.user(json!({})).await?);
            let pointer = format!("/{}/manager/value", urn::ENTERPRISE);
            let add = json!([{"op": "add", "path": manager, "value": {"value": first.id}}]);
            s.patched(&user.path, &add).await?.is(&pointer, &first.id.into())?;
            let replace = json!([
                {
                    "op": "replace",
                    "path": manager,
                    "value": {"value": second.id},
                },
            ]);
            s.patched(&user.path, &replace).await?.is(&pointer, &second.id.into())?;
            let remove = json!([{"op": "replace", "path": manager, "value": {"value": ""}}]);
            s.patched(&user.path, &remove).await?.lacks(&pointer)?;
        })
        .needs(&[Need::Patch, Need::Enterprise]),
        check!(Interop, "user-delete", "Delete a user; then it is not found", LIST, |s| {
            let user = s.user(json!({})).await?;
            s.delete(&user.path).await?.status(&[204])?;
            s.get(&user.path).await?.status(&[404])?;
        }),
        check!(Interop, "user-multi", "Several operations on different attributes", PREVIEW, |s| {
            let user = whole_user(s).await?;
            let change = json!([
                {"op": "remove", "path": "emails[type eq \"work\"]"},
                {"op": "add", "path": "name.middleName", "value": "M"},
                {"op": "replace", "path": "displayName", "value": "New"},
            ]);
            let now = s.patched(&user.path, &change).await?;
            now.lacks("/emails")?;
            now.is("/name/middleName", &"M".into())?;
            now.is("/displayName", &"New".into())?;
        })
        .needs(&[Need::Patch]),
        check!(
            Interop,
            "user-delete-unknown",
            "Delete a user who does not exist, and one twice",
            PREVIEW,
            |s| {
                s.delete("/Users/6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0b6").await?.status(&[404])?;
                let user = s.user(json!({})).await?;
                s.delete(&user.path).await?.status(&[204])?;
                s.delete(&user.path).await?.status(&[404])?;
            }
        ),
    ]
}

fn groups() -> Vec<Check> {
    vec![
        check!(Interop, "group-create", "Create a group", LIST, |s| {
            let group =
                s.make("/Groups", merged(s.group_body(&[]), json!({"externalId": s.unique()}))).await?;
            s.read(&group.path).await?.is("/externalId", &group.body["externalId"])?;
        }),
        check!(
            Interop,
            "group-duplicate",
            "Create a duplicate group: 409",
            "Entra ID, the validator and IPSIE want 409 for a taken displayName; the RFC allows \
                 it to be taken twice",
            |s| {
                let group = s.group(&[]).await?;
                s.post("/Groups", &group.body).await?.status(&[409])?;
            }
        ),
        check!(Interop, "group-get", "Read a group without its members", LIST, |s| {
            let user = s.user(json!({})).await?;
            let group = s.group(&[&user]).await?;
            let read = s.get(format!("{}?excludedAttributes=members", group.path)).await?;
            read.status(&[200])?;
            read.lacks("/members")?;
        }),
        check!(Interop, "group-filter", "Filter for an existing group, without members", LIST, |s| {
            let group = s.group(&[]).await?;
            let filter = format!("displayName eq \"{}\"", group.name());
            let found = s.query("/Groups", &[("excludedAttributes", "members"), ("filter", &filter)]).await?;
            found.is("/totalResults", &1.into())?;
            found.is("/Resources/0/id", &group.id.into())?;
        })
        .needs(&[Need::Filter]),
        check!(Interop, "group-filter-none", "Filter for a group that does not exist", LIST, |s| {
            super::nobody(&s.filter("/Groups", &format!("displayName eq \"{}\"", s.unique())).await?)?;
        })
        .needs(&[Need::Filter]),
        check!(Interop, "group-filter-case", "Filter for an existing group in another case", LIST, |s| {
            let group = s.group(&[]).await?;
            let found =
                s.filter("/Groups", &format!("displayName eq \"{}\"", group.name().to_uppercase())).await?;
            found.is("/totalResults", &1.into())?;
        })
        .needs(&[Need::Filter]),
        check!(Interop, "group-replace", "Patch a group, replace attributes", LIST, |s| {
            let group = s.group(&[]).await?;
            let external = s.unique();
            let now = s
                .patched(
                    &group.path,
                    &json!([
                        {
                            "op": "replace",
                            "value": {"externalId": external},
                        },
                    ]),
                )
                .await?;
            now.is("/externalId", &external.into())?;
        })
        .needs(&[Need::Patch]),
        check!(Interop, "group-rename", "Update displayName", LIST, |s| {
            let group = s.group(&[]).await?;
            let name = s.unique();
            let now = s
                .patched(
                    &group.path,
                    &json!([
                        {
                            "op": "replace",
                            "path": "displayName",
                            "value": name,
                        },
                    ]),
                )
                .await?;
            now.is("/displayName", &name.into())?;
        })
        .needs(&[Need::Patch]),
        check!(
            Interop,
            "group-members",
            "Add a member, remove a member",
            "Microsoft SCIM Validator: replace members [...], then members[value eq ..]",
            |s| {
                let user = s.user(json!({})).await?;
                let group = s.group(&[]).await?;
                let add = json!([
                    {
                        "op": "replace",
                        "path": "members",
                        "value": [{"value": user.id}],
                    },
                ]);
                s.patched(&group.path, &add).await?.values("/members", &[&user.id])?;
                let remove = json!([
                    {
                        "op": "remove",
                        "path": format!("members[value eq \"{}\"]", user.id),
                    },
                ]);
                s.patched(&group.path, &remove).await?.lacks("/members")?;
            }
        )
        .needs(&[Need::Patch]),
        check!(Interop, "group-multi", "Add and remove members in one request", PREVIEW, |s| {
            let people = s.users(2).await?;
            let group = s.group(&[&people[0]]).await?;
            let change = json!([
                {"op": "add", "path": "members", "value": [{"value": people[1].id}]},
                {"op": "remove", "path": format!("members[value eq \"{}\"]", people[0].id)},
            ]);
            s.patched(&group.path, &change).await?.values("/members", &[&people[1].id])?;
        })
        .needs(&[Need::Patch]),
        check!(
            Interop,
            "group-delete",
            "Delete a group; delete it twice; delete one that does not exist",
            LIST,
            |s| {
                let group = s.group(&[]).await?;
                s.delete(&group.path).await?.status(&[204])?;
                s.delete(&group.path).await?.status(&[404])?;
                s.delete("/Groups/6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0b7").await?.status(&[404])?;
            }
        ),
    ]
}
