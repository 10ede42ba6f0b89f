//! Whether the credentials are good for everything that is needed.

use usher_connector::{Class, Health, Result};
use usher_domain::integration::Catalogue;

use crate::{assets::KINDS, client::Client, member};

/// What no work can do without.
const NEEDED: [&str; 2] = ["biz_access:read", "biz_access:write"];

/// Looks at the token, the members, the invitations and each kind of asset.
pub(crate) async fn probe(client: &Client, catalogue: &Catalogue) -> Result<Health> {
    let mut health = Health::default();
    match client.scopes().await? {
        Some(scopes) => {
            let missing = NEEDED.iter().filter(|scope| !scopes.contains(**scope));
            health.missing_scopes = missing.map(|scope| (*scope).to_owned()).collect();
        }
        None => health.notes.push("Pinterest did not tell what the token is good for".to_owned()),
    }
    client.page(client.get("looking at the members", &["members"]), None).await?;
    client.page(client.invitations("looking at the invitations"), None).await?;
    for kind in &KINDS {
        let request = client.get("looking at the assets", &["assets"]).query("asset_type", kind.name);
        match client.page(request, None).await {
            Ok(_) => {}
            // The rest works without them.
            Err(error) if matches!(error.class(), Class::ScopeMissing | Class::Invalid) => {
                health.notes.push(format!("{} assets cannot be listed: {}", kind.name, error.message()));
            }
            Err(error) => return Err(error),
        }
    }
    let known = member::roles();
    for role in catalogue.roles.iter().filter(|role| known.iter().all(|known| known.key != role.key)) {
        health
            .notes
            .push(format!("the catalogue's role `{}` is not one of Pinterest's; take it out", role.key));
    }
    Ok(health)
}
