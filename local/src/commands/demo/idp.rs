//! The identity provider: SCIM requests in the shapes that Entra ID sends.

use serde_json::{Value, json};
use usher_tests::client::{Reply, ScimClient};

use crate::commands::Failure;

/// Who comes, moves and leaves.
#[derive(Debug, Clone)]
pub(super) struct Colleague {
    /// The name to tell the story with.
    pub(super) given_name: &'static str,
    /// The name to show.
    pub(super) display_name: String,
    /// The sign-in name, new in every run.
    pub(super) user_name: String,
}

impl Colleague {
    /// Somebody whom this directory has not seen.
    pub(super) fn new(run: uuid::Uuid) -> Self {
        const NAMES: [(&str, &str); 8] = [
            ("Ada", "Vale"),
            ("Bo", "Lindqvist"),
            ("Chidi", "Okafor"),
            ("Dana", "Reyes"),
            ("Emre", "Kaya"),
            ("Freya", "Holm"),
            ("Goro", "Tanaka"),
            ("Hana", "Novak"),
        ];
        let (given_name, family_name) = NAMES[usize::from(run.as_bytes()[0]) % NAMES.len()];
        let tag = &run.simple().to_string()[24..];
        Self {
            given_name,
            display_name: format!("{given_name} {family_name}"),
            user_name: format!("{}.{tag}@example.com", given_name.to_lowercase()),
        }
    }
}

/// A request that was sent and done.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    /// The method.
    pub(super) method: &'static str,
    /// The path below the SCIM base URL.
    pub(super) path: String,
    /// What it asks for.
    pub(super) says: String,
    /// The body.
    pub(super) body: Value,
    /// The status of the answer.
    pub(super) status: u16,
    /// The id that follows it to its effect.
    pub(super) correlation_id: String,
    /// The id of the resource in the answer; empty where there is none.
    pub(super) id: String,
}

/// The identity provider.
#[derive(Debug)]
pub(super) struct Idp {
    scim: ScimClient,
}

impl Idp {
    /// Pushes to this connection.
    pub(super) fn new(base_url: &str, token: &str) -> Self {
        Self { scim: ScimClient::new(base_url, token) }
    }

    /// The group's id, if it was made before.
    pub(super) async fn group(&self, name: &str) -> Result<Option<String>, Failure> {
        let found = self.scim.find("Groups", &format!("displayName eq \"{name}\"")).await;
        let found = found.map_err(|error| refused("GET", "/Groups", &error.to_string()))?;
        Ok(found.first().and_then(|group| group["id"].as_str()).map(str::to_owned))
    }

    /// Makes a group.
    pub(super) async fn make_group(&self, name: &str) -> Result<Sent, Failure> {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "externalId": uuid::Uuid::new_v4(),
            "displayName": name,
        });
        let reply = self.scim.create("Groups", &body).await;
        sent("POST", "/Groups".to_owned(), format!("make the group {name}"), body, reply)
    }

    /// Makes a user.
    pub(super) async fn hire(&self, colleague: &Colleague) -> Result<Sent, Failure> {
        let family_name = colleague.display_name.rsplit(' ').next();
        let body = json!({
            "schemas": [
                "urn:ietf:params:scim:schemas:core:2.0:User",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            ],
            "externalId": uuid::Uuid::new_v4(),
            "userName": colleague.user_name,
            "displayName": colleague.display_name,
            "name": {"givenName": colleague.given_name, "familyName": family_name},
            "emails": [{"primary": true, "type": "work", "value": colleague.user_name}],
            "active": true,
            "meta": {"resourceType": "User"},
            "roles": [],
        });
        let reply = self.scim.create("Users", &body).await;
        sent("POST", "/Users".to_owned(), format!("make the user {}", colleague.user_name), body, reply)
    }

    /// Adds a member to a group.
    pub(super) async fn join(&self, group: &Group, user: &str) -> Result<Sent, Failure> {
        let operation = json!({"op": "Add", "path": "members", "value": [{"$ref": null, "value": user}]});
        self.patch("Groups", &group.id, format!("add the member to {}", group.name), operation).await
    }

    /// Removes a member from a group.
    pub(super) async fn leave(&self, group: &Group, user: &str) -> Result<Sent, Failure> {
        let operation = json!({"op": "Remove", "path": "members", "value": [{"$ref": null, "value": user}]});
        self.patch("Groups", &group.id, format!("remove the member from {}", group.name), operation).await
    }

    /// Deactivates a user.
    pub(super) async fn deactivate(&self, user: &str) -> Result<Sent, Failure> {
        let operation = json!({"op": "Replace", "path": "active", "value": "False"});
        self.patch("Users", user, "deactivate the user".to_owned(), operation).await
    }

    /// Deletes a user.
    pub(super) async fn delete(&self, user: &str) -> Result<Sent, Failure> {
        let reply = self.scim.delete("Users", user).await;
        sent("DELETE", format!("/Users/{user}"), "delete the user".to_owned(), Value::Null, reply)
    }

    async fn patch(
        &self,
        collection: &str,
        id: &str,
        says: String,
        operation: Value,
    ) -> Result<Sent, Failure> {
        let operations = json!([operation]);
        let reply = self.scim.patch(collection, id, &operations).await;
        sent("PATCH", format!("/{collection}/{id}"), says, operations, reply)
    }
}

/// A group of the directory.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    pub(super) name: &'static str,
}

fn sent(
    method: &'static str,
    path: String,
    says: String,
    body: Value,
    reply: usher_tests::Result<Reply>,
) -> Result<Sent, Failure> {
    let reply = reply.map_err(|error| refused(method, &path, &error.to_string()))?;
    if !reply.status.is_success() {
        let detail = reply.json["detail"].as_str().unwrap_or_default();
        return Err(refused(method, &path, &format!("{}: {detail}", reply.status)));
    }
    let correlation_id = reply.header("x-correlation-id").to_owned();
    let id = reply.id().to_owned();
    Ok(Sent { method, path, says, body, status: reply.status.as_u16(), correlation_id, id })
}

fn refused(method: &str, path: &str, why: &str) -> Failure {
    let mut said = format!("the SCIM connection did not take {method} {path}: {why}");
    if why.starts_with("401") {
        said.push_str(
            "; the token in the data folder is not accepted: it was rotated or revoked, so begin another folder \
             with --data",
        );
    }
    said.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_hires_somebody_new() {
        let one = Colleague::new(uuid::Uuid::from_u128(1));
        let two = Colleague::new(uuid::Uuid::from_u128(2));
        assert_ne!(one.user_name, two.user_name);
        assert!(one.user_name.starts_with(&one.given_name.to_lowercase()), "{one:?}");
    }
}
