//! Webhooks, and what was sent to them.

use std::sync::Arc;

use axum::{
    Form,
    extract::{RawForm, State},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use usher_domain::{
    id::{DeliveryId, EndpointId},
    webhook::EventType,
};

use super::Tab;
use crate::{
    App,
    api::{
        Path, Query,
        extract::{Json, OptionalJson},
        webhook_views::{DeliveryStateName, DeliveryView, NewWebhookView, SecretRotate, WebhookView},
        webhooks,
    },
    auth::Caller,
    error::Problem,
    pages::{
        chips::{Tone, toned},
        parts::{copyable, empty, pager, time, time_head},
    },
    paging::{Listed, PageQuery},
};

/// `GET /settings/webhooks`
pub(in crate::pages) async fn page(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    let all = webhooks::list(State(Arc::clone(&app)), caller.clone()).await?.0.items;
    super::tab(&app, &caller, Tab::Webhooks, view(&all)).await
}

/// `POST /settings/webhooks`: answers the page with the secret, which is never shown again.
pub(in crate::pages) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawForm(form): RawForm,
) -> Result<Response, Problem> {
    let body =
        serde_json::from_value(fields(&form)).map_err(|error| Problem::bad_request(error.to_string()))?;
    let (_, made) = webhooks::create(State(Arc::clone(&app)), caller.clone(), Json(body)).await?;
    super::tab(&app, &caller, Tab::Webhooks, made_view(&made.0)).await
}

/// `GET /settings/webhooks/{webhook}`
pub(in crate::pages) async fn one(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<EndpointId>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let webhook = webhooks::get(State(Arc::clone(&app)), caller.clone(), Path(id.clone())).await?.0;
    let sent = webhooks::deliveries(State(Arc::clone(&app)), caller.clone(), Path(id), Query(query.clone()))
        .await?
        .0;
    super::tab(&app, &caller, Tab::Webhooks, one_view(&webhook, &sent, &query)).await
}

/// `POST /settings/webhooks/{webhook}`
pub(in crate::pages) async fn save(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<EndpointId>,
    RawForm(form): RawForm,
) -> Result<Redirect, Problem> {
    let body =
        serde_json::from_value(fields(&form)).map_err(|error| Problem::bad_request(error.to_string()))?;
    drop(webhooks::patch(State(app), caller, Path(id.clone()), Json(body)).await?);
    Ok(to(&id))
}

/// `GET /settings/webhooks/{webhook}/delete`
pub(in crate::pages) async fn confirm_delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<EndpointId>,
) -> Result<Response, Problem> {
    let webhook = webhooks::get(State(Arc::clone(&app)), caller.clone(), Path(id.clone())).await?.0;
    let query = PageQuery { cursor: None, limit: Some(200) };
    let sent = webhooks::deliveries(State(Arc::clone(&app)), caller.clone(), Path(id), Query(query)).await?.0;
    let open = sent.items.iter().filter(|delivery| delivery.next_at.is_some()).count();
    super::tab(&app, &caller, Tab::Webhooks, delete_view(&webhook, open)).await
}

/// `POST /settings/webhooks/{webhook}/delete`
pub(in crate::pages) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<EndpointId>,
) -> Result<Redirect, Problem> {
    webhooks::delete(State(app), caller, Path(id)).await?;
    Ok(Redirect::to(Tab::Webhooks.path()))
}

/// How to rotate.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::pages) struct RotateForm {
    /// Whether the secret before counts no more.
    at_once: bool,
}

/// `POST /settings/webhooks/{webhook}/secret`: answers the page with the secret, which is never shown again.
pub(in crate::pages) async fn rotate(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<EndpointId>,
    Form(form): Form<RotateForm>,
) -> Result<Response, Problem> {
    let body = SecretRotate { overlap_seconds: form.at_once.then_some(0) };
    let rotated = webhooks::rotate(State(Arc::clone(&app)), caller.clone(), Path(id), OptionalJson(body));
    let (_, made) = rotated.await?;
    super::tab(&app, &caller, Tab::Webhooks, made_view(&made.0)).await
}

/// `POST /settings/webhooks/{webhook}/test`
pub(in crate::pages) async fn test(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<EndpointId>,
) -> Result<Response, Problem> {
    drop(webhooks::test(State(app), caller, Path(id.clone())).await?);
    Ok(to(&id).into_response())
}

/// `POST /settings/webhooks/{webhook}/deliveries/{delivery}/resend`
pub(in crate::pages) async fn resend(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, delivery)): Path<(EndpointId, DeliveryId)>,
) -> Result<Response, Problem> {
    drop(webhooks::resend(State(app), caller, Path((id.clone(), delivery))).await?);
    Ok(to(&id).into_response())
}

fn to(id: &EndpointId) -> Redirect {
    Redirect::to(&format!("{}/{id}", Tab::Webhooks.path()))
}

/// A form as the API takes it: `events` may come more than once, `enabled` is a word.
fn fields(form: &[u8]) -> Value {
    let mut body = Map::new();
    for (name, value) in form_urlencoded::parse(form) {
        match name.as_ref() {
            "events" => {
                let events = body.entry("events").or_insert_with(|| json!([]));
                if let Value::Array(events) = events {
                    events.push(value.into_owned().into());
                }
            }
            "enabled" => drop(body.insert("enabled".to_owned(), (value == "true").into())),
            name => drop(body.insert(name.to_owned(), value.into_owned().into())),
        }
    }
    body.into()
}

/// The page.
pub(in crate::pages) fn view(all: &[WebhookView]) -> Markup {
    html! {
        @if all.is_empty() {
            (empty("No webhook yet", html! { p { "Your own servers can be told of what happens here: signed, and again until they accept it." } }))
        } @else { (table(all)) }
        form.form method="post" action=(Tab::Webhooks.path()) {
            h2 { "Add a webhook" }
            (form_fields(None))
            p.actions { button.primary { "Add the webhook" } }
        }
    }
}

fn form_fields(webhook: Option<&WebhookView>) -> Markup {
    let (name, url) = webhook.map_or(("", ""), |webhook| (webhook.name.as_str(), webhook.url.as_str()));
    let chosen = |kind: EventType| webhook.is_some_and(|webhook| webhook.events.contains(&kind.name()));
    html! {
        label.field {
            span.label { "Name" }
            input type="text" name="name" required maxlength="100" value=(name) placeholder="On-call pager";
        }
        label.field {
            span.label { "Address" }
            input type="url" name="url" required maxlength="2000" value=(url) placeholder="https://example.com/hooks/usher";
            span.hint { "Events are sent here by POST, signed as Standard Webhooks says. Only public https addresses." }
        }
        fieldset.field {
            legend.label { "Told of" }
            @for kind in EventType::ALL {
                label.choice {
                    input type="checkbox" name="events" value=(kind.name()) checked[chosen(kind)];
                    span { code { (kind.name()) } " " span.hint { (kind.says()) } }
                }
            }
        }
    }
}

fn state(webhook: &WebhookView) -> Markup {
    match (webhook.enabled, webhook.failing_since) {
        (false, _) => toned(Tone::Bad, "Disabled"),
        (true, Some(_)) => toned(Tone::Waits, "Failing"),
        (true, None) => toned(Tone::Good, "Enabled"),
    }
}

fn table(all: &[WebhookView]) -> Markup {
    html! {
        table role="table" {
            caption.hidden { "Webhooks" }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { "Name" }
                    th role="columnheader" scope="col" { "State" }
                    th role="columnheader" scope="col" { "Told of" }
                }
            }
            tbody role="rowgroup" {
                @for webhook in all {
                    tr role="row" {
                        td role="cell" data-label="Name" {
                            a.name href={ "/settings/webhooks/" (webhook.id) } { (webhook.name) }
                            span.progress { (webhook.url) }
                        }
                        td role="cell" data-label="State" { (state(webhook)) }
                        td role="cell" data-label="Told of" { (webhook.events.join(", ")) }
                    }
                }
            }
        }
    }
}

fn made_view(made: &NewWebhookView) -> Markup {
    html! {
        div.banner.waits { p { strong { "Copy the secret now" } " Your server proves with it that events come from here. It is never shown again." } }
        dl.values {
            div { dt { "Webhook" } dd { (made.webhook.name) } }
            div { dt { "Secret" } dd { (copyable(&made.secret)) } }
        }
        p.actions { a.button.primary href={ "/settings/webhooks/" (made.webhook.id) } { "I have copied it" } }
    }
}

/// A webhook's page.
pub(in crate::pages) fn one_view(
    webhook: &WebhookView,
    sent: &Listed<DeliveryView>,
    query: &PageQuery,
) -> Markup {
    let path = format!("/settings/webhooks/{}", webhook.id);
    // A cursor is of letters, digits, `-` and `_`.
    let older = sent.next().map(|next| format!("{path}?cursor={next}"));
    html! {
        header.title { h2 { (webhook.name) } (state(webhook)) }
        @if let Some(reason) = &webhook.disabled_reason {
            div.banner.bad { p { strong { "It is told of nothing" } " " (reason) } }
        } @else if let Some(since) = webhook.failing_since {
            div.banner.waits { p { strong { "Nothing was accepted since " (time(since)) } " Events are sent again for about a day; then the webhook is disabled." } }
        }
        div.actions {
            @if webhook.enabled {
                form method="post" action={ (path) "/test" } { button { "Send a test event" } }
            }
            form method="post" action=(path) {
                input type="hidden" name="enabled" value=(!webhook.enabled);
                button { @if webhook.enabled { "Disable" } @else { "Enable" } }
            }
            a.button.quiet href={ (path) "/delete" } { "Delete…" }
        }
        h2 { "Last deliveries" }
        @if sent.items.is_empty() {
            (empty("Nothing was sent yet", html! { p { "Send a test event to see whether it arrives." } }))
        } @else {
            (deliveries(&path, webhook.enabled, &sent.items))
            (pager(query.cursor().map(|_| path.as_str()), older.as_deref(), "Newest", "Older"))
        }
        form.form method="post" action={ (path) "/secret" } {
            h2 { "Secret" }
            p {
                @match webhook.former_secret_until {
                    Some(until) => { "Events are signed with the secret before the last rotation, too, until " (time(until)) " UTC." }
                    None => "A new secret is shown once. For a day events are signed with both, so that your server can change over.",
                }
            }
            label.choice {
                input type="checkbox" name="at_once" value="true";
                span { "The present one has leaked: it counts no more at once" }
            }
            p.actions { button { "Rotate the secret" } }
        }
        form.form method="post" action=(path) {
            h2 { "Change it" }
            (form_fields(Some(webhook)))
            p.actions { button.primary { "Save" } }
        }
    }
}

fn deliveries(path: &str, enabled: bool, sent: &[DeliveryView]) -> Markup {
    html! {
        table role="table" {
            caption.hidden { "Last deliveries" }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { (time_head("Happened at")) }
                    th role="columnheader" scope="col" { "Event" }
                    th role="columnheader" scope="col" { "Outcome" }
                    th role="columnheader" scope="col" { (time_head("Last sent at")) }
                    th role="columnheader" scope="col" { span.hidden { "Send again" } }
                }
            }
            tbody role="rowgroup" {
                @for delivery in sent {
                    tr role="row" {
                        td.time role="cell" data-label="Happened at" { (time(delivery.at)) }
                        td role="cell" data-label="Event" {
                            code { (delivery.kind) }
                            details { summary { "What is sent" } pre { code { (delivery.payload) } } }
                        }
                        td role="cell" data-label="Outcome" {
                            (outcome(delivery))
                            span.progress {
                                @if let Some(problem) = &delivery.problem { (problem) }
                                @else if let Some(status) = delivery.status { "Answered " (status) }
                            }
                        }
                        td.time role="cell" data-label="Last sent at" {
                            @match delivery.tried_at { Some(at) => (time(at)), None => "Not yet" }
                            @if let Some(at) = delivery.next_at.filter(|_| delivery.attempts > 0) {
                                span.progress { "again " (time(at)) }
                            }
                        }
                        td role="cell" {
                            @if enabled {
                                form method="post" action={ (path) "/deliveries/" (delivery.id) "/resend" } {
                                    button.quiet aria-label={ "Send again: " (delivery.kind) " of " (delivery.at) } { "Send again" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn outcome(delivery: &DeliveryView) -> Markup {
    match delivery.state {
        DeliveryStateName::Queued => toned(Tone::Busy, "On its way"),
        DeliveryStateName::Retrying => toned(Tone::Waits, "Not accepted yet"),
        DeliveryStateName::Delivered => toned(Tone::Good, "Accepted"),
        DeliveryStateName::Failed => toned(Tone::Bad, "Given up"),
    }
}

fn delete_view(webhook: &WebhookView, open: usize) -> Markup {
    let path = format!("/settings/webhooks/{}", webhook.id);
    html! {
        h2 { "Delete " (webhook.name) "?" }
        p {
            (webhook.url) " is told of nothing any more. "
            @match open {
                0 => "No event is on its way to it.",
                1 => "1 event that is on its way to it is not sent.",
                _ => { (open) " events that are on their way to it are not sent." }
            }
            " The list of what was sent goes too."
        }
        form method="post" action={ (path) "/delete" } {
            p.actions { button.danger { "Delete the webhook" } " " a.button.quiet href=(path) { "Keep it" } }
        }
    }
}
