//! Whether the credentials are good for everything that is needed.

use std::collections::BTreeSet;

use serde_json::Value;
use usher_connector::{Class, Health, Request, Result};
use usher_domain::integration::Catalogue;

use crate::{assets::KINDS, client::Client, user, wire::text};

/// What no work can do without.
const NEEDED: &str = "business_management";

/// Looks at the token, the business, and each kind of asset.
pub(crate) async fn probe(client: &Client, catalogue: &Catalogue) -> Result<Health> {
    let me = client.read(Request::get("looking at the token", ["me"]).query("fields", "id,name")).await?;
    let request = Request::get("looking at the token's permissions", ["me", "permissions"]);
    let told = client.read(request).await?;
    let granted: BTreeSet<&str> = told
        .get("data")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|permission| text(permission, "status") == Some("granted"))
        .filter_map(|permission| text(permission, "permission"))
        .collect();
    let mut health = Health { acting_account: text(&me, "id").map(str::to_owned), ..Health::default() };
    let needed = [NEEDED].into_iter().chain(KINDS.iter().map(|kind| kind.scope));
    health.missing_scopes = needed.filter(|scope| !granted.contains(scope)).map(str::to_owned).collect();

    client
        .read(Request::get("looking at the business", [client.business()]).query("fields", "id,name"))
        .await?;
    let people = Request::get("looking at the people", [client.business(), "business_users"]);
    client.page(people.query("fields", "id,role"), 0, None).await?;
    for kind in &KINDS {
        let edge = format!("owned_{}", kind.edge);
        let request = Request::get("looking at the assets", [client.business(), &edge]).query("fields", "id");
        match client.page(request, 0, None).await {
            Ok(_) => {}
            // The rest works without them.
            Err(error) if matches!(error.class(), Class::ScopeMissing | Class::Invalid) => {
                health.notes.push(format!("{} cannot be listed: {}", kind.label, error.message()));
            }
            Err(error) => return Err(error),
        }
    }
    let known = user::roles();
    for role in catalogue.roles.iter().filter(|role| known.iter().all(|known| known.key != role.key)) {
        health.notes.push(format!("the catalogue's role `{}` is not one of Meta's; take it out", role.key));
    }
    Ok(health)
}
