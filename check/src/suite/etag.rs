//! Versions (RFC 7644 §3.14), for servers that announce them.

use serde_json::{Value, json};

use crate::core::{Check, Exchange, Made, Need, Request, Session, Stop, check, group, merged, urn};

pub(super) fn checks() -> Vec<Check> {
    group("etag", "RFC 7644 §3.14", &[Need::Etag], all())
}

/// A user and its version.
async fn versioned(s: &Session) -> Result<(Made, String), Stop> {
    let user = s.user(json!({"displayName": "First"})).await?;
    let read = s.read(&user.path).await?;
    let etag = read.header("etag").map(str::to_owned).ok_or_else(|| read.fail("an ETag header"))?;
    Ok((user, etag))
}

/// A user whose version is no longer the one returned.
async fn outdated(s: &Session) -> Result<(Made, String), Stop> {
    let (user, etag) = versioned(s).await?;
    let answer = s.put(&user.path, &merged(user.body.clone(), json!({"displayName": "Second"}))).await?;
    answer.success()?;
    Ok((user, etag))
}

async fn put(
    s: &Session,
    user: &Made,
    display_name: &str,
    header: &'static str,
    value: &str,
) -> Result<Exchange, Stop> {
    let body = merged(user.body.clone(), json!({"displayName": display_name})).to_string();
    s.send(Request::new(reqwest::Method::PUT, &user.path).text(body).header(header, value)).await
}

fn all() -> Vec<Check> {
    let matching = "RFC 7644 §3.14: \"If-Match\" with a version that is no longer current: 412 \
                 (Precondition Failed)";
    vec![
        check!(
            Must,
            "header",
            "A read user has an ETag",
            "RFC 7644 §3.14: \"When supported, SCIM ETags MUST be specified as an HTTP header\"",
            |s| {
                versioned(s).await?;
            }
        ),
        check!(
            Must,
            "version",
            "meta.version is the ETag",
            "RFC 7644 §3.14: \"and SHOULD be specified within the \"version\" attribute \
                 contained in the resource's \"meta\" attribute\"",
            |s| {
                let (user, etag) = versioned(s).await?;
                s.read(&user.path).await?.is("/meta/version", &Value::String(etag))?;
            }
        ),
        check!(
            Must,
            "post",
            "The answer to POST has it",
            "RFC 7644 §3.14: \"MUST be specified as an HTTP header\"; RFC 7644 §3.3 shows ETag \
                 on 201",
            |s| {
                let (user, etag) = versioned(s).await?;
                user.answer
                    .expect(user.answer.header("etag") == Some(etag.as_str()), format!("ETag {etag}"))?;
            }
        ),
        check!(
            Must,
            "put",
            "A change makes another version",
            "RFC 7643 §3.1: version: \"The version of the resource being returned\"",
            |s| {
                let (user, etag) = outdated(s).await?;
                let read = s.read(&user.path).await?;
                read.expect(
                    read.header("etag").is_some_and(|now| now != etag),
                    "another ETag than before the change",
                )?;
            }
        ),
        check!(Must, "patch", "So does PATCH", "RFC 7643 §3.1: version", |s| {
            let (user, etag) = versioned(s).await?;
            let now = s
                .patched(
                    &user.path,
                    &json!([
                        {
                            "op": "replace",
                            "path": "displayName",
                            "value": "Second",
                        },
                    ]),
                )
                .await?;
            now.expect(
                now.header("etag").is_some_and(|now| now != etag),
                "another ETag than before the change",
            )?;
        })
        .needs(&[Need::Patch]),
        check!(
            Must,
            "not-modified",
            "If-None-Match with the version answers 304",
            "RFC 7644 §3.14: \"If the resource has not changed, the service provider simply \
                 returns an empty body with a 304 (Not Modified) response code\"",
            |s| {
                let (user, etag) = versioned(s).await?;
                let answer = s.send(Request::get(&user.path).header("if-none-match", &etag)).await?;
                answer.status(&[304])?;
                answer.expect(answer.text().is_empty(), "no body")?;
            }
        ),
        check!(
            Must,
            "not-modified-any",
            "If-None-Match * answers 304",
            "RFC 9110 §13.1.2: \"*\" matches any current representation",
            |s| {
                let (user, _) = versioned(s).await?;
                s.send(Request::get(&user.path).header("if-none-match", "*")).await?.status(&[304])?;
            }
        ),
        check!(
            Must,
            "modified",
            "If-None-Match with an old version answers 200",
            "RFC 7644 §3.14 and RFC 9110 §13.1.2",
            |s| {
                let (user, etag) = outdated(s).await?;
                s.send(Request::get(&user.path).header("if-none-match", &etag)).await?.status(&[200])?;
            }
        ),
        check!(
            Must,
            "not-modified-list",
            "One of several versions is enough",
            "RFC 9110 §13.1.2: If-None-Match is a list of entity tags",
            |s| {
                let (user, etag) = versioned(s).await?;
                let list = format!("W/\"other\", {etag}");
                s.send(Request::get(&user.path).header("if-none-match", list)).await?.status(&[304])?;
            }
        ),
        check!(
            Must,
            "match",
            "If-Match with the version lets a change pass",
            "RFC 7644 §3.14: If-Match",
            |s| {
                let (user, etag) = versioned(s).await?;
                put(s, &user, "Second", "if-match", &etag).await?.status(&[200])?;
            }
        ),
        check!(
            Must,
            "match-any",
            "If-Match * lets a change pass",
            "RFC 9110 §13.1.1: \"*\" is true where any representation exists",
            |s| {
                let (user, _) = versioned(s).await?;
                put(s, &user, "Second", "if-match", "*").await?.status(&[200])?;
            }
        ),
        check!(Must, "mismatch-put", "An old version refuses PUT", matching, |s| {
            let (user, etag) = outdated(s).await?;
            put(s, &user, "Third", "if-match", &etag).await?.status(&[412])?;
            s.read(&user.path).await?.is("/displayName", &"Second".into())?;
        }),
        check!(Must, "mismatch-patch", "An old version refuses PATCH", matching, |s| {
            let (user, etag) = outdated(s).await?;
            let body = json!({
                "schemas": [urn::PATCH],
                "Operations": [{"op": "replace", "path": "displayName", "value": "Third"}],
            });
            let request = Request::new(reqwest::Method::PATCH, &user.path).text(body.to_string());
            s.send(request.header("if-match", &etag)).await?.status(&[412])?;
            s.read(&user.path).await?.is("/displayName", &"Second".into())?;
        })
        .needs(&[Need::Patch]),
        check!(Must, "mismatch-delete", "An old version refuses DELETE", matching, |s| {
            let (user, etag) = outdated(s).await?;
            let request = Request::new(reqwest::Method::DELETE, &user.path).header("if-match", &etag);
            s.send(request).await?.status(&[412])?;
            s.read(&user.path).await?;
        }),
        check!(
            Must,
            "mismatch-body",
            "The refusal is a SCIM error",
            "RFC 7644 §3.12: 412 \"Failed to update. Resource has changed on the server\"",
            |s| {
                let (user, etag) = outdated(s).await?;
                let answer = put(s, &user, "Third", "if-match", &etag).await?;
                answer.is("/status", &"412".into())?;
            }
        ),
        check!(
            Must,
            "list",
            "Resources in lists have their version",
            "RFC 7644 §3.14: meta.version, the only place in a list",
            |s| {
                let (user, etag) = versioned(s).await?;
                let list = s.filter("/Users", &format!("userName eq \"{}\"", user.name())).await?;
                list.is("/Resources/0/meta/version", &etag.into())?;
            }
        )
        .needs(&[Need::Filter]),
        check!(Must, "groups", "Groups have versions too", "RFC 7644 §3.14", |s| {
            let group = s.group(&[]).await?;
            let read = s.read(&group.path).await?;
            let etag = read.header("etag").map(str::to_owned).ok_or_else(|| read.fail("an ETag header"))?;
            s.patched(
                &group.path,
                &json!([
                    {
                        "op": "replace",
                        "path": "displayName",
                        "value": s.unique(),
                    },
                ]),
            )
            .await?;
            let request = Request::new(reqwest::Method::DELETE, &group.path).header("if-match", &etag);
            s.send(request).await?.status(&[412])?;
        })
        .needs(&[Need::Groups, Need::Patch]),
        check!(
            Interop,
            "never-required",
            "No version is required for a change",
            "Identity providers send no If-Match; 428 stops them",
            |s| {
                let user = s.user(json!({})).await?;
                s.put(&user.path, &user.body).await?.status(&[200])?;
                s.delete(&user.path).await?.status(&[204])?;
            }
        ),
    ]
}
