//! The app's routes: SCIM (RFC 7644 §3), the page, the controls.

use std::{future, sync::Arc};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{OriginalUri, Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::host::{cut, half, short},
    Entry, Fault, FaultRule, ScimApp,
    directory::Resource,
    discovery,
    error::{Answer, ScimError, scim_json},
    filter::Filter,
    oauth, page, patch,
    schema::Kind,
};

type App = State<Arc<ScimApp>>;

/// Where SCIM begins, below wherever the router is mounted.
const SCIM: &str = "/scim/v2";

/// The app's routes; they may be nested below any path.
pub fn router(state: Arc<ScimApp>) -> Router {
    let scim = Router::new()
        .route(
            "/ServiceProviderConfig",
            get(async || scim_json(StatusCode::OK, &discovery::service_provider_config())),
        )
        .route("/ResourceTypes", get(async || scim_json(StatusCode::OK, &discovery::resource_types())))
        .route("/ResourceTypes/{id}", get(async |id: Path<String>| one(&discovery::resource_types(), &id)))
        .route("/Schemas", get(async || scim_json(StatusCode::OK, &discovery::schemas())))
        .route("/Schemas/{id}", get(async |id: Path<String>| one(&discovery::schemas(), &id)))
        .route("/{collection}", get(list).post(create))
        .route("/{collection}/{id}", get(read).put(replace).patch(modify).delete(remove))
        .fallback(async || ScimError::status(StatusCode::NOT_FOUND, "There is nothing here."))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), authenticated))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), recorded));
    let tokens = Router::new()
        .route(oauth::TOKEN_PATH, post(oauth::token))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), recorded));
    let control = Router::new()
        .route("/faults", get(async || StatusCode::METHOD_NOT_ALLOWED).post(set_fault).delete(clear_faults))
        .route("/journal", get(journal))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), authenticated));
    Router::new()
        .route(
            "/",
            get(async |State(app): App| Html(page::render(&app.name, &app.directory()).into_string())),
        )
        .nest(SCIM, scim)
        .merge(tokens)
        .nest("/_control", control)
        .with_state(state)
}

async fn authenticated(State(app): App, request: Request, next: Next) -> Response {
    let expected = format!("Bearer {}", app.token);
    match request.headers().get(header::AUTHORIZATION) {
        Some(given) if given.as_bytes() == expected.as_bytes() => next.run(request).await,
        _ => refusal(),
    }
}

fn refusal() -> Response {
    let mut refusal = ScimError::status(StatusCode::UNAUTHORIZED, "The token is not valid.").into_response();
    refusal.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    refusal
}

/// Writes the journal, and misbehaves when told to.
async fn recorded(State(app): App, request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let reads = method == "GET" || path == oauth::TOKEN_PATH;
    let answer = match app.faults.take(&method, &path) {
        None => Some(next.run(request).await),
        Some(Fault::TooManyRequests { retry_after }) => Some(too_many_requests(retry_after)),
        Some(Fault::ServerError) => {
            Some(ScimError::status(StatusCode::INTERNAL_SERVER_ERROR, "Something broke.").into_response())
        }
        Some(Fault::BadToken) => Some(refusal()),
        Some(Fault::Forbidden) => {
            Some(ScimError::status(StatusCode::FORBIDDEN, "The token may not do this.").into_response())
        }
        Some(Fault::HalfAnswer) => Some(half(next.run(request).await).await),
        Some(Fault::ShortList) => Some(short(next.run(request).await, "/Resources").await),
        Some(Fault::CutBeforeEffect) => None,
        Some(Fault::CutAfterEffect) => {
            next.run(request).await;
            None
        }
        Some(Fault::NoAnswer) => {
            app.journal.record(Entry { reads, method, path, status: None });
            return future::pending().await;
        }
    };
    app.journal.record(Entry {
        reads,
        method,
        path,
        status: answer.as_ref().map(|answer| answer.status().as_u16()),
    });
    answer.unwrap_or_else(cut)
}

fn too_many_requests(retry_after: u64) -> Response {
    let mut answer = ScimError::status(StatusCode::TOO_MANY_REQUESTS, "Too many requests.").into_response();
    answer.headers_mut().insert(header::RETRY_AFTER, retry_after.into());
    answer
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListQuery {
    filter: Option<String>,
    start_index: Option<i64>,
    count: Option<i64>,
    cursor: Option<String>,
}

/// Which attributes a client does not want (RFC 7644 §3.9).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    excluded_attributes: Option<String>,
}

impl Shown {
    fn of(&self, mut resource: Value) -> Value {
        let excluded = self.excluded_attributes.iter().flat_map(|names| names.split(',')).map(str::trim);
        if let Some(resource) = resource.as_object_mut() {
            for name in excluded.filter(|name| !["id", "schemas"].contains(name)) {
                resource.retain(|known, _| !known.eq_ignore_ascii_case(name));
            }
        }
        resource
    }
}

async fn list(
    State(app): App,
    Path(collection): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
    Query(shown): Query<Shown>,
) -> Answer<Response> {
    let kind = kind_of(&collection)?;
    let filter = query.filter.as_deref().map(Filter::parse).transpose()?;
    let known = |name: &str| name.eq_ignore_ascii_case("id") || kind.attribute(name).is_some();
    if let Some(stranger) = filter.iter().flat_map(Filter::names).find(|name| !known(name)) {
        return Err(ScimError::bad(
            "invalidFilter",
            format!("There is no attribute {stranger} to filter by."),
        ));
    }
    let directory = app.directory();
    let habits = directory.habits;
    habits.check_query(uri.query().unwrap_or_default())?;
    let filters = if kind == Kind::User { habits.user_filters } else { habits.group_filters };
    let unusual = |name: &&str| !filters.is_empty() && !filters.contains(name);
    if let Some(name) = filter.iter().flat_map(Filter::names).find(unusual) {
        return Err(ScimError::bad("invalidFilter", format!("This app does not filter by {name}.")));
    }
    let found = directory.find(kind, filter.as_ref());
    let longest = i64::try_from(habits.longest_page).unwrap_or(i64::MAX);
    if habits.refuses_larger_pages && query.count.is_some_and(|count| count > longest) {
        return Err(ScimError::bad("invalidValue", format!("count is at most {longest}.")));
    }
    // "A value less than 1 SHALL be interpreted as 1", a negative count as 0 (RFC 7644 §3.4.2.4).
    let start = match &query.cursor {
        Some(cursor) if habits.cursors => cursor_place(cursor)?,
        _ => usize::try_from(query.start_index.unwrap_or(1).max(1)).unwrap_or(usize::MAX) - 1,
    };
    let count = usize::try_from(query.count.unwrap_or(longest).clamp(0, longest)).unwrap_or_default();
    let base = base_url(uri.path(), &headers);
    let page = found.iter().skip(start).take(count);
    let page: Vec<_> = page.map(|resource| shown.of(directory.rendered(kind, resource, &base))).collect();
    let next = start + page.len();
    let mut body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "itemsPerPage": page.len(),
        "Resources": page,
    });
    if habits.cursors && query.cursor.is_some() {
        if next < found.len() {
            body["nextCursor"] = format!("after-{next}").into();
        }
    } else {
        body["totalResults"] = found.len().into();
        body["startIndex"] = (start + 1).into();
    }
    Ok(scim_json(StatusCode::OK, &body))
}

/// How many resources were told before the page that a cursor names; none with the first one, which is empty.
fn cursor_place(cursor: &str) -> Answer<usize> {
    let place = match cursor {
        "" => Some(0),
        cursor => cursor.strip_prefix("after-").and_then(|place| place.parse().ok()),
    };
    place.ok_or_else(|| ScimError::bad("invalidCursor", "This is no cursor of this list."))
}

async fn create(
    State(app): App,
    Path(collection): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
    body: Bytes,
) -> Answer<Response> {
    let kind = kind_of(&collection)?;
    let attributes = kind.writable(&json_body(&headers, &body)?)?;
    let created = app.change(|directory| directory.create(kind, attributes))?;
    let body = app.directory().rendered(kind, &created, &base_url(uri.path(), &headers));
    Ok(respond(StatusCode::CREATED, &body, &shown))
}

async fn read(
    State(app): App,
    Path((collection, id)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
) -> Answer<Response> {
    let kind = kind_of(&collection)?;
    let directory = app.directory();
    let body = directory.rendered(kind, directory.get(kind, &id)?, &base_url(uri.path(), &headers));
    Ok(respond(StatusCode::OK, &body, &shown))
}

async fn replace(
    State(app): App,
    Path((collection, id)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
    body: Bytes,
) -> Answer<Response> {
    let kind = kind_of(&collection)?;
    let attributes = kind.writable(&json_body(&headers, &body)?)?;
    let replaced = app.change(|directory| {
        check_version(directory.get(kind, &id)?, &headers)?;
        directory.replace(kind, &id, attributes)
    })?;
    let body = app.directory().rendered(kind, &replaced, &base_url(uri.path(), &headers));
    Ok(respond(StatusCode::OK, &body, &shown))
}

async fn modify(
    State(app): App,
    Path((collection, id)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Query(shown): Query<Shown>,
    body: Bytes,
) -> Answer<Response> {
    let kind = kind_of(&collection)?;
    let body = json_body(&headers, &body)?;
    let modified = app.change(|directory| {
        let current = directory.get(kind, &id)?;
        check_version(current, &headers)?;
        if kind == Kind::Group {
            directory.habits.check_group_patch(&body)?;
        }
        let attributes = patch::apply(kind, current.attributes.clone(), &body)?;
        directory.replace(kind, &id, attributes)
    })?;
    let body = app.directory().rendered(kind, &modified, &base_url(uri.path(), &headers));
    Ok(respond(StatusCode::OK, &body, &shown))
}

async fn remove(
    State(app): App,
    Path((collection, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer<StatusCode> {
    let kind = kind_of(&collection)?;
    app.change(|directory| {
        check_version(directory.get(kind, &id)?, &headers)?;
        directory.delete(kind, &id)
    })?;
    Ok(StatusCode::NO_CONTENT)
}

fn one(list: &Value, id: &str) -> Answer<Response> {
    let found = discovery::one(list, id).ok_or_else(|| ScimError::unknown(id))?;
    Ok(scim_json(StatusCode::OK, &found))
}

async fn set_fault(State(app): App, Json(rule): Json<FaultRule>) -> StatusCode {
    app.faults.add(rule);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(app): App) -> StatusCode {
    app.faults.clear();
    StatusCode::NO_CONTENT
}

async fn journal(State(app): App) -> Json<Vec<Entry>> {
    Json(app.journal.entries())
}

fn kind_of(collection: &str) -> Answer<Kind> {
    Kind::of_collection(collection)
        .ok_or_else(|| ScimError::status(StatusCode::NOT_FOUND, format!("There is no {collection} here.")))
}

fn json_body(headers: &HeaderMap, body: &[u8]) -> Answer<Value> {
    let media_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media_type.starts_with("application/scim+json") && !media_type.starts_with("application/json") {
        return Err(ScimError::status(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send application/scim+json."));
    }
    serde_json::from_slice(body).map_err(|error| ScimError::bad("invalidSyntax", error.to_string()))
}

fn check_version(resource: &Resource, headers: &HeaderMap) -> Answer<()> {
    match headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()) {
        Some(wanted) if wanted != "*" && wanted != resource.etag() => {
            Err(ScimError::status(StatusCode::PRECONDITION_FAILED, "The resource has changed since."))
        }
        _ => Ok(()),
    }
}

fn respond(status: StatusCode, body: &Value, shown: &Shown) -> Response {
    let mut response = scim_json(status, &shown.of(body.clone()));
    let text = |value: &Value| value.as_str().and_then(|text| HeaderValue::from_str(text).ok());
    if let (Some(location), Some(version)) = (text(&body["meta"]["location"]), text(&body["meta"]["version"]))
    {
        response.headers_mut().insert(header::LOCATION, location);
        response.headers_mut().insert(header::ETAG, version);
    }
    response
}

/// The base URL as the client wrote it: the app may be mounted anywhere.
fn base_url(path: &str, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let prefix = path.split_once(SCIM).map_or("", |(prefix, _)| prefix);
    format!("http://{host}{prefix}{SCIM}")
}
