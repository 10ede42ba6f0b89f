//! Whether the credentials are good for everything that is needed.

use usher_connector::{Health, Result};
use usher_domain::integration::Catalogue;

use crate::{client::Client, groups};

/// Looks at the users and the groups, and tries a command in test mode.
pub(crate) async fn probe(client: &Client, catalogue: &Catalogue) -> Result<Health> {
    let mut health = Health::default();
    client.page("looking at the users", "users", None).await?;
    client.page("looking at the groups", "groups", None).await?;
    client.try_command("trying a command in test mode").await?;
    let known = groups::roles();
    for role in catalogue.roles.iter().filter(|role| known.iter().all(|known| known.key != role.key)) {
        let note =
            format!("the catalogue's role `{}` is not one that Adobe's API gives; take it out", role.key);
        health.notes.push(note);
    }
    Ok(health)
}
