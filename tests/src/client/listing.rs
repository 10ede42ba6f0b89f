//! What an external app itself says about its members: the judge of every end-to-end test.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ScimClient;
use crate::Result;

/// Reads the members of any SCIM app.
#[derive(Clone, Debug)]
pub struct AppListing(ScimClient);

/// One account in the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The app's id.
    pub id: String,
    /// Its user name.
    pub user_name: String,
    /// The id that whoever provisioned it gave.
    pub external_id: Option<String>,
    /// The first e-mail address.
    pub email: Option<String>,
    /// Whether the account can be used.
    pub active: bool,
    /// The values of `roles`.
    pub roles: BTreeSet<String>,
    /// The values of `entitlements`.
    pub entitlements: BTreeSet<String>,
    /// The display names of the groups that list it.
    pub groups: BTreeSet<String>,
}

impl AppListing {
    /// Reads with this client.
    #[must_use]
    pub fn new(base_url: &str, token: &str) -> Self {
        Self(ScimClient::new(base_url, token))
    }

    /// Every member. Two accounts of one person are two members here.
    ///
    /// # Errors
    /// When the app cannot be read completely.
    pub async fn members(&self) -> Result<Vec<Member>> {
        // Groups first: a member who came in between is then without groups rather than missing.
        let groups = self.0.all("Groups").await?;
        let users = self.0.all("Users").await?;
        Ok(users.iter().map(|user| Member::read(user, &groups)).collect())
    }

    /// The one member with this user name or e-mail address.
    ///
    /// # Errors
    /// When the app cannot be read completely, or has two of them.
    pub async fn member(&self, name: &str) -> Result<Option<Member>> {
        let is_meant = |member: &Member| member.user_name == name || member.email.as_deref() == Some(name);
        let mut found: Vec<_> = self.members().await?.into_iter().filter(is_meant).collect();
        match found.len() {
            0 | 1 => Ok(found.pop()),
            count => Err(format!("{name} has {count} accounts in the app").into()),
        }
    }

    /// The user names of the members who can use the app.
    ///
    /// # Errors
    /// When the app cannot be read completely.
    pub async fn active(&self) -> Result<BTreeSet<String>> {
        let members = self.members().await?;
        Ok(members.into_iter().filter(|member| member.active).map(|member| member.user_name).collect())
    }
}

impl Member {
    fn read(user: &Value, groups: &[Value]) -> Self {
        let text = |name: &str| user[name].as_str().map(str::to_owned);
        let id = text("id").unwrap_or_default();
        let lists_it = |group: &&Value| values(&group["members"]).any(|member| member == id);
        let groups = groups.iter().filter(lists_it);
        Self {
            user_name: text("userName").unwrap_or_default(),
            external_id: text("externalId"),
            email: values(&user["emails"]).next(),
            // An app that does not say so has only active accounts.
            active: user["active"].as_bool().unwrap_or(true),
            roles: values(&user["roles"]).collect(),
            entitlements: values(&user["entitlements"]).collect(),
            groups: groups.filter_map(|group| group["displayName"].as_str()).map(str::to_owned).collect(),
            id,
        }
    }
}

fn values(items: &Value) -> impl Iterator<Item = String> {
    items.as_array().into_iter().flatten().filter_map(|item| item["value"].as_str()).map(str::to_owned)
}
