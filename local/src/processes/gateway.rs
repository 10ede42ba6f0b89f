//! The HTTP API in front of the functions, with payload format 2.0: requests become events, answers become responses, as
//! API Gateway makes them.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::{Timestamp, tz::TimeZone};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::runtime_api::MOST_BYTES;
use crate::{
    function::{Failure, Function},
    template::{ACCOUNT, Route},
};

/// The longest that the API waits for a function.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who calls: it is reached from this machine only.
const CALLER: &str = "127.0.0.1";

/// What the API knows.
struct Gateway {
    routes: Vec<(Route, Arc<dyn Function>)>,
    /// The API's own host and port: what another `Host` says is not for it.
    host: String,
}

/// The API with these routes.
pub(super) fn router(
    routes: &[Route],
    functions: &BTreeMap<String, Arc<dyn Function>>,
    origin: &str,
) -> Router {
    let host = origin.trim_start_matches("http://").to_owned();
    let routes = routes
        .iter()
        .filter_map(|route| Some((route.clone(), functions.get(&route.function)?.clone())))
        .collect();
    Router::new().fallback(handle).with_state(Arc::new(Gateway { routes, host }))
}

async fn handle(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST_BYTES).await else {
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let Some((route, rest, function)) = gateway.route(&parts) else {
        return refusal(StatusCode::NOT_FOUND, "Not Found");
    };
    let event = gateway.event(&parts, &body, &route.key, rest);
    match tokio::time::timeout(PATIENCE, function.invoke(&event)).await {
        Ok(Ok(answer)) => response(&answer)
            .unwrap_or_else(|| refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
        Ok(Err(Failure::Failed(_))) => refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        Ok(Err(Failure::Throttled)) | Err(_) => {
            refusal(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
        }
    }
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, axum::Json(json!({ "message": message }))).into_response()
}

impl Gateway {
    /// The most specific route, what its `{proxy+}` stands for, and its function.
    fn route(&self, parts: &Parts) -> Option<(&Route, Option<String>, &Arc<dyn Function>)> {
        let path = parts.uri.path();
        let fitting = self.routes.iter().filter_map(|(route, function)| {
            let rest = fits(&route.key, parts.method.as_str(), path)?;
            Some((route, rest, function))
        });
        fitting.max_by_key(|(route, ..)| if route.key == "$default" { 0 } else { route.key.len() })
    }

    fn event(&self, parts: &Parts, body: &[u8], route: &str, rest: Option<String>) -> Value {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = Timestamp::now();
        let path = raw_path(parts.uri.path());
        let (headers, cookies) = self.headers(&parts.headers);
        let mut event = json!({
            "version": "2.0",
            "routeKey": route,
            "rawPath": path,
            "rawQueryString": parts.uri.query().unwrap_or_default(),
            "headers": headers,
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": "local",
                "domainName": self.host,
                "domainPrefix": "local",
                "http": {
                    "method": parts.method.as_str(),
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": CALLER,
                    "userAgent": headers.get("user-agent").cloned().unwrap_or(json!("")),
                },
                "requestId": Uuid::new_v4().to_string(),
                "routeKey": route,
                "stage": "$default",
                "time": now.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
                "timeEpoch": u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
            },
            "isBase64Encoded": false,
        });
        if !cookies.is_empty() {
            event["cookies"] = cookies.into();
        }
        if let Some(query) = parts.uri.query().filter(|query| !query.is_empty()) {
            event["queryStringParameters"] = Value::Object(parameters(query));
        }
        if let Some(rest) = rest {
            event["pathParameters"] = json!({ "proxy": rest });
        }
        if !body.is_empty() {
            match std::str::from_utf8(body).ok().filter(|_| is_text(&parts.headers)) {
                Some(text) => event["body"] = text.into(),
                None => {
                    event["body"] = BASE64_STANDARD.encode(body).into();
                    event["isBase64Encoded"] = true.into();
                }
            }
        }
        event
    }

    /// Headers in lower case, several of one name joined by commas; cookies apart.
    fn headers(&self, headers: &HeaderMap) -> (Map<String, Value>, Vec<Value>) {
        let (mut joined, mut cookies) = (Map::new(), Vec::new());
        for (name, value) in headers {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            match name {
                &header::COOKIE => cookies.extend(value.split("; ").map(Value::from)),
                &header::HOST => {}
                name => match joined.get_mut(name.as_str()) {
                    Some(Value::String(before)) => *before = format!("{before},{value}"),
                    _ => drop(joined.insert(name.to_string(), value.into())),
                },
            }
        }
        joined.insert("host".to_owned(), self.host.clone().into());
        joined.insert("x-forwarded-proto".to_owned(), "http".into());
        joined.insert("x-forwarded-for".to_owned(), CALLER.into());
        (joined, cookies)
    }
}

/// Whether a route is for a request; if so, with what its `{proxy+}` stands for.
fn fits(key: &str, method: &str, path: &str) -> Option<Option<String>> {
    if key == "$default" {
        return Some(None);
    }
    let (wanted, pattern) = key.split_once(' ')?;
    if wanted != "ANY" && wanted != method {
        return None;
    }
    match pattern.strip_suffix("{proxy+}") {
        Some(beginning) => {
            let rest = path.strip_prefix(beginning).filter(|rest| !rest.is_empty())?;
            Some(Some(rest.to_owned()))
        }
        None => (pattern == path).then_some(None),
    }
}

/// An HTTP API decodes the path, and loses what follows a `?` that this brings to light.
fn raw_path(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    decoded.split('?').next().unwrap_or_default().to_owned()
}

/// Decoded, and several of one name joined by commas.
fn parameters(query: &str) -> Map<String, Value> {
    let mut joined = Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match joined.get_mut(name.as_ref()) {
            Some(Value::String(before)) => *before = format!("{before},{value}"),
            _ => drop(joined.insert(name.into_owned(), value.into_owned().into())),
        }
    }
    joined
}

/// Whether a body is passed on as text. Everything else is passed on as Base64.
fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || matches!(kind.as_str(), "application/json" | "application/xml" | "application/javascript")
}

/// The response that an answer stands for. An answer without a status is a body.
fn response(answer: &Value) -> Option<Response> {
    let Some(status) = answer.get("statusCode") else {
        return Some(axum::Json(answer.clone()).into_response());
    };
    let status = StatusCode::from_u16(u16::try_from(status.as_u64()?).ok()?).ok()?;
    let body = answer["body"].as_str().unwrap_or_default();
    let body = match answer["isBase64Encoded"] == true {
        true => BASE64_STANDARD.decode(body).ok()?,
        false => body.as_bytes().to_vec(),
    };
    let mut response = Response::builder().status(status).body(Body::from(body)).ok()?;
    let headers = response.headers_mut();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        headers.append(HeaderName::try_from(name).ok()?, HeaderValue::from_str(value.as_str()?).ok()?);
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        headers.append(header::SET_COOKIE, HeaderValue::from_str(cookie.as_str()?).ok()?);
    }
    headers.remove(header::CONTENT_LENGTH);
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gateway() -> Gateway {
        Gateway { routes: Vec::new(), host: "127.0.0.1:1".to_owned() }
    }

    fn event(request: axum::http::request::Builder, body: &[u8]) -> Value {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        gateway().event(&parts, body, "$default", None)
    }

    #[test]
    fn a_request_becomes_an_event_of_version_2() {
        let request = axum::http::Request::get("/scim/v2/a%20b%3Fc?x=1&x=2&y=%20")
            .header("host", "elsewhere")
            .header("cookie", "a=1; b=2")
            .header("Accept", "text/html")
            .header("Accept", "text/plain");
        let event = event(request, b"");
        assert_eq!(
            event["rawPath"], "/scim/v2/a b",
            "decoded, and cut at the question mark as API Gateway does"
        );
        assert_eq!(event["rawQueryString"], "x=1&x=2&y=%20");
        assert_eq!(event["queryStringParameters"], json!({"x": "1,2", "y": " "}));
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(event["headers"]["accept"], "text/html,text/plain");
        assert_eq!(event["headers"]["host"], "127.0.0.1:1");
        assert!(event["headers"].get("cookie").is_none() && event.get("body").is_none());
    }

    #[test]
    fn only_text_is_passed_on_as_text() {
        let post = |kind: &str| axum::http::Request::post("/").header("content-type", kind);
        let json = event(post("application/json; charset=utf-8"), b"{}");
        assert_eq!((&json["body"], &json["isBase64Encoded"]), (&json!("{}"), &json!(false)));
        let scim = event(post("application/scim+json"), b"{}");
        assert_eq!((&scim["body"], &scim["isBase64Encoded"]), (&json!("e30="), &json!(true)));
        let broken = event(post("text/plain"), b"\xff");
        assert_eq!(broken["isBase64Encoded"], true);
    }

    #[test]
    fn routes_are_found_as_they_are_written() {
        assert_eq!(fits("ANY /scim/{proxy+}", "PUT", "/scim/v2/x"), Some(Some("v2/x".to_owned())));
        assert_eq!(fits("ANY /scim/{proxy+}", "PUT", "/scim/"), None);
        assert_eq!(fits("GET /.well-known/{proxy+}", "POST", "/.well-known/x"), None);
        assert_eq!(fits("$default", "POST", "/anything"), Some(None));
    }

    #[test]
    fn an_answer_becomes_a_response() {
        let answer = json!({"statusCode": 201, "headers": {"x-a": "1"}, "cookies": ["s=1", "t=2"],
            "body": "e30=", "isBase64Encoded": true});
        let made = response(&answer).unwrap();
        assert_eq!(made.status(), 201);
        assert_eq!(made.headers()["x-a"], "1");
        assert_eq!(made.headers().get_all("set-cookie").iter().count(), 2);
        assert!(response(&json!({"statusCode": "many"})).is_none());
    }
}
