//! Sorting (RFC 7644 §3.4.2.3), for servers that announce it.

use crate::core::{Check, Exchange, Level, Need, Session, Stop, check, group};

/// Parameters, and the order of ada, bob, cyd, dee, eve that they make. A `|` parts those whose order is free.
const ROWS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "ascending",
        "By userName",
        "RFC 7644 §3.4.2.3: sortBy",
        "sortBy=userName&sortOrder=ascending",
        "ada bob cyd dee eve",
    ),
    (
        "descending",
        "Descending",
        "RFC 7644 §3.4.2.3: sortOrder \"descending\"",
        "sortBy=userName&sortOrder=descending",
        "eve dee cyd bob ada",
    ),
    (
        "default",
        "Ascending where no order is named",
        "RFC 7644 §3.4.2.3: \"If a value for \"sortBy\" is provided and no \"sortOrder\" is \
                 specified, \"sortOrder\" SHALL default to ascending\"",
        "sortBy=userName",
        "ada bob cyd dee eve",
    ),
    (
        "case",
        "Attribute names in any case",
        "RFC 7643 §2.1: \"Attribute names are case insensitive\"",
        "sortBy=USERNAME",
        "ada bob cyd dee eve",
    ),
    (
        "sub-attribute",
        "By a sub-attribute",
        "RFC 7644 §3.4.2.3: the attribute is named in standard attribute notation",
        "sortBy=name.givenName&sortOrder=ascending",
        "ada bob cyd dee eve",
    ),
    (
        "case-insensitive",
        "Text in any case, those without a value last",
        "RFC 7644 §3.4.2.3: \"String type attributes are case insensitive by default, unless \
                 the attribute type is defined as a case-exact string\"; \"they are ordered last if \
                 ascending and first if descending\"",
        "sortBy=title&sortOrder=ascending",
        "ada bob | dee | cyd eve",
    ),
    (
        "missing-first",
        "Descending, those without a value first",
        "RFC 7644 §3.4.2.3: without data \"they are ordered last if ascending and first if \
                 descending\"",
        "sortBy=title&sortOrder=descending",
        "cyd eve | dee | ada bob",
    ),
    (
        "urn",
        "With the schema's URN",
        "RFC 7644 §3.10",
        "sortBy=urn:ietf:params:scim:schemas:core:2.0:User:userName",
        "ada bob cyd dee eve",
    ),
    (
        "created",
        "By time",
        "RFC 7644 §3.4.2.3: times are ordered as times",
        "sortBy=meta.created",
        "ada bob cyd dee eve",
    ),
    (
        "multi-valued",
        "By the primary value, or the first",
        "RFC 7644 §3.4.2.3: \"resources are sorted by the value of the primary attribute \
                 ..., if any, or else the first value in the list, if any\"",
        "sortBy=emails.value",
        "ada bob eve | cyd dee",
    ),
    (
        "extension",
        "By an extension's attribute",
        "RFC 7644 §3.10",
        "sortBy=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        "ada eve | bob cyd dee",
    ),
];

pub(super) fn checks() -> Vec<Check> {
    let needs = [Need::Sort, Need::Filter];
    let mut all: Vec<Check> = ROWS
        .iter()
        .map(|(id, title, source, query, order)| {
            Check::new(Level::Must, *id, *title, move |s| {
                Box::pin(async move {
                    let (answer, names) = sorted(s, query).await?;
                    answer.expect(fits(&names, order), format!("the order {order}"))
                })
            })
            .source(source)
        })
        .collect();
    all.push(
        check!(
            Must,
            "pages",
            "Pages of a sorted list are sorted over all",
            "RFC 7644 §3.4.2.3 and §3.4.2.4",
            |s| {
                let mut names = Vec::new();
                let mut last = None;
                for start in [1, 3, 5] {
                    let (answer, some) = sorted(
                        s,
                        &format!("sortBy=userName&sortOrder=descending&startIndex={start}&count=2"),
                    )
                    .await?;
                    names.extend(some);
                    last = Some(answer);
                }
                if let Some(last) = last {
                    last.expect(
                        fits(&names, "eve dee cyd bob ada"),
                        "eve dee cyd bob ada over three pages of two",
                    )?;
                }
            }
        )
        .needs(&[Need::Index]),
    );
    all.push(
        check!(Must, "groups", "Groups are sorted alike", "RFC 7644 §3.4.2.3", |s| {
            let cast = s.cast().await?;
            let filter = format!("displayName sw \"{} \"", cast.prefix);
            let answer = s
                .query(
                    "/Groups",
                    &[("filter", &filter), ("sortBy", "displayName"), ("sortOrder", "descending")],
                )
                .await?;
            answer.expect(
                answer.ids() == [cast.groups[1].id.as_str(), cast.groups[0].id.as_str()],
                "Beta, Alpha",
            )?;
        })
        .needs(&[Need::Groups]),
    );
    group("sort", "RFC 7644 §3.4.2.3", &needs, all)
}

/// The five, sorted by the server.
async fn sorted(s: &Session, query: &str) -> Result<(Exchange, Vec<String>), Stop> {
    let cast = s.cast().await?;
    let filter = crate::core::encode(&format!("userName sw \"{}-\"", cast.prefix));
    let answer = s.get(format!("/Users?filter={filter}&{query}")).await?;
    answer.status(&[200])?;
    let short = |id: &str| {
        let name = cast.users.iter().find(|user| user.id == id)?.name().split('@').next()?;
        name.rsplit('-').next().map(str::to_owned)
    };
    let names = answer.ids().into_iter().filter_map(short).collect();
    Ok((answer, names))
}

/// Whether names stand in this order; between bars, any order will do.
fn fits(names: &[String], order: &str) -> bool {
    if !order.contains('|') {
        return names.join(" ") == order;
    }
    let mut rest = names;
    for part in order.split('|') {
        let mut wanted: Vec<_> = part.split_whitespace().collect();
        if rest.len() < wanted.len() {
            return false;
        }
        let (found, after) = rest.split_at(wanted.len());
        let mut found: Vec<_> = found.iter().map(String::as_str).collect();
        found.sort_unstable();
        wanted.sort_unstable();
        if found != wanted {
            return false;
        }
        rest = after;
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_part_those_whose_order_is_free() {
        let names: Vec<_> = ["bob", "ada", "dee", "eve", "cyd"].map(str::to_owned).to_vec();
        assert!(fits(&names, "ada bob | dee | cyd eve"));
        assert!(!fits(&names, "ada bob dee cyd eve") && !fits(&names, "ada | bob | dee | cyd eve"));
    }
}
