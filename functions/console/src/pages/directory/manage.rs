//! Teams that are made by hand: making, naming, who joins and leaves with what that does, and deleting.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use maud::Markup;
use serde::Deserialize;
use usher_domain::{
    directory::{GroupRecord, IndexedAttribute, IndexedValue},
    id::{PersonId, TeamId},
    integration::Integration,
};

use super::{manage_view as view, search};
use crate::{
    App,
    api::{
        Path, Query,
        extract::Json,
        preview,
        preview_views::ChangeBody,
        teams::{self, TeamCreate, TeamPatch, read_managed},
    },
    auth::Caller,
    error::Problem,
    pages::{
        frame,
        layout::{self, Section},
        preview::{Previewed, Progress},
    },
    permission::Action,
};

/// Whether people join or leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::pages) enum Direction {
    /// They join.
    Add,
    /// They leave.
    Remove,
}

/// Who joins or leaves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pages) struct PeopleForm {
    pub(super) direction: Direction,
    /// Ids, user names or e-mail addresses, one a line.
    #[serde(default)]
    pub(super) people: String,
}

/// A name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pages) struct NameForm {
    name: String,
}

/// Somebody who was named.
pub(super) struct Named {
    pub(super) id: PersonId,
    pub(super) name: String,
}

/// `GET /teams/new`
pub(in crate::pages) async fn new(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    caller.may(Action::ManageTeams)?;
    framed(&app, &caller, "New team", view::new()).await
}

/// `POST /teams`
pub(in crate::pages) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Form(form): Form<NameForm>,
) -> Result<Redirect, Problem> {
    let (_, made) = teams::create(State(app), caller, Json(TeamCreate { name: form.name })).await?;
    Ok(Redirect::to(&format!("/teams/{}", made.0.id)))
}

/// `POST /teams/{team}`
pub(in crate::pages) async fn rename(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<TeamId>,
    Form(form): Form<NameForm>,
) -> Result<Redirect, Problem> {
    let to = Redirect::to(&format!("/teams/{id}"));
    let patch = TeamPatch { name: Some(form.name), ..TeamPatch::default() };
    drop(teams::patch(State(app), caller, Path(id), Json(patch)).await?);
    Ok(to)
}

/// `GET /teams/{team}/people`
pub(in crate::pages) async fn people(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<TeamId>,
    Query(form): Query<PeopleForm>,
    progress: Progress,
) -> Result<Response, Problem> {
    let team = enter(&app, &caller, &id).await?;
    let found = find(&app, &caller, &form.people).await?;
    let is_partial = progress.is_partial;
    let ids: BTreeSet<PersonId> = found.named.iter().map(|named| named.id.clone()).collect();
    let previewed = if ids.is_empty() {
        None
    } else {
        let change = match form.direction {
            Direction::Add => ChangeBody::AddMembers { team: id, people: ids },
            Direction::Remove => ChangeBody::RemoveMembers { team: id, people: ids },
        };
        Some(ask(&app, &caller, change, progress).await?)
    };
    if let Some(asked) = previewed.as_ref().filter(|_| is_partial) {
        return Ok(view::people_outcome(&team, &form, &found, asked).into_response());
    }
    let content = view::people(&team, &form, &found, previewed.as_ref());
    framed(&app, &caller, team.display_name(), content).await
}

/// `POST /teams/{team}/people`: the very people that were previewed.
pub(in crate::pages) async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<TeamId>,
    Form(form): Form<PeopleForm>,
) -> Result<Redirect, Problem> {
    let ids = lines(&form.people).map(|line| {
        line.parse::<PersonId>().map_err(|_| Problem::bad_parameter("people", "name people by their ids"))
    });
    let ids: BTreeSet<PersonId> = ids.collect::<Result<_, _>>()?;
    let patch = match form.direction {
        Direction::Add => TeamPatch { add: ids, ..TeamPatch::default() },
        Direction::Remove => TeamPatch { remove: ids, ..TeamPatch::default() },
    };
    let to = Redirect::to(&format!("/teams/{id}"));
    drop(teams::patch(State(app), caller, Path(id), Json(patch)).await?);
    Ok(to)
}

/// `GET /teams/{team}/delete`
pub(in crate::pages) async fn confirm_delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<TeamId>,
    progress: Progress,
) -> Result<Response, Problem> {
    let team = enter(&app, &caller, &id).await?;
    let is_partial = progress.is_partial;
    let asked = ask(&app, &caller, ChangeBody::DeleteTeam { team: id }, progress).await?;
    if is_partial {
        return Ok(view::delete_outcome(&team, &asked).into_response());
    }
    framed(&app, &caller, team.display_name(), view::delete(&team, &asked)).await
}

/// `POST /teams/{team}/delete`
pub(in crate::pages) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<TeamId>,
) -> Result<Redirect, Problem> {
    teams::delete(State(app), caller, Path(id)).await?;
    Ok(Redirect::to("/teams"))
}

async fn enter(app: &App, caller: &Caller, id: &TeamId) -> Result<GroupRecord, Problem> {
    caller.may(Action::ManageTeams)?;
    read_managed(app, caller, id).await
}

/// What a change would do, and the integrations that it may concern.
pub(super) struct Answer {
    pub(super) previewed: Previewed,
    pub(super) integrations: Vec<Integration>,
}

async fn ask(app: &App, caller: &Caller, change: ChangeBody, progress: Progress) -> Result<Answer, Problem> {
    let previewed = progress.look(&preview::about_directory(app, caller, change).await?).await?;
    Ok(Answer { previewed, integrations: app.store.integrations(&caller.workspace).await? })
}

/// Who was found, and what leads to nobody or to several.
#[derive(Default)]
pub(super) struct Found {
    pub(super) named: Vec<Named>,
    pub(super) unknown: Vec<String>,
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Finds people by id, user name or e-mail address in the workspace's directories. A guess is nobody.
async fn find(app: &App, caller: &Caller, text: &str) -> Result<Found, Problem> {
    if lines(text).count() > teams::MOST_PEOPLE {
        let detail = format!("name at most {} people at once", teams::MOST_PEOPLE);
        return Err(Problem::bad_parameter("people", detail));
    }
    let directories = search::of_workspace(app.store.connections(&caller.workspace).await?);
    let mut found = Found::default();
    let mut seen = BTreeSet::new();
    for line in lines(text) {
        let by_id = match line.parse::<PersonId>() {
            Ok(id) => app.store.person(&caller.workspace, &id).await?,
            Err(_) => None,
        };
        let mut people = Vec::from_iter(by_id);
        if people.is_empty() {
            for directory in &directories {
                for attribute in [IndexedAttribute::UserName, IndexedAttribute::Email] {
                    let by = IndexedValue::new(attribute, line);
                    people.extend(app.store.find_people(&directory.id, &by).await?);
                }
            }
        }
        people.sort_by(|one, other| one.id.cmp(&other.id));
        people.dedup_by(|one, other| one.id == other.id);
        match people.as_slice() {
            [person] if seen.insert(person.id.clone()) => {
                let name = person.profile().label().to_owned();
                found.named.push(Named { id: person.id.clone(), name });
            }
            [_] => {}
            _ => found.unknown.push(line.to_owned()),
        }
    }
    Ok(found)
}

async fn framed(app: &Arc<App>, caller: &Caller, title: &str, content: Markup) -> Result<Response, Problem> {
    let frame = frame(app, caller, Section::Teams).await?;
    Ok(layout::page(title, &frame, content).into_response())
}
