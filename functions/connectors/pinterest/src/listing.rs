//! Lists of the business: members, invitations, assets.

use usher_connector::{AppAsset, Error, Invitation, Member, Result};
use usher_domain::{access::Told, ports::Page};

use crate::{assets::KINDS, client::Client, member, wire::text};

/// Everybody who is a member. What each may do on assets is told per person only.
pub(crate) async fn members(client: &Client, cursor: Option<&str>) -> Result<Page<Member>> {
    let page = client.page(client.get("listing the members", &["members"]), cursor).await?;
    let read = page.items.iter().map(member::member).collect::<Result<Vec<_>>>()?;
    let told = |role| Told::Roles([role].into());
    let items = read.into_iter().map(|member| Member { account: member.account, seat: told(member.role) });
    Ok(Page { items: items.collect(), next: page.next })
}

/// Those who are asked to be members, or were until lately.
pub(crate) async fn invitations(client: &Client, cursor: Option<&str>) -> Result<Page<Invitation>> {
    let page = client.page(client.invitations("listing the invitations"), cursor).await?;
    let read = page.items.iter().map(member::invitation).collect::<Result<Vec<_>>>()?;
    Ok(Page { items: read.into_iter().flatten().collect(), next: page.next })
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
    let request = client.get("listing the assets", &["assets"]).query("asset_type", kind.name);
    let page = client.page(request, inside).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for asset in &page.items {
        let id = text(asset, "asset_id")
            .ok_or_else(|| Error::transient("listing the assets: Pinterest told an asset without an id"))?;
        let name = ["ad_account_info", "profile_info", "catalog_info"]
            .into_iter()
            .find_map(|info| text(asset.get(info)?, "name"));
        items.push(AppAsset {
            id: kind.asset(id),
            name: name.unwrap_or(id).to_owned(),
            permissions: kind.permissions(),
        });
    }
    let next = match page.next {
        Some(inside) => Some(format!("{number}/{inside}")),
        None => (number + 1 < KINDS.len()).then(|| format!("{}/", number + 1)),
    };
    Ok(Page { items, next })
}
