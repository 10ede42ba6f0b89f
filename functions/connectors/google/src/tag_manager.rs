//! Tag Manager: what somebody may do in an account and in its containers. Google keeps it as one permission for each address
//! and account, which is replaced as a whole.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use usher_connector::{AppAsset, Error, Method, Request, Result};

use crate::{
    assets::Asset,
    client::{Api, Client},
    member::same,
    wire::{self, text},
};

/// Administers the account; being its user is all that comes with containers.
pub(crate) const ADMIN: &str = "admin";
const USER: &str = "user";

/// What an address may do in an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Permission {
    /// Google's id of it; `None` where there is none yet.
    id: Option<String>,
    /// In the account itself.
    pub(crate) account: String,
    /// In containers, by id.
    pub(crate) containers: BTreeMap<String, String>,
}

impl Permission {
    fn read(item: &Value) -> Result<Self> {
        let malformed = || {
            Error::transient(
                "reading a Tag Manager permission: Google's answer lacks a part; it is read again",
            )
        };
        let id = text(item, "path").and_then(|path| path.rsplit('/').next()).ok_or_else(malformed)?;
        let account =
            item.pointer("/accountAccess/permission").and_then(Value::as_str).ok_or_else(malformed)?;
        let mut containers = BTreeMap::new();
        for held in wire::items("reading a Tag Manager permission", item, "containerAccess")? {
            let told = text(&held, "containerId").zip(text(&held, "permission"));
            let (container, permission) = told.ok_or_else(malformed)?;
            if permission != "noAccess" {
                containers.insert(container.to_owned(), permission.to_owned());
            }
        }
        Ok(Self { id: Some(id.to_owned()), account: account.to_owned(), containers })
    }

    /// What it grants, by asset. That somebody is a user of the account goes with the containers.
    pub(crate) fn assets(&self, account: &str) -> Vec<(String, String)> {
        let containers = self
            .containers
            .iter()
            .map(|(container, held)| (Asset::TagManagerContainer { account, container }.id(), held.clone()));
        let bare = self.account == USER && self.containers.is_empty();
        let own = (self.account == ADMIN || bare)
            .then(|| (Asset::TagManagerAccount(account).id(), self.account.clone()));
        containers.chain(own).collect()
    }

    /// Whether it grants nothing.
    fn is_empty(&self) -> bool {
        self.account != ADMIN && self.containers.is_empty()
    }

    fn body(&self, email: &str) -> Value {
        let account = if self.account == ADMIN { ADMIN } else { USER };
        let containers =
            self.containers.iter().map(|(id, held)| json!({"containerId": id, "permission": held}));
        json!({"emailAddress": email, "accountAccess": {"permission": account},
            "containerAccess": containers.collect::<Vec<_>>()})
    }
}

fn path<'a>(account: &'a str, below: &[&'a str]) -> Vec<&'a str> {
    ["tagmanager", "v2", "accounts", account].into_iter().chain(below.iter().copied()).collect()
}

/// What an address may do in an account.
pub(crate) async fn find(
    client: &Client,
    doing: &'static str,
    account: &str,
    email: &str,
) -> Result<Option<Permission>> {
    let request = Request::get(doing, path(account, &["user_permissions"]));
    let all = client.all(Api::TagManager, &request, "userPermission").await?;
    all.iter()
        .find(|item| text(item, "emailAddress").is_some_and(|has| same(has, email)))
        .map(Permission::read)
        .transpose()
}

/// Changes what an address may do in an account, from what it may at this moment: a plan may change several containers.
pub(crate) async fn change(
    client: &Client,
    doing: &'static str,
    account: &str,
    email: &str,
    change: impl FnOnce(&mut Permission) + Send,
) -> Result<()> {
    let mut permission = find(client, doing, account, email).await?.unwrap_or_default();
    change(&mut permission);
    let below = match &permission.id {
        None => vec!["user_permissions"],
        Some(id) => vec!["user_permissions", id],
    };
    let method = match &permission.id {
        None if permission.is_empty() => return Ok(()),
        Some(_) if permission.is_empty() => {
            return client.delete(Api::TagManager, doing, path(account, &below)).await;
        }
        None => Method::Post,
        Some(_) => Method::Put,
    };
    let request = Request::new(method, doing, path(account, &below)).body(permission.body(email));
    let answer = client.write(Api::TagManager, &request).await?;
    Permission::read(&answer).map(|_| ()).map_err(|_| wire::undone(doing))
}

/// An account and its containers.
pub(crate) async fn assets(client: &Client, account: &str) -> Result<Vec<AppAsset>> {
    const DOING: &str = "listing the Tag Manager containers";
    let own = client.read(Api::TagManager, &Request::get(DOING, path(account, &[]))).await?;
    let asset = |asset: Asset<'_>, name: &str| AppAsset {
        id: asset.id(),
        name: name.to_owned(),
        permissions: asset.permissions(),
    };
    let name = text(&own, "name").unwrap_or(account);
    let mut assets = vec![asset(Asset::TagManagerAccount(account), &format!("{name} (account)"))];
    let request = Request::get(DOING, path(account, &["containers"]));
    for item in client.all(Api::TagManager, &request, "container").await? {
        let container = text(&item, "containerId").ok_or_else(|| {
            Error::transient(format!("{DOING}: Google told one without an id; the list is read again"))
        })?;
        let found = Asset::TagManagerContainer { account, container };
        assets.push(asset(found, text(&item, "name").unwrap_or(container)));
    }
    Ok(assets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(account: &str, containers: &[(&str, &str)]) -> Permission {
        let containers: Vec<Value> =
            containers.iter().map(|(id, held)| json!({"containerId": id, "permission": held})).collect();
        let item = json!({"path": "accounts/6/user_permissions/9", "accountAccess": {"permission": account},
            "containerAccess": containers});
        Permission::read(&item).unwrap()
    }

    #[test]
    fn being_a_user_of_the_account_goes_with_the_containers() {
        let some = |assets: &[(&str, &str)]| -> Vec<(String, String)> {
            assets.iter().map(|(asset, held)| ((*asset).to_owned(), (*held).to_owned())).collect()
        };
        let container = ("tag_manager_container:6/61", "edit");
        let seen = permission("user", &[("61", "edit"), ("62", "noAccess")]);
        assert_eq!(seen.assets("6"), some(&[container]));
        assert_eq!(
            permission("admin", &[("61", "edit")]).assets("6"),
            some(&[container, ("tag_manager_account:6", "admin")])
        );
        assert_eq!(permission("user", &[]).assets("6"), some(&[("tag_manager_account:6", "user")]));
        assert!(permission("noAccess", &[]).assets("6").is_empty());
    }

    #[test]
    fn a_permission_is_written_whole() {
        let mut held = permission("admin", &[("61", "edit")]);
        held.containers.insert("62".into(), "publish".into());
        assert_eq!(
            held.body("a@b"),
            json!({"emailAddress": "a@b", "accountAccess": {"permission": "admin"}, "containerAccess": [
                {"containerId": "61", "permission": "edit"}, {"containerId": "62", "permission": "publish"}]})
        );
        held.account = "noAccess".into();
        assert_eq!(held.body("a@b")["accountAccess"]["permission"], "user", "containers ask for it");
        held.containers.clear();
        assert!(held.is_empty());
    }
}
