//! Paging by cursor (RFC 9865), for servers that announce it.

use serde_json::{Value, json};

use crate::core::{Check, Exchange, Need, Session, Stop, check, encode, group, urn};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("cursor", "RFC 9865 §4", &[Need::Cursor], configuration());
    all.extend(group("cursor", "RFC 9865 §2", &[Need::Cursor], pages()));
    all
}

fn configuration() -> Vec<Check> {
    let source = "RFC 9865 §4: pagination: cursor and index \"REQUIRED\" booleans; \
                 defaultPaginationMethod \"cursor\" or \"index\"; positive integers for sizes";
    vec![
        check!(Must, "config", "Both methods are said to be supported or not", source, |s| {
            let config = s.read("/ServiceProviderConfig").await?;
            for name in ["cursor", "index"] {
                config.expect(
                    config.at(&format!("/pagination/{name}")).is_boolean(),
                    format!("pagination.{name} to be a boolean"),
                )?;
            }
        }),
        check!(Must, "config-values", "The other values have their types", source, |s| {
            let config = s.read("/ServiceProviderConfig").await?;
            let method = config.at("/pagination/defaultPaginationMethod");
            config.expect(method.is_null() || method == "cursor" || method == "index", "cursor or index")?;
            for name in ["defaultPageSize", "maxPageSize", "cursorTimeout"] {
                let value = config.at(&format!("/pagination/{name}"));
                let right = value.is_null() || value.as_u64().is_some_and(|number| number > 0);
                config.expect(right, format!("pagination.{name} to be a positive integer"))?;
            }
        }),
        check!(
            Must,
            "default-method",
            "Without a parameter, the announced method is used",
            "RFC 9865 §4: defaultPaginationMethod: the method that \"the service provider \
                 defaults to when the client has not specified which method it wishes to use\"",
            |s| {
                s.cast().await?;
                let list = s.get("/Users?count=2").await?;
                list.status(&[200])?;
                match s
                    .support()
                    .config
                    .pointer("/pagination/defaultPaginationMethod")
                    .and_then(Value::as_str)
                {
                    Some("index") => list.has("/startIndex")?,
                    Some("cursor") => list.has("/nextCursor")?,
                    _ => {}
                }
            }
        ),
    ]
}

/// A page by cursor; the empty cursor asks for the first.
async fn page(s: &Session, endpoint: &str, cursor: &str, count: usize) -> Result<Exchange, Stop> {
    s.cast().await?;
    let answer = s.get(format!("{endpoint}?cursor={}&count={count}", encode(cursor))).await?;
    answer.status(&[200])?;
    Ok(answer)
}

fn pages() -> Vec<Check> {
    let errors = "RFC 9865 §2.1, pagination errors";
    vec![
        check!(
            Must,
            "first",
            "The empty cursor is the first page, and tells the next",
            "RFC 9865 §2: \"Service providers supporting cursor-based pagination MUST include \
                 nextCursor in all paged query responses except when returning the last page\"",
            |s| {
                let first = page(s, "/Users", "", 2).await?;
                first.expect(first.resources().len() == 2, "2 resources")?;
                first.expect(!first.str("/nextCursor").is_empty(), "a nextCursor")?;
            }
        ),
        check!(
            Must,
            "bare",
            "cursor without a value is the first page",
            "RFC 9865 §2: GET /Users?filter=…&cursor&count=10",
            |s| {
                s.cast().await?;
                let first = s.get("/Users?cursor&count=2").await?;
                first.status(&[200])?;
                first.expect(!first.str("/nextCursor").is_empty(), "a nextCursor")?;
            }
        ),
        check!(
            Must,
            "unreserved",
            "Cursors are of unreserved characters",
            "RFC 9865 §2: \"This value may only contain characters from the unreserved \
                 characters set defined in section 2.3 of [RFC3986]\"",
            |s| {
                let first = page(s, "/Users", "", 2).await?;
                let plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
                first.expect(
                    first.str("/nextCursor").chars().all(plain),
                    "nextCursor of unreserved characters",
                )?;
            }
        ),
        check!(
            Must,
            "count",
            "No page is larger than count",
            "RFC 9865 §2: count: \"the service provider MUST NOT return more results than \
                 specified, although it MAY return fewer results\"",
            |s| {
                let first = page(s, "/Users", "", 3).await?;
                first.expect(first.resources().len() <= 3, "at most 3 resources")?;
            }
        ),
        check!(
            Must,
            "walk",
            "The pages are the whole, nobody twice; the last has no nextCursor",
            "RFC 9865 §2: \"nextCursor is omitted from a response only to indicate that there \
                 are no more result pages\"",
            |s| {
                walk(s, "/Users", s.cast().await?.users.iter().map(|user| user.id.clone()).collect()).await?;
            }
        ),
        check!(Must, "walk-groups", "Groups too", "RFC 9865 §2", |s| {
            walk(s, "/Groups", s.cast().await?.groups.iter().map(|group| group.id.clone()).collect()).await?;
        })
        .needs(&[Need::Groups]),
        check!(Must, "filter", "With a filter", "RFC 9865 §2: GET /Users?filter=…&cursor&count=10", |s| {
            let cast = s.cast().await?;
            let filter = format!("userName eq \"{}\"", cast.users[0].name());
            let only = s.query("/Users", &[("filter", &filter), ("cursor", ""), ("count", "2")]).await?;
            only.status(&[200])?;
            only.expect(only.ids() == [cast.users[0].id.as_str()], "exactly this user")?;
            let next = only.str("/nextCursor");
            if !next.is_empty() {
                let more = [("filter", filter.as_str()), ("cursor", next), ("count", "2")];
                let more = s.query("/Users", &more).await?;
                more.status(&[200])?;
                more.expect(more.resources().is_empty(), "nobody on the page after")?;
            }
        })
        .needs(&[Need::Filter]),
        check!(Should, "invalid", "An unknown cursor is refused as invalidCursor", errors, |s| {
            s.get("/Users?cursor=n0tac9rs0r&count=2").await?.error(400, "invalidCursor")?;
        }),
        check!(
            Should,
            "tampered",
            "A changed cursor is refused or useless, never a server error",
            errors,
            |s| {
                let first = page(s, "/Users", "", 2).await?;
                let mut cursor = first.str("/nextCursor").to_owned();
                let last = cursor.pop();
                cursor.push(if last == Some('A') { 'B' } else { 'A' });
                let answer = s.get(format!("/Users?cursor={cursor}&count=2")).await?;
                answer.expect(answer.code() < 500, "a status below 500")?;
            }
        ),
        check!(
            Should,
            "count-zero",
            "count 0 with a cursor is refused as invalidCount, or counts",
            "RFC 9865 §2.1: invalidCount \"Count value must be between 1 - and service \
                 provider's maxPageSize\"; RFC 7644 lets 0 count",
            |s| {
                let answer = s.get("/Users?cursor&count=0").await?;
                let refused = answer.code() == 400 && answer.str("/scimType") == "invalidCount";
                let counted = answer.code() == 200 && answer.resources().is_empty();
                answer.expect(refused || counted, "400 invalidCount, or only totalResults")?;
            }
        ),
        check!(
            Should,
            "previous",
            "previousCursor, where it is given, leads back",
            "RFC 9865 §2: previousCursor \"MAY be used in a subsequent request to obtain the \
                 previous page of results\"",
            |s| {
                let first = page(s, "/Users", "", 2).await?;
                let second = page(s, "/Users", first.str("/nextCursor"), 2).await?;
                let back = second.str("/previousCursor");
                if back.is_empty() {
                    return Err(Stop::skipped("no previousCursor is given, which is OPTIONAL"));
                }
                let again = page(s, "/Users", back, 2).await?;
                again.expect(again.ids() == first.ids(), "the first page again")?;
            }
        ),
        check!(
            Must,
            "search",
            "By POST to .search",
            "RFC 9865 §3: \"POST /User/.search ... \"cursor\": \"\"\"",
            |s| {
                s.cast().await?;
                let body = json!({"schemas": [urn::SEARCH], "cursor": "", "count": 2});
                let first = s.post("/Users/.search", &body).await?;
                super::search::supported(&first)?;
                first.status(&[200])?;
                let body = json!({
                    "schemas": [urn::SEARCH],
                    "cursor": first.at("/nextCursor"),
                    "count": 2,
                });
                let second = s.post("/Users/.search", &body).await?;
                second.status(&[200])?;
                second.expect(
                    first.ids().iter().all(|id| !second.ids().contains(id)),
                    "others than on the first page",
                )?;
            }
        ),
    ]
}

async fn walk(s: &Session, endpoint: &str, wanted: Vec<String>) -> crate::Verdict {
    const MOST: usize = 200;
    // Small pages on a small server, so that there are several.
    let total = page(s, endpoint, "", 1).await?.at("/totalResults").as_u64().unwrap_or(250);
    let count = usize::try_from(total / 3).unwrap_or(usize::MAX).clamp(1, 50);
    let mut ids: Vec<String> = Vec::new();
    let mut cursor = String::new();
    let mut empty = 0;
    for _ in 0..MOST {
        let answer = page(s, endpoint, &cursor, count).await?;
        let again = answer.ids().into_iter().any(|id| ids.iter().any(|known| known == id));
        answer.expect(!again, "nobody twice over all pages")?;
        ids.extend(answer.ids().into_iter().map(str::to_owned));
        cursor = answer.str("/nextCursor").to_owned();
        if cursor.is_empty() {
            let whole = wanted.iter().all(|id| ids.contains(id));
            return answer.expect(whole, "everybody who exists over all pages");
        }
        // The last page may be an empty one, but it has to come.
        empty = if answer.resources().is_empty() { empty + 1 } else { 0 };
        answer.expect(empty < 3, "a last page without nextCursor, not one empty page after the other")?;
    }
    Err(Stop::skipped(format!("the server has more than {MOST} pages of {count}; the walk ends there")))
}
