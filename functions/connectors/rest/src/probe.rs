//! Whether the app is as the document says, and the credentials are good.

use usher_connector::{Error, Health, Result};
use usher_domain::integration::Catalogue;

use crate::{client::Client, listing, template::Values};

/// Looks at the members, the invitations, the assets, and who acts.
pub(crate) async fn probe(client: &Client, catalogue: &Catalogue) -> Result<Health> {
    let mut health = Health { acting_account: acting_account(client).await?, ..Health::default() };
    listing::members(client, None).await?;
    listing::invitations(client, None).await?;
    listing::assets(client, None).await?;
    let known = &client.document.roles;
    for role in catalogue.roles.iter().filter(|role| known.iter().all(|known| known.key != role.key)) {
        let name = &client.document.name;
        health.notes.push(format!("the catalogue's role `{}` is not in the document of {name}", role.key));
    }
    Ok(health)
}

/// The account that the credentials belong to, where the document says how it is asked for.
pub(crate) async fn acting_account(client: &Client) -> Result<Option<String>> {
    const DOING: &str = "asking whose the credentials are";
    let Some(whoami) = &client.document.whoami else { return Ok(None) };
    let found = client.find(DOING, whoami, &Values::default()).await?;
    let id = found.as_ref().and_then(|item| crate::reading::text(item, ""));
    id.map(Some)
        .ok_or_else(|| Error::transient(format!("{DOING}: the app's answer is not an id; it is asked again")))
}
