//! Queries by POST (RFC 7644 §3.4.3) and `/Me` (RFC 7644 §3.11).

use serde_json::{Value, json};

use crate::Verdict;
use crate::core::{Check, Exchange, Need, Stop, check, group, merged, urn};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("search", "RFC 7644 §3.4.3", &[], queries());
    all.extend(group("me", "RFC 7644 §3.11", &[], me()));
    all
}

/// Skips where the server says by 501 that it has no such operation.
pub(super) fn supported(answer: &Exchange) -> Verdict {
    match answer.code() {
        501 => Err(Stop::skipped(
            "the server answers 501, the RFC's word for an operation that is not supported",
        )),
        _ => Ok(()),
    }
}

fn search(parameters: Value) -> Value {
    merged(json!({"schemas": [urn::SEARCH]}), parameters)
}

fn queries() -> Vec<Check> {
    let source = "RFC 7644 §3.4.3: \"Clients MAY execute queries without passing parameters on the \
                 URL by using the HTTP POST verb combined with the \"/.search\" path extension\"";
    let mut all = vec![
        check!(Must, "users", "Users are found by POST", source, |s| {
            let ada = s.cast().await?.users.swap_remove(0);
            let filter = format!("userName eq \"{}\"", ada.name());
            let answer = s.post("/Users/.search", &search(json!({"filter": filter}))).await?;
            supported(&answer)?;
            answer.status(&[200])?;
            super::discovery::is_list(&answer)?;
            answer.expect(answer.ids() == [ada.id.as_str()], "exactly this user")?;
        })
        .needs(&[Need::Filter]),
        check!(
            Must,
            "attributes",
            "With attributes as a list",
            "RFC 7644 §3.4.3: attributes: \"A multi-valued list of strings\"",
            |s| {
                let ada = s.cast().await?.users.swap_remove(0);
                let filter = format!("userName eq \"{}\"", ada.name());
                let body = search(json!({
                    "filter": filter,
                    "attributes": ["userName", "name.givenName"],
                }));
                let answer = s.post("/Users/.search", &body).await?;
                supported(&answer)?;
                answer.has("/Resources/0/name/givenName")?;
                answer.lacks("/Resources/0/name/familyName")?;
                answer.lacks("/Resources/0/emails")?;
            }
        )
        .needs(&[Need::Filter]),
        check!(
            Must,
            "excluded",
            "With excludedAttributes as a list",
            "RFC 7644 §3.4.3: excludedAttributes",
            |s| {
                let ada = s.cast().await?.users.swap_remove(0);
                let filter = format!("userName eq \"{}\"", ada.name());
                let body = search(json!({"filter": filter, "excludedAttributes": ["emails"]}));
                let answer = s.post("/Users/.search", &body).await?;
                supported(&answer)?;
                answer.has("/Resources/0/name")?;
                answer.lacks("/Resources/0/emails")?;
            }
        )
        .needs(&[Need::Filter]),
        check!(Must, "paging", "With startIndex and count", "RFC 7644 §3.4.3: startIndex, count", |s| {
            s.cast().await?;
            let first = s.post("/Users/.search", &search(json!({"startIndex": 1, "count": 4}))).await?;
            supported(&first)?;
            let second = s.post("/Users/.search", &search(json!({"startIndex": 3, "count": 2}))).await?;
            second.status(&[200])?;
            second.is("/startIndex", &3.into())?;
            let right = first.ids().len() == 4 && second.ids() == first.ids()[2..];
            second.expect(right, "the third and the fourth")?;
        })
        .needs(&[Need::Index]),
        check!(Must, "sorting", "With sortBy", "RFC 7644 §3.4.3: sortBy, sortOrder", |s| {
            let cast = s.cast().await?;
            let filter = format!("userName sw \"{}-\"", cast.prefix);
            let body = search(json!({
                "filter": filter,
                "sortBy": "userName",
                "sortOrder": "descending",
            }));
            let answer = s.post("/Users/.search", &body).await?;
            supported(&answer)?;
            let wanted: Vec<_> = cast.users.iter().rev().map(|user| user.id.as_str()).collect();
            answer.expect(answer.ids() == wanted, "eve dee cyd bob ada")?;
        })
        .needs(&[Need::Sort, Need::Filter]),
        check!(
            Must,
            "wrong-filter",
            "A wrong filter is refused",
            "RFC 7644 §3.12: invalidFilter, applicable to \"POST (Search - Section 3.4.3)\"",
            |s| {
                let answer = s.post("/Users/.search", &search(json!({"filter": "userName eq"}))).await?;
                supported(&answer)?;
                answer.error(400, "invalidFilter")?;
            }
        )
        .needs(&[Need::Filter]),
        check!(Must, "groups", "Groups are found by POST", source, |s| {
            let alpha = s.cast().await?.groups.swap_remove(0);
            let body = search(json!({"filter": format!("displayName eq \"{}\"", alpha.name())}));
            let answer = s.post("/Groups/.search", &body).await?;
            supported(&answer)?;
            answer.expect(answer.ids() == [alpha.id.as_str()], "exactly this group")?;
        })
        .needs(&[Need::Filter, Need::Groups]),
        check!(
            Must,
            "root",
            "At the root, all types are searched",
            "RFC 7644 §3.4.3: \"/.search\" at the root; RFC 7644 §3.4.2.1: \"A query against a \
                 server root indicates that all resources within the server SHALL be included, \
                 subject to filtering\"",
            |s| {
                let cast = s.cast().await?;
                let (user, team) = (&cast.users[0], &cast.groups[0]);
                let filter = format!(
                    "displayName eq \"{}\" or displayName eq \"{}\"",
                    user.body["displayName"].as_str().unwrap_or_default(),
                    team.name()
                );
                let answer = s.post("/.search", &search(json!({"filter": filter}))).await?;
                supported(&answer)?;
                answer.status(&[200])?;
                let both = answer.ids().len() == 2
                    && [user, team].iter().all(|one| answer.ids().contains(&one.id.as_str()));
                answer.expect(both, "the user and the group")?;
            }
        )
        .needs(&[Need::Filter, Need::Groups]),
        check!(
            Must,
            "root-type",
            "At the root, meta.resourceType chooses",
            "RFC 7644 §3.4.2.1: a filter on \"meta.resourceType\" restricts results to types",
            |s| {
                let cast = s.cast().await?;
                let filter = format!("id eq \"{}\" and meta.resourceType eq \"User\"", cast.users[0].id);
                let answer = s.post("/.search", &search(json!({"filter": filter}))).await?;
                supported(&answer)?;
                answer.expect(answer.ids() == [cast.users[0].id.as_str()], "exactly this user")?;
            }
        )
        .needs(&[Need::Filter]),
    ];
    all.push(check!(
        Must,
        "not-json",
        "A body that is no JSON is refused",
        "RFC 7644 §3.12: invalidSyntax",
        |s| {
            let answer =
                s.send(crate::core::Request::new(reqwest::Method::POST, "/Users/.search").text("{")).await?;
            supported(&answer)?;
            answer.status(&[400])?;
        }
    ));
    all
}

fn me() -> Vec<Check> {
    vec![check!(
        Must,
        "get",
        "/Me is the subject, a redirect to it, or honestly absent",
        "RFC 7644 §3.11: 501 where it is not supported, 308 with Location, or the resource; \
                 404 where the subject has none",
        |s| {
            let answer = s.get("/Me").await?;
            supported(&answer)?;
            answer.status(&[200, 308, 404])?;
            match answer.code() {
                200 => {
                    answer.is("/meta/resourceType", &"User".into())?;
                    answer.expect(
                        !answer.str("/meta/location").ends_with("/Me"),
                        "meta.location of the user itself",
                    )?;
                }
                308 => answer.expect(answer.header("location").is_some(), "a Location header")?,
                _ => answer.is("/status", &"404".into())?,
            }
        }
    )]
}
