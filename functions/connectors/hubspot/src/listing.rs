//! Lists of the account: users, permission sets, teams.

use serde_json::Value;
use usher_connector::{AppAsset, Error, Member, Result};
use usher_domain::{access::Told, integration::AppRole, ports::Page};

use crate::{client::Client, team, user::User, wire::text};

/// Every user, with all that they have.
pub(crate) async fn members(client: &Client, cursor: Option<&str>) -> Result<Page<Member>> {
    let page = client.page("listing the users", cursor).await?;
    let read = page.items.iter().map(|item| {
        let User { account, roles, .. } = User::read(item)?;
        Ok(Member { account, seat: Told::Roles(roles) })
    });
    Ok(Page { items: read.collect::<Result<_>>()?, next: page.next })
}

/// The permission sets. HubSpot does not order them: they rank as it lists them, until an admin says otherwise.
pub(crate) async fn roles(client: &Client) -> Result<Page<AppRole>> {
    let listed = client.list("listing the permission sets", "roles").await?;
    let mut items = Vec::with_capacity(listed.len());
    for (item, rank) in listed.iter().zip(1..) {
        let (id, name) = named(item, "listing the permission sets")?;
        items.push(AppRole { key: id, name, exclusion_group: Some("permission_set".to_owned()), rank });
    }
    Ok(Page { items, next: None })
}

/// The teams.
pub(crate) async fn teams(client: &Client) -> Result<Page<AppAsset>> {
    let mut items = Vec::new();
    for item in &client.list("listing the teams", "teams").await? {
        let (id, name) = named(item, "listing the teams")?;
        items.push(AppAsset { id: team::asset(&id), name, permissions: team::roles() });
    }
    Ok(Page { items, next: None })
}

fn named(item: &Value, doing: &str) -> Result<(String, String)> {
    let id = text(item, "id").ok_or_else(|| {
        Error::transient(format!("{doing}: HubSpot told one without an id; the list is read again"))
    })?;
    Ok((id.to_owned(), text(item, "name").unwrap_or(id).to_owned()))
}
