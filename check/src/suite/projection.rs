//! `attributes` and `excludedAttributes` (RFC 7644 §3.4.2.5, §3.9, §3.10).

use serde_json::json;

use crate::core::{Check, Level, Need, Request, check, group, merged, urn};

const ASKED: &str = "RFC 7644 §3.9: attributes: \"the default list of attributes SHALL be overridden, \
                 and each resource returned MUST contain the minimum set of resource attributes and \
                 any attributes or sub-attributes explicitly requested\"";
const NOT_ASKED: &str = "RFC 7644 §3.9: excludedAttributes: \"each resource returned MUST contain the \
                 minimum set of resource attributes. Additionally, the default set of attributes \
                 minus those attributes listed in \"excludedAttributes\" is returned\"";
const NOTATION: &str = "RFC 7644 §3.10: attribute notation with sub-attributes and schema URNs";

/// Parameters of a GET of a rich user, what is in the answer, and what is not. `<ent>` and `<user>` are URNs.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const ROWS: &[Row] = &[
    (
        "one",
        "One attribute",
        ASKED,
        "attributes=title",
        &["/id", "/title"],
        &["/name", "/emails", "/userName", "/<ent>"],
    ),
    (
        "two",
        "Two attributes",
        ASKED,
        "attributes=title,userName",
        &["/id", "/title", "/userName"],
        &["/name", "/emails"],
    ),
    ("id", "Only the id", ASKED, "attributes=id", &["/id"], &["/name", "/title", "/emails"]),
    (
        "complex",
        "A complex attribute is whole",
        ASKED,
        "attributes=name",
        &["/name/givenName", "/name/familyName"],
        &["/title"],
    ),
    (
        "sub-attribute",
        "A sub-attribute",
        NOTATION,
        "attributes=name.givenName",
        &["/id", "/name/givenName"],
        &["/name/familyName", "/title"],
    ),
    (
        "sub-attribute-multi",
        "A sub-attribute of many values",
        NOTATION,
        "attributes=emails.value",
        &["/emails/0/value", "/emails/1/value"],
        &["/emails/0/type", "/title"],
    ),
    (
        "case",
        "Names in any case",
        "RFC 7643 §2.1: \"Attribute names are case insensitive\"",
        "attributes=TITLE,Name.GivenName",
        &["/title", "/name/givenName"],
        &["/emails"],
    ),
    ("urn", "A name with its URN", NOTATION, "attributes=<user>:title", &["/id", "/title"], &["/name"]),
    (
        "urn-sub-attribute",
        "A sub-attribute with its URN",
        NOTATION,
        "attributes=<user>:name.givenName",
        &["/name/givenName"],
        &["/name/familyName", "/title"],
    ),
    (
        "extension-attribute",
        "An extension's attribute",
        NOTATION,
        "attributes=<ent>:department",
        &["/<ent>/department"],
        &["/<ent>/employeeNumber", "/title"],
    ),
    (
        "extension",
        "A whole extension",
        NOTATION,
        "attributes=<ent>",
        &["/<ent>/department", "/<ent>/employeeNumber"],
        &["/title"],
    ),
    (
        "unknown",
        "An unknown attribute is nothing",
        "RFC 7644 §3.9: the minimum set is returned in any case",
        "attributes=noSuchAttribute",
        &["/id"],
        &["/title", "/name"],
    ),
    (
        "excluded",
        "One attribute less",
        NOT_ASKED,
        "excludedAttributes=title",
        &["/id", "/userName", "/name", "/emails"],
        &["/title"],
    ),
    (
        "excluded-two",
        "Two attributes less",
        NOT_ASKED,
        "excludedAttributes=title,name",
        &["/id", "/emails"],
        &["/title", "/name"],
    ),
    (
        "excluded-id",
        "The id cannot be left out",
        "RFC 7644 §3.9: attributes returned \"always\" are in the answer; RFC 7643 §7: id is \
                 returned \"always\"",
        "excludedAttributes=id",
        &["/id", "/title"],
        &[],
    ),
    (
        "excluded-sub-attribute",
        "A sub-attribute less",
        NOTATION,
        "excludedAttributes=name.givenName",
        &["/name/familyName", "/title"],
        &["/name/givenName"],
    ),
    (
        "excluded-sub-attribute-multi",
        "A sub-attribute of many values less",
        NOTATION,
        "excludedAttributes=emails.type",
        &["/emails/0/value"],
        &["/emails/0/type"],
    ),
    (
        "excluded-extension",
        "An extension less",
        NOTATION,
        "excludedAttributes=<ent>",
        &["/title"],
        &["/<ent>"],
    ),
    (
        "excluded-extension-attribute",
        "An extension's attribute less",
        NOTATION,
        "excludedAttributes=<ent>:department",
        &["/<ent>/employeeNumber"],
        &["/<ent>/department"],
    ),
    (
        "excluded-case",
        "Names in any case less",
        "RFC 7643 §2.1: \"Attribute names are case insensitive\"",
        "excludedAttributes=TITLE",
        &["/name"],
        &["/title"],
    ),
    (
        "excluded-unknown",
        "An unknown attribute less is nothing less",
        NOT_ASKED,
        "excludedAttributes=noSuchAttribute",
        &["/id", "/title", "/name"],
        &[],
    ),
];

pub(super) fn checks() -> Vec<Check> {
    let mut all: Vec<Check> = ROWS.iter().map(of_row).collect();
    all.extend(group("projection", "RFC 7644 §3.9", &[Need::User("title")], verbs()));
    all.extend(group("projection", "RFC 7644 §3.9", &[Need::Groups], members()));
    all
}

fn of_row((id, title, source, query, present, absent): &'static Row) -> Check {
    let judged = Check::new(Level::Must, *id, *title, move |s| {
        Box::pin(async move {
            let ada = s.cast().await?.users.swap_remove(0);
            let filled = |text: &str| text.replace("<user>", urn::USER).replace("<ent>", urn::ENTERPRISE);
            let answer = s.get(format!("{}?{}", ada.path, filled(query))).await?;
            answer.status(&[200])?;
            present.iter().try_for_each(|pointer| answer.has(&filled(pointer)))?;
            absent.iter().try_for_each(|pointer| answer.lacks(&filled(pointer)))
        })
    });
    let mut needs = vec![Need::User("title"), Need::User("name"), Need::User("emails")];
    if query.contains("<ent>") {
        needs.push(Need::Enterprise);
    }
    group("projection", "RFC 7644 §3.9", &needs, vec![judged.source(source)]).remove(0)
}

fn verbs() -> Vec<Check> {
    let every = "RFC 7644 §3.9: \"Clients MAY request a partial resource representation on any \
                 operation that returns a resource within the response\"";
    vec![
        check!(Must, "list", "In a list", every, |s| {
            let cast = s.cast().await?;
            let filter = format!("userName eq \"{}\"", cast.users[0].name());
            let list = s.query("/Users", &[("filter", filter.as_str()), ("attributes", "title")]).await?;
            list.has("/Resources/0/id")?;
            list.has("/Resources/0/title")?;
            list.lacks("/Resources/0/name")?;
        })
        .needs(&[Need::Filter]),
        check!(Must, "list-excluded", "In a list, one less", every, |s| {
            let cast = s.cast().await?;
            let filter = format!("userName eq \"{}\"", cast.users[0].name());
            let list = s
                .query("/Users", &[("filter", filter.as_str()), ("excludedAttributes", "name,emails")])
                .await?;
            list.has("/Resources/0/title")?;
            list.lacks("/Resources/0/name")?;
        })
        .needs(&[Need::Filter]),
        check!(Must, "post", "In the answer to POST", every, |s| {
            let answer = s
                .post(
                    "/Users?attributes=title",
                    &s.user_body(json!({"title": "Captain", "name": {"givenName": "Ada"}})),
                )
                .await?;
            answer.status(&[201])?;
            answer.has("/id")?;
            answer.has("/title")?;
            answer.lacks("/name")?;
        }),
        check!(Must, "put", "In the answer to PUT", every, |s| {
            let user = s.user(json!({})).await?;
            let body = merged(
                user.body.clone(),
                json!({
                    "title": "Captain",
                    "name": {"givenName": "Ada"},
                }),
            );
            let answer = s.put(&format!("{}?excludedAttributes=name", user.path), &body).await?;
            answer.status(&[200])?;
            answer.has("/title")?;
            answer.lacks("/name")?;
        }),
        check!(
            Interop,
            "spaces",
            "Spaces between the names",
            "Entra ID and others write lists with spaces after the comma",
            |s| {
                let ada = s.cast().await?.users.swap_remove(0);
                let answer = s.query(&ada.path, &[("attributes", "title, userName")]).await?;
                answer.has("/title")?;
                answer.has("/userName")?;
                answer.lacks("/name")?;
            }
        ),
        check!(
            Must,
            "schemas",
            "schemas is always there",
            "RFC 7643 §3: \"schemas\" is REQUIRED; RFC 7643 §8.7.1 has it returned \"always\" in \
                 practice of every suite",
            |s| {
                let ada = s.cast().await?.users.swap_remove(0);
                s.query(&ada.path, &[("attributes", "title")]).await?.has("/schemas")?;
            }
        ),
        check!(
            Must,
            "password",
            "The password cannot be asked for",
            "RFC 7643 §7: returned \"never\": \"The attribute is never returned\"",
            |s| {
                let user = s.user(json!({"password": super::body::PASSWORD})).await?;
                let filter = format!("userName eq \"{}\"", user.name());
                let list =
                    s.query("/Users", &[("filter", filter.as_str()), ("attributes", "password")]).await?;
                list.lacks("/Resources/0/password")?;
            }
        )
        .needs(&[Need::Filter]),
    ]
}

fn members() -> Vec<Check> {
    vec![
        check!(
            Must,
            "group-without-members",
            "A group without its members",
            "RFC 7644 §3.9; Entra ID: GET /Groups/{id}?excludedAttributes=members",
            |s| {
                let alpha = s.cast().await?.groups.swap_remove(0);
                let answer = s.get(format!("{}?excludedAttributes=members", alpha.path)).await?;
                answer.has("/displayName")?;
                answer.lacks("/members")?;
            }
        ),
        check!(Must, "group-only-members", "Only the members' values", "RFC 7644 §3.10", |s| {
            let cast = s.cast().await?;
            let answer = s.get(format!("{}?attributes=members.value", cast.groups[0].path)).await?;
            answer.values("/members", &[&cast.users[0].id, &cast.users[1].id])?;
            answer.lacks("/displayName")?;
        }),
        check!(
            Interop,
            "groups-without-members",
            "A list of groups without members",
            "Entra ID: GET /Groups?excludedAttributes=members&filter=displayName eq \
                 \"displayName\"",
            |s| {
                let cast = s.cast().await?;
                let filter = format!("displayName eq \"{}\"", cast.groups[0].name());
                let list =
                    s.query("/Groups", &[("excludedAttributes", "members"), ("filter", &filter)]).await?;
                list.status(&[200])?;
                list.expect(list.ids() == [cast.groups[0].id.as_str()], "exactly this group")?;
                list.lacks("/Resources/0/members")?;
            }
        )
        .needs(&[Need::Filter]),
        check!(
            Must,
            "patch",
            "In the answer to PATCH",
            "RFC 7644 §3.5.2: \"attributes\" on PATCH: 200 with them",
            |s| {
                let group = s.group(&[]).await?;
                let body = json!({
                    "schemas": [urn::PATCH],
                    "Operations": [{"op": "replace", "path": "displayName", "value": s.unique()}],
                });
                let path = format!("{}?attributes=displayName", group.path);
                let answer =
                    s.send(Request::new(reqwest::Method::PATCH, path).text(body.to_string())).await?;
                answer.status(&[200])?;
                answer.has("/displayName")?;
                answer.lacks("/members")?;
            }
        )
        .needs(&[Need::Patch]),
    ]
}
