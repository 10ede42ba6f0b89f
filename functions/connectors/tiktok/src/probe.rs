//! Whether the credentials are good for everything that is needed.

use serde_json::Value;
use usher_connector::{Class, Error, Health, Result};
use usher_domain::integration::Catalogue;

use crate::{assets::KINDS, client::Client, member, wire::text};

/// Looks at the Business Center, the token's role in it, and each kind of asset.
pub(crate) async fn probe(client: &Client, catalogue: &Catalogue) -> Result<Health> {
    let centres = client.read(client.get("looking at the Business Center", &["get"])).await?;
    let found = centres.get("list").and_then(Value::as_array).and_then(|list| list.first()).ok_or_else(|| {
        Error::new(
            Class::ScopeMissing,
            "looking at the Business Center: the token does not reach it; check `bc_id`, and let one of its admins \
             authorise the app",
        )
    })?;
    let mut health = Health::default();
    if text(found, "user_role") != Some("ADMIN") {
        health.missing_scopes.push("the role ADMIN in the Business Center".to_owned());
    }
    client.page(client.get("looking at the members", &["member", "get"]), None).await?;
    for kind in &KINDS {
        let request = client.get("looking at the assets", &["asset", "admin", "get"]);
        match client.page(request.query("asset_type", kind.name), None).await {
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
        health.notes.push(format!("the catalogue's role `{}` is not one of TikTok's; take it out", role.key));
    }
    Ok(health)
}
