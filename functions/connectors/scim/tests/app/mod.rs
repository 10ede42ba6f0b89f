//! A small app with a SCIM API, of the kind that vendors ship, that can be told to fail.

pub(crate) mod drive;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// What happens to the next request that a rule meets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// Answers this and does nothing.
    Answer(u16, &'static str, Vec<(&'static str, &'static str)>),
    /// Does it and never answers.
    CutAfter,
    /// Answers everything, whatever the filter.
    IgnoreFilter,
    /// Answers a list without its resources.
    Partial,
}

#[derive(Debug, Default)]
pub(crate) struct Data {
    pub(crate) users: BTreeMap<String, Value>,
    pub(crate) groups: BTreeMap<String, Value>,
    /// For requests of this method on a path that begins so.
    pub(crate) faults: Vec<(Method, &'static str, Fault)>,
    pub(crate) requests: Vec<String>,
    pub(crate) headers: Vec<HeaderMap>,
    pub(crate) bodies: Vec<Value>,
    /// Whether users tell their groups.
    pub(crate) tells_groups: bool,
    next: u64,
}

pub(crate) type Shared = Arc<Mutex<Data>>;

/// Starts the app; answers its base URL.
pub(crate) async fn start() -> (String, Shared) {
    let data = Shared::default();
    let router = Router::new().fallback(handle).with_state(data.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/scim/v2/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (base, data)
}

async fn handle(
    State(data): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match answer(&data, &method, &uri, headers, &body) {
        Some(response) => response,
        None => std::future::pending().await,
    }
}

/// `None` where the answer never comes.
fn answer(data: &Shared, method: &Method, uri: &Uri, headers: HeaderMap, body: &[u8]) -> Option<Response> {
    let mut data = data.lock().unwrap();
    let path = uri.path().trim_start_matches("/scim/v2").to_owned();
    data.requests.push(format!("{method} {path}"));
    data.headers.push(headers);
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    data.bodies.push(body.clone());
    let query = query(uri.query().unwrap_or_default());
    let met = data.faults.iter().position(|(on, under, _)| on == method && path.starts_with(under));
    let fault = met.map(|index| data.faults.remove(index).2);
    if let Some(Fault::Answer(status, text, headers)) = &fault {
        let mut response = (StatusCode::from_u16(*status).unwrap(), *text).into_response();
        for (name, value) in headers {
            response.headers_mut().insert(*name, value.parse().unwrap());
        }
        return Some(response);
    }
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (status, answer) = data.answer(method, &parts, &query, body, fault.as_ref());
    if fault == Some(Fault::CutAfter) {
        return None;
    }
    Some(match answer {
        Value::Null => status.into_response(),
        answer => (status, answer.to_string()).into_response(),
    })
}

/// How long a test's client waits for an answer.
pub(crate) const PATIENCE: Duration = Duration::from_millis(600);

fn query(text: &str) -> BTreeMap<String, String> {
    let decode = |part: &str| {
        let mut bytes = Vec::new();
        let mut rest = part.bytes();
        while let Some(byte) = rest.next() {
            assert_ne!(byte, b'+', "a space is %20: not every server decodes forms");
            if byte == b'%' {
                let pair = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap());
            } else {
                bytes.push(byte);
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), decode(value)))
        .collect()
}

fn error(status: u16, scim_type: Option<&str>) -> (StatusCode, Value) {
    let body =
        json!({"status": status.to_string(), "scimType": scim_type, "detail": "about somebody@example.org"});
    (StatusCode::from_u16(status).unwrap(), body)
}

fn texts(resource: &Value, attribute: &str) -> Vec<String> {
    let (name, part) = attribute.split_once('.').unwrap_or((attribute, "value"));
    match &resource[name] {
        Value::Array(items) => items.iter().filter_map(|item| item[part].as_str()).map(Into::into).collect(),
        value => value.as_str().map(Into::into).into_iter().collect(),
    }
}

impl Data {
    fn answer(
        &mut self,
        method: &Method,
        path: &[&str],
        query: &BTreeMap<String, String>,
        body: Value,
        fault: Option<&Fault>,
    ) -> (StatusCode, Value) {
        let groups_of = |groups: &BTreeMap<String, Value>, id: &str| -> Vec<Value> {
            let member = |group: &&Value| texts(group, "members").contains(&id.to_owned());
            let shown = |group: &Value| json!({"value": group["id"], "display": group["displayName"]});
            groups.values().filter(member).map(shown).collect()
        };
        let groups = self.groups.clone();
        let kind = if path[0] == "Users" { &mut self.users } else { &mut self.groups };
        let show = |mut resource: Value| {
            if path[0] == "Users" && self.tells_groups {
                resource["groups"] = groups_of(&groups, resource["id"].as_str().unwrap()).into();
            }
            resource
        };
        match (method.as_str(), path) {
            ("GET", [_]) => {
                let wanted = query.get("filter").map(|filter| {
                    let (name, value) = filter.split_once(" eq ").unwrap();
                    (name.to_owned(), serde_json::from_str::<String>(value).unwrap().to_lowercase())
                });
                let meets = |resource: &&Value| match &wanted {
                    Some((name, value)) if fault != Some(&Fault::IgnoreFilter) => {
                        texts(resource, name).iter().any(|has| has.to_lowercase() == *value)
                    }
                    _ => true,
                };
                let all: Vec<Value> = kind.values().filter(meets).cloned().map(show).collect();
                let start: usize = query.get("startIndex").map_or(1, |start| start.parse().unwrap());
                let count: usize = query.get("count").map_or(100, |count| count.parse().unwrap());
                let page: Vec<&Value> = all.iter().skip(start - 1).take(count).collect();
                let total = if fault == Some(&Fault::Partial) { all.len() + 1 } else { all.len() };
                let page = if fault == Some(&Fault::Partial) { vec![] } else { page };
                (StatusCode::OK, json!({"totalResults": total, "startIndex": start, "Resources": page}))
            }
            ("GET", [_, id]) => match kind.get(*id) {
                Some(resource) => (StatusCode::OK, show(resource.clone())),
                None => error(404, None),
            },
            ("POST", [_]) => {
                let taken = |has: &&Value| {
                    path[0] == "Users"
                        && texts(has, "userName")[0].eq_ignore_ascii_case(&texts(&body, "userName")[0])
                };
                if kind.values().any(|has| taken(&has)) {
                    return error(409, Some("uniqueness"));
                }
                self.next += 1;
                let id = format!("id-{:03}", self.next);
                let mut resource = body;
                resource["id"] = id.clone().into();
                resource["meta"] = json!({"created": format!("2026-01-01T00:00:{:02}Z", self.next)});
                kind.insert(id, resource.clone());
                (StatusCode::CREATED, resource)
            }
            ("PATCH", [_, id]) => match kind.get_mut(*id) {
                Some(resource) => {
                    for operation in body["Operations"].as_array().unwrap() {
                        patch(resource, operation);
                    }
                    (StatusCode::NO_CONTENT, Value::Null)
                }
                None => error(404, None),
            },
            ("DELETE", [_, id]) => match kind.remove(*id) {
                Some(_) => (StatusCode::NO_CONTENT, Value::Null),
                None => error(404, None),
            },
            _ => error(501, None),
        }
    }
}

/// The shapes that ordinary vendors take.
fn patch(resource: &mut Value, operation: &Value) {
    let (op, path) = (operation["op"].as_str().unwrap(), operation["path"].as_str().unwrap());
    match (op, path.split_once('[')) {
        ("add", None) => {
            if resource[path].is_null() {
                resource[path] = json!([]);
            }
            for item in operation["value"].as_array().unwrap() {
                let items = resource[path].as_array_mut().unwrap();
                if !items.contains(item) {
                    items.push(item.clone());
                }
            }
        }
        ("remove", Some((name, filter))) => {
            let value = filter.trim_end_matches(']').strip_prefix("value eq ").unwrap();
            let value: Value = serde_json::from_str(value).unwrap();
            if let Some(items) = resource[name].as_array_mut() {
                items.retain(|item| item["value"] != value);
            }
        }
        ("remove", None) => {
            resource.as_object_mut().unwrap().remove(path);
        }
        ("replace", None) => match path.split_once('.') {
            Some((name, part)) => resource[name][part] = operation["value"].clone(),
            None => resource[path] = operation["value"].clone(),
        },
        other => panic!("{other:?}"),
    }
}
