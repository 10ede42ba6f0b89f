//! Lists of the app: members, invitations, assets.

use usher_connector::{AppAsset, Error, Invitation, Member, Result};
use usher_domain::{access::Told, integration::AppRole, ports::Page};

use crate::{
    client::Client,
    document::{Document, Permission},
    observe::{account, invitation, roles},
    reading::{text, text_at},
    role,
    template::Values,
};

/// Everybody who is in. What each may do on assets is told per person only.
pub(crate) async fn members(client: &Client, cursor: Option<&str>) -> Result<Page<Member>> {
    let document = &client.document;
    let page = client.page("listing the members", &document.members, &Values::default(), cursor).await?;
    let read = page.items.iter().map(|item| {
        Ok(Member { account: account(document, item)?, seat: Told::Roles(roles(document, item)) })
    });
    Ok(Page { items: read.collect::<Result<_>>()?, next: page.next })
}

/// Those who were asked in.
pub(crate) async fn invitations(client: &Client, cursor: Option<&str>) -> Result<Page<Invitation>> {
    let Some(invitations) = &client.document.invitations else {
        return Ok(Page { items: Vec::new(), next: None });
    };
    let page = client.page("listing the invitations", &invitations.list, &Values::default(), cursor).await?;
    let numbers = role::numbers(client).await?;
    let read = page.items.iter().map(|item| invitation(client, invitations, numbers, item));
    Ok(Page { items: read.collect::<Result<_>>()?, next: page.next })
}

/// What is granted in the app.
pub(crate) async fn assets(client: &Client, cursor: Option<&str>) -> Result<Page<AppAsset>> {
    const DOING: &str = "listing the assets";
    let Some(assets) = &client.document.assets else { return Ok(Page { items: Vec::new(), next: None }) };
    let page = client.page(DOING, &assets.list, &Values::default(), cursor).await?;
    let permissions: Vec<AppRole> =
        assets.permissions.iter().zip(1..).map(|(it, rank)| permission(it, assets.one_of, rank)).collect();
    let mut items = Vec::with_capacity(page.items.len());
    for item in &page.items {
        let id = text(item, &assets.id).ok_or_else(|| {
            Error::transient(format!("{DOING}: the app's answer lacks an asset's id; it is read again"))
        })?;
        let name = text_at(item, assets.name.as_ref()).unwrap_or_else(|| id.clone());
        items.push(AppAsset { id, name, permissions: permissions.clone() });
    }
    Ok(Page { items, next: page.next })
}

fn permission(permission: &Permission, one_of: bool, rank: u32) -> AppRole {
    AppRole {
        key: permission.key.clone(),
        name: permission.name.clone(),
        exclusion_group: one_of.then(|| "permission".to_owned()),
        rank: if one_of { rank } else { 0 },
    }
}

/// The roles of the document.
pub(crate) fn app_roles(document: &Document) -> Vec<AppRole> {
    let roles = document.roles.iter().zip(1..);
    let role = |(role, rank): (&crate::document::Role, u32)| AppRole {
        key: role.key.clone(),
        name: role.name.clone(),
        exclusion_group: Some("role".to_owned()),
        rank,
    };
    roles.map(role).collect()
}
