//! Lists of the app: everybody, and the groups that carry roles or entitlements.

use serde_json::Value;
use usher_connector::{Class, Error, Member, Request, Result};
use usher_domain::{
    access::{Seat, Told},
    ports::Page,
};

use crate::{
    client::Client,
    config::Membership,
    observe::{Managed, account},
    wire::text,
};

/// One page of a collection. The cursor holds where to go on and how long the list was.
async fn page<T>(
    client: &Client,
    request: Request,
    cursor: Option<&str>,
    count: u32,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Page<T>> {
    let doing = request.doing;
    let (start, before) = match cursor {
        None => (1, None),
        Some(cursor) => {
            let parts = cursor.split_once('.');
            let numbers = parts.and_then(|(start, total)| Some((start.parse().ok()?, total.parse().ok()?)));
            let (start, total): (u64, u64) = numbers.ok_or_else(|| {
                Error::invalid(format!("{doing}: the cursor is not one of this list; begin again"))
            })?;
            (start, Some(total))
        }
    };
    let list = client.page(request, start, count).await?;
    // Pages are counted, not named: when somebody leaves meanwhile, somebody else moves to a page that was
    // read already, and would look missing.
    if before.is_some_and(|before| list.total < before) {
        return Err(Error::new(
            Class::Conflict,
            format!("{doing}: the list became shorter while it was read; begin again"),
        ));
    }
    let items = list.resources.iter().map(&read).collect::<Option<Vec<T>>>().ok_or_else(|| {
        Error::invalid(format!("{doing}: the app's list holds something that is not what was asked for"))
    })?;
    let next = start + list.resources.len() as u64;
    Ok(Page { items, next: (next <= list.total).then(|| format!("{next}.{}", list.total)) })
}

/// Everybody who has an account.
pub(crate) async fn members(
    client: &Client,
    managed: Managed<'_>,
    cursor: Option<&str>,
) -> Result<Page<Member>> {
    let request = Request::get("listing the app's users", ["Users"]);
    let config = managed.config;
    page(client, request, cursor, config.page_size, |user| {
        Some(Member { account: account(user)?, seat: seat(managed, user).map_or(Told::Nothing, Told::Whole) })
    })
    .await
}

/// What a user of a listing carries, where the listing tells it.
fn seat(managed: Managed<'_>, user: &Value) -> Option<Seat> {
    if !managed.config.uses_groups() {
        return Some(managed.seat(user, &[]));
    }
    // An app that leaves `groups` out may have left out that there are some.
    let told = match managed.told_groups(user) {
        None if managed.config.membership == Membership::UserGroups => Vec::new(),
        told => told?,
    };
    let groups =
        told.into_iter().map(|(id, name)| Some(managed.group(id, name?))).collect::<Option<Vec<_>>>()?;
    Some(managed.seat(user, &groups))
}

/// The app's groups, by name.
pub(crate) async fn groups(client: &Client, count: u32, cursor: Option<&str>) -> Result<Page<String>> {
    let request = Request::get("listing the app's groups", ["Groups"]).query("excludedAttributes", "members");
    page(client, request, cursor, count, |group| text(group, "displayName").map(str::to_owned)).await
}
