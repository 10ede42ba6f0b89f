//! The people and teams that a connection pushed.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use serde::Serialize;
use usher_domain::{
    Timestamp,
    directory::{GroupRecord, UserRecord},
    id::ConnectionId,
};
use utoipa::ToSchema;

use super::{
    connections,
    extract::{Path, Query},
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::{Listed, PageQuery, page_of},
    permission::Action,
};

/// A person of a directory.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Person)]
pub(crate) struct PersonView {
    /// The SCIM `id`.
    id: String,
    /// The unique sign-in name.
    user_name: String,
    /// The name to show.
    #[schema(required)]
    display_name: Option<String>,
    /// The primary e-mail address.
    #[schema(required)]
    email: Option<String>,
    /// The identity provider's id.
    #[schema(required)]
    external_id: Option<String>,
    /// Whether the person may hold seats.
    active: bool,
    /// When it was pushed first.
    created_at: Timestamp,
    /// When it changed last.
    modified_at: Timestamp,
}

impl From<UserRecord> for PersonView {
    fn from(user: UserRecord) -> Self {
        let profile = user.profile();
        Self {
            active: user.is_active(),
            id: user.id.into(),
            user_name: profile.user_name,
            display_name: profile.display_name,
            email: profile.email,
            external_id: profile.external_id,
            created_at: user.created_at,
            modified_at: user.modified_at,
        }
    }
}

/// Who manages a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TeamKind {
    /// An identity provider, by SCIM: read only here.
    ScimManaged,
    /// Admins, by hand: no identity provider sees it.
    UserManaged,
}

/// A team of a directory.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Team)]
pub(crate) struct TeamView {
    /// The SCIM `id`.
    pub(crate) id: String,
    /// Its name.
    display_name: String,
    /// Who manages it.
    kind: TeamKind,
    /// The connection that pushed it; null for one that was made by hand.
    #[schema(required)]
    connection: Option<String>,
    /// When it was pushed first.
    created_at: Timestamp,
    /// When it or its membership changed last.
    modified_at: Timestamp,
}

impl From<GroupRecord> for TeamView {
    fn from(group: GroupRecord) -> Self {
        let by_hand = group.connection.is_user_managed();
        Self {
            kind: if by_hand { TeamKind::UserManaged } else { TeamKind::ScimManaged },
            connection: (!by_hand).then(|| group.connection.to_string()),
            display_name: group.display_name().to_owned(),
            id: group.id.into(),
            created_at: group.created_at,
            modified_at: group.modified_at,
        }
    }
}

/// People of a connection
///
/// In order of creation.
#[utoipa::path(get, path = "/connections/{connection}/people", tag = "Directory", operation_id = "listPeople",
    params(("connection" = String, Path, description = "The connection's id."), PageQuery),
    responses((status = 200, description = "One page of people.", body = Listed<PersonView>)))]
pub(crate) async fn people(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
    Query(query): Query<PageQuery>,
) -> Result<Reply<Listed<PersonView>>, Problem> {
    caller.reach(&app, Action::ReadDirectory).await?;
    let limit = query.limit()?;
    connections::read(&app, &caller, &id).await?;
    let page = page_of(app.store.people(&id, query.cursor(), limit).await, query.cursor())?;
    Ok(Reply(Listed::new(page, PersonView::from)))
}

/// Teams of a connection
///
/// In order of creation.
#[utoipa::path(get, path = "/connections/{connection}/teams", tag = "Directory", operation_id = "listTeams",
    params(("connection" = String, Path, description = "The connection's id."), PageQuery),
    responses((status = 200, description = "One page of teams.", body = Listed<TeamView>)))]
pub(crate) async fn teams(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
    Query(query): Query<PageQuery>,
) -> Result<Reply<Listed<TeamView>>, Problem> {
    caller.reach(&app, Action::ReadDirectory).await?;
    let limit = query.limit()?;
    connections::read(&app, &caller, &id).await?;
    let page = page_of(app.store.teams(&id, query.cursor(), limit).await, query.cursor())?;
    Ok(Reply(Listed::new(page, TeamView::from)))
}
