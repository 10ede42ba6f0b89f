//! Filters that have to be refused, and how filters are encoded.

use serde_json::Value;

use super::filled;
use crate::core::{Check, Level, Need, Request, check, encode, group};

const INVALID: &str = "RFC 7644 §3.12, table 9: invalidFilter \"The specified filter syntax was invalid \
                 ... or the specified attribute and filter comparison combination is not supported\"";

const WRONG: [(&str, &str, &str, &str); 11] = [
    ("no-operator", "An attribute alone", "userName", INVALID),
    ("no-value", "An operator without a value", "userName eq", INVALID),
    ("no-end", "An and without a right side", "userName eq \"x\" and", INVALID),
    ("no-start", "An and without a left side", "and userName eq \"x\"", INVALID),
    ("open-parenthesis", "An open parenthesis", "(userName eq \"x\"", INVALID),
    ("closed-parenthesis", "A parenthesis too many", "userName eq \"x\")", INVALID),
    ("open-quote", "An open quote", "userName eq \"x", INVALID),
    ("open-bracket", "An open bracket", "emails[type eq \"work\"", INVALID),
    ("two-values", "Two expressions without and", "userName eq \"x\" title pr", INVALID),
    (
        "operator",
        "An unknown operator",
        "userName regex \"x\"",
        "RFC 7644 §3.4.2.2: \"Providers MUST decline to filter results if the specified \
                 filter operation is not recognized and return an HTTP 400 error with a \"scimType\" \
                 error of \"invalidFilter\"\"",
    ),
    (
        "boolean-order",
        "gt on a boolean",
        "active gt true",
        "RFC 7644 §3.4.2.2, table 3: \"Boolean and Binary attributes SHALL cause a failed \
                 response (HTTP status code 400) with \"scimType\" of \"invalidFilter\"\"",
    ),
];

pub(super) fn checks() -> Vec<Check> {
    let mut all: Vec<Check> = WRONG
        .iter()
        .map(|(id, title, filter, source)| {
            let id = format!("refused-{id}");
            Check::new(Level::Must, id, format!("{title} is refused as invalidFilter"), move |s| {
                Box::pin(async move { s.filter("/Users", filter).await?.error(400, "invalidFilter") })
            })
            .source(source)
        })
        .collect();
    all.push(check!(
        Must,
        "date-instant",
        "Times are compared as instants, whatever their offset",
        "RFC 7644 §3.4.2.2, table 3: \"for DateTime types, it is a chronological comparison\"",
        |s| {
            let cast = s.cast().await?;
            let created = cast.users[0].answer.str("/meta/created").to_owned();
            let Some(instant) = created.strip_suffix('Z').or_else(|| created.strip_suffix("+00:00")) else {
                return Err(crate::core::Stop::skipped(
                    "meta.created is not told in UTC, which this check builds on",
                ));
            };
            for same in [format!("{instant}Z"), format!("{instant}+00:00"), format!("{instant}-00:00")] {
                let filter = filled(
                    &format!("userName eq \"{{p}}-ada@check.example\" and meta.created eq \"{same}\""),
                    &cast,
                );
                let found = s.filter("/Users", &filter).await?;
                found.status(&[200])?;
                found.expect(found.resources().len() == 1, "the user to be found by its own instant")?;
            }
        }
    ));
    all.push(check!(
        Must,
        "by-id",
        "A user is found by its id",
        "RFC 7643 §3.1: id; RFC 7644 §3.4.2.2",
        |s| {
            let ada = s.cast().await?.users.swap_remove(0);
            let found = s.filter("/Users", &format!("id eq \"{}\"", ada.id)).await?;
            found.expect(found.ids() == [ada.id.as_str()], "exactly this user")?;
        }
    ));
    all.push(check!(
        Must,
        "empty-list",
        "Nobody is an empty list response",
        "RFC 7644 §3.4.2: \"A query that does not return any matches SHALL return success \
                 (HTTP status code 200) with \"totalResults\" set to a value of 0\"",
        |s| {
            let found = s.filter("/Users", &format!("userName eq \"{}\"", s.unique())).await?;
            found.status(&[200])?;
            found.is("/totalResults", &0.into())?;
            found.lacks("/Resources")?;
        }
    ));
    for (id, plus) in [("plus", true), ("percent", false)] {
        let sign = if plus { "+" } else { "%20" };
        all.push(check!(
            Interop,
            format!("spaces-{id}"),
            format!("Spaces as {sign}"),
            "Entra ID encodes spaces as + or as %20, WHATWG URL: both decode to a space",
            [plus],
            |s| {
                let ada = s.cast().await?.users.swap_remove(0);
                let mut filter = encode(&format!("userName eq \"{}\"", ada.name()));
                if plus {
                    filter = filter.replace("%20", "+");
                }
                let found = s.get(format!("/Users?filter={filter}")).await?;
                found.expect(found.ids() == [ada.id.as_str()], "exactly this user")?;
            }
        ));
    }
    all.push(check!(
        Interop,
        "plus-in-value",
        "A + in a value, encoded, stays a +",
        "Addresses such as ada+work@example.com are common; %2B is not a space",
        |s| {
            let name = format!("{}+tag@check.example", s.unique());
            let user = s.user(serde_json::json!({"userName": name})).await?;
            let found = s.filter("/Users", &format!("userName eq \"{name}\"")).await?;
            found.expect(found.ids() == [user.id.as_str()], "exactly this user")?;
        }
    ));
    let mut all = group("filter", "RFC 7644 §3.4.2.2", &[Need::Filter], all);
    all.extend(group("filter", "Dangerous failures", &[Need::Filter], dangerous()));
    all
}

fn dangerous() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "unknown-attribute",
            "A filter on an unknown attribute is refused, not answered with nobody or everybody",
            "Seen in the wild: an unsupported filter answered with an empty list, and the \
                 identity provider creates duplicates; always 400 invalidFilter",
            |s| {
                s.filter("/Users", "noSuchAttribute eq \"x\"").await?.error(400, "invalidFilter")?;
            }
        ),
        check!(
            Must,
            "unsupported-not-empty",
            "A filter that a server cannot answer is refused, never answered with nobody",
            "RFC 7644 §3.4.2.2: \"Providers MUST decline to filter results\"; an empty list \
                 creates duplicates",
            |s| {
                let user = s.user(serde_json::json!({"name": {"familyName": "Findable"}})).await?;
                for filter in [
                    format!("userName co \"{}\"", &user.name()[3..]),
                    format!("id eq \"{}\" and name.familyName eq \"Findable\"", user.id),
                    format!("name.familyName eq \"Findable\" and userName eq \"{}\"", user.name()),
                ] {
                    let found = s.filter("/Users", &filter).await?;
                    let there = found.ids().contains(&user.id.as_str());
                    found.expect(there || found.code() == 400, "the user, or 400")?;
                }
            }
        ),
        check!(
            Must,
            "never-everybody",
            "A filter is never ignored",
            "RFC 7644 §3.4.2.2: \"When specified, only those resources matching the filter \
                 expression SHALL be returned\"",
            |s| {
                s.cast().await?;
                let found = s.filter("/Users", &format!("userName eq \"{}\"", s.unique())).await?;
                found.expect(found.resources().is_empty(), "nobody")?;
            }
        ),
        check!(
            Interop,
            "no-match-is-quick",
            "A filter without a match is answered within seconds",
            "scim-for-keycloak issue 78: time-outs on a filter without a match, because groups \
                 were expanded; Entra ID asks this first",
            |s| {
                let started = tokio::time::Instant::now();
                let found = s.filter("/Users", &format!("userName eq \"{}\"", s.unique())).await?;
                let took = started.elapsed();
                found
                    .expect(took.as_secs() < 5, format!("an answer within 5 s, not {} s", took.as_secs()))?;
            }
        ),
        check!(
            Interop,
            "found-at-once",
            "Who was just created is found at once",
            "Identity providers look before they create: a stale index makes duplicates",
            |s| {
                let user = s.user(serde_json::json!({})).await?;
                let found = s.filter("/Users", &format!("userName eq \"{}\"", user.name())).await?;
                found.expect(found.ids() == [user.id.as_str()], "exactly this user")?;
            }
        ),
        check!(
            Must,
            "hostile",
            "Hostile filters are refused in time",
            "RFC 7644 §7: a server has to bound what a query may cost",
            |s| {
                let deep = format!("{}userName pr{}", "(".repeat(2_000), ")".repeat(2_000));
                let answer = s.send(Request::get(format!("/Users?filter={}", encode(&deep)))).await?;
                answer.expect(answer.code() < 500, "an answer below 500")?;
                let odd = s.get("/Users?filter=userName%20eq%20%22%ff%fe%22").await?;
                odd.expect(
                    odd.code() < 500 && odd.json() != &Value::Null,
                    "an answer below 500 with a JSON body",
                )?;
            }
        ),
    ]
}
