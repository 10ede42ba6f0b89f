//! The whole path: an identity provider pushes over SCIM, and a real app's own listing shows the seats.

mod canaille;
mod crash;
mod moves;
mod sync;
mod troubles;

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use usher_tests::{
    client::{AppListing, JsonClient, Member, ScimClient, eventually_ok},
    process::Usher,
};

/// How long an effect in the app may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Usher, and a hub in an app that it reaches by SCIM.
pub(crate) struct World {
    pub(crate) usher: Usher,
    pub(crate) listing: AppListing,
    pub(crate) hub: String,
}

impl World {
    /// A hub with the roles viewer < editor < admin in the app at `base_url`. Removals that come from losing
    /// grants wait for `grace_seconds`.
    pub(crate) async fn new(base_url: &str, token: &str, grace_seconds: u32) -> Self {
        Self::on(Usher::start().await.unwrap(), base_url, token, grace_seconds).await
    }

    /// The same, on an Usher that runs already.
    pub(crate) async fn on(usher: Usher, base_url: &str, token: &str, grace_seconds: u32) -> Self {
        let hub = hub(&usher.api(), base_url, token, grace_seconds).await;
        Self { usher, listing: AppListing::new(base_url, token), hub }
    }

    pub(crate) fn scim(&self) -> ScimClient {
        self.usher.scim()
    }

    pub(crate) fn api(&self) -> JsonClient {
        self.usher.api()
    }

    /// Shares the hub with a team or a person, as one role.
    pub(crate) async fn share(&self, with: &str, role: &str) {
        let path = format!("/integrations/{}/shares/{with}", self.hub);
        let body = json!({"app_access": {"kind": "invite", "roles": [role]}});
        let shared = self.api().send(Method::PUT, &path, Some(&body)).await.unwrap();
        assert!(shared.status.is_success(), "{}", shared.text);
    }

    /// The id of the team with this name.
    pub(crate) async fn team(&self, name: &str) -> String {
        self.one("Groups", &format!("displayName eq \"{name}\"")).await
    }

    /// The id of the person with this user name.
    pub(crate) async fn person(&self, name: &str) -> String {
        self.one("Users", &format!("userName eq \"{name}\"")).await
    }

    async fn one(&self, collection: &str, filter: &str) -> String {
        let found = self.scim().find(collection, filter).await.unwrap();
        assert_eq!(found.len(), 1, "{filter}");
        found[0]["id"].as_str().unwrap().to_owned()
    }

    /// Waits until the app shows this person with just this role.
    pub(crate) async fn seated(&self, name: &str, role: &str) -> Member {
        eventually_ok(PATIENCE, async || match self.listing.member(name).await {
            Ok(Some(member)) if member.active && member.roles == [role.to_owned()].into() => Ok(member),
            other => Err(format!("{name} should be seated as {role}: {other:?}")),
        })
        .await
    }

    /// Waits until the app does not show this person at all.
    pub(crate) async fn gone(&self, name: &str) {
        eventually_ok(PATIENCE, async || match self.listing.member(name).await {
            Ok(None) => Ok(()),
            other => Err(format!("{name} should be gone: {other:?}")),
        })
        .await;
    }

    /// Waits until no automation has work to come, and answers them, newest first.
    pub(crate) async fn settled(&self) -> Vec<Value> {
        eventually_ok(PATIENCE, async || {
            let listed = self.api().send(Method::GET, "/automations?limit=100", None).await;
            let listed = listed.map_err(|error| error.to_string())?;
            let items = listed.json["items"].as_array().cloned().unwrap_or_default();
            let over = |item: &Value| matches!(item["status"].as_str(), Some("completed" | "not_completed"));
            if items.iter().all(over) { Ok(items) } else { Err(format!("work is left: {}", listed.text)) }
        })
        .await
    }
}

/// Makes the hub, and answers its id.
pub(crate) async fn hub(api: &JsonClient, base_url: &str, token: &str, grace_seconds: u32) -> String {
    let role =
        |key: &str, rank: u32| json!({"key": key, "name": key, "exclusion_group": "role", "rank": rank});
    let integration = json!({
        "name": "The hub",
        "kind": "business_hub",
        "connector": "scim",
        "config": {
            "base_url": base_url,
            "roles": {"as": "roles_attribute"},
            "entitlements": {"as": "entitlements_attribute"},
        },
        "credentials": {"bearer_token": token},
        "catalogue": {"roles": [role("viewer", 1), role("editor", 2), role("admin", 3)]},
        "grace_seconds": grace_seconds,
    });
    let created = api.send(Method::POST, "/integrations", Some(&integration)).await.unwrap();
    assert_eq!(created.status, 201, "{}", created.text);
    created.json["integration"]["id"].as_str().unwrap().to_owned()
}
