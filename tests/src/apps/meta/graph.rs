//! The Graph API's forms: parameters, errors, pages of an edge.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{super::business::Refused, BUSINESS};
use crate::apps::Fault;

/// An answer, or the error in its place.
pub(super) type Answer = Result<Json<Value>, GraphError>;

/// `{"error": {…}}`.
#[derive(Debug)]
pub(super) struct GraphError {
    status: StatusCode,
    kind: &'static str,
    code: u32,
    subcode: Option<u32>,
    transient: bool,
    message: String,
    usage: Option<u64>,
}

impl GraphError {
    pub(super) fn new(code: u32, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "OAuthException",
            code,
            subcode: None,
            transient: false,
            message: message.into(),
            usage: None,
        }
    }

    /// A parameter that is wrong or missing.
    pub(super) fn parameter(name: &str) -> Self {
        Self::new(100, format!("(#100) Param {name} is not valid"))
    }

    /// No such node, or none that the token may see: Meta does not tell which.
    pub(super) fn no_such(id: &str) -> Self {
        let message = format!("Unsupported request. Object with ID '{id}' does not exist");
        Self { kind: "GraphMethodException", subcode: Some(33), ..Self::new(100, message) }
    }

    pub(super) fn bad_token() -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new(190, "Invalid OAuth access token.") }
    }
}

impl From<Refused> for GraphError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotFound => Self::no_such("?"),
            Refused::LastAdmin => Self::new(3914, "A business needs an admin."),
            // The code is not known: a connector must get by without it.
            Refused::AlreadyMember | Refused::AlreadyInvited => Self::parameter("email"),
            Refused::SeatLimit | Refused::PendingLimit => Self::new(368, "Too many."),
        }
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let mut error = json!({
            "message": self.message,
            "type": self.kind,
            "code": self.code,
            "is_transient": self.transient,
            "fbtrace_id": "AbCdEfGhIjK",
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        let mut answer = (self.status, Json(json!({ "error": error }))).into_response();
        if let Some(minutes) = self.usage {
            let usage = json!({ BUSINESS: [{"type": "ads_management", "call_count": 100, "total_cputime": 25,
                "total_time": 25, "estimated_time_to_regain_access": minutes}]});
            if let Ok(usage) = usage.to_string().parse() {
                answer.headers_mut().insert("x-business-use-case-usage", usage);
            }
        }
        answer
    }
}

/// How Graph says that it does not answer as it should.
pub(super) fn refusal(fault: Fault) -> Response {
    match fault {
        Fault::TooManyRequests { retry_after } => GraphError {
            usage: Some(retry_after.div_ceil(60)),
            ..GraphError::new(80004, "(#80004) There have been too many calls to this ad-account.")
        },
        Fault::BadToken => GraphError::bad_token(),
        Fault::Forbidden => GraphError::new(200, "(#200) Permissions error"),
        _ => GraphError {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            transient: true,
            ..GraphError::new(2, "Service temporarily unavailable")
        },
    }
    .into_response()
}

/// Query and form together, as Graph takes them.
#[derive(Debug, Default)]
pub(super) struct Params(pub(super) BTreeMap<String, String>);

impl Params {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, GraphError> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| GraphError::parameter(name))
    }

    /// A list: JSON in a parameter.
    pub(super) fn list(&self, name: &str) -> Result<Vec<String>, GraphError> {
        serde_json::from_str(self.required(name)?).map_err(|_| GraphError::parameter(name))
    }
}

/// The fields of a node that were asked for; `id` is always told. An unknown field is an error. Fields of fields are
/// asked for in braces, and a list among them is an edge of the node: `id,assigned_pages.limit(50){id,tasks}`.
pub(super) fn node(all: &Value, params: &Params, default: &[&str]) -> Result<Value, GraphError> {
    let asked = match params.get("fields") {
        Some(fields) => split(fields).into_iter().map(str::to_owned).collect(),
        None => default.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>(),
    };
    let mut shown = Map::new();
    shown.insert("id".to_owned(), all["id"].clone());
    for asked in asked {
        let (name, inner) = match asked.split_once('{') {
            Some((name, inner)) => (name, inner.strip_suffix('}')),
            None => (asked.as_str(), None),
        };
        let (name, limit) = match name.split_once(".limit(") {
            Some((name, limit)) => (name, limit.strip_suffix(')')),
            None => (name, None),
        };
        let of = [("fields", inner), ("limit", limit)];
        let of = of.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        let of = Params(of.collect());
        let value = match all.get(name) {
            Some(Value::Null) => continue,
            Some(Value::Array(items)) if items.iter().all(Value::is_object) => edge(items, &of, &["name"])?.0,
            Some(inside @ Value::Object(_)) => node(inside, &of, &["name"])?,
            Some(value) => value.clone(),
            None => {
                let message = format!("(#100) Tried accessing nonexisting field ({name})");
                return Err(GraphError::new(100, message));
            }
        };
        // A node without anything on an edge does not show the edge.
        if value.get("data") != Some(&Value::Array(Vec::new())) {
            shown.insert(name.to_owned(), value);
        }
    }
    Ok(Value::Object(shown))
}

/// At commas that are not inside braces.
fn split(fields: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    let outside = |character: char| {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    };
    fields.split(outside).collect()
}

/// One page of an edge, with a cursor that is no number. No more than a hundred at once.
pub(super) fn edge(all: &[Value], params: &Params, default: &[&str]) -> Answer {
    let limit = params.get("limit").map_or(Ok(25), str::parse::<usize>);
    let limit = limit.map_err(|_| GraphError::parameter("limit"))?.clamp(1, 100);
    let start = match params.get("after") {
        None => 0,
        Some(cursor) => {
            let id = cursor.strip_prefix("QVFIU").ok_or_else(|| GraphError::parameter("after"))?;
            1 + all.iter().position(|node| node["id"] == id).ok_or_else(|| GraphError::parameter("after"))?
        }
    };
    let page = all.iter().skip(start).take(limit);
    let data = page.map(|all| node(all, params, default)).collect::<Result<Vec<_>, _>>()?;
    let cursor = |node: &Value| format!("QVFIU{}", node["id"].as_str().unwrap_or_default());
    let mut body = json!({ "data": data });
    if let (Some(first), Some(last)) = (data.first(), data.last()) {
        body["paging"] = json!({"cursors": {"before": cursor(first), "after": cursor(last)}});
        if start + data.len() < all.len() {
            let next = format!("https://graph.facebook.com/v26.0/next?after={}", cursor(last));
            body["paging"]["next"] = next.into();
        }
    }
    if params.get("summary").is_some_and(|asked| asked == "true" || asked.contains("total_count")) {
        body["summary"] = json!({"total_count": all.len()});
    }
    Ok(Json(body))
}
