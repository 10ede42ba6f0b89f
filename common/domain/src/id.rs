//! Identifiers: opaque strings, one type each so that they cannot be mixed up.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An identifier that is not of its kind's form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a {kind}: {rule}")]
pub struct InvalidId {
    kind: &'static str,
    given: String,
    rule: &'static str,
}

/// Identifiers appear in keys whose parts are joined by `#`, and in URL paths.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                if is_plain(&text) {
                    Ok(Self(text))
                } else {
                    Err(InvalidId {
                        kind: $kind,
                        given: text.chars().take(64).collect(),
                        rule: "use 1 to 128 letters, digits, `-`, `_` or `.`",
                    })
                }
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(uuid: uuid::Uuid) -> Self {
                Self(uuid.to_string())
            }
        }
    };
}

id!(
    /// A person of one directory: the `id` of the SCIM user.
    PersonId, "person id"
);
id!(
    /// A team: the `id` of the SCIM group, or of a team made by hand.
    TeamId, "team id"
);
id!(
    /// A resource of a type that a connection registered: its SCIM `id`.
    ResourceId, "resource id"
);
id!(
    /// One organisation in an external app.
    IntegrationId, "integration id"
);
id!(
    /// A share of a hub with a team or a person.
    ShareId, "share id"
);
id!(
    /// One unit of work for one (person, integration).
    JobId, "job id"
);
id!(
    /// All jobs that one trigger caused in one integration.
    AutomationId, "automation id"
);
id!(
    /// One sync of an integration, or one health check.
    SyncId, "sync id"
);
id!(
    /// One committed change: a row of the outbox.
    ChangeId, "change id"
);
id!(
    /// An OAuth 2.0 client of a connection.
    ClientId, "OAuth client id"
);
id!(
    /// The key of an admin API key.
    ApiKeyId, "API key id"
);

id!(
    /// An address that is told of events.
    EndpointId, "webhook id"
);
id!(
    /// An event on its way to one endpoint.
    DeliveryId, "delivery id"
);

impl DeliveryId {
    /// The delivery of an event to an endpoint: it begins with the time of the event, and ends with a hash of both, so that it
    /// is the same whenever the event is noticed.
    pub fn of(at: crate::Timestamp, hash: &crate::token::TokenHash) -> Self {
        let short: String = hash.as_str().chars().take(32).collect();
        // Fixed width, so that text order is time order.
        Self(format!("{:016}-{short}", at.as_microsecond()))
    }
}

impl SyncId {
    /// The sync that is begun in an integration at a moment.
    pub fn of(integration: &IntegrationId, at: crate::Timestamp) -> Self {
        let id: String = format!("{}.{integration}", at.as_microsecond());
        Self(id.chars().take(96).collect())
    }
}

impl AutomationId {
    /// The automation that a change causes in an integration. Derived, so that a change that is planned
    /// twice (streams deliver at least once) adds to one automation.
    pub fn of(change: &ChangeId, integration: &IntegrationId) -> Self {
        Self(format!("{change}.{integration}"))
    }
}

/// A tenant: 1 to 32 lower-case letters and digits. It is the first part of every key and of every
/// connection id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkspaceId(String);

impl WorkspaceId {
    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkspaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for WorkspaceId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        let plain = (1..=32).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if plain {
            Ok(Self(text))
        } else {
            Err(InvalidId {
                kind: "workspace id",
                given: text.chars().take(64).collect(),
                rule: "use 1 to 32 lower-case letters and digits",
            })
        }
    }
}

impl FromStr for WorkspaceId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::try_from(text.to_owned())
    }
}

impl From<WorkspaceId> for String {
    fn from(id: WorkspaceId) -> String {
        id.0
    }
}

/// The name of the directory of teams that are made by hand.
const USER_MANAGED: &str = "-";

/// A SCIM connection, `<workspace>.<name>`: the workspace is part of the id, because it is all that a SCIM
/// call's URL carries, and no key may be read before the workspace is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConnectionId {
    text: String,
    workspace: WorkspaceId,
}

impl ConnectionId {
    /// The connection `name` of a workspace.
    ///
    /// # Errors
    /// When `name` holds anything but letters, digits, `-` and `_`.
    pub fn new(workspace: &WorkspaceId, name: &str) -> Result<Self, InvalidId> {
        Self::try_from(format!("{workspace}.{name}"))
    }

    /// The directory of a workspace's teams that are made by hand. No connection has this name, so that no identity provider
    /// sees or changes them.
    pub fn user_managed(workspace: &WorkspaceId) -> Self {
        Self { text: format!("{workspace}.{USER_MANAGED}"), workspace: workspace.clone() }
    }

    /// Whether this is the directory of teams that are made by hand.
    pub fn is_user_managed(&self) -> bool {
        self.text.split_once('.').is_some_and(|(_, name)| name == USER_MANAGED)
    }

    /// The workspace that the connection belongs to.
    pub fn workspace(&self) -> &WorkspaceId {
        &self.workspace
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for ConnectionId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        let invalid = || InvalidId {
            kind: "connection id",
            given: text.chars().take(64).collect(),
            rule: "it is the workspace id, a dot, and a name of letters, digits, `-` and `_`",
        };
        let (workspace, name) = text.split_once('.').ok_or_else(invalid)?;
        if name.contains('.') || !is_plain(name) {
            return Err(invalid());
        }
        let workspace = workspace.parse().map_err(|_| invalid())?;
        Ok(Self { workspace, text })
    }
}

impl FromStr for ConnectionId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::try_from(text.to_owned())
    }
}

impl From<ConnectionId> for String {
    fn from(id: ConnectionId) -> String {
        id.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_smuggle_a_key_separator() {
        for bad in ["", "a#b", "a/b", "ä", "a b"] {
            assert!(bad.parse::<PersonId>().is_err(), "{bad}");
            assert!(bad.parse::<WorkspaceId>().is_err(), "{bad}");
            assert!(format!("main.{bad}").parse::<ConnectionId>().is_err(), "{bad}");
        }
        assert!("Main".parse::<WorkspaceId>().is_err());
        assert!("main.a.b".parse::<ConnectionId>().is_err());
    }

    #[test]
    fn a_connection_knows_its_workspace() {
        let id: ConnectionId = "main.okta-1".parse().unwrap();
        assert_eq!(id.workspace().as_str(), "main");
        assert_eq!(id.to_string(), "main.okta-1");
        assert!(serde_json::from_str::<ConnectionId>("\"nodot\"").is_err());
        assert!(!id.is_user_managed());
        let by_hand = ConnectionId::user_managed(id.workspace());
        assert!(by_hand.is_user_managed());
        assert_eq!(by_hand.to_string().parse(), Ok(by_hand), "it is stored as any other");
    }
}
