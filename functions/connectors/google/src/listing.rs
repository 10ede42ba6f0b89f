//! Lists: users, invitations, assets.

use usher_connector::{AppAsset, Error, Invitation, Member, Result};
use usher_domain::{
    access::{AccountState, Told},
    ports::Page,
};

use crate::{
    ads::{INVITATIONS, MEMBERS, REVIEWS},
    analytics,
    client::Client,
    member, tag_manager,
};

/// Everybody who has access. What each may do in Tag Manager and Analytics is told per person only.
pub(crate) async fn members(client: &Client, cursor: Option<&str>) -> Result<Page<Member>> {
    let page = client.search("listing the users", MEMBERS, cursor).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        let member::Member { account, role, .. } = member::Member::read(row)?;
        items.push(Member { account, seat: Told::Roles([role].into()) });
    }
    Ok(Page { items, next: page.next })
}

/// Invitations that nobody accepted, then those that another admin has to approve.
pub(crate) async fn invitations(client: &Client, cursor: Option<&str>) -> Result<Page<Invitation>> {
    const LISTS: [&str; 2] = [INVITATIONS, REVIEWS];
    let (place, inside) = match cursor {
        None => (0, None),
        Some(cursor) => {
            let (place, inside) = cursor.split_once('/').ok_or_else(not_ours)?;
            let place: usize = place.parse().map_err(|_| not_ours())?;
            (place, Some(inside).filter(|inside| !inside.is_empty()))
        }
    };
    let query = LISTS.get(place).copied().ok_or_else(not_ours)?;
    let page = client.search("listing the invitations", query, inside).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        if query == INVITATIONS {
            items.push(member::invitation(row)?);
        } else {
            items.extend(member::review(row)?.filter(|review| review.state == AccountState::Invited));
        }
    }
    let next = match page.next {
        Some(inside) => Some(format!("{place}/{inside}")),
        None => (place + 1 < LISTS.len()).then(|| format!("{}/", place + 1)),
    };
    Ok(Page { items, next })
}

/// What is managed beside Google Ads: a Tag Manager account with its containers at a time, then the properties.
pub(crate) async fn assets(client: &Client, cursor: Option<&str>) -> Result<Page<AppAsset>> {
    let place: usize = cursor.map_or(Ok(0), str::parse).map_err(|_| not_ours())?;
    let (accounts, properties) = (&client.config.tag_manager_accounts, &client.config.analytics_properties);
    let items = match accounts.iter().nth(place) {
        Some(account) => tag_manager::assets(client, account).await?,
        None => match properties.iter().nth(place - accounts.len()) {
            Some(property) => vec![analytics::asset(client, property).await?],
            None => Vec::new(),
        },
    };
    let next = place + 1;
    Ok(Page { items, next: (next < accounts.len() + properties.len()).then(|| next.to_string()) })
}

fn not_ours() -> Error {
    Error::invalid("reading a list: the cursor is not one of this list; begin again")
}
