//! The SCIM endpoints: what an identity provider talks to.
//!
//! [`router`] serves `/scim/v2/{connection}` and everything below it. The protocol is in `usher-scim`, the rows are behind
//! the [`Directory`] port; here a request is authenticated, read, applied and answered.

mod access;
mod auth;
mod bulk;
mod call;
mod discovery;
mod limits;
mod meter;
mod query;
mod registries;
mod reply;
mod request;
mod resource;
mod route;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use axum::routing::any;
use usher_domain::directory::Connection;
use usher_domain::ports::{Clock, Directory, Grants, Ids, KeySource, RequestMeter, StoreResult};
use usher_scim::schema::SchemaError;
use usher_scim::{ResourceSchema, ScimError, search, target};

use crate::access::keys::{FetchedKeys, NoKeys};
use crate::access::oauth;
use crate::access::rate::Buckets;
use crate::access::tokens::AccessTokens;
use crate::auth::Connections;
use crate::call::Call;
use crate::meter::Requests;
use crate::registries::Registries;
use crate::reply::Reply;
use crate::route::{Endpoint, Route};

/// What the function runs on.
pub struct App {
    directory: Arc<dyn Directory>,
    grants: Arc<dyn Grants>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    origin: String,
    registries: Registries,
    connections: Connections,
    buckets: Buckets,
    request_meter: Arc<dyn RequestMeter>,
    requests: Requests,
    access_tokens: AccessTokens,
    fetched_keys: FetchedKeys,
}

impl App {
    /// An app over its ports. `origin` is the public one (`https://usher.example`), for `meta.location`.
    ///
    /// # Errors
    /// When the embedded schemas are damaged.
    pub fn new<S: Directory + Grants + RequestMeter + 'static>(
        store: Arc<S>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        origin: &str,
    ) -> Result<Self, SchemaError> {
        Ok(Self {
            directory: store.clone(),
            grants: store.clone(),
            request_meter: store,
            requests: Requests::of(ids.uuid().to_string()),
            clock,
            ids,
            origin: origin.trim_end_matches('/').to_owned(),
            registries: Registries::core()?,
            connections: Connections::default(),
            buckets: Buckets::default(),
            access_tokens: AccessTokens::default(),
            fetched_keys: FetchedKeys::new(Arc::new(NoKeys)),
        })
    }

    /// The same app, with a source of others' public keys. Without one, only keys that are configured inline are known.
    #[must_use]
    pub fn with_keys(self, source: Arc<dyn KeySource>) -> Self {
        Self { fetched_keys: FetchedKeys::new(source), ..self }
    }

    /// Records the requests that were counted and not recorded yet: before the process ends.
    ///
    /// # Errors
    /// When the store does not take them.
    pub async fn record_requests(&self) -> StoreResult<()> {
        self.requests.record_all(self.request_meter.as_ref(), self.clock.now()).await
    }
}

/// The routes under `/scim/v2`. Every path below answers in SCIM, errors included, so it can be merged with other routers
/// and needs no fallback of its own.
pub fn router(app: Arc<App>) -> Router {
    // One handler for all: the flag that Entra ID glues to the URL must be gone before a path is looked at, and axum's own
    // answers to unknown paths and methods have no SCIM body.
    Router::new()
        .route(route::PREFIX, any(handle))
        .route("/scim/v2/", any(handle))
        .route("/scim/v2/{*rest}", any(handle))
        .route(&format!("{}/scim/v2/{{connection}}", oauth::WELL_KNOWN), any(handle))
        .with_state(app)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let correlation_id = request::correlation_id(&parts.headers, app.ids.as_ref());
    // Neither asks nor answers in SCIM.
    if let Some(endpoint) = oauth::Endpoint::of(parts.uri.path()) {
        return oauth::handle(&app, endpoint, &parts, body, &correlation_id).await;
    }
    let (path, query) = target::without_flag(parts.uri.path(), parts.uri.query());
    let route = Route::of(&path);
    let head = Head {
        app: &app,
        parts: &parts,
        query: query.as_deref().unwrap_or_default(),
        correlation_id: &correlation_id,
    };
    let reply = answer(&head, route, body).await;
    let reply = reply.unwrap_or_else(|error| Reply::error(&error));
    tracing::info!(
        correlation_id,
        method = %parts.method,
        endpoint = route::name_of(&path),
        status = reply.status(),
        "answered a SCIM request"
    );
    reply.into_response(&parts.headers, &correlation_id)
}

/// The request without its body.
#[derive(Clone, Copy)]
struct Head<'a> {
    app: &'a App,
    parts: &'a axum::http::request::Parts,
    query: &'a str,
    correlation_id: &'a str,
}

async fn answer(head: &Head<'_>, route: Option<Route>, body: Body) -> Result<Reply, ScimError> {
    let Some(Route { connection, endpoint }) = route else {
        return Err(not_found());
    };
    let app = head.app;
    let method = &head.parts.method;
    if endpoint.is_public() {
        if let Some(refusal) = route::wrong_method(&endpoint, method) {
            return Ok(refusal);
        }
        let known = auth::known(app, &connection).await?.ok_or_else(not_found)?;
        return discovery::answer(app, &known.connection, &endpoint, head.query).await;
    }
    // Who may not in learns nothing about what is there, not even that a path is not.
    let known = auth::authenticated(app, &connection, &head.parts.headers).await?;
    if let Err(refusal) = app.buckets.admit(&known, app.clock.now()) {
        return Ok(Reply::error(&refusal.error()).with(header::RETRY_AFTER, refusal.retry_after()));
    }
    let connection = known.connection;
    let counted = app.requests.count(connection.id.workspace(), app.clock.now());
    let recording = app.requests.record(app.request_meter.as_ref(), counted, app.clock.now());
    let (reply, ()) = tokio::join!(admitted(head, connection, endpoint, body), recording);
    reply
}

/// The answer to somebody who is known and may ask.
async fn admitted(
    head: &Head<'_>,
    connection: Arc<Connection>,
    endpoint: Endpoint,
    body: Body,
) -> Result<Reply, ScimError> {
    let Head { app, parts, query, correlation_id } = *head;
    let method = &parts.method;
    let call = Call::new(app, connection, query, &parts.headers, correlation_id)?;
    if endpoint.collection().is_some_and(|name| call.at_endpoint(name).is_none()) {
        return Err(not_found());
    }
    if let Some(refusal) = route::wrong_method(&endpoint, method) {
        return Ok(refusal);
    }
    served(&call, &parts.headers, method, endpoint, body).await
}

async fn served(
    call: &Call<'_>,
    headers: &HeaderMap,
    method: &Method,
    endpoint: Endpoint,
    body: Body,
) -> Result<Reply, ScimError> {
    let at = |name: &str| call.at_endpoint(name).ok_or_else(not_found);
    match endpoint {
        Endpoint::Root => query::answer(call, &every_type(call), &call.query).await,
        Endpoint::Search(name) => {
            let schemas = match name {
                Some(name) => vec![at(&name)?],
                None => every_type(call),
            };
            let body = request::json(headers, body).await?;
            query::answer(call, &schemas, &search::parse(call.registry.dialect(), body)?).await
        }
        Endpoint::Bulk => bulk::answer(call, request::bulk(headers, body).await?).await,
        Endpoint::Collection(name) if *method == Method::GET => {
            query::answer(call, &[at(&name)?], &call.query).await
        }
        Endpoint::Collection(name) => {
            let schema = at(&name)?;
            resource::create(call, schema, request::json(headers, body).await?).await
        }
        Endpoint::Resource(name, id) => {
            let schema = at(&name)?;
            match *method {
                Method::GET => resource::read(call, schema, &id).await,
                Method::DELETE => resource::delete(call, schema, &id).await,
                _ => resource::change(call, schema, method, &id, request::json(headers, body).await?).await,
            }
        }
        // RFC 7644 §3.11: "A service provider that does NOT support this feature SHOULD respond with HTTP status code 501".
        Endpoint::Me => Err(ScimError::new(
            501,
            "the token stands for the identity provider and for no user, so that nobody is /Me; name the user: /Users/<id>",
        )),
        _ => Err(not_found()),
    }
}

fn every_type<'c>(call: &'c Call<'_>) -> Vec<&'c ResourceSchema> {
    call.registry.resources().collect()
}

fn not_found() -> ScimError {
    ScimError::new(
        404,
        "there is nothing at this path; check the base URL, which ends in /scim/v2/<connection>, and the id",
    )
}
