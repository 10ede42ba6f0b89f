//! OneLogin, Ping, JumpCloud, Google, Rippling, authentik and Keycloak, SailPoint.

use serde_json::json;

use super::nobody;
use crate::core::{Check, Need, Request, check, encode, group, merged, urn};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("onelogin", "OneLogin", &[Need::Filter], one_login());
    all.extend(group("ping", "Ping", &[Need::Filter], ping()));
    all.extend(group("jumpcloud", "JumpCloud", &[], jump_cloud()));
    all.extend(group("google", "Google", &[], google()));
    all.extend(group("rippling", "Rippling", &[], rippling()));
    all.extend(group("keycloak", "authentik/Keycloak", &[], keycloak()));
    all.extend(group("sailpoint", "SailPoint", &[], sail_point()));
    all
}

fn one_login() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "probe",
            "The probe finds nobody",
            "OneLogin: probe = userName filter for a user who does not exist (200 with nobody, \
                 or 404)",
            |s| {
                let found = s.filter("/Users", &format!("userName eq \"{}\"", s.unique())).await?;
                if found.code() != 404 {
                    nobody(&found)?;
                }
            }
        ),
        check!(
            Interop,
            "provision",
            "A user is made, replaced, and deleted",
            "OneLogin: GET Users?filter=userName eq, POST, GET, PUT /Users, DELETE; the template \
                 is admin-edited: \"active\":\"true\", \"id\":null",
            |s| {
                let name = format!("{}@onelogin.local", s.unique());
                let body = json!({
                    "schemas": ["urn:scim:schemas:core:1.0"],
                    "id": null,
                    "userName": name,
                    "name": {"givenName": "Olga", "familyName": "Login"},
                    "active": "true",
                });
                let request = Request::post("/Users", &body)
                    .header("content-type", "application/json")
                    .header("accept", "application/json");
                let made = s.send(request).await?;
                made.status(&[201])?;
                made.is("/active", &true.into())?;
                let user = format!("/Users/{}", encode(made.str("/id")));
                s.read(&user).await?;
                let changed = merged(body, json!({"id": made.at("/id"), "active": "false"}));
                s.put(&user, &changed).await?.status(&[200])?;
                s.read(&user).await?.is("/active", &false.into())?;
                s.delete(&user).await?.status(&[204])?;
            }
        ),
        check!(
            Interop,
            "manager",
            "A manager with managerId is no reason to refuse the user",
            "OneLogin's template: manager:{managerId,displayName}",
            |s| {
                let extension = json!({"manager": {"managerId": "271", "displayName": "Boss"}});
                let body = s.user_body(json!({
                    "schemas": [urn::USER, urn::ENTERPRISE],
                    urn::ENTERPRISE: extension,
                }));
                s.post("/Users", &body).await?.status(&[201])?;
            }
        )
        .needs(&[Need::Enterprise]),
        check!(
            Interop,
            "groups",
            "Groups are listed, made and filled",
            "OneLogin: GET, POST and PATCH /Groups",
            |s| {
                let user = s.user(json!({})).await?;
                s.get("/Groups").await?.status(&[200])?;
                let group = s.group(&[]).await?;
                let change = json!([
                    {
                        "op": "add",
                        "path": "members",
                        "value": [{"value": user.id}],
                    },
                ]);
                s.patched(&group.path, &change).await?.values("/members", &[&user.id])?;
            }
        )
        .needs(&[Need::Groups, Need::Patch]),
    ]
}

fn ping() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "provision",
            "A user is matched by address, replaced, disabled",
            "PingFederate: filter emails eq \"<workEmail>\"; disable or delete on deprovision",
            |s| {
                let address = format!("{}@ping.example", s.unique());
                nobody(&s.filter("/Users", &format!("emails eq \"{address}\"")).await?)?;
                let user = s
                    .user(json!({
                        "emails": [{"value": address, "type": "work", "primary": true}],
                    }))
                    .await?;
                let found = s.filter("/Users", &format!("emails eq \"{address}\"")).await?;
                found.expect(found.ids() == [user.id.as_str()], "exactly this user")?;
                s.put(&user.path, &merged(user.body.clone(), json!({"active": false})))
                    .await?
                    .status(&[200])?;
                s.read(&user.path).await?.is("/active", &false.into())?;
            }
        )
        .needs(&[Need::User("emails")]),
        check!(
            Interop,
            "group-put",
            "Group membership by PUT",
            "PingFederate: group membership by PATCH or PUT",
            |s| {
                let user = s.user(json!({})).await?;
                let group = s.group(&[]).await?;
                s.put(&group.path, &merged(group.body.clone(), json!({"members": [{"value": user.id}]})))
                    .await?
                    .status(&[200])?;
                s.read(&group.path).await?.values("/members", &[&user.id])?;
            }
        )
        .needs(&[Need::Groups]),
    ]
}

fn jump_cloud() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "activation",
            "The activation's test user and group come and go",
            "JumpCloud: on activation a test user and a test group are created, then both are \
                 deleted",
            |s| {
                let user = s
                    .user(json!({
                        "name": {"givenName": "Test", "familyName": "User"},
                        "active": true,
                    }))
                    .await?;
                let group = s.group(&[&user]).await?;
                s.delete(&group.path).await?.status(&[204])?;
                s.delete(&user.path).await?.status(&[204])?;
                s.get(&user.path).await?.status(&[404])?;
            }
        )
        .needs(&[Need::Groups]),
        check!(
            Interop,
            "again",
            "The same test user comes again on the next activation",
            "JumpCloud: activation is repeated; the name has to be free",
            |s| {
                let user = s.user(json!({})).await?;
                s.delete(&user.path).await?.status(&[204])?;
                s.post("/Users", &user.body).await?.status(&[201])?;
            }
        ),
    ]
}

fn google() -> Vec<Check> {
    vec![
        check!(Interop, "probe", "The probe gets one user", "Google Workspace: GET /Users?count=1", |s| {
            s.cast().await?;
            let answer = s.get("/Users?count=1").await?;
            answer.status(&[200])?;
            answer.expect(answer.resources().len() == 1, "one user")?;
        }),
        check!(
            Interop,
            "suspend",
            "A user is suspended, then deleted",
            "Google Workspace: suspend, or DELETE after 0, 1, 7 or 21 days",
            |s| {
                let user = s.user(json!({"active": true})).await?;
                s.put(&user.path, &merged(user.body.clone(), json!({"active": false})))
                    .await?
                    .status(&[200])?;
                s.delete(&user.path).await?.status(&[204])?;
            }
        )
        .needs(&[Need::User("active")]),
    ]
}

fn rippling() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "probe",
            "The probe reads the configuration",
            "Rippling: GET /ServiceProviderConfig",
            |s| {
                let answer = s
                    .send(Request::get("/ServiceProviderConfig").header("accept", "application/json"))
                    .await?;
                answer.status(&[200])?;
                answer.has("/patch")?;
            }
        ),
        check!(
            Interop,
            "retry",
            "A creation that is sent twice is one user and a 409",
            "Rippling retries POST: answer 409 cleanly, keep idempotent",
            |s| {
                let user = s.user(json!({})).await?;
                for _ in 0..2 {
                    s.post("/Users", &user.body).await?.status(&[409])?;
                }
                let found = s.filter("/Users", &format!("userName eq \"{}\"", user.name())).await?;
                found.is("/totalResults", &1.into())?;
            }
        )
        .needs(&[Need::Filter]),
        check!(
            Interop,
            "retry-parallel",
            "Creations at the same time are one user",
            "Rippling and Entra ID retry while the first request is still under way: duplicates \
                 must not appear",
            |s| {
                let body = s.user_body(json!({}));
                let answers = futures::future::try_join_all((0..6).map(|_| s.post("/Users", &body))).await?;
                let made = answers.iter().filter(|answer| answer.code() == 201).count();
                if let Some(last) = answers.last() {
                    last.expect(
                        made == 1,
                        format!("one of six creations at the same time to be made, not {made}"),
                    )?;
                }
                for answer in answers.iter().filter(|answer| answer.code() != 201) {
                    answer.status(&[409, 429, 503])?;
                }
            }
        ),
    ]
}

fn keycloak() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "sync",
            "A user and a group are made, pushed whole, and deleted",
            "Keycloak-for-scim pushes whole groups; authentik matches by userName and externalId",
            |s| {
                let external = s.unique();
                let user = s.user(json!({"externalId": external, "active": true})).await?;
                let found = s.filter("/Users", &format!("externalId eq \"{external}\"")).await?;
                found.expect(found.ids() == [user.id.as_str()], "exactly this user")?;
                let group = s.group(&[]).await?;
                let body = merged(
                    group.body.clone(),
                    json!({
                        "id": group.id,
                        "members": [{"value": user.id}],
                    }),
                );
                s.put(&group.path, &body).await?.status(&[200])?;
                s.read(&group.path).await?.values("/members", &[&user.id])?;
                s.delete(&group.path).await?.status(&[204])?;
                s.delete(&user.path).await?.status(&[204])?;
            }
        )
        .needs(&[Need::Groups, Need::Filter]),
    ]
}

fn sail_point() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "aggregate-groups",
            "All groups are read, page by page",
            "SailPoint, ConductorOne and Veza: full paging reads",
            |s| {
                const MOST: u64 = 2_000;
                let cast = s.cast().await?;
                let mut ids: Vec<String> = Vec::new();
                loop {
                    let page = s
                        .get(format!(
                            "/Groups?startIndex={}&count=50&excludedAttributes=members",
                            ids.len() + 1
                        ))
                        .await?;
                    page.status(&[200])?;
                    let total = page.at("/totalResults").as_u64().unwrap_or_default();
                    if total > MOST {
                        return Err(crate::core::Stop::skipped(format!(
                            "the server has {total} groups; walks are made up to {MOST}"
                        )));
                    }
                    ids.extend(page.ids().into_iter().map(str::to_owned));
                    if page.resources().is_empty() || ids.len() as u64 >= total {
                        let all = cast.groups.iter().all(|group| ids.contains(&group.id));
                        page.expect(
                            all && ids.len() as u64 == total,
                            format!("all {total} groups, each once"),
                        )?;
                        break;
                    }
                }
            }
        )
        .needs(&[Need::Groups, Need::Index]),
        check!(
            Interop,
            "few-attributes",
            "Accounts are read with few attributes",
            "SailPoint and others: attributes=",
            |s| {
                s.cast().await?;
                let page = s.get("/Users?startIndex=1&count=2&attributes=userName,active,emails").await?;
                page.status(&[200])?;
                page.has("/Resources/0/userName")?;
                page.has("/Resources/0/id")?;
                page.lacks("/Resources/0/name")?;
            }
        ),
    ]
}
