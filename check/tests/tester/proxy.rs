//! A server with one thing broken: it hands everything to a good one and spoils what its fault says.

use std::sync::Arc;

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::cursors;

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// `remove members` with a value empties the group.
    EmptiesGroup,
    /// A filter that cannot be answered finds nobody.
    EmptyForRefused,
    /// The operations of a PATCH are done one by one.
    NotAtomic,
    /// Passwords come back.
    EchoesPassword,
    /// The status of an error is a number.
    NumericStatus,
    /// Resources that are read have no `schemas`.
    NoSchemas,
    /// New resources have no Location.
    NoLocation,
    /// PUT makes what is not there.
    PutCreates,
    /// DELETE says that it did, and did nothing.
    KeepsDeleted,
    /// `count` is ignored.
    IgnoresCount,
    /// `sortBy` is ignored, though sorting is announced.
    IgnoresSort,
    /// `If-Match` is ignored, though ETags are announced.
    IgnoresIfMatch,
    /// A PATCH takes its first 100 members only.
    LosesMembers,
    /// `Add` of `active` is ignored.
    IgnoresAddActive,
    /// Everything is `application/json`.
    PlainJson,
    /// Errors are pages.
    HtmlErrors,
    /// `excludedAttributes` is ignored.
    IgnoresExcluded,
    /// `failOnErrors` is ignored.
    IgnoresFailOnErrors,
    /// No token is asked for.
    NoAuthentication,
    /// No changed user is a conflict: a taken userName gets 400.
    ConflictAs400,
    /// Bulk is not announced any more.
    NoBulk,
    /// Nothing; cursors are offered beside indexes.
    Cursors,
    /// Every cursor is the first page.
    CursorIgnored,
    /// No page but the first is told.
    CursorLost,
    /// A wrong cursor is the first page.
    CursorForgiven,
    /// The last page has a next one.
    CursorEndless,
    /// Cursors have characters that URLs reserve.
    CursorReserved,
}

impl Fault {
    fn has_cursors(self) -> bool {
        use Fault::{CursorEndless, CursorForgiven, CursorIgnored, CursorLost, CursorReserved, Cursors};
        matches!(self, Cursors | CursorIgnored | CursorLost | CursorForgiven | CursorEndless | CursorReserved)
    }
}

struct Shared {
    fault: Fault,
    good: String,
    token: String,
    http: reqwest::Client,
}

/// The base URL of a new server with this fault.
pub(crate) async fn start(fault: Fault, good: &str, token: &str) -> String {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let shared = Shared { fault, good: good.to_owned(), token: token.to_owned(), http };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("http://{}/v2", listener.local_addr().unwrap());
    let app = Router::new().fallback(pass).with_state(Arc::new(shared));
    tokio::spawn(async move { axum::serve(listener, app).await });
    base
}

impl Shared {
    async fn send(&self, method: &Method, path: &str, headers: &HeaderMap, body: Vec<u8>) -> Answer {
        let mut headers = headers.clone();
        headers.remove(header::CONTENT_LENGTH);
        if self.fault == Fault::IgnoresIfMatch {
            headers.remove(header::IF_MATCH);
        }
        if self.fault == Fault::NoAuthentication {
            headers.insert(header::AUTHORIZATION, format!("Bearer {}", self.token).parse().unwrap());
        }
        // The good server is called by the name that this one was called by, and so tells this one's locations.
        let url = format!("{}{path}", self.good);
        let answer = self.http.request(method.clone(), url).headers(headers).body(body).send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        Answer { status, headers, body: answer.bytes().await.unwrap() }
    }
}

pub(crate) struct Answer {
    status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    pub(crate) fn new(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn set_json(&mut self, json: &Value) {
        self.body = json.to_string().into();
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let (path, json) = spoiled_request(shared.fault, &parts.method, &parts.uri, &body);
    if shared.fault == Fault::KeepsDeleted && parts.method == Method::DELETE {
        return StatusCode::NO_CONTENT.into_response();
    }
    let sent = json.as_ref().map_or(body, |json| json.to_string().into_bytes());
    let by_cursor = match shared.fault.has_cursors() {
        true => cursors::by_index(shared.fault, &parts.method, &path, &sent),
        false => None,
    };
    let mut answer = match (by_cursor, &json) {
        (Some(Err(refusal)), _) => *refusal,
        (Some(Ok((path, body, page))), _) => {
            let mut answer = shared.send(&parts.method, &path, &parts.headers, body).await;
            cursors::with_cursor(shared.fault, &page, &mut answer);
            answer
        }
        (None, Some(json)) if shared.fault == Fault::NotAtomic => {
            one_by_one(&shared, &path, &parts.headers, json).await
        }
        (None, _) => shared.send(&parts.method, &path, &parts.headers, sent.clone()).await,
    };
    if shared.fault.has_cursors() && path.starts_with("/ServiceProviderConfig") {
        cursors::announce(&mut answer);
    }
    if shared.fault == Fault::PutCreates && parts.method == Method::PUT && answer.status == 404 {
        let list = path.rsplit_once('/').unwrap().0;
        answer = shared.send(&Method::POST, list, &parts.headers, sent.clone()).await;
    }
    spoil_answer(shared.fault, &parts.method, &path, &sent, &mut answer);
    let mut headers = answer.headers;
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::CONNECTION);
    (answer.status, headers, answer.body).into_response()
}

/// The path to ask for, and the body to send where it is another than the one that came.
fn spoiled_request(fault: Fault, method: &Method, uri: &Uri, body: &[u8]) -> (String, Option<Value>) {
    let path = uri.path().strip_prefix("/v2").unwrap_or(uri.path()).to_owned();
    let without = |name: &str| {
        let kept: Vec<_> = uri.query().into_iter().flat_map(|query| query.split('&')).collect();
        let kept: Vec<_> = kept.into_iter().filter(|pair| !pair.starts_with(name)).collect();
        if kept.is_empty() { path.clone() } else { format!("{path}?{}", kept.join("&")) }
    };
    let path = match fault {
        Fault::IgnoresCount => without("count="),
        Fault::IgnoresSort => without("sort"),
        Fault::IgnoresExcluded => without("excludedAttributes="),
        _ => without("\0"),
    };
    let Ok(mut json) = serde_json::from_slice::<Value>(body) else { return (path, None) };
    let mut changed = fault == Fault::NotAtomic && method == Method::PATCH && json["Operations"].is_array();
    if fault == Fault::IgnoresFailOnErrors && json["failOnErrors"].is_number() {
        json.as_object_mut().unwrap().remove("failOnErrors");
        changed = true;
    }
    if method == Method::PATCH && json["Operations"].is_array() {
        let operations = json["Operations"].as_array_mut().unwrap();
        for operation in operations.iter_mut() {
            changed |= spoil_operation(fault, operation);
        }
        if fault == Fault::IgnoresAddActive {
            operations.retain(|one| !(is_op(one, "add") && one["path"] == "active"));
            // Something has to be left to do.
            if operations.is_empty() {
                operations.push(json!({"op": "replace", "value": {}}));
            }
            changed = true;
        }
    }
    (path, changed.then_some(json))
}

fn is_op(operation: &Value, op: &str) -> bool {
    operation["op"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(op))
}

fn spoil_operation(fault: Fault, operation: &mut Value) -> bool {
    if operation["path"] != "members" {
        return false;
    }
    match fault {
        Fault::EmptiesGroup if is_op(operation, "remove") && operation["value"].is_array() => {
            operation.as_object_mut().unwrap().remove("value");
            true
        }
        Fault::LosesMembers if operation["value"].is_array() => {
            operation["value"].as_array_mut().unwrap().truncate(100);
            true
        }
        _ => false,
    }
}

async fn one_by_one(shared: &Shared, path: &str, headers: &HeaderMap, json: &Value) -> Answer {
    let mut last = None;
    for operation in json["Operations"].as_array().unwrap() {
        let mut body = json.clone();
        body["Operations"] = json!([operation]);
        let answer = shared.send(&Method::PATCH, path, headers, body.to_string().into_bytes()).await;
        let failed = !answer.status.is_success();
        last = Some(answer);
        if failed {
            break;
        }
    }
    last.unwrap()
}

fn spoil_answer(fault: Fault, method: &Method, path: &str, sent: &[u8], answer: &mut Answer) {
    let mut json = answer.json();
    let is_error = answer.status.is_client_error() || answer.status.is_server_error();
    match fault {
        Fault::EmptyForRefused if path.contains("filter=") && answer.status == 400 => {
            answer.status = StatusCode::OK;
            let list = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
            answer.set_json(&json!({
                "schemas": [list],
                "totalResults": 0,
                "startIndex": 1,
                "itemsPerPage": 0,
                "Resources": [],
            }));
        }
        Fault::EchoesPassword if json["id"].is_string() => {
            let sent: Value = serde_json::from_slice(sent).unwrap_or_default();
            if sent["password"].is_string() {
                json["password"] = sent["password"].clone();
                answer.set_json(&json);
            }
        }
        Fault::NumericStatus if is_error && json["status"].is_string() => {
            json["status"] = answer.status.as_u16().into();
            answer.set_json(&json);
        }
        Fault::NoSchemas if method == Method::GET && json["userName"].is_string() => {
            json.as_object_mut().unwrap().remove("schemas");
            answer.set_json(&json);
        }
        Fault::NoLocation => drop(answer.headers.remove(header::LOCATION)),
        Fault::PlainJson if !answer.body.is_empty() => {
            answer.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Fault::HtmlErrors if is_error => {
            answer.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
            answer.body = "<h1>Sorry</h1>".into();
        }
        Fault::ConflictAs400 if answer.status == 409 => answer.status = StatusCode::BAD_REQUEST,
        Fault::NoBulk if path.starts_with("/ServiceProviderConfig") && json["bulk"].is_object() => {
            json["bulk"]["supported"] = false.into();
            answer.set_json(&json);
        }
        _ => {}
    }
}
