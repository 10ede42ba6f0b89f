//! Lists of the business: members, invitations, assets.

use std::collections::BTreeMap;

use serde_json::Value;
use usher_connector::{AppAsset, Error, Invitation, Member, Request, Result};
use usher_domain::{
    access::{Seat, Told},
    ports::Page,
};

use crate::{
    assets::{KINDS, Kind},
    client::Client,
    user::{self, REQUEST_FIELDS},
    wire::text,
};

/// One page of an edge. The cursor holds how many were read, and where to go on.
async fn page(client: &Client, request: Request, cursor: Option<&str>) -> Result<Page<Value>> {
    let doing = request.doing;
    let (read, after) = match cursor {
        None => (0_u64, None),
        Some(cursor) => {
            let parts = cursor.split_once('.');
            let parts = parts.and_then(|(read, after)| Some((read.parse().ok()?, Some(after))));
            parts.ok_or_else(|| {
                Error::invalid(format!("{doing}: the cursor is not one of this list; begin again"))
            })?
        }
    };
    let edge = client.page(request, read, after).await?;
    let read = read + edge.items.len() as u64;
    Ok(Page { items: edge.items, next: edge.after.map(|after| format!("{read}.{after}")) })
}

/// Everybody who is in the business, with what each may do.
pub(crate) async fn members(client: &Client, cursor: Option<&str>) -> Result<Page<Member>> {
    let request = Request::get("listing the people", [client.business(), "business_users"])
        .query("fields", user::fields(client.page_size()));
    let Page { items, next } = page(client, request, cursor).await?;
    let mut members = Vec::with_capacity(items.len());
    for node in &items {
        let user = user::user(client, node).await?;
        let mut assets = BTreeMap::new();
        for (asset, tasks) in user.tasks {
            let held = Kind::of(&asset)?.0.essential(&tasks);
            assets.insert(asset, held);
        }
        let seat = Seat { roles: [user.role].into(), assets, ..Seat::default() };
        members.push(Member { account: user.account, seat: Told::Whole(seat) });
    }
    Ok(Page { items: members, next })
}

/// Invitations that were neither accepted nor taken back.
pub(crate) async fn invitations(client: &Client, cursor: Option<&str>) -> Result<Page<Invitation>> {
    let request = Request::get("listing the invitations", [client.business(), "pending_users"])
        .query("fields", REQUEST_FIELDS);
    let Page { items, next } = page(client, request, cursor).await?;
    let mut invitations = Vec::with_capacity(items.len());
    for node in &items {
        invitations.extend(user::invitation(node)?);
    }
    Ok(Page { items: invitations, next })
}

/// Assets that the business owns, and those that others let it use, one kind after the other.
pub(crate) async fn assets(client: &Client, cursor: Option<&str>) -> Result<Page<AppAsset>> {
    let not_ours = || Error::invalid("listing the assets: the cursor is not one of this list; begin again");
    let (list, inside) = match cursor {
        None => (0, None),
        Some(cursor) => {
            let (list, inside) = cursor.split_once('/').ok_or_else(not_ours)?;
            (list.parse::<usize>().map_err(|_| not_ours())?, Some(inside).filter(|inside| !inside.is_empty()))
        }
    };
    let kind = KINDS.get(list / 2).ok_or_else(not_ours)?;
    let whose = if list.is_multiple_of(2) { "owned" } else { "client" };
    let edge = format!("{whose}_{}", kind.edge);
    let request = Request::get("listing the assets", [client.business(), &edge]).query("fields", "id,name");
    let Page { items, next } = page(client, request, inside).await?;
    let assets = items.iter().map(|node| {
        let id = text(node, "id").unwrap_or_default();
        AppAsset {
            id: kind.asset(id),
            name: text(node, "name").unwrap_or(id).to_owned(),
            permissions: kind.permissions(),
        }
    });
    let next = match next {
        Some(inside) => Some(format!("{list}/{inside}")),
        None => (list + 1 < KINDS.len() * 2).then(|| format!("{}/", list + 1)),
    };
    Ok(Page { items: assets.collect(), next })
}
