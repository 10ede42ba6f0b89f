//! Lists of the Business Center: members, invitations, assets.

use serde_json::json;
use usher_connector::{AppAsset, Error, Invitation, Member, Result};
use usher_domain::{
    access::{AccountState, Told},
    ports::Page,
};

use crate::{assets::KINDS, client::Client, member, wire::text};

/// Everybody who is a member. What each may do on assets is told per person only.
pub(crate) async fn members(client: &Client, cursor: Option<&str>) -> Result<Page<Member>> {
    let request = client
        .get("listing the members", &["member", "get"])
        .query("filtering", json!({"relation_status": "BOUND"}).to_string());
    let page = client.page(request, cursor).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for item in &page.items {
        match member::member(item)? {
            Some(member) if member.account.state == AccountState::Active => {
                items.push(Member { account: member.account, seat: Told::Roles([member.role].into()) });
            }
            _ => {
                return Err(Error::invalid(
                    "listing the members: TikTok does not filter by `relation_status`",
                ));
            }
        }
    }
    Ok(Page { items, next: page.next })
}

/// Those who are asked to be members, and those who said no.
pub(crate) async fn invitations(client: &Client, cursor: Option<&str>) -> Result<Page<Invitation>> {
    let page = client.page(client.get("listing the invitations", &["member", "get"]), cursor).await?;
    let mut items = Vec::new();
    for item in &page.items {
        match member::member(item)? {
            Some(member) if member.account.state != AccountState::Active => items.push(Invitation {
                id: member.account.id.clone(),
                email: member.email().to_owned(),
                state: member.account.state,
                roles: [member.role].into(),
                expires_at: None,
            }),
            _ => {}
        }
    }
    Ok(Page { items, next: page.next })
}

/// Assets, one kind after the other.
pub(crate) async fn assets(client: &Client, cursor: Option<&str>) -> Result<Page<AppAsset>> {
    let not_ours = || Error::invalid("listing the assets: the cursor is not one of this list; begin again");
    let (number, inside) = match cursor {
        None => (0, None),
        Some(cursor) => {
            let (number, inside) = cursor.split_once('/').ok_or_else(not_ours)?;
            (
                number.parse::<usize>().map_err(|_| not_ours())?,
                Some(inside).filter(|inside| !inside.is_empty()),
            )
        }
    };
    let kind = KINDS.get(number).ok_or_else(not_ours)?;
    let request = client.get("listing the assets", &["asset", "admin", "get"]).query("asset_type", kind.name);
    let page = client.page(request, inside).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for asset in &page.items {
        let id = text(asset, "asset_id")
            .ok_or_else(|| Error::transient("listing the assets: TikTok told an asset without an id"))?;
        items.push(AppAsset {
            id: kind.asset(id),
            name: text(asset, "asset_name").unwrap_or(id).to_owned(),
            permissions: kind.permissions(),
        });
    }
    let next = match page.next {
        Some(inside) => Some(format!("{number}/{inside}")),
        None => (number + 1 < KINDS.len()).then(|| format!("{}/", number + 1)),
    };
    Ok(Page { items, next })
}
