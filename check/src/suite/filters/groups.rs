//! Filters on groups.

use crate::core::{Check, Level, Need, group};

/// Which of Alpha (Ada, Bob) and Beta (nobody) a filter finds. `<ada>`, `<eve>` and `<alpha>` stand for ids.
const ROWS: [(&str, Level, &str, &str, &str, &str, &str); 9] = [
    (
        "name",
        Level::Must,
        "RFC 7644 §3.4.2.2",
        "A group is found by displayName",
        "RFC 7644 §3.4.2.2",
        r#"displayName eq "{p} Alpha""#,
        "Alpha",
    ),
    (
        "name-case",
        Level::Must,
        "RFC 7644 §3.4.2.2",
        "In any case",
        "RFC 7643 §8.7.1: displayName has \"caseExact\": false; Microsoft's validator \
                 filters in another case",
        r#"displayName eq "{P} ALPHA""#,
        "Alpha",
    ),
    (
        "name-sw",
        Level::Must,
        "RFC 7644 §3.4.2.2",
        "By the beginning of its name",
        "RFC 7644 §3.4.2.2, table 3",
        r#"displayName sw "{p}""#,
        "Alpha Beta",
    ),
    (
        "member-value",
        Level::Must,
        "RFC 7644 §3.4.2.2",
        "By a member",
        "RFC 7644 §3.4.2.2: any value of a multi-valued attribute",
        r#"members.value eq "<ada>""#,
        "Alpha",
    ),
    (
        "member-value-path",
        Level::Interop,
        "IPSIE",
        "By a member in brackets",
        "IPSIE AL1: members[value eq]",
        r#"members[value eq "<ada>"]"#,
        "Alpha",
    ),
    (
        "member",
        Level::Interop,
        "Entra ID",
        "By a member without a sub-attribute",
        "Entra ID: GET /Groups?filter=id eq \"g\" and members eq \"u\"",
        r#"members eq "<ada>""#,
        "Alpha",
    ),
    (
        "membership",
        Level::Interop,
        "Entra ID",
        "Whether somebody is a member: yes",
        "Entra ID: GET /Groups?filter=id eq \"g\" and members eq \"u\"&attributes=id",
        r#"id eq "<alpha>" and members eq "<ada>""#,
        "Alpha",
    ),
    (
        "no-membership",
        Level::Interop,
        "Entra ID",
        "Whether somebody is a member: no",
        "Entra ID: GET /Groups?filter=id eq \"g\" and members eq \"u\"&attributes=id",
        r#"id eq "<alpha>" and members eq "<eve>""#,
        "",
    ),
    (
        "has-members",
        Level::Must,
        "RFC 7644 §3.4.2.2",
        "Those with members",
        "RFC 7644 §3.4.2.2, table 3: pr",
        r#"displayName sw "{p}" and members pr"#,
        "Alpha",
    ),
];

pub(super) fn checks() -> Vec<Check> {
    let checks = ROWS.iter().map(|(id, level, name, title, source, filter, finds)| {
        let judged = Check::new(*level, format!("groups-{id}"), *title, move |s| {
            Box::pin(async move {
                let cast = s.cast().await?;
                let filter = super::filled(filter, &cast)
                    .replace("<ada>", &cast.users[0].id)
                    .replace("<eve>", &cast.users[4].id)
                    .replace("<alpha>", &cast.groups[0].id);
                let found = s.filter("/Groups", &filter).await?;
                found.status(&[200])?;
                let ours = cast.groups.iter().filter(|group| found.ids().contains(&group.id.as_str()));
                let names: Vec<_> = ours.filter_map(|group| group.name().rsplit(' ').next()).collect();
                let exact = names.join(" ") == *finds && names.len() == found.resources().len();
                let wanted = if finds.is_empty() { "no group" } else { finds };
                found.expect(exact, format!("exactly {wanted} of Alpha, Beta"))
            })
        });
        group("filter", name, &[Need::Filter, Need::Groups], vec![judged.source(source)]).remove(0)
    });
    let mut all: Vec<_> = checks.collect();
    let user_groups = crate::core::check!(
        Interop,
        "user-groups",
        "Users of a group, or an honest refusal",
        "RFC 7644 §3.4.2.2: groups.value is an attribute as any other; never a silent empty \
                 list",
        |s| {
            let cast = s.cast().await?;
            let found = s.filter("/Users", &format!("groups.value eq \"{}\"", cast.groups[0].id)).await?;
            let mut ids = found.ids();
            ids.sort_unstable();
            let mut wanted = [cast.users[0].id.as_str(), cast.users[1].id.as_str()];
            wanted.sort_unstable();
            found.expect(ids == wanted || found.code() == 400, "exactly ada and bob, or 400")?;
        }
    );
    all.extend(group("filter", "RFC 7644 §3.4.2.2", &[Need::Filter, Need::Groups], vec![user_groups]));
    all
}
