//! Google Analytics: what somebody may do in a property, as a binding of the address to roles.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use usher_connector::{AppAsset, Error, Method, Request, Result};

use crate::{
    assets::Asset,
    client::{Api, Client},
    member::same,
    wire::{self, text},
};

/// Stands before every role on the wire.
const PREFIX: &str = "predefinedRoles/";
/// As many as Google gives at once.
const PAGE_SIZE: &str = "500";

/// The roles of an address on a property. Beside one of rank there may be restrictions ("no cost data"), which are not
/// Usher's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Binding {
    /// Google's id of it; `None` where there is none yet.
    id: Option<String>,
    /// Without the prefix.
    pub(crate) roles: BTreeSet<String>,
}

impl Binding {
    fn read(item: &Value) -> Result<Self> {
        let id = text(item, "name").and_then(|name| name.rsplit('/').next()).ok_or_else(|| {
            Error::transient("reading an Analytics binding: Google's answer lacks the name; it is read again")
        })?;
        let roles = wire::items("reading an Analytics binding", item, "roles")?;
        let role = |role: &Value| Some(role.as_str()?.trim_start_matches(PREFIX).to_owned());
        Ok(Self { id: Some(id.to_owned()), roles: roles.iter().filter_map(role).collect() })
    }

    /// With this role in place of others of rank; restrictions stay.
    fn with(mut self, role: &str, property: &str) -> Self {
        let ranked = Asset::AnalyticsProperty(property).permissions();
        self.roles.retain(|held| ranked.iter().all(|known| known.key != *held));
        self.roles.insert(role.to_owned());
        self
    }
}

fn path<'a>(property: &'a str, below: &[&'a str]) -> Vec<&'a str> {
    ["v1alpha", "properties", property].into_iter().chain(below.iter().copied()).collect()
}

/// What an address has on a property itself, and not from the account above.
pub(crate) async fn find(
    client: &Client,
    doing: &'static str,
    property: &str,
    email: &str,
) -> Result<Option<Binding>> {
    let request = Request::get(doing, path(property, &["accessBindings"])).query("pageSize", PAGE_SIZE);
    let all = client.all(Api::Analytics, &request, "accessBindings").await?;
    all.iter()
        .find(|item| text(item, "user").is_some_and(|has| same(has, email)))
        .map(Binding::read)
        .transpose()
}

/// Gives an address a role on a property.
pub(crate) async fn grant(client: &Client, property: &str, email: &str, role: &str) -> Result<()> {
    let doing = "granting an Analytics property";
    let binding = find(client, doing, property, email).await?.unwrap_or_default().with(role, property);
    let roles: Vec<String> = binding.roles.iter().map(|role| format!("{PREFIX}{role}")).collect();
    let body = json!({"user": email, "roles": roles});
    let request = match &binding.id {
        None => Request::new(Method::Post, doing, path(property, &["accessBindings"])),
        Some(id) => Request::new(Method::Patch, doing, path(property, &["accessBindings", id])),
    };
    let answer = client.write(Api::Analytics, &request.body(body)).await?;
    Binding::read(&answer).map(|_| ()).map_err(|_| wire::undone(doing))
}

/// Takes everything on a property away from an address.
pub(crate) async fn revoke(client: &Client, property: &str, email: &str) -> Result<()> {
    let doing = "revoking an Analytics property";
    match find(client, doing, property, email).await?.and_then(|binding| binding.id) {
        None => Ok(()),
        Some(id) => client.delete(Api::Analytics, doing, path(property, &["accessBindings", &id])).await,
    }
}

/// A property.
pub(crate) async fn asset(client: &Client, property: &str) -> Result<AppAsset> {
    let request = Request::get("looking for an Analytics property", path(property, &[]));
    let told = client.read(Api::Analytics, &request).await?;
    let asset = Asset::AnalyticsProperty(property);
    let name = text(&told, "displayName").unwrap_or(property).to_owned();
    Ok(AppAsset { id: asset.id(), name, permissions: asset.permissions() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_replaces_a_role_and_restrictions_stay() {
        let item = json!({"name": "properties/7/accessBindings/9", "user": "a@b",
            "roles": ["predefinedRoles/viewer", "predefinedRoles/no-cost-data"]});
        let binding = Binding::read(&item).unwrap();
        assert_eq!(binding.id.as_deref(), Some("9"));
        assert!(binding.with("admin", "7").roles.iter().eq(["admin", "no-cost-data"]));
        assert!(Binding::read(&json!({"roles": []})).is_err());
    }
}
