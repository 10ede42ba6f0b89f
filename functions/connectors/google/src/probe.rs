//! Whether the credentials are good for everything that is needed.

use usher_connector::{Health, Result};
use usher_domain::integration::Catalogue;

use crate::{
    ads::{self, INVITATIONS, MEMBERS, REVIEWS},
    analytics,
    client::Client,
    member::Member,
    tag_manager,
};

/// Looks at the token, at who has access and is invited, and at everything that is managed beside Google Ads.
pub(crate) async fn probe(client: &Client, catalogue: &Catalogue) -> Result<Health> {
    const DOING: &str = "looking at the account";
    let mut health = Health::default();
    match client.missing_scopes().await? {
        Some(missing) => health.missing_scopes = missing,
        // A service account is given what it asks for, or nothing.
        None if client.service_account.is_some() => {}
        None => health.notes.push("Google did not tell what the consent holds".to_owned()),
    }
    for query in [MEMBERS, INVITATIONS, REVIEWS] {
        client.search(DOING, query, None).await?;
    }
    for account in &client.config.tag_manager_accounts {
        tag_manager::find(client, "looking at the Tag Manager account", account, "").await?;
    }
    for property in &client.config.analytics_properties {
        analytics::find(client, "looking at the Analytics property", property, "").await?;
    }
    let known = ads::roles();
    for role in catalogue.roles.iter().filter(|role| known.iter().all(|known| known.key != role.key)) {
        let note = format!("the catalogue's role `{}` is not one of Google Ads'; take it out", role.key);
        health.notes.push(note);
    }
    Ok(health)
}

/// The user that a service account is.
pub(crate) async fn service_account(client: &Client, email: &str) -> Result<Option<String>> {
    for row in client.everything("looking for the service account", MEMBERS).await? {
        let member = Member::read(&row)?;
        if member.has_email(email) {
            return Ok(Some(member.account.id));
        }
    }
    Ok(None)
}
