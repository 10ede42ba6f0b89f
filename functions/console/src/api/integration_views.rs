//! Integrations as the API writes and reads them.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use usher_domain::{
    Timestamp,
    integration::{Integration, Kind, Status},
    protocol::Protocol,
};
use usher_scim::Dialect;
use utoipa::ToSchema;

use super::{
    catalogue_views::CatalogueBody,
    connection_views::{DialectName, NewConnectionView, protocol_of, yes},
    guard_views::GuardsBody,
    names::UnknownMembersName,
    sync_views::SyncSettingsBody,
};
use crate::error::Problem;

/// How access to an integration is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = IntegrationKind)]
pub(crate) enum KindName {
    /// By shares with teams and people.
    BusinessHub,
    /// By its own SCIM connection: each active user there is a seat.
    IdLcm,
}

/// Whether work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = IntegrationStatus)]
pub(crate) enum StatusWord {
    /// Jobs run.
    Active,
    /// Jobs are kept until it is mended and resumed.
    Paused,
}

/// An integration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Integration)]
pub(crate) struct IntegrationView {
    /// Its id.
    pub(crate) id: String,
    /// The name that people see.
    name: String,
    /// How access to it is decided.
    kind: KindName,
    /// The SCIM connection that feeds an IdLCM integration.
    #[schema(required)]
    connection: Option<String>,
    /// The key of its connector.
    connector: String,
    /// The connector's settings.
    #[schema(value_type = Object)]
    config: Value,
    /// Whether credentials are stored. They are sealed and never answered.
    has_credentials: bool,
    /// What exists in the app.
    catalogue: CatalogueBody,
    /// The removal grace window, in seconds, where it differs from the workspace's.
    #[schema(required)]
    grace_seconds: Option<u32>,
    /// What holds work back that nobody may have meant.
    guards: GuardsBody,
    /// How it is kept in sync.
    sync: SyncSettingsBody,
    /// Whether work is done.
    status: StatusWord,
    /// Why it is paused.
    #[schema(required)]
    paused_reason: Option<String>,
    /// Since when it is paused.
    #[schema(required)]
    paused_since: Option<Timestamp>,
    /// Since when everybody is shown out, to disconnect it after them; null where nobody asked for that.
    #[schema(required)]
    disconnecting_since: Option<Timestamp>,
    /// Moves with every write.
    version: u64,
    /// When it was made.
    created_at: Timestamp,
}

impl From<Integration> for IntegrationView {
    fn from(integration: Integration) -> Self {
        let (kind, connection) = match integration.kind {
            Kind::BusinessHub => (KindName::BusinessHub, None),
            Kind::IdLcm { connection } => (KindName::IdLcm, Some(connection.into())),
        };
        let (status, paused_reason, paused_since) = match integration.status {
            Status::Active => (StatusWord::Active, None, None),
            Status::Paused { reason, since } => (StatusWord::Paused, Some(reason), Some(since)),
        };
        Self {
            id: integration.id.into(),
            name: integration.name,
            kind,
            connection,
            connector: integration.connector,
            config: integration.config,
            has_credentials: integration.sealed_credentials.is_some(),
            catalogue: integration.catalogue.into(),
            grace_seconds: integration.grace_seconds,
            guards: integration.guards.into(),
            sync: integration.sync.into(),
            status,
            paused_reason,
            paused_since,
            disconnecting_since: integration.disconnecting,
            version: integration.version,
            created_at: integration.created_at,
        }
    }
}

/// An integration that was made. For one of the IdLCM kind, with the connection's token, shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IntegrationCreated)]
pub(crate) struct CreatedView {
    /// The integration.
    pub(crate) integration: IntegrationView,
    /// The SCIM connection of an IdLCM integration, with its token.
    #[schema(required)]
    pub(crate) scim: Option<NewConnectionView>,
}

/// An integration that was resumed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IntegrationResumed)]
pub(crate) struct ResumedView {
    /// The integration.
    pub(super) integration: IntegrationView,
    /// How many jobs that waited for it were put back to work.
    pub(super) released: u64,
}

/// An integration to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntegrationCreate {
    /// The name that people see.
    #[schema(min_length = 1, max_length = 100, example = "Brand portfolio")]
    pub(super) name: String,
    /// How access to it is decided.
    pub(super) kind: KindName,
    /// The key of a connector of this installation.
    #[schema(example = "scim")]
    pub(super) connector: String,
    /// The connector's settings; nothing secret.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(super) config: Map<String, Value>,
    /// The app's credentials, as the connector wants them: a text, or an object. Sealed, and never answered.
    #[schema(value_type = Object)]
    pub(super) credentials: Option<Value>,
    /// What exists in the app.
    #[serde(default)]
    pub(super) catalogue: CatalogueBody,
    /// The removal grace window, in seconds, where it differs from the workspace's.
    #[schema(minimum = 0, maximum = 86400)]
    pub(super) grace_seconds: Option<u32>,
    /// What holds work back that nobody may have meant.
    #[serde(default)]
    pub(super) guards: GuardsBody,
    /// How to make the connection of an IdLCM integration.
    pub(super) connection: Option<GatewayCreate>,
}

/// The connection of an IdLCM integration.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GatewayCreate {
    /// The part of the id after the workspace; drawn where it is left out.
    pub(super) slug: Option<String>,
    /// Whether entity tags are announced and honoured.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub(super) etags: bool,
    /// How far its client may stray from the RFCs; `tolerant` where it is left out.
    #[serde(default)]
    #[schema(value_type = Option<DialectName>)]
    dialect: Dialect,
    /// Whether cursors (RFC 9865) are announced. Some clients reject the announcement.
    #[serde(default)]
    announces_cursors: bool,
    /// What a group's write does about a member who is no user of the connection.
    #[serde(default)]
    unknown_members: UnknownMembersName,
}

impl Default for GatewayCreate {
    fn default() -> Self {
        Self {
            slug: None,
            etags: true,
            dialect: Dialect::default(),
            announces_cursors: false,
            unknown_members: UnknownMembersName::default(),
        }
    }
}

impl GatewayCreate {
    /// How the client speaks.
    pub(super) fn protocol(&self) -> Protocol {
        protocol_of(self.dialect, self.announces_cursors, self.unknown_members)
    }
}

/// What to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntegrationPatch {
    /// The name that people see.
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) name: Option<String>,
    /// The connector's settings; replaces all of them.
    #[schema(value_type = Object)]
    pub(crate) config: Option<Map<String, Value>>,
    /// New credentials. Sealed, and never answered.
    #[schema(value_type = Object)]
    pub(crate) credentials: Option<Value>,
    /// What exists in the app; replaces all of it.
    pub(crate) catalogue: Option<CatalogueBody>,
    /// The removal grace window, in seconds; null for the workspace's.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 86400)]
    pub(crate) grace_seconds: Option<Option<u32>>,
    /// What holds work back that nobody may have meant; replaces all of it.
    pub(crate) guards: Option<GuardsBody>,
    /// How it is kept in sync; what is left out stays.
    pub(crate) sync: Option<SyncSettingsBody>,
}

/// Tells null from left out.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Why to pause.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseBody {
    /// The reason that people see.
    #[schema(max_length = 100)]
    pub(crate) reason: Option<String>,
}

/// The secret's text for the sealer.
pub(super) fn credentials_text(credentials: Value) -> Result<String, Problem> {
    match credentials {
        Value::String(text) if !text.is_empty() => Ok(text),
        Value::Object(fields) if !fields.is_empty() => Ok(Value::Object(fields).to_string()),
        _ => Err(Problem::invalid("/credentials", "give a text or an object that is not empty")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_clears_the_grace_window_and_leaving_it_out_does_not() {
        let patch = |text: &str| serde_json::from_str::<IntegrationPatch>(text).unwrap().grace_seconds;
        assert_eq!(patch("{}"), None);
        assert_eq!(patch(r#"{"grace_seconds": null}"#), Some(None));
        assert_eq!(patch(r#"{"grace_seconds": 60}"#), Some(Some(60)));
    }

    #[test]
    fn credentials_are_never_answered() {
        let integration: Integration = serde_json::from_value(serde_json::json!({
            "id": "hub", "workspace": "main", "name": "Hub", "kind": {"kind": "business_hub"},
            "connector": "scim", "config": {}, "sealed_credentials": "sealed-text", "version": 1,
            "created_at": "2026-01-01T00:00:00Z"
        }))
        .unwrap();
        let view = serde_json::to_string(&IntegrationView::from(integration)).unwrap();
        assert!(view.contains("\"has_credentials\":true") && !view.contains("sealed-text"), "{view}");
    }
}
