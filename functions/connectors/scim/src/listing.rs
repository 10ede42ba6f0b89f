//! Lists of the app: everybody, and the groups that carry roles or entitlements.

use serde_json::Value;
use usher_connector::{Error, Member, Request, Result};
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

/// One page of a collection.
async fn page<T>(
    client: &Client,
    request: Request,
    cursor: Option<&str>,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Page<T>> {
    let doing = request.doing;
    let list = client.page(request, cursor).await?;
    let items = list.resources.iter().map(&read).collect::<Option<Vec<T>>>().ok_or_else(|| {
        Error::invalid(format!("{doing}: the app's list holds something that is not what was asked for"))
    })?;
    Ok(Page { items, next: list.next })
}

/// Everybody who has an account.
pub(crate) async fn members(
    client: &Client,
    managed: Managed<'_>,
    cursor: Option<&str>,
) -> Result<Page<Member>> {
    let request = Request::get("listing the app's users", ["Users"]);
    page(client, request, cursor, |user| {
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
pub(crate) async fn groups(client: &Client, cursor: Option<&str>) -> Result<Page<String>> {
    let request = client.without_members(Request::get("listing the app's groups", ["Groups"]));
    page(client, request, cursor, |group| text(group, "displayName").map(str::to_owned)).await
}
