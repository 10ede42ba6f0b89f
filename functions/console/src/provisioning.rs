//! Making what somebody needs to begin: workspaces, API keys, connections, integrations and sign-in links.
//! The API, the operator's commands and the first start on a laptop use the same functions.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::Value;
use usher_domain::{
    activity::{Activity, Event},
    admission::Admission,
    change::Actor,
    directory::{Connection, Scope},
    guard::Guards,
    id::{ApiKeyId, ConnectionId, IntegrationId, PersonId, WorkspaceId},
    integration::{Catalogue, Integration, Kind, Status},
    ports::{Admin, AdminWrite, Clock, Ids, SealedFor, StoreError, StoreResult},
    protocol::Protocol,
    sign_in::SignInLink,
    token::{IssuedToken, token_text},
    workspace::{ApiKey, Workspace, WorkspaceRole},
};

use crate::{
    App,
    auth::{Caller, Credential},
};

/// What the text of every SCIM token begins with.
const SCIM_TOKEN_PREFIX: &str = "usher_scim";

/// A SCIM connection with the token that is shown this once.
#[derive(Clone)]
pub struct NewConnection {
    /// The connection as it is stored.
    pub connection: Connection,
    /// The token's text; only its hash is kept.
    pub token: String,
    /// Where the identity provider is pointed at.
    pub base_url: String,
}

/// What a SCIM connection begins with.
#[derive(Clone)]
pub struct ConnectionForm {
    /// Its id.
    pub id: ConnectionId,
    /// The name that people see.
    pub name: String,
    /// What it feeds.
    pub scope: Scope,
    /// Whether entity tags are announced and honoured.
    pub etags: bool,
    /// How its client speaks.
    pub protocol: Protocol,
    /// How long its first token is valid; until it is deleted where it is `None`.
    pub token_valid_for: Option<SignedDuration>,
}

impl ConnectionForm {
    /// A connection with entity tags for any known client, with a token that lasts.
    pub fn new(id: ConnectionId, name: &str, scope: Scope) -> Self {
        Self {
            id,
            name: name.to_owned(),
            scope,
            etags: true,
            protocol: Protocol::default(),
            token_valid_for: None,
        }
    }
}

/// What an integration begins with.
#[derive(Clone)]
pub struct NewIntegration {
    /// Its id; a new one where it is not given.
    pub id: Option<IntegrationId>,
    /// The name that people see.
    pub name: String,
    /// How access to it is decided.
    pub kind: NewKind,
    /// The key of its connector.
    pub connector: String,
    /// The connector's settings; nothing secret.
    pub config: Value,
    /// The app's credentials; sealed before they are stored.
    pub credentials: Option<String>,
    /// What exists in the app.
    pub catalogue: Catalogue,
    /// The removal grace window, where it differs from the workspace's.
    pub grace_seconds: Option<u32>,
    /// What holds work back that nobody may have meant.
    pub guards: Guards,
}

/// How access to a new integration is decided.
#[derive(Clone)]
pub enum NewKind {
    /// By shares.
    BusinessHub,
    /// By its own SCIM connection, which is made with it.
    IdLcm {
        /// The connection's id.
        connection: ConnectionId,
        /// Whether the connection announces entity tags.
        etags: bool,
        /// How its client speaks.
        protocol: Protocol,
    },
}

/// What it takes to let somebody in: less than the whole app, so that an operator without the console's rights can.
pub struct Desk<'a> {
    /// The store.
    pub store: &'a dyn Admin,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub ids: &'a dyn Ids,
    /// Where browsers reach the installation.
    pub origin: &'a str,
}

impl<'a> From<&'a App> for Desk<'a> {
    fn from(app: &'a App) -> Self {
        let App { store, clock, ids, origin, .. } = app;
        Self { store: store.as_ref(), clock: clock.as_ref(), ids: ids.as_ref(), origin }
    }
}

impl<'a> From<&'a Arc<App>> for Desk<'a> {
    fn from(app: &'a Arc<App>) -> Self {
        app.as_ref().into()
    }
}

/// Makes a workspace.
///
/// # Errors
/// `Conflict` when it exists.
pub async fn create_workspace<'a>(
    desk: impl Into<Desk<'a>>,
    id: &WorkspaceId,
    name: &str,
) -> StoreResult<Workspace> {
    let desk = desk.into();
    let workspace = Workspace::new(id.clone(), name, desk.clock.now());
    desk.store.put_workspace(&workspace, AdminWrite::Create).await?;
    Ok(workspace)
}

/// Makes an API key that stands for nobody, and answers its text, which is shown this once.
///
/// # Errors
/// When the store does not take it.
pub async fn create_api_key(
    app: &App,
    workspace: &WorkspaceId,
    name: &str,
    role: WorkspaceRole,
    valid_for: Option<SignedDuration>,
) -> StoreResult<String> {
    let (_, text) = new_api_key(app, workspace, name, role, None, valid_for).await?;
    Ok(text)
}

/// Makes an API key, and answers it with its text, which is shown this once.
pub(crate) async fn new_api_key(
    app: &App,
    workspace: &WorkspaceId,
    name: &str,
    role: WorkspaceRole,
    person: Option<PersonId>,
    valid_for: Option<SignedDuration>,
) -> StoreResult<(ApiKey, String)> {
    let credential = Credential::new(workspace, app.ids.as_ref());
    let text = credential.api_key_text();
    let now = app.clock.now();
    let key = ApiKey {
        id: ApiKeyId::try_from(credential.id).map_err(defect("making an API key"))?,
        workspace: workspace.clone(),
        name: name.to_owned(),
        role,
        person,
        token: IssuedToken::issue(&text, now, valid_for.map(|valid_for| now + valid_for)),
    };
    app.store.put_api_key(&key).await?;
    Ok((key, text))
}

/// Makes a link that signs one browser in, once, for nobody of the directory.
///
/// # Errors
/// When the store does not take it.
pub async fn create_sign_in_link<'a>(
    desk: impl Into<Desk<'a>>,
    workspace: &WorkspaceId,
    name: &str,
    role: WorkspaceRole,
    valid_for: SignedDuration,
) -> StoreResult<String> {
    new_sign_in_link(desk.into(), workspace, name, role, None, valid_for).await
}

/// Makes a link that signs one browser in, once.
pub(crate) async fn new_sign_in_link(
    desk: Desk<'_>,
    workspace: &WorkspaceId,
    name: &str,
    role: WorkspaceRole,
    person: Option<PersonId>,
    valid_for: SignedDuration,
) -> StoreResult<String> {
    let credential = Credential::new(workspace, desk.ids);
    let now = desk.clock.now();
    let link = SignInLink {
        workspace: workspace.clone(),
        name: name.to_owned(),
        role,
        person,
        token: IssuedToken::issue(credential.text(), now, Some(now + valid_for)),
    };
    desk.store.put_sign_in_link(&link, &credential.id).await?;
    Ok(format!("{}/sign-in?link={}", desk.origin, credential.text()))
}

/// Makes a SCIM connection with its first token.
///
/// # Errors
/// `Conflict` when a connection has this id.
pub async fn create_connection(app: &App, form: ConnectionForm) -> StoreResult<NewConnection> {
    let (token, issued) = new_scim_token(app, form.token_valid_for);
    let connection = Connection {
        id: form.id,
        name: form.name,
        scope: form.scope,
        tokens: vec![issued],
        etags: form.etags,
        admission: Admission::default(),
        protocol: form.protocol,
        version: 0,
        connected_at: None,
        closed_at: None,
        created_at: app.clock.now(),
    };
    app.store.put_connection(&connection, AdminWrite::Create).await?;
    let base_url = app.scim_base_url(&connection.id);
    Ok(NewConnection { connection, token, base_url })
}

/// Makes an integration, and for one of the IdLCM kind its SCIM connection.
///
/// # Errors
/// `Conflict` when the integration or the connection exists.
pub async fn create_integration(
    app: &App,
    workspace: &WorkspaceId,
    new: NewIntegration,
    actor: &Actor,
) -> StoreResult<(Integration, Option<NewConnection>)> {
    let id = new.id.unwrap_or_else(|| IntegrationId::from(app.ids.uuid()));
    let sealed_credentials = match &new.credentials {
        Some(secret) => Some(app.sealer.seal(SealedFor::Integration(&id), secret).await?),
        None => None,
    };
    // The connection first: should the second write fail, a connection is left whose token nobody was
    // shown, and not an integration that nobody can feed.
    let (kind, connection) = match new.kind {
        NewKind::BusinessHub => (Kind::BusinessHub, None),
        NewKind::IdLcm { connection, etags, protocol } => {
            let scope = Scope::Integration { id: id.clone() };
            let form = ConnectionForm::new(connection.clone(), &new.name, scope);
            let made = create_connection(app, ConnectionForm { etags, protocol, ..form }).await?;
            (Kind::IdLcm { connection }, Some(made))
        }
    };
    let integration = Integration {
        id,
        workspace: workspace.clone(),
        name: new.name,
        kind,
        connector: new.connector,
        config: new.config,
        sealed_credentials,
        catalogue: new.catalogue,
        grace_seconds: new.grace_seconds,
        guards: new.guards,
        sync: Default::default(),
        disconnecting: None,
        status: Status::Active,
        version: 1,
        created_at: app.clock.now(),
    };
    app.store.put_integration(&integration, AdminWrite::Create).await?;
    if let Some(NewConnection { connection, .. }) = &connection {
        let told = activity_of(app, connection, Event::ConnectionCreated, &connection.name, actor);
        if let Some(activity) = told {
            app.store.tell(&activity).await?;
        }
    }
    Ok((integration, connection))
}

/// A token for a SCIM connection: its text, and what is kept of it.
pub(crate) fn new_scim_token(app: &App, valid_for: Option<SignedDuration>) -> (String, IssuedToken) {
    let text = token_text(SCIM_TOKEN_PREFIX, app.ids.secret());
    let now = app.clock.now();
    let issued = IssuedToken::issue(&text, now, valid_for.map(|valid_for| now + valid_for));
    (text, issued)
}

/// What happened to a connection or to something of it, for the Activity tab of the integration that it feeds. There is none
/// where it feeds the workspace.
pub(crate) fn activity_of(
    app: &App,
    connection: &Connection,
    event: Event,
    target: &str,
    actor: &Actor,
) -> Option<Activity> {
    let Scope::Integration { id } = &connection.scope else {
        return None;
    };
    Some(Activity {
        id: app.ids.uuid().to_string(),
        workspace: connection.id.workspace().clone(),
        integration: id.clone(),
        at: app.clock.now(),
        actor: actor.clone(),
        event,
        target: target.to_owned(),
        job: None,
    })
}

/// Writes to the log who changed a connection: one that feeds the workspace has no Activity tab.
pub(crate) fn log_change(caller: &Caller, connection: &Connection, event: Event) {
    tracing::info!(
        correlation_id = caller.correlation_id,
        connection = %connection.id,
        actor = caller.name,
        event = event.label(),
        "a SCIM connection was changed"
    );
}

fn defect<E>(during: &'static str) -> impl FnOnce(E) -> StoreError
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |source| StoreError::Defect { during, source: Box::new(source) }
}
