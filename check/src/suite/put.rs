//! PUT (RFC 7644 §3.5.1).

use serde_json::{Value, json};

use crate::core::{Check, Made, Need, Session, Stop, check, group, merged, urn};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("put", "RFC 7644 §3.5.1", &[Need::User("title")], users());
    all.extend(group("put", "RFC 7644 §3.5.1", &[Need::Groups], groups()));
    all
}

async fn captain(s: &Session) -> Result<Made, Stop> {
    let emails = json!([{"value": "w@check.example", "type": "work"}]);
    s.user(json!({"title": "Captain", "name": {"givenName": "Ada"}, "emails": emails})).await
}

/// The body that replaces a user: only what is named, beside userName.
fn replacing(user: &Made, attributes: Value) -> Value {
    merged(json!({"schemas": [urn::USER], "userName": user.name()}), attributes)
}

fn users() -> Vec<Check> {
    vec![
        check!(
            Must,
            "answer",
            "The answer is 200 with the user",
            "RFC 7644 §3.5.1: \"Unless otherwise specified, a successful PUT operation returns a \
                 200 OK response code and the entire resource within the response body\"",
            |s| {
                let user = captain(s).await?;
                let answer = s.put(&user.path, &replacing(&user, json!({"title": "Major"}))).await?;
                answer.status(&[200])?;
                answer.is("/id", &user.id.as_str().into())?;
                answer.is("/title", &"Major".into())?;
            }
        ),
        check!(
            Must,
            "stays",
            "What was replaced is read so",
            "RFC 7644 §3.5.1: \"HTTP PUT is used to replace a resource's attributes\"",
            |s| {
                let user = captain(s).await?;
                s.put(&user.path, &replacing(&user, json!({"title": "Major"}))).await?.success()?;
                s.read(&user.path).await?.is("/title", &"Major".into())?;
            }
        ),
        check!(
            Should,
            "omitted",
            "What is omitted is cleared",
            "RFC 7644 §3.5.1: \"Attributes whose mutability is \"readWrite\" that are omitted \
                 from the request body ... the service provider MAY assume that any existing values \
                 are to be cleared\"; Okta's PUT relies on it",
            |s| {
                let user = captain(s).await?;
                s.put(&user.path, &replacing(&user, json!({}))).await?.success()?;
                let now = s.read(&user.path).await?;
                now.lacks("/title")?;
                now.lacks("/emails")?;
            }
        ),
        check!(
            Must,
            "values",
            "All values of an attribute are replaced",
            "RFC 7644 §3.5.1: \"readWrite, writeOnly: Any values provided SHALL replace the \
                 existing attribute values\"",
            |s| {
                let user = captain(s).await?;
                let emails = json!([{"value": "n@check.example", "type": "home"}]);
                s.put(&user.path, &replacing(&user, json!({"emails": emails}))).await?.success()?;
                s.read(&user.path).await?.values("/emails", &["n@check.example"])?;
            }
        ),
        check!(
            Must,
            "read-only",
            "readOnly attributes are ignored",
            "RFC 7644 §3.5.1: \"readOnly: Any values provided SHALL be ignored\"",
            |s| {
                let user = captain(s).await?;
                let body = json!({
                    "id": "mine",
                    "meta": {"resourceType": "Group", "created": "1999-01-01T00:00:00Z"},
                    "groups": [{"value": "nowhere"}],
                });
                s.put(&user.path, &replacing(&user, body)).await?.status(&[200])?;
                let now = s.read(&user.path).await?;
                now.is("/id", &user.id.as_str().into())?;
                now.is("/meta/created", user.answer.at("/meta/created"))?;
                now.lacks("/groups")?;
            }
        ),
        check!(
            Must,
            "required",
            "Without a required attribute it is refused",
            "RFC 7644 §3.5.1: \"If an attribute is \"required\", clients MUST specify the \
                 attribute in the PUT request\"",
            |s| {
                let user = captain(s).await?;
                s.put(&user.path, &json!({"schemas": [urn::USER], "title": "Major"}))
                    .await?
                    .status(&[400])?;
                s.read(&user.path).await?.is("/title", &"Captain".into())?;
            }
        ),
        check!(
            Must,
            "creates-nothing",
            "PUT creates nobody",
            "RFC 7644 §3.5.1: \"HTTP PUT MUST NOT be used to create new resources\"",
            |s| {
                let path = "/Users/6f7c0a7e-93f4-4a7b-8a49-0d4c1f2be0ae";
                s.put(path, &s.user_body(json!({}))).await?.status(&[404])?;
                s.get(path).await?.status(&[404])?;
            }
        ),
        check!(
            Must,
            "same",
            "What was read can be put back",
            "RFC 7644 §3.5.1: readOnly values are ignored, so that a whole representation can be \
                 sent; Okta GETs, then PUTs",
            |s| {
                let user = captain(s).await?;
                let before = s.read(&user.path).await?;
                s.put(&user.path, before.json()).await?.status(&[200])?;
                let now = s.read(&user.path).await?;
                now.is("/title", before.at("/title"))?;
                now.is("/emails", before.at("/emails"))?;
                now.is("/name", before.at("/name"))?;
            }
        ),
        check!(
            Must,
            "conflict",
            "A taken userName is a conflict",
            "RFC 7644 §3.12: 409 and uniqueness",
            |s| {
                let (user, other) = (captain(s).await?, captain(s).await?);
                s.put(&user.path, &replacing(&other, json!({}))).await?.error(409, "uniqueness")?;
            }
        ),
        check!(Must, "rename", "userName can be replaced", "RFC 7643 §4.1.1: userName is readWrite", |s| {
            let user = captain(s).await?;
            let body = s.user_body(json!({}));
            s.put(&user.path, &body).await?.status(&[200])?;
            s.read(&user.path).await?.is("/userName", &body["userName"])?;
        }),
        check!(
            Must,
            "modified",
            "A change moves lastModified, not created",
            "RFC 7643 §3.1: lastModified",
            |s| {
                let user = captain(s).await?;
                // Some servers count whole seconds.
                tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
                s.put(&user.path, &replacing(&user, json!({"title": "Major"}))).await?.success()?;
                let now = s.read(&user.path).await?;
                now.is("/meta/created", user.answer.at("/meta/created"))?;
                let moved = now.at("/meta/lastModified") != user.answer.at("/meta/lastModified");
                now.expect(moved, "another meta.lastModified than before")?;
            }
        ),
        check!(
            Must,
            "active",
            "A user is deactivated, and still there",
            "Okta deactivates by PUT; Entra ID: a disabled user must still be returned",
            |s| {
                let user = captain(s).await?;
                s.put(&user.path, &replacing(&user, json!({"active": false}))).await?.status(&[200])?;
                s.read(&user.path).await?.is("/active", &false.into())?;
            }
        )
        .needs(&[Need::User("active")]),
        check!(Must, "extension", "An extension is replaced", "RFC 7644 §3.5.1, RFC 7643 §3.3", |s| {
            let body = json!({
                "schemas": [urn::USER, urn::ENTERPRISE],
                urn::ENTERPRISE: {"department": "A"},
            });
            let user = s.user(body).await?;
            let new = json!({
                "schemas": [urn::USER, urn::ENTERPRISE],
                urn::ENTERPRISE: {"department": "B"},
            });
            s.put(&user.path, &replacing(&user, new)).await?.status(&[200])?;
            s.read(&user.path).await?.is(&format!("/{}/department", urn::ENTERPRISE), &"B".into())?;
        })
        .needs(&[Need::Enterprise]),
        check!(
            Must,
            "password",
            "A new password is not told",
            "RFC 7643 §4.1.1: password is never returned",
            |s| {
                let user = captain(s).await?;
                let body = replacing(&user, json!({"password": super::body::PASSWORD}));
                let answer = s.put(&user.path, &body).await?;
                answer.status(&[200])?;
                answer.expect(!answer.text().contains(super::body::PASSWORD), "no password in the answer")?;
            }
        ),
    ]
}

fn groups() -> Vec<Check> {
    vec![
        check!(
            Must,
            "members",
            "A group's members are replaced",
            "RFC 7644 §3.5.1: \"Any values provided SHALL replace the existing attribute values\"",
            |s| {
                let people = s.users(3).await?;
                let group = s.group(&[&people[0], &people[1]]).await?;
                let members = json!([{"value": people[1].id}, {"value": people[2].id}]);
                s.put(&group.path, &merged(group.body.clone(), json!({"members": members})))
                    .await?
                    .status(&[200])?;
                s.read(&group.path).await?.values("/members", &[&people[1].id, &people[2].id])?;
            }
        ),
        check!(
            Must,
            "members-none",
            "A group is emptied by []",
            "RFC 7644 §3.5.1; RFC 7643 §2.5: the empty array is no value",
            |s| {
                let people = s.users(1).await?;
                let group = s.group(&[&people[0]]).await?;
                s.put(&group.path, &merged(group.body.clone(), json!({"members": []})))
                    .await?
                    .status(&[200])?;
                s.read(&group.path).await?.lacks("/members")?;
            }
        ),
        check!(Must, "group-name", "A group is renamed, its id stays", "RFC 7644 §3.5.1", |s| {
            let group = s.group(&[]).await?;
            let new = s.group_body(&[]);
            s.put(&group.path, &new).await?.status(&[200])?;
            let now = s.read(&group.path).await?;
            now.is("/displayName", &new["displayName"])?;
            now.is("/id", &group.id.as_str().into())?;
        }),
        check!(
            Must,
            "group-required",
            "A group without displayName is refused",
            "RFC 7643 §4.2, erratum 5368: displayName is REQUIRED",
            |s| {
                let group = s.group(&[]).await?;
                s.put(&group.path, &json!({"schemas": [urn::GROUP], "members": []})).await?.status(&[400])?;
            }
        ),
    ]
}
