//! Directories: the users and groups of one SCIM connection, as they are kept.

mod index;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use index::{IndexedAttribute, IndexedValue};

use crate::{
    Timestamp,
    admission::Admission,
    id::{ConnectionId, IntegrationId, PersonId, ResourceId, TeamId},
    protocol::Protocol,
    token::IssuedToken,
};

/// What a SCIM connection feeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Scope {
    /// The people and teams of the whole workspace.
    Workspace,
    /// One IdLCM integration: each user is a seat.
    Integration {
        /// The integration.
        id: IntegrationId,
    },
}

/// One base URL and its tokens, that an identity provider pushes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Its id; names its workspace.
    pub id: ConnectionId,
    /// The name that people see.
    pub name: String,
    /// What it feeds.
    pub scope: Scope,
    /// The tokens that are accepted: more than one while a rotation overlaps.
    pub tokens: Vec<IssuedToken>,
    /// Whether entity tags are announced and honoured. Off for clients that send a wrong `If-Match`.
    pub etags: bool,
    /// How callers are let in, beside the tokens.
    #[serde(default)]
    pub admission: Admission,
    /// How its client speaks SCIM.
    #[serde(default)]
    pub protocol: Protocol,
    /// Moves with every write: a connection is only replaced by who read what is stored. 0 until it is replaced first.
    #[serde(default)]
    pub version: u64,
    /// When the identity provider called first; `None` while nobody did.
    #[serde(default)]
    pub connected_at: Option<Timestamp>,
    /// When the integration was disconnected that it was for: it lets nobody in, and goes when its directory has gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Connection {
    /// Whether it is there for anybody.
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Whether the token is one of this connection's that is valid at `now`. Looks at every token, so that
    /// the time taken does not tell which one came close.
    pub fn accepts(&self, token: &str, now: Timestamp) -> bool {
        self.tokens.iter().fold(false, |accepted, issued| issued.accepts(token, now) | accepted)
    }
}

/// How an app can be told who a person is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The unique sign-in name.
    pub user_name: String,
    /// The primary e-mail address, else the first one.
    pub email: Option<String>,
    /// The name to show.
    pub display_name: Option<String>,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// The identity provider's id for the person.
    pub external_id: Option<String>,
}

impl Profile {
    /// Reads a profile from a SCIM user with canonical attribute names (RFC 7643 §4.1).
    pub fn of_user(user: &Map<String, Value>) -> Self {
        let text = |value: Option<&Value>| {
            value.and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned)
        };
        let name = user.get("name");
        let part = |key: &str| text(name.and_then(|name| name.get(key)));
        let emails = user.get("emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let email = emails
            .iter()
            .find(|email| email.get("primary") == Some(&Value::Bool(true)))
            .or_else(|| emails.first())
            .and_then(|email| text(email.get("value")));
        let given_name = part("givenName");
        let family_name = part("familyName");
        let full_name = match (&given_name, &family_name) {
            (Some(given), Some(family)) => Some(format!("{given} {family}")),
            (given, family) => given.clone().or_else(|| family.clone()),
        };
        Self {
            user_name: text(user.get("userName")).unwrap_or_default(),
            email,
            display_name: text(user.get("displayName")).or_else(|| part("formatted")).or(full_name),
            given_name,
            family_name,
            external_id: text(user.get("externalId")),
        }
    }

    /// The name to show: the display name, else the sign-in name.
    pub fn label(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.user_name)
    }

    /// Whether an app may know the person by this name, in whatever case.
    pub fn is_called(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        [Some(&self.user_name), self.email.as_ref()]
            .into_iter()
            .flatten()
            .any(|own| own.to_lowercase() == name)
    }
}

/// The `value`s of a multi-valued attribute, or its bare strings.
fn values_of(user: &Map<String, Value>, attribute: &str) -> BTreeSet<String> {
    let items = user.get(attribute).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item.get("value").unwrap_or(item).as_str())
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A user of a directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserRecord {
    /// The SCIM `id`.
    pub id: PersonId,
    /// The connection that pushed it.
    pub connection: ConnectionId,
    /// Moves with every write; the entity tag.
    pub version: u64,
    /// `meta.created`.
    pub created_at: Timestamp,
    /// `meta.lastModified`.
    pub modified_at: Timestamp,
    /// When it was deleted. The row stays until every seat is given back, because a removal must still
    /// know whom to remove; SCIM calls answer 404.
    pub deleted_at: Option<Timestamp>,
    /// The SCIM attributes with canonical names, without `id`, `meta` and `groups`.
    pub resource: Map<String, Value>,
    /// The values that a schema of the connection declares unique: [`usher_scim::resource::unique_values`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unique: BTreeSet<String>,
}

impl UserRecord {
    /// How an app can be told who this is.
    pub fn profile(&self) -> Profile {
        Profile::of_user(&self.resource)
    }

    /// Whether the person may hold seats: neither deleted nor deactivated. RFC 7643 §4.1.1 leaves the
    /// meaning of an absent `active` to the server; identity providers leave it out for working people.
    pub fn is_active(&self) -> bool {
        self.deleted_at.is_none() && self.resource.get("active") != Some(&Value::Bool(false))
    }

    /// Everything under which the user is found.
    pub fn indexed(&self) -> BTreeSet<IndexedValue> {
        IndexedValue::of_user(&self.resource, &self.unique)
    }

    /// The `roles` that the identity provider assigned.
    pub fn roles(&self) -> BTreeSet<String> {
        values_of(&self.resource, "roles")
    }

    /// The `entitlements` that the identity provider assigned.
    pub fn entitlements(&self) -> BTreeSet<String> {
        values_of(&self.resource, "entitlements")
    }
}

/// A group of a directory: a team. Its members are rows of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupRecord {
    /// The SCIM `id`.
    pub id: TeamId,
    /// The connection that pushed it.
    pub connection: ConnectionId,
    /// Moves with every write, membership included; the entity tag.
    pub version: u64,
    /// `meta.created`.
    pub created_at: Timestamp,
    /// `meta.lastModified`.
    pub modified_at: Timestamp,
    /// When it was deleted. The row stays until its members' seats are planned anew.
    pub deleted_at: Option<Timestamp>,
    /// The SCIM attributes with canonical names, without `id`, `meta` and `members`.
    pub resource: Map<String, Value>,
    /// The values that a schema of the connection declares unique: [`usher_scim::resource::unique_values`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unique: BTreeSet<String>,
}

impl GroupRecord {
    /// `displayName`.
    pub fn display_name(&self) -> &str {
        self.resource.get("displayName").and_then(Value::as_str).unwrap_or_default()
    }

    /// Everything under which the group is found.
    pub fn indexed(&self) -> BTreeSet<IndexedValue> {
        use IndexedAttribute::{DisplayName, ExternalId};
        IndexedValue::of(
            &self.resource,
            &[(ExternalId, "externalId"), (DisplayName, "displayName")],
            &self.unique,
        )
    }
}

/// A resource of a type that a connection registered itself. It gives nobody access, so that no change is recorded of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomRecord {
    /// The SCIM `id`.
    pub id: ResourceId,
    /// The connection that pushed it.
    pub connection: ConnectionId,
    /// The name of its resource type.
    pub resource_type: String,
    /// Moves with every write; the entity tag.
    pub version: u64,
    /// `meta.created`.
    pub created_at: Timestamp,
    /// `meta.lastModified`.
    pub modified_at: Timestamp,
    /// The SCIM attributes with canonical names, without `id` and `meta`.
    pub resource: Map<String, Value>,
    /// The values that a schema of the connection declares unique: [`usher_scim::resource::unique_values`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unique: BTreeSet<String>,
}

impl CustomRecord {
    /// Everything under which the resource is found.
    pub fn indexed(&self) -> BTreeSet<IndexedValue> {
        IndexedValue::of(&self.resource, &[(IndexedAttribute::ExternalId, "externalId")], &self.unique)
    }
}

/// A person's membership, as seen from the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The team.
    pub team: TeamId,
    /// The team's name now.
    pub display_name: String,
}

/// The memberships that a write adds and removes. Nobody is in both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberDelta {
    /// Who joins.
    pub add: BTreeSet<PersonId>,
    /// Who leaves.
    pub remove: BTreeSet<PersonId>,
}

impl MemberDelta {
    /// Whether nobody joins or leaves.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    /// How many memberships change.
    pub fn len(&self) -> usize {
        self.add.len() + self.remove.len()
    }

    /// Everybody who joins or leaves.
    pub fn people(&self) -> impl Iterator<Item = &PersonId> {
        self.add.iter().chain(&self.remove)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn the_primary_address_is_the_persons() {
        let person = user(json!({"userName": "ada", "name": {"givenName": "Ada", "familyName": "Byron"},
            "emails": [{"value": "home@x.co"}, {"value": "work@x.co", "primary": true}]}));
        let profile = Profile::of_user(&person);
        assert_eq!(profile.email.as_deref(), Some("work@x.co"));
        assert_eq!(profile.label(), "Ada Byron");
    }

    #[test]
    fn values_are_found_in_their_attributes_case() {
        let person = user(json!({"userName": "Ada", "externalId": "Xy", "emails": [{"value": "A@X.co"}]}));
        let unique = BTreeSet::from(["urn:x:badge=7".to_owned()]);
        let found = IndexedValue::of_user(&person, &unique);
        let expect = [
            IndexedValue { attribute: IndexedAttribute::UserName, value: "ada".into() },
            IndexedValue { attribute: IndexedAttribute::ExternalId, value: "Xy".into() },
            IndexedValue { attribute: IndexedAttribute::Email, value: "a@x.co".into() },
            IndexedValue { attribute: IndexedAttribute::Unique, value: "urn:x:badge=7".into() },
        ];
        assert_eq!(found, expect.into_iter().collect());
    }
}
