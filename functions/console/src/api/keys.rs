//! The keys of the admin API. One is answered once, when it is made.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use usher_domain::{
    Timestamp,
    id::{ApiKeyId, PersonId},
    workspace::{ApiKey, WorkspaceRole},
};
use utoipa::ToSchema;

use super::{
    check_name,
    connections::check_validity,
    extract::{Json, Path},
    names::WorkspaceRoleName,
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::Listed,
    permission::{Action, role_label},
    provisioning,
};

/// An API key, without its text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct KeyView {
    /// Its id.
    pub(crate) id: String,
    /// What it is for.
    pub(crate) name: String,
    /// The role that it acts with; where it stands for a person, never more than that person's.
    pub(crate) role: WorkspaceRoleName,
    /// The person of the directory that it stands for.
    #[schema(required)]
    pub(crate) person: Option<String>,
    /// The last four characters of its text.
    pub(crate) hint: String,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// When it ends; null where it lasts until it is revoked.
    #[schema(required)]
    pub(crate) expires_at: Option<Timestamp>,
}

impl From<ApiKey> for KeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.into(),
            name: key.name,
            role: key.role.into(),
            person: key.person.map(Into::into),
            hint: key.token.hint,
            created_at: key.token.created_at,
            expires_at: key.token.expires_at,
        }
    }
}

/// A key with its text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewApiKey)]
pub(crate) struct NewKeyView {
    /// The key.
    pub(crate) key: KeyView,
    /// Its text. Copy it now: only its hash is kept.
    pub(crate) token: String,
}

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApiKeyCreate)]
pub(crate) struct KeyCreate {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) name: String,
    /// The role that it acts with, no higher than the caller's.
    pub(crate) role: WorkspaceRoleName,
    /// The person of the directory that it stands for: it then has this person's hubs, and ends with the person.
    #[schema(value_type = Option<String>)]
    pub(crate) person: Option<PersonId>,
    /// How long it is valid, in seconds; until it is revoked where it is left out.
    #[schema(minimum = 60)]
    pub(crate) token_valid_seconds: Option<u32>,
}

/// API keys
#[utoipa::path(get, path = "/api-keys", tag = "Members", operation_id = "listApiKeys",
    responses((status = 200, description = "All keys.", body = Listed<KeyView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Reply<Listed<KeyView>>, Problem> {
    caller.may(Action::ManageKeys)?;
    let keys = app.store.api_keys(&caller.workspace).await?;
    Ok(Reply(Listed::whole(keys, KeyView::from)))
}

/// Create an API key
#[utoipa::path(post, path = "/api-keys", tag = "Members", operation_id = "createApiKey",
    request_body = KeyCreate,
    responses((status = 201, description = "The key, with its text.", body = NewKeyView)))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<KeyCreate>,
) -> Result<(StatusCode, Reply<NewKeyView>), Problem> {
    caller.may(Action::ManageKeys)?;
    let name = check_name("/name", &body.name)?;
    let valid_for = check_validity(body.token_valid_seconds)?;
    let role = WorkspaceRole::from(body.role);
    check_rank(&caller, role)?;
    if let Some(person) = &body.person {
        let found = app.store.person(&caller.workspace, person).await?;
        found
            .filter(|person| person.deleted_at.is_none())
            .ok_or_else(|| Problem::not_found("this person"))?;
        // It acts as the person, whose role may become higher than it is now.
        let member = app.store.member(&caller.workspace, person).await?;
        check_rank(&caller, member.map_or(WorkspaceRole::User, |member| member.role))?;
    }
    let workspace = &caller.workspace;
    let (key, token) =
        provisioning::new_api_key(&app, workspace, &name, role, body.person, valid_for).await?;
    let key = KeyView::from(key);
    caller.act.after(&key);
    Ok((StatusCode::CREATED, Reply(NewKeyView { key, token })))
}

/// Revoke an API key
///
/// It is not accepted any more, at once.
#[utoipa::path(delete, path = "/api-keys/{key}", tag = "Members", operation_id = "deleteApiKey",
    params(("key" = String, Path, description = "The key's id.")),
    responses((status = 204, description = "The key is revoked.")))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ApiKeyId>,
) -> Result<StatusCode, Problem> {
    caller.may(Action::ManageKeys)?;
    let key = app.store.api_key(&caller.workspace, &id).await?;
    let key = key.ok_or_else(|| Problem::not_found("this API key"))?;
    check_rank(&caller, key.role)?;
    caller.act.before(&KeyView::from(key));
    app.store.delete_api_key(&caller.workspace, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Nobody gives a key more than they have, or takes one that has more.
fn check_rank(caller: &Caller, role: WorkspaceRole) -> Result<(), Problem> {
    if role <= caller.role {
        return Ok(());
    }
    Err(Problem::forbidden(format!(
        "a caller with the role {} may not decide about a key with the role {}; ask the Owner",
        role_label(caller.role),
        role_label(role)
    )))
}
