//! Whether the credentials are good for everything that is needed.

use usher_connector::{Health, Method, Request, Result};
use usher_domain::integration::Catalogue;

use crate::{client::Client, member, wire::number};

/// What an App cannot do without.
const NEEDED: &str = "members:write";

/// Looks at the credentials, the members, the invitations and the teams.
pub(crate) async fn probe(client: &Client, catalogue: &Catalogue) -> Result<Health> {
    let mut health = Health { acting_account: acting_account(client).await?, ..Health::default() };
    if client.rights().await?.is_some_and(|rights| !rights.contains(NEEDED)) {
        health.missing_scopes.push(NEEDED.to_owned());
    }
    client.members(0, None).await?;
    for list in ["invitations", "failed_invitations", "teams"] {
        client.page(client.request(Method::Get, "looking at the organisation", &[list]), 1).await?;
    }
    let known = member::roles();
    for role in catalogue.roles.iter().filter(|role| known.iter().all(|known| known.key != role.key)) {
        let note =
            format!("the catalogue's role `{}` is not one of an organisation's; take it out", role.key);
        health.notes.push(note);
    }
    Ok(health)
}

/// Whose token it is. An App is nobody's.
pub(crate) async fn acting_account(client: &Client) -> Result<Option<String>> {
    if !client.acts_as_somebody() {
        return Ok(None);
    }
    let user = client.read(&Request::get("asking whose token it is", ["user"])).await?;
    Ok(number(&user, "id"))
}
