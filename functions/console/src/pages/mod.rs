//! The pages: rendered here, kept live by htmx, and whole without any script.
//!
//! A handler reads what it needs and hands it to a pure view function; views know no store.

mod assets;
mod audit;
mod audit_view;
mod automation_view;
mod automations;
mod automations_acts;
mod automations_export;
mod automations_view;
mod chips;
mod connect;
mod connections;
mod directory;
mod explain_view;
mod export;
mod home;
mod home_view;
mod integration;
mod integrations;
mod layout;
mod live;
mod log_query;
mod parts;
mod preview;
mod series;
mod settings;
mod sign_in;
mod sign_in_view;
mod tasks;
mod usage;
mod usage_view;

#[cfg(test)]
mod gallery;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};
use http::StatusCode;
use maud::{Markup, html};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer, Predicate,
        predicate::{NotForContentType, SizeAbove},
    },
};
use usher_domain::{
    directory::{GroupRecord, UserRecord},
    integration::Integration,
    ports::StoreError,
};

use crate::{App, auth::Caller, error::Problem, permission::Action};

/// The pages' routes.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home::page))
        .route("/automations", get(automations::log))
        .route("/automations/{automation}", get(automations::one))
        .route("/automations/{automation}/{verdict}", post(automations_acts::decide_all))
        .route("/automations/{automation}/retry", post(automations_acts::retry_all))
        .route("/automations/{automation}/cancel", post(automations_acts::cancel_all))
        .route("/jobs/{job}/cancel", post(automations_acts::cancel))
        .route("/automations/export.csv", get(automations_export::csv))
        .route("/automations/export.json", get(automations_export::json))
        .route("/jobs/{job}", get(automations::job))
        .route("/jobs/{job}/retry", post(automations_acts::retry))
        .route("/jobs/{job}/{verdict}", post(automations_acts::decide))
        .route("/tasks", get(tasks::list))
        .route("/tasks/{task}", get(tasks::one))
        .route("/tasks/{task}/complete", post(tasks::complete))
        .route("/tasks/{task}/confirm", post(tasks::confirm))
        .route("/tasks/{task}/send-back", post(tasks::send_back))
        .merge(integrations())
        .route("/people", get(directory::list::list::<UserRecord>))
        .route("/people/{person}", get(directory::person::page))
        .route("/people/{person}/access/{integration}", get(directory::person::why))
        .route(
            "/people/{person}/access/{integration}/mark",
            get(directory::mark::page).post(directory::mark::confirm),
        )
        .route("/teams", get(directory::list::list::<GroupRecord>).post(directory::manage::create))
        .route("/teams/new", get(directory::manage::new))
        .route("/teams/{team}", get(directory::team::page).post(directory::manage::rename))
        .route("/teams/{team}/people", get(directory::manage::people).post(directory::manage::change))
        .route("/teams/{team}/people/preview", post(directory::manage::people))
        .route("/teams/{team}/delete", get(directory::manage::confirm_delete).post(directory::manage::delete))
        .route("/teams/{team}/delete/preview", post(directory::manage::confirm_delete))
        .route("/connections", get(connections::list).post(connections::new::create))
        .route("/connections/new", get(connections::new::page))
        .route("/connections/{connection}", get(connections::one))
        .route("/connections/{connection}/guide/{provider}", get(connections::guide))
        .route("/connections/{connection}/tokens", post(connections::rotate))
        .route("/usage", get(usage::page))
        .route("/usage/export.csv", get(usage::csv))
        .route("/usage/export.json", get(usage::json))
        .route("/audit", get(audit::page))
        .route("/audit/export.csv", get(audit::csv))
        .route("/audit/export.json", get(audit::json))
        .route("/settings", get(settings::enter))
        .route("/settings/members", get(settings::members::page))
        .route("/settings/members/{person}", post(settings::members::set))
        .route("/settings/members/{person}/remove", post(settings::members::remove))
        .route("/settings/members/{person}/sign-out", post(settings::members::sign_out))
        .route("/settings/members/{person}/sign-in-link", post(settings::members::link))
        .route("/settings/keys", get(settings::keys::page).post(settings::keys::create))
        .route("/settings/keys/{key}/revoke", post(settings::keys::revoke))
        .route("/settings/webhooks", get(settings::webhooks::page).post(settings::webhooks::create))
        .route("/settings/webhooks/{webhook}", get(settings::webhooks::one).post(settings::webhooks::save))
        .route(
            "/settings/webhooks/{webhook}/delete",
            get(settings::webhooks::confirm_delete).post(settings::webhooks::delete),
        )
        .route("/settings/webhooks/{webhook}/secret", post(settings::webhooks::rotate))
        .route("/settings/webhooks/{webhook}/test", post(settings::webhooks::test))
        .route("/settings/webhooks/{webhook}/deliveries/{delivery}/resend", post(settings::webhooks::resend))
        .route("/settings/sign-in", get(settings::sign_in::page).post(settings::sign_in::save))
        .route("/settings/sign-in/end", get(settings::sign_in::confirm_end).post(settings::sign_in::end))
        .route("/settings/sessions", get(settings::sessions::page))
        .route("/settings/sessions/end-all", post(settings::sessions::end_all))
        .route("/settings/sessions/{session}/end", post(settings::sessions::end))
        .route("/sign-in", get(sign_in::page).post(sign_in::enter))
        .route("/sign-in/openid", get(sign_in::begin))
        .route(crate::openid::CALLBACK, get(sign_in::finish))
        .route("/sign-out", post(sign_in::leave))
        .route("/assets/{file}", get(assets::serve))
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(packing())
}

/// Pages and files go packed over the wire to whoever takes that. What a page says can not be guessed from how long it is then:
/// nobody else's site gets a browser to ask for pages with its session (the cookie is same-site).
fn packing() -> CompressionLayer<impl Predicate> {
    // Shorter ones would hardly become shorter.
    let worth_it = SizeAbove::new(1_024).and(NotForContentType::IMAGES);
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worth_it)
}

fn integrations() -> Router<Arc<App>> {
    Router::new()
        .route("/integrations", get(integrations::list))
        .route(connect::PATH, get(connect::choose))
        .route("/integrations/new/{connector}", get(connect::form).post(connect::connect))
        .route("/integrations/{integration}/catalogue", post(connect::take_over))
        .route("/integrations/{integration}/app", get(connect::edit::page).post(connect::edit::save))
        .route("/integrations/{integration}", get(integration::overview::page))
        .route("/integrations/{integration}/access", get(integration::access::page))
        .route("/integrations/{integration}/shares", get(integration::shares::page))
        .route(
            "/integrations/{integration}/share",
            get(integration::share::page).post(integration::share::confirm),
        )
        .route("/integrations/{integration}/share/preview", post(integration::share::page))
        .route(
            "/integrations/{integration}/share/end",
            get(integration::end_share::page).post(integration::end_share::confirm),
        )
        .route("/integrations/{integration}/share/end/preview", post(integration::end_share::page))
        .route("/integrations/{integration}/entitlements", get(integration::entitlements::page))
        .route("/integrations/{integration}/activity", get(integration::activity::page))
        .route(
            "/integrations/{integration}/settings",
            get(integration::settings::page).post(integration::settings::save),
        )
        .route("/integrations/{integration}/settings/sync", post(integration::sync_settings::save))
        .route(
            "/integrations/{integration}/guards",
            get(integration::guards::page).post(integration::guards::confirm),
        )
        .route("/integrations/{integration}/guards/preview", post(integration::guards::page))
        .route("/integrations/{integration}/sync", get(integration::sync::page).post(integration::sync::now))
        .route("/integrations/{integration}/health-check", post(integration::sync::check_health))
        .route("/integrations/{integration}/held", get(integration::held::page))
        .route("/integrations/{integration}/held/{verdict}", post(integration::held::decide))
        .route(
            "/integrations/{integration}/disconnect",
            get(integration::disconnect::page).post(integration::disconnect::confirm),
        )
        .route("/integrations/{integration}/disconnect/preview", post(integration::disconnect::page))
        .route("/integrations/{integration}/pause", post(integration::settings::pause))
        .route("/integrations/{integration}/resume", post(integration::settings::resume))
}

/// What every unknown address answers.
pub(crate) async fn not_found() -> Problem {
    Problem::no_route()
}

/// A problem as a page. Whoever is not signed in yet goes on to `wanted` afterwards.
pub(crate) fn problem(problem: &Problem, correlation_id: &str, wanted: &str) -> Markup {
    if problem.status == StatusCode::UNAUTHORIZED {
        return sign_in_view::signed_out(wanted);
    }
    let (title, says) = match problem.status {
        StatusCode::NOT_FOUND => (
            "Nothing here",
            "This page does not exist, or it belongs to another workspace. Check the address, or begin at \
             Home."
                .to_owned(),
        ),
        _ => (problem.title, layout::sentence(&problem.detail)),
    };
    layout::bare(
        title,
        html! {
            p.code { (problem.status.as_u16()) }
            h1 { (title) }
            p { (says) }
            p { a.button href="/" { "Home" } }
            p.fine { "Correlation id " code { (correlation_id) } }
        },
    )
}

/// What the frame around a page shows.
async fn frame(app: &App, caller: &Caller, section: layout::Section) -> Result<layout::Frame, StoreError> {
    let workspace = app.store.workspace(&caller.workspace).await?;
    Ok(layout::Frame {
        workspace: workspace.map_or_else(|| caller.workspace.to_string(), |workspace| workspace.name),
        user: caller.name.clone(),
        role: caller.role,
        // Both sections are for the same people.
        sees_hubs: caller.reach(app, Action::ReadIntegrations).await.is_ok(),
        section,
    })
}

/// The name of an integration's connector.
fn connector_name<'a>(app: &'a App, integration: &'a Integration) -> &'a str {
    app.connector(&integration.connector)
        .map_or(integration.connector.as_str(), |connector| connector.name.as_str())
}
