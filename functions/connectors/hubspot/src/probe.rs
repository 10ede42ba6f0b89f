//! Whether the credentials are good for everything that can be asked without changing something.

use usher_connector::{Health, Result};
use usher_domain::integration::Catalogue;

use crate::{client::Client, listing};

/// Looks at the users, the permission sets and the teams.
pub(crate) async fn probe(client: &Client, catalogue: &Catalogue) -> Result<Health> {
    let mut health = Health::default();
    client.page("looking at the users", None).await?;
    let known = listing::roles(client).await?.items;
    listing::teams(client).await?;
    for role in catalogue.roles.iter().filter(|role| known.iter().all(|known| known.key != role.key)) {
        let note = format!(
            "the catalogue's role `{}` is not a permission set of the account; take it out",
            role.key
        );
        health.notes.push(note);
    }
    Ok(health)
}
