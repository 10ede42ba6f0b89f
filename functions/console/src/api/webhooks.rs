//! Webhooks: the workspace's own servers that are told of events, and what was sent to them.

use std::{collections::BTreeSet, sync::Arc};

use axum::{Json as Reply, extract::State};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::StatusCode;
use jiff::SignedDuration;
use usher_domain::{
    id::{DeliveryId, EndpointId},
    ports::SealedFor,
    webhook::{Delivery, Endpoint, EndpointState, Event, EventType, MOST_ENDPOINTS, SECRET_PREFIX},
};

use super::{
    check_name,
    extract::{Json, OptionalJson, Path, Query},
    webhook_views::{
        DeliveryView, EventTypeName, NewWebhookView, SecretRotate, WebhookCreate, WebhookPatch, WebhookView,
    },
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::{Listed, PageQuery, page_of},
    permission::Action,
};

/// How long the secret before a rotation counts at most, and where the caller does not say: a day.
const MOST_OVERLAP_SECONDS: u32 = 24 * 60 * 60;
/// Longest address, in bytes.
const LONGEST_URL: usize = 2_000;

/// Webhooks
#[utoipa::path(get, path = "/webhooks", tag = "Webhooks", operation_id = "listWebhooks",
    responses((status = 200, description = "All webhooks.", body = Listed<WebhookView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Reply<Listed<WebhookView>>, Problem> {
    caller.may(Action::ManageWebhooks)?;
    let endpoints = app.store.endpoints(&caller.workspace).await?;
    Ok(Reply(Listed::whole(endpoints, WebhookView::from)))
}

/// Create a webhook
///
/// It is told of what happens from now on, signed as Standard Webhooks says. Its secret is answered this once.
#[utoipa::path(post, path = "/webhooks", tag = "Webhooks", operation_id = "createWebhook",
    request_body = WebhookCreate,
    responses((status = 201, description = "The webhook, with its secret.", body = NewWebhookView)))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<WebhookCreate>,
) -> Result<(StatusCode, Reply<NewWebhookView>), Problem> {
    caller.may(Action::ManageWebhooks)?;
    let name = check_name("/name", &body.name)?;
    let (url, events) = (check_url(&app, body.url)?, check_events(body.events)?);
    if app.store.endpoints(&caller.workspace).await?.len() >= MOST_ENDPOINTS {
        let detail = format!("a workspace has {MOST_ENDPOINTS} webhooks at most; delete one first");
        return Err(Problem::conflict(detail));
    }
    let id = EndpointId::from(app.ids.uuid());
    let (secret, sealed_secret) = new_secret(&app, &id).await?;
    let endpoint = Endpoint {
        sealed_secret,
        former: None,
        id,
        workspace: caller.workspace.clone(),
        name,
        url,
        events,
        state: EndpointState::Enabled,
        failing_since: None,
        version: 1,
        created_at: app.clock.now(),
    };
    app.store.put_endpoint(&endpoint).await?;
    let webhook = WebhookView::from(endpoint);
    caller.act.after(&webhook);
    Ok((StatusCode::CREATED, Reply(NewWebhookView { webhook, secret })))
}

/// A webhook
#[utoipa::path(get, path = "/webhooks/{webhook}", tag = "Webhooks", operation_id = "getWebhook",
    params(("webhook" = String, Path, description = "The webhook's id.")),
    responses((status = 200, description = "The webhook.", body = WebhookView)))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<EndpointId>,
) -> Result<Reply<WebhookView>, Problem> {
    Ok(Reply(read(&app, &caller, &id).await?.into()))
}

/// Change a webhook
///
/// One that was disabled because nothing arrived is enabled again by hand.
#[utoipa::path(patch, path = "/webhooks/{webhook}", tag = "Webhooks", operation_id = "patchWebhook",
    params(("webhook" = String, Path, description = "The webhook's id.")),
    request_body = WebhookPatch,
    responses((status = 200, description = "The webhook as it is now.", body = WebhookView)))]
pub(crate) async fn patch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<EndpointId>,
    Json(patch): Json<WebhookPatch>,
) -> Result<Reply<WebhookView>, Problem> {
    let mut endpoint = read(&app, &caller, &id).await?;
    caller.act.before(&WebhookView::from(endpoint.clone()));
    if let Some(name) = patch.name {
        endpoint.name = check_name("/name", &name)?;
    }
    if let Some(url) = patch.url {
        endpoint.url = check_url(&app, url)?;
    }
    if let Some(events) = patch.events {
        endpoint.events = check_events(events)?;
    }
    match patch.enabled {
        Some(true) if !endpoint.is_enabled() => {
            endpoint.state = EndpointState::Enabled;
            endpoint.failing_since = None;
        }
        Some(false) if endpoint.is_enabled() => {
            let reason = format!("disabled by {}", caller.name);
            endpoint.state = EndpointState::Disabled { reason, since: app.clock.now() };
        }
        _ => {}
    }
    endpoint.version += 1;
    app.store.put_endpoint(&endpoint).await?;
    let view = WebhookView::from(endpoint);
    caller.act.after(&view);
    Ok(Reply(view))
}

/// Delete a webhook
///
/// What is on its way to it is not sent any more.
#[utoipa::path(delete, path = "/webhooks/{webhook}", tag = "Webhooks", operation_id = "deleteWebhook",
    params(("webhook" = String, Path, description = "The webhook's id.")),
    responses((status = 204, description = "The webhook is deleted.")))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<EndpointId>,
) -> Result<StatusCode, Problem> {
    let endpoint = read(&app, &caller, &id).await?;
    caller.act.before(&WebhookView::from(endpoint));
    app.store.delete_endpoint(&caller.workspace, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rotate a webhook's secret
///
/// Answers a new secret, this once. Events are signed with both for the overlap, as Standard Webhooks says, so that the server
/// can change over in its own time. A secret that was rotated before counts no more.
#[utoipa::path(post, path = "/webhooks/{webhook}/secret", tag = "Webhooks", operation_id = "rotateWebhookSecret",
    params(("webhook" = String, Path, description = "The webhook's id.")),
    request_body = Option<SecretRotate>,
    responses((status = 201, description = "The webhook, with its new secret.", body = NewWebhookView)))]
pub(crate) async fn rotate(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<EndpointId>,
    OptionalJson(body): OptionalJson<SecretRotate>,
) -> Result<(StatusCode, Reply<NewWebhookView>), Problem> {
    let endpoint = read(&app, &caller, &id).await?;
    caller.act.before(&WebhookView::from(endpoint.clone()));
    let overlap = body.overlap_seconds.unwrap_or(MOST_OVERLAP_SECONDS);
    if overlap > MOST_OVERLAP_SECONDS {
        let detail = format!("use 0 to {MOST_OVERLAP_SECONDS} seconds (a day)");
        return Err(Problem::invalid("/overlap_seconds", detail));
    }
    let (secret, sealed) = new_secret(&app, &id).await?;
    let endpoint = endpoint.rotated(sealed, app.clock.now() + SignedDuration::from_secs(overlap.into()));
    app.store.put_endpoint(&endpoint).await?;
    let webhook = WebhookView::from(endpoint);
    caller.act.after(&webhook);
    Ok((StatusCode::CREATED, Reply(NewWebhookView { webhook, secret })))
}

/// Send a webhook a test event
///
/// An event of the type `webhook.test`, delivered as all others are.
#[utoipa::path(post, path = "/webhooks/{webhook}/test", tag = "Webhooks", operation_id = "testWebhook",
    params(("webhook" = String, Path, description = "The webhook's id.")),
    responses((status = 202, description = "The event, on its way.", body = DeliveryView)))]
pub(crate) async fn test(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<EndpointId>,
) -> Result<(StatusCode, Reply<DeliveryView>), Problem> {
    let endpoint = enabled(read(&app, &caller, &id).await?)?;
    let number = app.ids.uuid().to_string();
    let event = Event::test(&id, &number, &caller.correlation_id, app.clock.now());
    let delivery = Delivery::of(&event, &endpoint);
    app.store.add_delivery(&delivery).await?;
    Ok((StatusCode::ACCEPTED, Reply(delivery.into())))
}

/// What was sent to a webhook
///
/// Newest event first; kept for 30 days.
#[utoipa::path(get, path = "/webhooks/{webhook}/deliveries", tag = "Webhooks", operation_id = "listDeliveries",
    params(("webhook" = String, Path, description = "The webhook's id."), PageQuery),
    responses((status = 200, description = "One page of deliveries.", body = Listed<DeliveryView>)))]
pub(crate) async fn deliveries(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<EndpointId>,
    Query(query): Query<PageQuery>,
) -> Result<Reply<Listed<DeliveryView>>, Problem> {
    let limit = query.limit()?;
    read(&app, &caller, &id).await?;
    let page = app.store.deliveries(&caller.workspace, &id, query.cursor(), limit).await;
    Ok(Reply(Listed::new(page_of(page, query.cursor())?, DeliveryView::from)))
}

/// Send an event again
///
/// Under the same id, with all attempts before it. One that is still on its way is sent now.
#[utoipa::path(post, path = "/webhooks/{webhook}/deliveries/{delivery}/resend", tag = "Webhooks",
    operation_id = "resendDelivery",
    params(("webhook" = String, Path, description = "The webhook's id."),
        ("delivery" = String, Path, description = "The delivery's id.")),
    responses((status = 202, description = "The event, on its way.", body = DeliveryView)))]
pub(crate) async fn resend(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, delivery)): Path<(EndpointId, DeliveryId)>,
) -> Result<(StatusCode, Reply<DeliveryView>), Problem> {
    enabled(read(&app, &caller, &id).await?)?;
    let found = app.store.sent(&caller.workspace, &id, &delivery).await?;
    let delivery = found.ok_or_else(|| Problem::not_found("this delivery"))?.again(app.clock.now());
    app.store.put_delivery(&delivery).await?;
    Ok((StatusCode::ACCEPTED, Reply(delivery.into())))
}

/// A new secret for an endpoint: its text, and sealed.
async fn new_secret(app: &App, id: &EndpointId) -> Result<(String, String), Problem> {
    let secret = format!("{SECRET_PREFIX}{}", BASE64_STANDARD.encode(app.ids.secret()));
    let sealed = app.sealer.seal(SealedFor::Webhook(id), &secret).await?;
    Ok((secret, sealed))
}

async fn read(app: &App, caller: &Caller, id: &EndpointId) -> Result<Endpoint, Problem> {
    caller.may(Action::ManageWebhooks)?;
    let found = app.store.endpoint(&caller.workspace, id).await?;
    found.ok_or_else(|| Problem::not_found("this webhook"))
}

fn enabled(endpoint: Endpoint) -> Result<Endpoint, Problem> {
    match &endpoint.state {
        EndpointState::Enabled => Ok(endpoint),
        EndpointState::Disabled { reason, .. } => {
            Err(Problem::conflict(format!("the webhook is disabled ({reason}); enable it first")))
        }
    }
}

fn check_url(app: &App, url: String) -> Result<String, Problem> {
    if url.len() > LONGEST_URL {
        return Err(Problem::invalid("/url", format!("an address has {LONGEST_URL} characters at most")));
    }
    app.web.check(&url).map_err(|refused| Problem::invalid("/url", refused.to_string()))?;
    Ok(url)
}

fn check_events(events: Vec<EventTypeName>) -> Result<BTreeSet<EventType>, Problem> {
    if events.is_empty() {
        return Err(Problem::invalid("/events", "name at least one type of event"));
    }
    Ok(events.into_iter().map(EventType::from).collect())
}
