//! Disconnecting an integration: what becomes of how many, and only then the two buttons.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use usher_domain::{
    id::IntegrationId,
    integration::{Integration, Kind},
};

use super::{
    Entered, Tab, enter,
    share::{ask, framed},
};
use crate::{
    App,
    api::{
        Path, Query,
        disconnect::{self, DisconnectQuery, People},
        preview_views::ChangeBody,
    },
    auth::Caller,
    error::Problem,
    pages::{
        parts::{number, plural, time},
        preview::{Previewed, Progress, view as preview},
    },
    permission::Action,
};

/// Where it is.
pub(super) fn path(id: &IntegrationId) -> String {
    format!("/integrations/{id}/disconnect")
}

/// What there is to lose.
#[derive(Debug, Clone, Copy)]
struct Stock {
    /// People with a seat, as recorded.
    seats: u64,
    /// Teams and people that it is shared with.
    shares: usize,
}

/// `GET /integrations/{integration}/disconnect`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    progress: Progress,
) -> Result<Response, Problem> {
    let Entered { integration, shares, .. } =
        enter(&app, &caller, Action::DisconnectIntegrations, &id).await?;
    let stock = Stock { seats: app.facts.counted(&caller.workspace, &id).await?.seats, shares: shares.len() };
    let is_partial = progress.is_partial;
    let previewed = ask(&app, &caller, &id, ChangeBody::Disconnect {}, progress).await?;
    if is_partial {
        return Ok(outcome(&integration, stock, &previewed).into_response());
    }
    let title = format!("Disconnect {}", integration.name);
    framed(&app, &caller, &title, view(&integration, stock, &previewed)).await
}

/// `POST /integrations/{integration}/disconnect`
pub(in crate::pages) async fn confirm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Form(form): Form<DisconnectQuery>,
) -> Result<Redirect, Problem> {
    let to = match form.people {
        People::Leave => "/integrations".to_owned(),
        People::Remove => Tab::Overview.path(&id),
    };
    drop(disconnect::delete(State(app), caller, Path(id), Query(form)).await?);
    Ok(Redirect::to(&to))
}

/// In the Settings tab.
pub(super) fn section(integration: &Integration) -> Markup {
    html! {
        section.form aria-labelledby="disconnect-title" {
            h2 #disconnect-title { "Disconnect" }
            p { "Usher forgets " (integration.name) ". You choose whether the people stay in the app or are removed first." }
            p.actions { a.button href=(path(&integration.id)) { "Disconnect…" } }
        }
    }
}

/// What has to be known on every tab while everybody is shown out.
pub(in crate::pages) fn banner(integration: &Integration, may_end: bool) -> Markup {
    html! {
        @if let Some(since) = integration.disconnecting {
            div.banner.bad {
                p {
                    strong { "Being disconnected since " (time(since)) " UTC" }
                    " Everybody is removed; then Usher forgets it. Whoever is held, protected or left alone stays until \
                     somebody decides."
                }
                @if may_end { a.button href=(path(&integration.id)) { "Forget it now…" } }
            }
        }
    }
}

fn view(integration: &Integration, stock: Stock, previewed: &Previewed) -> Markup {
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href=(Tab::Settings.path(&integration.id)) { (integration.name) } }
            h1 { "Disconnect " (integration.name) }
            p.lead { "Automations and jobs stay in the log. Everything else that Usher knows of it goes." }
        }
        (outcome(integration, stock, previewed))
    }
}

/// Both ways to disconnect; each can be chosen once its numbers are known. `previewed`: what showing everybody out would do.
fn outcome(integration: &Integration, stock: Stock, previewed: &Previewed) -> Markup {
    let jobs = previewed.sum.open_jobs();
    let begun = integration.disconnecting.is_some();
    html! {
        div #outcome aria-live="polite" aria-busy=[(!previewed.is_whole()).then_some("true")] {
            @if !previewed.is_whole() {
                section.outcome aria-label="Counting" {
                    (preview::going_on(previewed, &format!("{}/preview", path(&integration.id)), &Tab::Settings.path(&integration.id)))
                }
            }
            section.outcome aria-labelledby="leave-title" {
                h2 #leave-title {
                    @if begun { "Leave those who are left in the app" } @else { "Leave people in the app" }
                }
                ul.tiles {
                    li { span.figure { (number(stock.seats)) } (noun(stock.seats == 1, "person keeps their seat", "people keep their seats")) }
                    li {
                        span.figure { (number(jobs)) @if !previewed.is_whole() { "+" } }
                        (noun(jobs == 1, "open job is called off", "open jobs are called off"))
                    }
                    @if integration.kind == Kind::BusinessHub {
                        li { span.figure { (stock.shares) } (noun(stock.shares == 1, "share ends", "shares end")) }
                    }
                }
                p.fine { (also(integration)) " This takes effect at once, and cannot be undone." }
                @if previewed.is_whole() { (button(integration, "leave", &format!("Disconnect: {}", kept(stock.seats)))) }
            }
            @if !begun {
                section.outcome aria-labelledby="remove-title" {
                    h2 #remove-title { "Remove everybody first" }
                    p {
                        "Everybody loses what they have here, as when a share ends. Usher forgets the integration when nobody is \
                         left, and tells here who stays."
                    }
                    (preview::effect(previewed, integration))
                    @if previewed.is_whole() {
                        (button(integration, "remove", &format!("Remove everybody, then disconnect{}", preview::in_short(previewed))))
                    }
                }
            }
        }
    }
}

fn also(integration: &Integration) -> &'static str {
    match integration.kind {
        Kind::BusinessHub => "The app's credentials are deleted.",
        Kind::IdLcm { .. } => {
            "The app's credentials are deleted, and its SCIM connection with its tokens, users and groups."
        }
    }
}

fn noun(one: bool, single: &'static str, many: &'static str) -> &'static str {
    if one { single } else { many }
}

fn kept(seats: u64) -> String {
    plural(usize::try_from(seats).unwrap_or(usize::MAX), "person stays in the app", "people stay in the app")
}

fn button(integration: &Integration, people: &str, label: &str) -> Markup {
    html! {
        form method="post" action=(path(&integration.id)) {
            input type="hidden" name="people" value=(people);
            p.actions {
                button.danger { (label) }
                a.button href=(Tab::Settings.path(&integration.id)) { "Cancel" }
            }
        }
    }
}
