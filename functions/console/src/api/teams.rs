//! Teams: those that admins make by hand, and who is in any.

use std::{collections::BTreeSet, sync::Arc};

use axum::{Json as Reply, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use usher_domain::{
    access::PersonFacts,
    change::{Cause, Trigger},
    directory::{GroupRecord, MemberDelta},
    id::{ChangeId, ConnectionId, PersonId, TeamId},
    ports::Page,
};
use utoipa::ToSchema;

use super::{
    check_name,
    directory::TeamView,
    extract::{Json, Path, Query},
    shares::check_directory,
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::{Listed, PageQuery, page_of},
    permission::Action,
};

/// Most people who join and leave by one call.
pub(crate) const MOST_PEOPLE: usize = 200;

/// A team to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamCreate {
    /// Its name, which no other team that was made by hand has.
    #[schema(min_length = 1, max_length = 100, example = "Launch crew")]
    pub(crate) name: String,
}

/// What to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TeamPatch {
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) name: Option<String>,
    /// Ids of people who join: anybody in the workspace's directories. With those who leave at most 200.
    #[schema(value_type = Vec<String>)]
    pub(crate) add: BTreeSet<PersonId>,
    /// Ids of people who leave.
    #[schema(value_type = Vec<String>)]
    pub(crate) remove: BTreeSet<PersonId>,
}

/// Somebody in a team.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TeamMember)]
pub(crate) struct MemberView {
    /// The person's id.
    person: String,
    /// The name to show; empty for somebody who is gone.
    name: String,
    /// The unique sign-in name; empty for somebody who is gone.
    user_name: String,
    /// Whether the person may hold seats.
    active: bool,
}

/// Teams that were made by hand
///
/// In order of creation. Those that an identity provider pushed are listed with their connection.
#[utoipa::path(get, path = "/teams", tag = "Directory", operation_id = "listUserManagedTeams", params(PageQuery),
    responses((status = 200, description = "One page of teams.", body = Listed<TeamView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Reply<Listed<TeamView>>, Problem> {
    caller.reach(&app, Action::ReadDirectory).await?;
    let limit = query.limit()?;
    let directory = ConnectionId::user_managed(&caller.workspace);
    let page = page_of(app.store.teams(&directory, query.cursor(), limit).await, query.cursor())?;
    Ok(Reply(Listed::new(page, TeamView::from)))
}

/// Make a team
///
/// It is nobody's but the workspace's: no SCIM connection sees or changes it.
#[utoipa::path(post, path = "/teams", tag = "Directory", operation_id = "createTeam", request_body = TeamCreate,
    responses((status = 201, description = "The team.", body = TeamView)))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<TeamCreate>,
) -> Result<(StatusCode, Reply<TeamView>), Problem> {
    caller.may(Action::ManageTeams)?;
    let name = check_name("/name", &body.name)?;
    let cause = cause(&app, &caller);
    let team = GroupRecord {
        id: TeamId::from(app.ids.uuid()),
        connection: ConnectionId::user_managed(&caller.workspace),
        version: 1,
        created_at: cause.at,
        modified_at: cause.at,
        deleted_at: None,
        resource: named(&name),
        unique: BTreeSet::new(),
    };
    app.store.put_team(None, &team, &MemberDelta::default(), change(&app), &cause).await?;
    let view = TeamView::from(team);
    caller.act.after(&view);
    Ok((StatusCode::CREATED, Reply(view)))
}

/// A team
#[utoipa::path(get, path = "/teams/{team}", tag = "Directory", operation_id = "getTeam",
    params(("team" = String, Path, description = "The team's id.")),
    responses((status = 200, description = "The team, whoever manages it.", body = TeamView)))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<TeamId>,
) -> Result<Reply<TeamView>, Problem> {
    caller.reach(&app, Action::ReadDirectory).await?;
    Ok(Reply(read(&app, &caller, &id).await?.into()))
}

/// Change a team
///
/// Its name, and who is in it, all or nothing. Everybody who joins or leaves is planned anew in every hub that is shared with
/// the team. Only teams that were made by hand.
#[utoipa::path(patch, path = "/teams/{team}", tag = "Directory", operation_id = "patchTeam",
    params(("team" = String, Path, description = "The team's id.")),
    request_body = TeamPatch,
    responses((status = 200, description = "The team as it is now.", body = TeamView)))]
pub(crate) async fn patch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<TeamId>,
    Json(body): Json<TeamPatch>,
) -> Result<Reply<TeamView>, Problem> {
    caller.may(Action::ManageTeams)?;
    let before = read_managed(&app, &caller, &id).await?;
    caller.act.before(&TeamView::from(before.clone()));
    check_people(&app, &caller, &body).await?;
    let cause = cause(&app, &caller);
    let mut after = GroupRecord { version: before.version + 1, modified_at: cause.at, ..before.clone() };
    if let Some(name) = &body.name {
        after.resource = named(&check_name("/name", name)?);
    }
    let members = MemberDelta { add: body.add, remove: body.remove };
    app.store.put_team(Some(&before), &after, &members, change(&app), &cause).await?;
    let view = TeamView::from(after);
    caller.act.after(&Changed { team: &view, joined: &members.add, left: &members.remove });
    Ok(Reply(view))
}

/// Delete a team
///
/// Everybody in it loses what it gave them; its shares end. Only teams that were made by hand.
#[utoipa::path(delete, path = "/teams/{team}", tag = "Directory", operation_id = "deleteTeam",
    params(("team" = String, Path, description = "The team's id.")),
    responses((status = 204, description = "The team is gone; its effects are being undone.")))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<TeamId>,
) -> Result<StatusCode, Problem> {
    caller.may(Action::ManageTeams)?;
    let team = read_managed(&app, &caller, &id).await?;
    caller.act.before(&TeamView::from(team.clone()));
    app.store.delete_team(&team, change(&app), &cause(&app, &caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is in a team
///
/// In order of their ids, whoever manages the team.
#[utoipa::path(get, path = "/teams/{team}/members", tag = "Directory", operation_id = "listTeamMembers",
    params(("team" = String, Path, description = "The team's id."), PageQuery),
    responses((status = 200, description = "One page of people.", body = Listed<MemberView>)))]
pub(crate) async fn members(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<TeamId>,
    Query(query): Query<PageQuery>,
) -> Result<Reply<Listed<MemberView>>, Problem> {
    caller.reach(&app, Action::ReadDirectory).await?;
    let limit = query.limit()?;
    read(&app, &caller, &id).await?;
    let after: Option<PersonId> = match query.cursor() {
        None => None,
        Some(cursor) => Some(cursor.parse().map_err(|_| {
            Problem::bad_parameter("cursor", "it is not a `next` of this list; begin without a cursor")
        })?),
    };
    let page = app.facts.team_members(&caller.workspace, &id, after.as_ref(), limit).await?;
    let mut known = app.facts.people(&caller.workspace, &page.items).await?;
    // The next page begins after the last person of this one.
    let next = page.next.and(page.items.last().map(PersonId::to_string));
    let view = |id: PersonId| member(known.remove(&id), id);
    Ok(Reply(Listed::new(Page { items: page.items, next }, view)))
}

fn member(facts: Option<PersonFacts>, id: PersonId) -> MemberView {
    let active = facts.as_ref().is_some_and(|facts| facts.active);
    let profile = facts.filter(|facts| !facts.deleted).map(|facts| facts.profile).unwrap_or_default();
    let name = if profile.user_name.is_empty() { String::new() } else { profile.label().to_owned() };
    MemberView { person: id.into(), name, user_name: profile.user_name, active }
}

/// A change of a team as the audit log keeps it.
#[derive(Serialize)]
struct Changed<'a> {
    #[serde(flatten)]
    team: &'a TeamView,
    joined: &'a BTreeSet<PersonId>,
    left: &'a BTreeSet<PersonId>,
}

fn named(name: &str) -> Map<String, Value> {
    Map::from_iter([("displayName".to_owned(), Value::from(name))])
}

fn change(app: &App) -> ChangeId {
    ChangeId::from(app.ids.uuid())
}

fn cause(app: &App, caller: &Caller) -> Cause {
    Cause { trigger: Trigger::TeamChange, ..caller.cause(app.clock.now()) }
}

async fn read(app: &App, caller: &Caller, id: &TeamId) -> Result<GroupRecord, Problem> {
    app.store.team(&caller.workspace, id).await?.ok_or_else(|| Problem::not_found("this team"))
}

/// A team that was made by hand.
pub(crate) async fn read_managed(app: &App, caller: &Caller, id: &TeamId) -> Result<GroupRecord, Problem> {
    let team = read(app, caller, id).await?;
    if team.connection.is_user_managed() {
        return Ok(team);
    }
    Err(Problem::conflict(format!(
        "{} is managed by the identity provider of connection {}; change it there",
        team.display_name(),
        team.connection
    )))
}

/// Whoever joins is somebody of the workspace's directories.
async fn check_people(app: &App, caller: &Caller, patch: &TeamPatch) -> Result<(), Problem> {
    if patch.add.len() + patch.remove.len() > MOST_PEOPLE {
        return Err(Problem::invalid("/add", format!("at most {MOST_PEOPLE} people join and leave at once")));
    }
    if let Some(both) = patch.add.intersection(&patch.remove).next() {
        return Err(Problem::invalid("/remove", format!("{both} can not join and leave at once")));
    }
    let people: Vec<PersonId> = patch.add.iter().cloned().collect();
    let known = app.facts.people(&caller.workspace, &people).await?;
    let there = |person: &PersonId| known.get(person).is_some_and(|facts| !facts.deleted);
    if let Some(unknown) = people.iter().find(|person| !there(person)) {
        return Err(Problem::invalid("/add", format!("the workspace knows nobody with the id `{unknown}`")));
    }
    let directories: BTreeSet<&ConnectionId> = known.values().map(|facts| &facts.connection).collect();
    for directory in directories {
        check_directory(app, directory).await?;
    }
    Ok(())
}
