//! How SCIM connections are written, and what makes and changes them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_domain::{
    Timestamp,
    directory::{Connection, Scope},
    protocol::Protocol,
    token::IssuedToken,
};
use usher_scim::Dialect;
use utoipa::ToSchema;

use super::{check_name, names::UnknownMembersName};
use crate::{App, error::Problem, provisioning::NewConnection};

/// How far a connection's client may stray from the RFCs: `tolerant` takes what Okta, Entra ID and the others are known to
/// send, `rfc` is RFC 7643 and 7644 to the letter, `interop-strict` is the SCIM interoperability profile.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Dialect)]
#[allow(missing_docs)]
pub(super) enum DialectName {
    Tolerant,
    Rfc,
    InteropStrict,
}

/// A SCIM connection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connection)]
pub(crate) struct ConnectionView {
    /// Its id.
    #[schema(example = "main.okta")]
    pub(crate) id: String,
    /// The name that people see.
    name: String,
    /// Where the identity provider is pointed at.
    base_url: String,
    /// The IdLCM integration that it feeds; null when it feeds the people and teams of the workspace.
    #[schema(required)]
    integration: Option<String>,
    /// Whether entity tags are announced and honoured.
    etags: bool,
    /// How far its client may stray from the RFCs.
    #[schema(value_type = DialectName)]
    dialect: Dialect,
    /// Whether cursors (RFC 9865) are announced. They are always served.
    announces_cursors: bool,
    /// What a group's write does about a member who is no user of the connection.
    unknown_members: UnknownMembersName,
    /// The ids of the schemas that were registered for it.
    schemas: Vec<String>,
    /// The names of the resource types that were registered for it, those that extend a built-in one among them.
    resource_types: Vec<String>,
    /// The tokens that were issued and not deleted.
    tokens: Vec<TokenView>,
    /// When the identity provider called first; null while nobody did.
    #[schema(required)]
    connected_at: Option<Timestamp>,
    /// When it was made.
    created_at: Timestamp,
}

/// What is kept of a token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenView {
    /// Names the token when it is deleted.
    id: String,
    /// Its last four characters.
    #[schema(example = "9f3a")]
    hint: String,
    /// Whether it is accepted now.
    valid: bool,
    /// When it was issued.
    created_at: Timestamp,
    /// When it ends; null when it lasts until it is deleted.
    #[schema(required)]
    expires_at: Option<Timestamp>,
}

/// A connection with a token that is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectionWithToken)]
pub(crate) struct NewConnectionView {
    /// The connection.
    pub(crate) connection: ConnectionView,
    /// Where the identity provider is pointed at.
    pub(crate) base_url: String,
    /// The token. Copy it now: only its hash is kept.
    pub(crate) token: String,
}

/// A connection to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectionCreate {
    /// The name that people see.
    #[schema(min_length = 1, max_length = 100, example = "Okta")]
    pub(super) name: String,
    /// The part of the id after the workspace: letters, digits, `-` and `_`. Drawn where it is left out.
    #[schema(example = "okta")]
    pub(super) slug: Option<String>,
    /// Whether entity tags are announced and honoured. Switch off for clients that send a wrong `If-Match`.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub(super) etags: bool,
    /// How far its client may stray from the RFCs; `tolerant` where it is left out.
    #[serde(default)]
    #[schema(value_type = Option<DialectName>)]
    pub(super) dialect: Dialect,
    /// Whether cursors (RFC 9865) are announced. Some clients reject the announcement.
    #[serde(default)]
    pub(super) announces_cursors: bool,
    /// What a group's write does about a member who is no user of the connection: refuse the write, or leave them out.
    #[serde(default)]
    pub(super) unknown_members: UnknownMembersName,
    /// How long the token is valid, in seconds; until it is deleted where it is left out.
    #[schema(minimum = 60)]
    pub(super) token_valid_seconds: Option<u32>,
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConnectionPatch {
    /// The name that people see.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Whether entity tags are announced and honoured.
    etags: Option<bool>,
    /// How far its client may stray from the RFCs.
    #[schema(value_type = Option<DialectName>)]
    dialect: Option<Dialect>,
    /// Whether cursors (RFC 9865) are announced.
    announces_cursors: Option<bool>,
    /// What a group's write does about a member who is no user of the connection.
    unknown_members: Option<UnknownMembersName>,
}

impl ConnectionCreate {
    /// How the client speaks, with no schemas of its own yet.
    pub(super) fn protocol(&self) -> Protocol {
        protocol_of(self.dialect, self.announces_cursors, self.unknown_members)
    }
}

/// The protocol of a new connection.
pub(super) fn protocol_of(
    dialect: Dialect,
    announces_cursors: bool,
    unknown_members: UnknownMembersName,
) -> Protocol {
    Protocol { dialect, announces_cursors, unknown_members: unknown_members.into(), ..Protocol::default() }
}

impl ConnectionPatch {
    /// The patch with a name as it is stored.
    pub(super) fn check(self) -> Result<Self, Problem> {
        let name = self.name.map(|name| check_name("/name", &name)).transpose()?;
        Ok(Self { name, ..self })
    }

    /// Changes a connection.
    pub(super) fn apply(&self, connection: &mut Connection) {
        let protocol = &mut connection.protocol;
        replace(&mut connection.name, self.name.clone());
        replace(&mut connection.etags, self.etags);
        replace(&mut protocol.dialect, self.dialect);
        replace(&mut protocol.announces_cursors, self.announces_cursors);
        replace(&mut protocol.unknown_members, self.unknown_members.map(Into::into));
    }
}

fn replace<T>(stored: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *stored = given;
    }
}

pub(super) fn yes() -> bool {
    true
}

/// The beginning of the hash: names a token, and tells nothing about its text.
pub(super) fn token_id(token: &IssuedToken) -> String {
    token.hash.as_str().chars().take(16).collect()
}

/// The connection as it is answered.
pub(crate) fn view(app: &App, connection: Connection) -> ConnectionView {
    let now = app.clock.now();
    let tokens = connection.tokens.iter().map(|token| TokenView {
        id: token_id(token),
        hint: token.hint.clone(),
        valid: token.expires_at.is_none_or(|end| now < end),
        created_at: token.created_at,
        expires_at: token.expires_at,
    });
    let protocol = connection.protocol;
    ConnectionView {
        base_url: app.scim_base_url(&connection.id),
        tokens: tokens.collect(),
        id: connection.id.into(),
        name: connection.name,
        integration: match connection.scope {
            Scope::Workspace => None,
            Scope::Integration { id } => Some(id.into()),
        },
        etags: connection.etags,
        dialect: protocol.dialect,
        announces_cursors: protocol.announces_cursors,
        unknown_members: protocol.unknown_members.into(),
        schemas: texts(&protocol.custom.schemas, "id"),
        resource_types: texts(&protocol.custom.resource_types, "name"),
        connected_at: connection.connected_at,
        created_at: connection.created_at,
    }
}

/// One member of each document.
fn texts(documents: &[Value], member: &str) -> Vec<String> {
    documents.iter().filter_map(|document| document[member].as_str()).map(str::to_owned).collect()
}

/// The answer that shows a token.
pub(super) fn with_token(app: &App, made: NewConnection) -> NewConnectionView {
    NewConnectionView { connection: view(app, made.connection), base_url: made.base_url, token: made.token }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn connection() -> Connection {
        serde_json::from_value(json!({
            "id": "main.okta", "name": "Okta", "scope": {"kind": "workspace"}, "tokens": [], "etags": true,
            "created_at": "2026-01-01T00:00:00Z",
        }))
        .unwrap()
    }

    fn patch(patch: Value) -> Result<ConnectionPatch, String> {
        let patch: ConnectionPatch = serde_json::from_value(patch).map_err(|error| error.to_string())?;
        patch.check().map_err(|problem| problem.detail)
    }

    #[test]
    fn a_patch_changes_what_it_names_and_nothing_else() {
        let mut changed = connection();
        patch(json!({})).unwrap().apply(&mut changed);
        assert_eq!(changed, connection());
        patch(json!({"name": " Entra ", "etags": false, "dialect": "interop-strict"}))
            .unwrap()
            .apply(&mut changed);
        let protocol = Protocol { dialect: Dialect::InteropStrict, ..Protocol::default() };
        let expect = Connection { name: "Entra".into(), etags: false, protocol, ..connection() };
        assert_eq!(changed, expect);
        patch(json!({"announces_cursors": true, "unknown_members": "skip"})).unwrap().apply(&mut changed);
        assert!(changed.protocol.announces_cursors);
        assert_eq!(changed.protocol.dialect, Dialect::InteropStrict);
        for bad in [
            json!({"dialect": "Rfc"}),
            json!({"unknown_members": "drop"}),
            json!({"name": " "}),
            json!({"schemas": []}),
        ] {
            assert!(patch(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_document_names_every_dialect() {
        let schema = serde_json::to_value(<DialectName as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(schema["enum"], json!(Dialect::ALL.map(Dialect::name)));
    }

    #[test]
    fn a_token_is_named_by_the_beginning_of_its_hash() {
        let token = IssuedToken::issue("usher_scim_secret", "2026-03-01T12:00:00Z".parse().unwrap(), None);
        let id = token_id(&token);
        assert_eq!(id.len(), 16);
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
