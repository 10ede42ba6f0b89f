//! Ending a share: what it takes from whom, and only then the button.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use usher_domain::{
    id::{IntegrationId, PersonId, TeamId},
    share::Principal,
};

use super::{
    Tab,
    share::{ask, framed, hub, name_of},
    share_view as view,
};
use crate::{
    App,
    api::{Path, Query, preview_views::ChangeBody, shares},
    auth::Caller,
    error::Problem,
    pages::preview::Progress,
};

/// With whom the share is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pages) struct Whom {
    team: Option<TeamId>,
    person: Option<PersonId>,
}

impl Whom {
    fn principal(self) -> Result<Principal, Problem> {
        match (self.team, self.person) {
            (Some(team), None) => Ok(Principal::Team(team)),
            (None, Some(person)) => Ok(Principal::Person(person)),
            _ => Err(Problem::bad_parameter("team", "name one team or one person")),
        }
    }
}

/// `GET /integrations/{integration}/share/end`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Query(whom): Query<Whom>,
    progress: Progress,
) -> Result<Response, Problem> {
    let principal = whom.principal()?;
    let integration = hub(&app, &caller, &id).await?.integration;
    let change = match principal.clone() {
        Principal::Team(team) => ChangeBody::EndTeamShare { team },
        Principal::Person(person) => ChangeBody::EndPersonShare { person },
    };
    let is_partial = progress.is_partial;
    let previewed = ask(&app, &caller, &id, change, progress).await?;
    if is_partial {
        return Ok(view::end_outcome(&integration, &principal, &previewed).into_response());
    }
    let name = name_of(&app, &caller, &principal).await?;
    let title = format!("End the share with {name}");
    framed(&app, &caller, &title, view::end(&integration, &principal, &name, &previewed)).await
}

/// `POST /integrations/{integration}/share/end`
pub(in crate::pages) async fn confirm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Form(whom): Form<Whom>,
) -> Result<Redirect, Problem> {
    let to = Redirect::to(&Tab::Shares.path(&id));
    match whom.principal()? {
        Principal::Team(team) => shares::delete_team(State(app), caller, Path((id, team))).await?,
        Principal::Person(person) => shares::delete_person(State(app), caller, Path((id, person))).await?,
    };
    Ok(to)
}
