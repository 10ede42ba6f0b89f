//! Paging by index (RFC 7644 §3.4.2.4) over the people whom checks share.

use std::collections::BTreeSet;

use crate::core::{Cast, Check, Exchange, Need, Session, Stop, check, group};

pub(super) fn checks() -> Vec<Check> {
    let mut all = group("paging", "RFC 7644 §3.4.2.4", &[Need::Index], pages());
    all.extend(group("paging", "Okta", &[Need::Index], okta()));
    all.extend(group("paging", "Entra ID", &[Need::Index], entra()));
    all.extend(group("paging", "SailPoint", &[Need::Index], readers()));
    all
}

/// What is paged: the five, where the server finds them by the beginning of their names, or else everybody.
struct Scope {
    filter: Option<String>,
    total: usize,
}

async fn scope(s: &Session) -> Result<Scope, Stop> {
    let cast = s.cast().await?;
    let filter = format!("userName sw \"{}-\"", cast.prefix);
    if s.query("/Users", &[("filter", &filter), ("count", "10")]).await?.resources().len() == cast.users.len()
    {
        return Ok(Scope { filter: Some(filter), total: cast.users.len() });
    }
    let all = s.get("/Users?count=1").await?;
    let total = all.at("/totalResults").as_u64().and_then(|total| usize::try_from(total).ok());
    Ok(Scope { filter: None, total: total.ok_or_else(|| all.fail("totalResults to be an integer"))? })
}

impl Scope {
    async fn page(&self, s: &Session, parameters: &[(&str, &str)]) -> Result<Exchange, Stop> {
        let filter = self.filter.iter().map(|filter| ("filter", filter.as_str()));
        let all: Vec<_> = filter.chain(parameters.iter().copied()).collect();
        let answer = s.query("/Users", &all).await?;
        answer.status(&[200])?;
        Ok(answer)
    }
}

/// A page, and how many there are over all pages.
async fn page(s: &Session, parameters: &[(&str, &str)]) -> Result<(usize, Exchange), Stop> {
    let scope = scope(s).await?;
    Ok((scope.total, scope.page(s, parameters).await?))
}

fn pages() -> Vec<Check> {
    let count = "RFC 7644 §3.4.2.4, table 6: count: \"Non-negative integer. Specifies the desired \
                 maximum number of query results per page\"";
    let start = "RFC 7644 §3.4.2.4, table 6: startIndex: \"The 1-based index of the first query \
                 result. A value less than 1 SHALL be interpreted as 1\"";
    vec![
        check!(Must, "count", "count bounds a page", count, |s| {
            let (_, answer) = page(s, &[("count", "2")]).await?;
            answer.expect(answer.resources().len() == 2, "2 resources")?;
            answer.is("/itemsPerPage", &2.into())?;
        }),
        check!(
            Must,
            "total",
            "totalResults counts them all",
            "RFC 7644 §3.4.2.4, table 7: totalResults: \"Specifies the total number of results \
                 matching the client query\"",
            |s| {
                let (total, answer) = page(s, &[("count", "2")]).await?;
                answer.is("/totalResults", &total.into())?;
            }
        ),
        check!(Must, "start", "startIndex begins a page", start, |s| {
            let scope = scope(s).await?;
            let all = scope.page(s, &[("count", "4")]).await?;
            let answer = scope.page(s, &[("startIndex", "3"), ("count", "2")]).await?;
            answer.is("/startIndex", &3.into())?;
            let right = all.ids().len() == 4 && answer.ids() == all.ids()[2..];
            answer.expect(right, "the third and the fourth of the first four")?;
        }),
        check!(
            Must,
            "walk",
            "The pages are the whole, nobody twice",
            "RFC 7644 §3.4.2.4: pages of one query",
            |s| {
                let scope = scope(s).await?;
                let mut seen = Vec::new();
                for start in ["1", "3", "5"] {
                    let answer = scope.page(s, &[("startIndex", start), ("count", "2")]).await?;
                    seen.extend(answer.ids().into_iter().map(str::to_owned));
                }
                let whole = scope.page(s, &[("count", "6")]).await?;
                let wanted = format!("over three pages of two: {}", whole.ids().join(", "));
                whole.expect(whole.ids() == seen && seen.len() == scope.total.min(6), wanted)?;
            }
        ),
        check!(Must, "start-zero", "startIndex 0 is 1", start, |s| {
            let (_, answer) = page(s, &[("startIndex", "0"), ("count", "2")]).await?;
            answer.is("/startIndex", &1.into())?;
            answer.expect(answer.resources().len() == 2, "the first page")?;
        }),
        check!(Must, "start-negative", "startIndex -5 is 1", start, |s| {
            let (_, answer) = page(s, &[("startIndex", "-5"), ("count", "2")]).await?;
            answer.is("/startIndex", &1.into())?;
        }),
        check!(
            Must,
            "count-zero",
            "count 0 only counts",
            "RFC 7644 §3.4.2.4, table 6: \"A value of \"0\" indicates that no resource results \
                 are to be returned except for \"totalResults\"\"",
            |s| {
                let (total, answer) = page(s, &[("count", "0")]).await?;
                answer.is("/totalResults", &total.into())?;
                answer.lacks("/Resources")?;
            }
        ),
        check!(
            Must,
            "count-negative",
            "count -1 is 0",
            "RFC 7644 §3.4.2.4, table 6: \"A negative value SHALL be interpreted as \"0\"\"",
            |s| {
                let (total, answer) = page(s, &[("count", "-1")]).await?;
                answer.is("/totalResults", &total.into())?;
                answer.lacks("/Resources")?;
            }
        ),
        check!(
            Must,
            "beyond",
            "Beyond the end is an empty page",
            "RFC 7644 §3.4.2.4: startIndex may be any index; the total stays",
            |s| {
                let scope = scope(s).await?;
                let beyond = (scope.total + 100).to_string();
                let answer = scope.page(s, &[("startIndex", &beyond)]).await?;
                answer.is("/totalResults", &scope.total.into())?;
                answer.lacks("/Resources")?;
            }
        ),
        check!(
            Must,
            "last",
            "itemsPerPage is what the page holds",
            "RFC 7644 §3.4.2.4, table 7: itemsPerPage: \"the number of query results returned in \
                 a query response page\"",
            |s| {
                let scope = scope(s).await?;
                let last = scope.total.to_string();
                let answer = scope.page(s, &[("startIndex", &last), ("count", "2")]).await?;
                answer.is("/itemsPerPage", &1.into())?;
                answer.expect(answer.resources().len() == 1, "one resource")?;
            }
        ),
        check!(
            Must,
            "count-large",
            "A large count is no error",
            "RFC 7644 §3.4.2.4: count is \"the desired maximum\"; the server may return less",
            |s| {
                let (total, answer) = page(s, &[("count", "100000")]).await?;
                let right = answer.resources().len() >= total.min(5);
                answer.expect(right, "a page as large as the server gives")?;
            }
        ),
        check!(
            Must,
            "no-words",
            "Words for numbers never end in a server error",
            "RFC 7644 §3.12: a client's mistake is a 4xx; or it is ignored",
            |s| {
                let answer = s.query("/Users", &[("startIndex", "first"), ("count", "many")]).await?;
                answer.expect(answer.code() < 500, "a status below 500")?;
            }
        ),
        check!(Must, "groups", "Groups are paged alike", "RFC 7644 §3.4.2.4", |s| {
            s.cast().await?;
            let first = s.get("/Groups?startIndex=1&count=2").await?;
            let second = s.get("/Groups?startIndex=2&count=1").await?;
            second.is("/startIndex", &2.into())?;
            let right = first.ids().len() == 2 && second.ids() == first.ids()[1..];
            second.expect(right, "the second group of the first page of two")?;
        })
        .needs(&[Need::Groups]),
    ]
}

fn okta() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "okta-probe",
            "The probe on enabling provisioning",
            "Okta: GET /Users?startIndex=1&count=2",
            |s| {
                s.cast().await?;
                let answer = s.get("/Users?startIndex=1&count=2").await?;
                answer.status(&[200])?;
                answer.expect(answer.resources().len() == 2, "two users")?;
            }
        ),
        check!(
            Interop,
            "okta-integers",
            "Numbers are JSON integers",
            "Okta: totalResults, itemsPerPage and startIndex must be JSON integers",
            |s| {
                let answer = s.get("/Users?startIndex=1&count=2").await?;
                for name in ["totalResults", "itemsPerPage", "startIndex"] {
                    answer.expect(
                        answer.at(&format!("/{name}")).is_u64(),
                        format!("{name} to be an integer"),
                    )?;
                }
            }
        ),
        check!(
            Interop,
            "okta-order",
            "The same query has the same order",
            "Okta: a stable order over pages of 100 is required",
            |s| {
                let scope = scope(s).await?;
                let first = scope.page(s, &[("count", "5")]).await?;
                let second = scope.page(s, &[("count", "5")]).await?;
                second.expect(first.ids() == second.ids(), "the order of the request before")?;
            }
        ),
        check!(
            Interop,
            "okta-groups",
            "Groups in pages of 100",
            "Okta: GET /Groups?startIndex=1&count=100",
            |s| {
                let answer = s.get("/Groups?startIndex=1&count=100").await?;
                answer.status(&[200])?;
                answer.is("/startIndex", &1.into())?;
            }
        )
        .needs(&[Need::Groups]),
    ]
}

/// Everybody, page by page. On a large server the walk would never end: it is not made.
async fn walk(s: &Session, query: &str, count: usize) -> Result<(Vec<String>, Exchange), Stop> {
    const MOST: u64 = 3_000;
    let mut ids = Vec::new();
    loop {
        let answer = s.get(format!("/Users?startIndex={}&count={count}{query}", ids.len() + 1)).await?;
        answer.status(&[200])?;
        let total = answer.at("/totalResults").as_u64().unwrap_or_default();
        if total > MOST {
            return Err(Stop::skipped(format!("the server has {total} users; walks are made up to {MOST}")));
        }
        answer.is("/startIndex", &(ids.len() + 1).into())?;
        let before = ids.len();
        ids.extend(answer.ids().into_iter().map(str::to_owned));
        if ids.len() == before || ids.len() as u64 >= total {
            answer.expect(
                ids.len() as u64 == total,
                format!("as many users over all pages as totalResults says ({total}), not {}", ids.len()),
            )?;
            return Ok((ids, answer));
        }
    }
}

fn complete(cast: &Cast, ids: &[String], last: &Exchange) -> crate::Verdict {
    let distinct: BTreeSet<_> = ids.iter().collect();
    last.expect(distinct.len() == ids.len(), "nobody twice over all pages")?;
    last.expect(
        cast.users.iter().all(|user| distinct.contains(&user.id)),
        "everybody who exists over all pages",
    )
}

fn entra() -> Vec<Check> {
    vec![
        check!(
            Interop,
            "entra-account-discovery",
            "Account discovery sees everybody once",
            "Entra ID, Account Discovery (2026): lists all users by startIndex and count",
            |s| {
                let cast = s.cast().await?;
                let (ids, last) = walk(s, "", 100).await?;
                complete(&cast, &ids, &last)?;
            }
        ),
        check!(
            Interop,
            "entra-discovery-small-pages",
            "Also with small pages",
            "Entra ID, Account Discovery: pages may be smaller than asked for",
            |s| {
                let cast = s.cast().await?;
                let (ids, last) = walk(s, "", 7).await?;
                complete(&cast, &ids, &last)?;
            }
        ),
    ]
}

fn readers() -> Vec<Check> {
    vec![check!(
        Interop,
        "sailpoint-walk",
        "Reading everybody, few attributes",
        "SailPoint, ConductorOne and Veza read all pages, sometimes with attributes=",
        |s| {
            let cast = s.cast().await?;
            let (ids, last) = walk(s, "&attributes=userName,active", 50).await?;
            complete(&cast, &ids, &last)?;
            last.lacks("/Resources/0/name")?;
        }
    )]
}
