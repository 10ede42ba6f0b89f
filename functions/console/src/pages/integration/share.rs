//! The share dialog: whom, as what, what it would do, and only then the button that does it.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use maud::Markup;
use usher_domain::{
    id::{ConnectionId, IntegrationId},
    share::{Principal, Share},
};

use super::{
    Entered, Tab, enter,
    share_form::ShareForm,
    share_view::{self as view, Dialog, Found},
};
use crate::{
    App,
    api::{
        Path, Query,
        extract::Json,
        preview,
        preview_views::ChangeBody,
        shares::{self, SharePut, check_hub},
    },
    auth::Caller,
    error::Problem,
    pages::{
        directory::search::{self, Wanted},
        frame,
        layout::{self, Section},
        preview::{Previewed, Progress},
    },
    permission::Action,
};

/// `GET /integrations/{integration}/share`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Query(fields): Query<Vec<(String, String)>>,
    progress: Progress,
) -> Result<Response, Problem> {
    let Entered { integration, shares, standing } = hub(&app, &caller, &id).await?;
    let given = ShareForm::read(&fields)?;
    let frame = frame(&app, &caller, Section::Integrations).await?;
    let Some(principal) = given.principal.clone() else {
        let found = find(&app, &caller, &given.looked_for, &shares).await?;
        let content = view::choose(&integration, &given.looked_for, &found);
        return Ok(layout::page("Share", &frame, content).into_response());
    };
    let before = shares.iter().find(|share| share.principal == principal);
    let form = match before {
        Some(share) if !given.is_filled => ShareForm::of(share),
        _ => given,
    };
    let name = name_of(&app, &caller, &principal).await?;
    let is_partial = progress.is_partial;
    let previewed = ask(&app, &caller, &id, form.change(&principal), progress).await?;
    let dialog = Dialog {
        integration: &integration,
        name: &name,
        principal: &principal,
        form: &form,
        exists: before.is_some(),
        may_give_assets: standing.permits(Action::ManageIntegrations),
        previewed: &previewed,
    };
    if is_partial {
        return Ok(view::outcome(&dialog).into_response());
    }
    let title = format!("Share {} with {name}", integration.name);
    Ok(layout::page(&title, &frame, view::dialog(&dialog)).into_response())
}

/// `POST /integrations/{integration}/share`
pub(in crate::pages) async fn confirm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Redirect, Problem> {
    let form = ShareForm::read(&fields)?;
    let body = Json(SharePut { hub_role: form.hub_role.into(), app_access: form.access() });
    let to = Redirect::to(&Tab::Shares.path(&id));
    match form.principal {
        Some(Principal::Team(team)) => {
            drop(shares::put_team(State(app), caller, Path((id, team)), body).await?)
        }
        Some(Principal::Person(person)) => {
            drop(shares::put_person(State(app), caller, Path((id, person)), body).await?);
        }
        None => return Err(Problem::bad_parameter("team", "choose whom to share with")),
    }
    Ok(to)
}

/// What a change would do in the integration.
pub(in crate::pages) async fn ask(
    app: &Arc<App>,
    caller: &Caller,
    id: &IntegrationId,
    change: ChangeBody,
    progress: Progress,
) -> Result<Previewed, Problem> {
    progress.look(&preview::about_integration(app, caller, id, change).await?).await
}

/// The name of a team or person.
pub(super) async fn name_of(app: &App, caller: &Caller, principal: &Principal) -> Result<String, Problem> {
    match principal {
        Principal::Team(team) => {
            let found = app.store.team(&caller.workspace, team).await?;
            let team = found.ok_or_else(|| Problem::not_found("this team"))?;
            Ok(team.display_name().to_owned())
        }
        Principal::Person(person) => {
            let found = app.store.person(&caller.workspace, person).await?;
            let person = found.ok_or_else(|| Problem::not_found("this person"))?;
            Ok(person.profile().label().to_owned())
        }
    }
}

/// Teams and people to share with, of every directory of the workspace.
async fn find(app: &App, caller: &Caller, text: &str, shares: &[Share]) -> Result<Found, Problem> {
    let mut found = Found::default();
    let is_shared = |principal: &Principal| shares.iter().any(|share| share.principal == *principal);
    let connections = search::of_workspace(app.store.connections(&caller.workspace).await?);
    let mut directories: Vec<_> = connections.into_iter().map(|connection| connection.id).collect();
    directories.push(ConnectionId::user_managed(&caller.workspace));
    for directory in &directories {
        let wanted = Wanted { connection: directory, text, cursor: None };
        let teams = search::teams(app.store.as_ref(), &wanted).await?;
        found.more |= teams.next.is_some();
        found.teams.extend(teams.items.into_iter().map(|team| {
            let shared = is_shared(&Principal::Team(team.id.clone()));
            (team, shared)
        }));
        // A list of everybody helps nobody to find one person.
        if !text.is_empty() {
            let people = search::people(app.store.as_ref(), &wanted).await?;
            found.more |= people.next.is_some();
            found.people.extend(people.items.into_iter().map(|person| {
                let shared = is_shared(&Principal::Person(person.id.clone()));
                (person, shared)
            }));
        }
    }
    Ok(found)
}

/// The page around a dialog about an integration.
pub(in crate::pages) async fn framed(
    app: &Arc<App>,
    caller: &Caller,
    title: &str,
    content: Markup,
) -> Result<Response, Problem> {
    let frame = frame(app, caller, Section::Integrations).await?;
    Ok(layout::page(title, &frame, content).into_response())
}

/// The hub that is shared.
pub(super) async fn hub(app: &App, caller: &Caller, id: &IntegrationId) -> Result<Entered, Problem> {
    let entered = enter(app, caller, Action::Share, id).await?;
    check_hub(&entered.integration)?;
    Ok(entered)
}
