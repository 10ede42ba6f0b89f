//! What a first start makes: a workspace, a SCIM connection, an API key, and for the demo a business hub
//! whose app is simulated. A first start that was cut short is made good by the next.

use serde_json::json;
use usher_aws::system::SystemIds;
use usher_domain::{
    change::Actor,
    directory::Scope,
    guard::Guards,
    id::{ConnectionId, IntegrationId, WorkspaceId},
    integration::{AppEntitlement, AppRole, Catalogue, Integration},
    ports::{AdminWrite, Ids, SealedFor, StoreError, StoreResult},
    token::token_text,
    workspace::WorkspaceRole,
};
use usher_fn_console::{
    App,
    provisioning::{self, ConnectionForm, NewIntegration, NewKind},
};

use crate::data::Access;

/// The demo's hub.
pub const DEMO_HUB: &str = "social";
/// Where the simulated apps are served.
pub const APPS_PATH: &str = "/apps";
/// Where the demo's app is served.
pub const DEMO_APP_PATH: &str = "/apps/social";

/// Makes what a first start makes.
///
/// # Errors
/// When the store does not answer.
pub async fn seed(app: &App, demo: bool) -> StoreResult<Access> {
    let (workspace_id, name) = if demo { ("demo", "Demo") } else { ("main", "Main") };
    let workspace: WorkspaceId = workspace_id.parse().map_err(defect)?;
    allow_existing(provisioning::create_workspace(app, &workspace, name).await)?;

    let connection = ConnectionId::new(&workspace, "idp").map_err(defect)?;
    let scim_token = issue_connection(app, connection.clone()).await?;
    let api_token =
        provisioning::create_api_key(app, &workspace, "Laptop", WorkspaceRole::Owner, None).await?;
    let app_token = demo.then(|| token_text("app", SystemIds.secret()));
    if let Some(app_token) = &app_token {
        make_demo_hub(app, &workspace, app_token).await?;
    }
    Ok(Access {
        workspace: workspace.to_string(),
        connection: connection.to_string(),
        scim_token,
        api_token,
        app_token,
        origin: app.origin.clone(),
    })
}

/// The connection's token, whether or not the connection was made before: by a start that was cut short, so
/// that nobody was told its token.
async fn issue_connection(app: &App, id: ConnectionId) -> StoreResult<String> {
    let name = "Identity provider";
    let form = ConnectionForm::new(id.clone(), name, Scope::Workspace);
    match provisioning::create_connection(app, form).await {
        Ok(made) => Ok(made.token),
        Err(StoreError::Conflict { .. }) => {
            let token = token_text("usher_scim", app.ids.secret());
            let stored = app.store.connection(&id).await?;
            let mut connection = stored.ok_or(StoreError::Missing { what: "the connection" })?;
            let now = app.clock.now();
            connection.tokens = vec![usher_domain::token::IssuedToken::issue(&token, now, None)];
            app.store.put_connection(&connection, AdminWrite::Replace).await?;
            Ok(token)
        }
        Err(error) => Err(error),
    }
}

async fn make_demo_hub(app: &App, workspace: &WorkspaceId, app_token: &str) -> StoreResult<()> {
    let role = |key: &str, name: &str, rank| AppRole {
        key: key.to_owned(),
        name: name.to_owned(),
        exclusion_group: Some("role".to_owned()),
        rank,
    };
    let id: IntegrationId = DEMO_HUB.parse().map_err(defect)?;
    let new = NewIntegration {
        id: Some(id.clone()),
        name: "Acme Social".to_owned(),
        kind: NewKind::BusinessHub,
        connector: "scim".to_owned(),
        config: demo_config(&app.origin),
        credentials: Some(json!({ "bearer_token": app_token }).to_string()),
        catalogue: Catalogue {
            roles: vec![
                role("viewer", "Viewer", 1),
                role("editor", "Editor", 2),
                role("admin", "Administrator", 3),
            ],
            entitlements: vec![AppEntitlement {
                value: "ads-studio".to_owned(),
                name: "Ads Studio".to_owned(),
            }],
            ..Catalogue::default()
        },
        // A demo is watched: a removal should be seen within it.
        grace_seconds: Some(5),
        guards: Guards::default(),
    };
    let actor = Actor::Usher;
    match provisioning::create_integration(app, workspace, new, &actor).await {
        Ok(_) => Ok(()),
        Err(StoreError::Conflict { .. }) => {
            let sealed = app
                .sealer
                .seal(SealedFor::Integration(&id), &json!({ "bearer_token": app_token }).to_string())
                .await?;
            change_demo_hub(app, workspace, |hub| hub.sealed_credentials = Some(sealed)).await
        }
        Err(error) => Err(error),
    }
}

fn demo_config(origin: &str) -> serde_json::Value {
    json!({
        "base_url": format!("{origin}{DEMO_APP_PATH}/scim/v2"),
        "roles": { "as": "roles_attribute" },
        "entitlements": { "as": "entitlements_attribute" },
    })
}

/// Tells the demo's hub where its app is, after a start on another port.
///
/// # Errors
/// When the store does not answer.
pub async fn move_demo_hub(app: &App, access: &Access) -> StoreResult<()> {
    let workspace: WorkspaceId = access.workspace.parse().map_err(defect)?;
    let config = demo_config(&app.origin);
    change_demo_hub(app, &workspace, |hub| hub.config = config).await
}

async fn change_demo_hub(
    app: &App,
    workspace: &WorkspaceId,
    change: impl FnOnce(&mut Integration),
) -> StoreResult<()> {
    let id: IntegrationId = DEMO_HUB.parse().map_err(defect)?;
    let stored = app.store.integration(workspace, &id).await?;
    let (mut hub, _) = stored.ok_or(StoreError::Missing { what: "the demo's hub" })?;
    change(&mut hub);
    hub.version += 1;
    app.store.put_integration(&hub, AdminWrite::Replace).await
}

fn allow_existing<T>(made: StoreResult<T>) -> StoreResult<()> {
    match made {
        Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn defect(source: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Defect { during: "making the first workspace", source: source.into() }
}
