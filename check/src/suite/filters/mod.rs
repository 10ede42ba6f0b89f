//! Filters (RFC 7644 §3.4.2.2), as a table over the people whom every check of filters shares.

mod groups;
mod refused;
mod rows;

use crate::core::{Cast, Check, Level, Need, group};

/// A filter and whom it finds. `{p}` stands for the beginning of all names, `{P}` for the same in capitals.
struct Row {
    id: &'static str,
    level: Level,
    group: &'static str,
    title: &'static str,
    source: &'static str,
    filter: &'static str,
    finds: &'static str,
}

pub(super) fn checks() -> Vec<Check> {
    let mut all: Vec<Check> = rows::ROWS.iter().map(of_row).collect();
    all.extend(groups::checks());
    all.extend(refused::checks());
    all
}

fn of_row(row: &'static Row) -> Check {
    let mut needs = vec![Need::Filter];
    if row.filter.contains("enterprise") {
        needs.push(Need::Enterprise);
    }
    let optional = ["title", "emails", "displayName", "active", "name", "externalId", "nickName"];
    needs.extend(optional.into_iter().filter(|name| row.filter.contains(name)).map(Need::User));
    let judged = Check::new(row.level, row.id, row.title, move |s| {
        Box::pin(async move {
            let cast = s.cast().await?;
            let filter = filled(row.filter, &cast);
            let found = s.query("/Users", &[("filter", filter.as_str()), ("count", "100")]).await?;
            found.status(&[200])?;
            let mut names: Vec<_> =
                cast.users.iter().filter(|user| found.ids().contains(&user.id.as_str())).collect();
            names.sort_by_key(|user| user.name());
            let short: Vec<_> = names.iter().map(|user| short(user.name())).collect();
            let wanted = if row.finds.is_empty() { "nobody" } else { row.finds };
            let others = found.resources().len() - names.len();
            found.expect(
                short.join(" ") == row.finds && others == 0,
                format!("exactly {wanted} of ada, bob, cyd, dee, eve"),
            )
        })
    });
    group("filter", row.group, &needs, vec![judged.source(row.source)]).remove(0)
}

fn filled(text: &str, cast: &Cast) -> String {
    text.replace("{p}", &cast.prefix).replace("{P}", &cast.prefix.to_uppercase())
}

/// `ada` of `…-ada@check.example`.
fn short(name: &str) -> &str {
    name.split('@').next().and_then(|name| name.rsplit('-').next()).unwrap_or_default()
}
