//! Shares: who a business hub is shared with, and as what. A hub is shared with each team and person once,
//! so the address of a share is whom it is with.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{Json as Reply, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    change::{Change, Subject},
    directory::Scope,
    id::{ChangeId, ConnectionId, IntegrationId, PersonId, TeamId},
    integration::{Catalogue, Integration, Kind},
    share::{AppAccess, HubRole, Principal, Share},
};
use utoipa::ToSchema;

use super::{
    disconnect::check_stays,
    extract::{Json, Path},
    integrations::read,
    names::HubRoleName,
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::Listed,
    permission::{Action, Standing},
};

/// What a share gives in the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = AppAccess)]
pub(crate) enum AppAccessBody {
    /// A seat with roles, permissions, assets and entitlements.
    Invite {
        /// Keys of app roles and permissions of the integration's catalogue.
        #[serde(default)]
        roles: BTreeSet<String>,
        /// Permissions per asset.
        #[serde(default)]
        assets: BTreeMap<String, BTreeSet<String>>,
        /// Value strings of entitlements of the integration's catalogue.
        #[serde(default)]
        entitlements: BTreeSet<String>,
    },
    /// The hub in Usher, and no seat.
    HubOnly,
}

/// A share to make or replace.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SharePut {
    /// What they may do with the hub in Usher; `collaborator` where it is left out.
    #[serde(default = "collaborator")]
    #[schema(default = "collaborator")]
    pub(crate) hub_role: HubRoleName,
    /// What they get in the app.
    pub(crate) app_access: AppAccessBody,
}

pub(super) fn collaborator() -> HubRoleName {
    HubRoleName::Collaborator
}

/// With whom a hub is shared.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PrincipalKind)]
pub(crate) enum PrincipalName {
    /// Everybody in a team.
    Team,
    /// One person.
    Person,
}

/// A share.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Share)]
pub(crate) struct ShareView {
    /// Its id, derived from whom it is with.
    id: String,
    /// With what kind of principal.
    principal_kind: PrincipalName,
    /// The team's or the person's id.
    principal_id: String,
    /// What they may do with the hub in Usher.
    hub_role: HubRoleName,
    /// What they get in the app.
    app_access: AppAccessBody,
    /// When it was made.
    created_at: Timestamp,
}

impl From<Share> for ShareView {
    fn from(share: Share) -> Self {
        let (principal_kind, principal_id) = match share.principal {
            Principal::Team(id) => (PrincipalName::Team, id.into()),
            Principal::Person(id) => (PrincipalName::Person, id.into()),
        };
        let app_access = match share.app_access {
            AppAccess::HubOnly => AppAccessBody::HubOnly,
            AppAccess::Invite { roles, assets, entitlements } => {
                AppAccessBody::Invite { roles, assets, entitlements }
            }
        };
        Self {
            id: share.id.into(),
            principal_kind,
            principal_id,
            hub_role: share.hub_role.into(),
            app_access,
            created_at: share.created_at,
        }
    }
}

/// Shares of a hub
#[utoipa::path(get, path = "/integrations/{integration}/shares", tag = "Shares", operation_id = "listShares",
    params(("integration" = String, Path, description = "The hub's id.")),
    responses((status = 200, description = "All shares of the hub.", body = Listed<ShareView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
) -> Result<Reply<Listed<ShareView>>, Problem> {
    caller.may_in(&app, Action::ReadIntegrations, &id).await?;
    let (_, shares) = read(&app, &caller, &id).await?;
    Ok(Reply(Listed::whole(shares, ShareView::from)))
}

/// Share a hub with a team
///
/// Makes the share, or replaces the one with this team. Everybody in the team is planned anew.
#[utoipa::path(put, path = "/integrations/{integration}/shares/teams/{team}", tag = "Shares", operation_id = "putTeamShare",
    params(
        ("integration" = String, Path, description = "The hub's id."),
        ("team" = String, Path, description = "The team's id."),
    ),
    request_body = SharePut,
    responses((status = 200, description = "The share.", body = ShareView)))]
pub(crate) async fn put_team(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, team)): Path<(IntegrationId, TeamId)>,
    Json(body): Json<SharePut>,
) -> Result<Reply<ShareView>, Problem> {
    caller.act.is("putTeamShare", format!("/integrations/{id}/shares/teams/{team}"));
    let standing = caller.may_in(&app, Action::Share, &id).await?;
    let found = app.store.team(&caller.workspace, &team).await?.filter(|team| team.deleted_at.is_none());
    let found = found.ok_or_else(|| Problem::not_found("this team"))?;
    check_directory(&app, &found.connection).await?;
    put(&app, &caller, standing, &id, Principal::Team(team), body).await
}

/// Share a hub with a person
///
/// Makes the share, or replaces the one with this person.
#[utoipa::path(put, path = "/integrations/{integration}/shares/people/{person}", tag = "Shares", operation_id = "putPersonShare",
    params(
        ("integration" = String, Path, description = "The hub's id."),
        ("person" = String, Path, description = "The person's id."),
    ),
    request_body = SharePut,
    responses((status = 200, description = "The share.", body = ShareView)))]
pub(crate) async fn put_person(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, person)): Path<(IntegrationId, PersonId)>,
    Json(body): Json<SharePut>,
) -> Result<Reply<ShareView>, Problem> {
    caller.act.is("putPersonShare", format!("/integrations/{id}/shares/people/{person}"));
    let standing = caller.may_in(&app, Action::Share, &id).await?;
    let found = app.store.person(&caller.workspace, &person).await?;
    let found = found.filter(|person| person.deleted_at.is_none());
    let found = found.ok_or_else(|| Problem::not_found("this person"))?;
    check_directory(&app, &found.connection).await?;
    put(&app, &caller, standing, &id, Principal::Person(person), body).await
}

/// End the share with a team
#[utoipa::path(delete, path = "/integrations/{integration}/shares/teams/{team}", tag = "Shares", operation_id = "deleteTeamShare",
    params(
        ("integration" = String, Path, description = "The hub's id."),
        ("team" = String, Path, description = "The team's id."),
    ),
    responses((status = 204, description = "The share is gone; its effects are being undone.")))]
pub(crate) async fn delete_team(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, team)): Path<(IntegrationId, TeamId)>,
) -> Result<StatusCode, Problem> {
    delete(&app, &caller, &id, Principal::Team(team)).await
}

/// End the share with a person
#[utoipa::path(delete, path = "/integrations/{integration}/shares/people/{person}", tag = "Shares", operation_id = "deletePersonShare",
    params(
        ("integration" = String, Path, description = "The hub's id."),
        ("person" = String, Path, description = "The person's id."),
    ),
    responses((status = 204, description = "The share is gone; its effects are being undone.")))]
pub(crate) async fn delete_person(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, person)): Path<(IntegrationId, PersonId)>,
) -> Result<StatusCode, Problem> {
    delete(&app, &caller, &id, Principal::Person(person)).await
}

async fn put(
    app: &App,
    caller: &Caller,
    standing: Standing,
    id: &IntegrationId,
    principal: Principal,
    body: SharePut,
) -> Result<Reply<ShareView>, Problem> {
    let (integration, shares) = read(app, caller, id).await?;
    check_hub(&integration)?;
    let app_access = check_access(body.app_access, &integration.catalogue)?;
    let share_id = principal.share_id();
    let before = shares.iter().find(|share| share.id == share_id);
    let hub_role = body.hub_role.into();
    check_standing(standing, before, Some((hub_role, &app_access)))?;
    caller.act.before(&before.cloned().map(ShareView::from));
    let share = Share {
        created_at: before.map_or_else(|| app.clock.now(), |before| before.created_at),
        id: share_id,
        integration: id.clone(),
        principal,
        hub_role,
        app_access,
    };
    let change = change(app, caller, id, &share.principal);
    app.store.put_share(&caller.workspace, &share, &change).await?;
    let view = ShareView::from(share);
    caller.act.after(&view);
    Ok(Reply(view))
}

async fn delete(
    app: &App,
    caller: &Caller,
    id: &IntegrationId,
    principal: Principal,
) -> Result<StatusCode, Problem> {
    let (operation, target) = match &principal {
        Principal::Team(team) => ("deleteTeamShare", format!("/integrations/{id}/shares/teams/{team}")),
        Principal::Person(person) => {
            ("deletePersonShare", format!("/integrations/{id}/shares/people/{person}"))
        }
    };
    caller.act.is(operation, target);
    let standing = caller.may_in(app, Action::Share, id).await?;
    let (_, shares) = read(app, caller, id).await?;
    let before = shares.into_iter().find(|share| share.principal == principal);
    check_standing(standing, before.as_ref(), None)?;
    caller.act.before(&before.map(ShareView::from));
    let change = change(app, caller, id, &principal);
    app.store.delete_share(&caller.workspace, id, &principal.share_id(), &change).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn change(app: &App, caller: &Caller, integration: &IntegrationId, principal: &Principal) -> Change {
    let integration = integration.clone();
    let subject = match principal {
        Principal::Team(team) => Subject::TeamShare { integration, team: team.clone(), after: None },
        Principal::Person(person) => Subject::PersonShare { integration, person: person.clone() },
    };
    let id = ChangeId::from(app.ids.uuid());
    Change::new(id, caller.workspace.clone(), subject, caller.cause(app.clock.now()))
}

/// Whoever shares and sets roles without owning the hub gives no hub role above their own, takes none, and leaves assets as
/// they are.
fn check_standing(
    standing: Standing,
    before: Option<&Share>,
    after: Option<(HubRole, &AppAccess)>,
) -> Result<(), Problem> {
    if standing.permits(Action::ManageIntegrations) {
        return Ok(());
    }
    let given = before.map(|share| share.hub_role).max(after.map(|(role, _)| role));
    if given > standing.hub {
        return Err(Problem::forbidden(
            "a hub's Manager may not give or take the hub role Owner; ask the hub's Owner or an Admin",
        ));
    }
    let assets = |access: &AppAccess| match access {
        AppAccess::Invite { assets, .. } => assets.clone(),
        AppAccess::HubOnly => BTreeMap::new(),
    };
    let had = before.map(|share| assets(&share.app_access)).unwrap_or_default();
    if after.is_some_and(|(_, access)| assets(access) != had) {
        return Err(Problem::forbidden(
            "a hub's Manager shares and sets roles; ask the hub's Owner or an Admin to give or take assets",
        ));
    }
    Ok(())
}

/// Only business hubs are shared, and none that is being disconnected.
pub(crate) fn check_hub(integration: &Integration) -> Result<(), Problem> {
    match &integration.kind {
        Kind::BusinessHub => check_stays(integration),
        Kind::IdLcm { .. } => Err(Problem::conflict(format!(
            "{} is not a business hub: its access comes from its own SCIM connection; assign people there",
            integration.name
        ))),
    }
}

/// A share as its body puts it, without a look at the catalogue.
pub(super) fn plain_access(body: AppAccessBody) -> AppAccess {
    match body {
        AppAccessBody::HubOnly => AppAccess::HubOnly,
        AppAccessBody::Invite { roles, assets, entitlements } => {
            AppAccess::Invite { roles, assets, entitlements }
        }
    }
}

/// Hubs are shared with people and teams of the workspace, not with those of one IdLCM integration.
pub(super) async fn check_directory(app: &App, connection: &ConnectionId) -> Result<(), Problem> {
    match app.store.connection(connection).await?.map(|connection| connection.scope) {
        Some(Scope::Integration { id }) => Err(Problem::conflict(format!(
            "this belongs to integration {id} alone; share with a person or team of the workspace"
        ))),
        Some(Scope::Workspace) | None => Ok(()),
    }
}

/// What the share gives, if the app has it.
fn check_access(body: AppAccessBody, catalogue: &Catalogue) -> Result<AppAccess, Problem> {
    let AppAccessBody::Invite { roles, assets, entitlements } = body else {
        return Ok(AppAccess::HubOnly);
    };
    let known: Vec<&str> = catalogue.roles.iter().map(|role| role.key.as_str()).collect();
    check_known("/app_access/roles", "role", &roles, &known)?;
    let known: Vec<&str> = catalogue.entitlements.iter().map(|known| known.value.as_str()).collect();
    check_known("/app_access/entitlements", "entitlement", &entitlements, &known)?;
    Ok(AppAccess::Invite { roles, assets, entitlements })
}

fn check_known(field: &str, what: &str, given: &BTreeSet<String>, known: &[&str]) -> Result<(), Problem> {
    let Some(unknown) = given.iter().find(|given| !known.contains(&given.as_str())) else {
        return Ok(());
    };
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let detail = format!(
        "the app has no {what} `{unknown}`; the integration's catalogue has: {known}. \
         Use one of these, or add it to the catalogue first"
    );
    Err(Problem::invalid(field, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> AppAccessBody {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_share_gives_only_what_the_app_has() {
        let catalogue: Catalogue = serde_json::from_str(
            r#"{"roles": [{"key": "editor", "name": "Editor"}], "entitlements": [{"value": "Beta", "name": "b"}]}"#,
        )
        .unwrap();
        let invite = body(r#"{"kind": "invite", "roles": ["editor"], "entitlements": ["Beta"]}"#);
        assert!(check_access(invite, &catalogue).is_ok());
        let unknown =
            check_access(body(r#"{"kind": "invite", "roles": ["owner"]}"#), &catalogue).unwrap_err();
        assert_eq!(unknown.errors[0].field, "/app_access/roles");
        assert!(unknown.detail.contains("editor"), "{}", unknown.detail);
        assert_eq!(check_access(AppAccessBody::HubOnly, &catalogue), Ok(AppAccess::HubOnly));
    }

    #[test]
    fn access_is_strict_too() {
        let wrong = serde_json::from_str::<AppAccessBody>(r#"{"kind": "invite", "rolls": []}"#);
        assert!(wrong.unwrap_err().to_string().contains("rolls"));
    }
}
