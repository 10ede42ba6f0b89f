//! Lists of the organisation: members, invitations, teams.

use usher_connector::{AppAsset, Error, Invitation, Method, Result};
use usher_domain::{
    access::{AccountState, Told},
    ports::Page,
};

use crate::{client::Client, invitation, member::Member, team, wire::text};

/// Everybody who is a member. In which teams each is, is told per person only.
pub(crate) async fn members(client: &Client, cursor: Option<&str>) -> Result<Page<usher_connector::Member>> {
    let (read, after) = match cursor {
        None => (0, None),
        Some(cursor) => {
            let (read, after) = cursor.split_once('/').ok_or_else(not_ours)?;
            (read.parse().map_err(|_| not_ours())?, Some(after))
        }
    };
    let page = client.members(read, after).await?;
    let mut items = Vec::with_capacity(page.edges.len());
    for edge in &page.edges {
        let Member { account, role, .. } = Member::read(edge)?;
        items.push(usher_connector::Member { account, seat: Told::Roles([role].into()) });
    }
    let read = read + items.len() as u64;
    Ok(Page { items, next: page.next.map(|after| format!("{read}/{after}")) })
}

/// Those who are asked to be members, then those whose invitation failed.
pub(crate) async fn invitations(client: &Client, cursor: Option<&str>) -> Result<Page<Invitation>> {
    const LISTS: [(&str, AccountState); 2] =
        [("invitations", AccountState::Invited), ("failed_invitations", AccountState::Expired)];
    let (place, number) = match cursor {
        None => (0, 1),
        Some(cursor) => {
            let (place, number) = cursor.split_once('/').ok_or_else(not_ours)?;
            (place.parse().map_err(|_| not_ours())?, number.parse().map_err(|_| not_ours())?)
        }
    };
    let (list, state) = LISTS.get(place).copied().ok_or_else(not_ours)?;
    let request = client.request(Method::Get, "listing the invitations", &[list]);
    let page = client.page(request, number).await?;
    let items = page.items.iter().map(|item| invitation::read(item, state)).collect::<Result<_>>()?;
    let next = match page.next {
        Some(number) => Some(format!("{place}/{number}")),
        None => (place + 1 < LISTS.len()).then(|| format!("{}/1", place + 1)),
    };
    Ok(Page { items, next })
}

/// The teams.
pub(crate) async fn teams(client: &Client, cursor: Option<&str>) -> Result<Page<AppAsset>> {
    let number = cursor.map_or(Ok(1), str::parse).map_err(|_| not_ours())?;
    let page = client.page(client.request(Method::Get, "listing the teams", &["teams"]), number).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for item in &page.items {
        let slug = text(item, "slug").ok_or_else(|| {
            Error::transient("listing the teams: GitHub told a team without its name in URLs")
        })?;
        let name = text(item, "name").unwrap_or(slug).to_owned();
        items.push(AppAsset { id: team::asset(slug), name, permissions: team::roles() });
    }
    Ok(Page { items, next: page.next })
}

fn not_ours() -> Error {
    Error::invalid("reading a list: the cursor is not one of this list; begin again")
}
