//! The body of a bulk request.

use serde_json::{Map, Value};

use super::references;
use crate::dialect::Dialect;
use crate::error::ScimError;
use crate::search::{message, take};
use crate::urn;

/// What one bulk request may hold; announced in the service provider configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// `maxOperations`.
    pub operations: usize,
    /// `maxPayloadSize`, in bytes. Kept by whoever reads the body.
    pub payload: usize,
}

impl Limits {
    /// As many as can be worked off in the time that a gateway waits for an answer.
    pub const DEFAULT: Self = Self { operations: 1_000, payload: 1024 * 1024 };
}

/// A bulk request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// After how many errors to stop.
    pub fail_on_errors: Option<u64>,
    /// The operations in the order sent. One that cannot be read is an error of its own: the others are still worked off.
    pub operations: Vec<Result<Operation, Refused>>,
}

/// An operation that cannot be worked off.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// Its method, as far as it can be told.
    pub method: String,
    /// Its `bulkId`.
    pub bulk_id: Option<String>,
    /// Why.
    pub error: ScimError,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What is done.
    pub method: Method,
    /// The client's name for a resource that is made here.
    pub bulk_id: Option<String>,
    /// To what.
    pub target: Target,
    /// The version that the resource must have, as an entity tag.
    pub version: Option<String>,
    /// The body that a request of its own would have.
    pub data: Value,
    /// The `bulkId`s that the target and the data refer to, each once.
    pub references: Vec<String>,
}

/// The method of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// The method as it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        // RFC 7644 §3.7 writes them in capitals; one of its own examples does not.
        [Self::Post, Self::Put, Self::Patch, Self::Delete]
            .into_iter()
            .find(|m| m.name().eq_ignore_ascii_case(text))
    }
}

/// What an operation is done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The endpoint, without its slash: `Users`.
    pub endpoint: String,
    /// The resource; `bulkId:` and a name for one that this request makes. `None` for POST.
    pub id: Option<String>,
}

/// Reads a bulk request whose body was not longer than the limit.
///
/// # Errors
/// 400 `invalidSyntax` when it is not a bulk request, 413 when it has too many operations.
pub fn parse(body: Value, limits: Limits) -> Result<Request, ScimError> {
    let Value::Object(mut body) = body else {
        return Err(syntax("the body is not a JSON object"));
    };
    // No dialect lets this go: what else is sent here by mistake must not be half worked off.
    message(Dialect::Rfc, take(&mut body, "schemas").as_ref(), urn::BULK_REQUEST)?;
    let fail_on_errors = match take(&mut body, "failOnErrors") {
        None | Some(Value::Null) => None,
        Some(value) => Some(
            value
                .as_u64()
                .filter(|n| *n > 0)
                .ok_or_else(|| ScimError::invalid_value("failOnErrors must be a whole number above 0"))?,
        ),
    };
    let Some(Value::Array(items)) = take(&mut body, "Operations") else {
        return Err(syntax("there is no list called Operations"));
    };
    if items.len() > limits.operations {
        return Err(too_large(limits));
    }
    let operations = items.into_iter().map(operation).collect();
    Ok(Request { fail_on_errors, operations })
}

/// RFC 7644 §3.7.4: the service provider "MUST return HTTP response code 413 (Payload Too Large)", and which limit it was.
#[must_use]
pub fn too_large(limits: Limits) -> ScimError {
    ScimError::new(
        413,
        format!(
            "a bulk request holds at most {} operations (maxOperations) and {} bytes (maxPayloadSize); split it",
            limits.operations, limits.payload
        ),
    )
}

fn operation(item: Value) -> Result<Operation, Refused> {
    let refused = |method: &str, bulk_id: Option<&String>, error| Refused {
        method: method.to_owned(),
        bulk_id: bulk_id.cloned(),
        error,
    };
    let Value::Object(mut item) = item else {
        return Err(refused("", None, syntax("an operation is not a JSON object")));
    };
    let bulk_id = take(&mut item, "bulkId").and_then(|v| v.as_str().map(str::to_owned));
    let written = take(&mut item, "method").and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    let Some(method) = Method::parse(&written) else {
        let error = syntax("the method of an operation must be POST, PUT, PATCH or DELETE");
        return Err(refused(&written, bulk_id.as_ref(), error));
    };
    read(method, bulk_id.clone(), item).map_err(|error| refused(method.name(), bulk_id.as_ref(), error))
}

fn read(
    method: Method,
    bulk_id: Option<String>,
    mut item: Map<String, Value>,
) -> Result<Operation, ScimError> {
    // RFC 7644 §3.7: "bulkId ... REQUIRED when "method" is "POST"".
    if method == Method::Post && bulk_id.as_deref().is_none_or(|id| !is_bulk_id(id)) {
        return Err(syntax("a POST operation needs a bulkId of 1 to 255 characters"));
    }
    let path = take(&mut item, "path").and_then(|v| v.as_str().map(str::to_owned));
    let target = path.as_deref().and_then(target).ok_or_else(|| {
        syntax("the path of an operation must be an endpoint, as in \"/Users\", or a resource below it")
    })?;
    if target.id.is_some() == (method == Method::Post) {
        return Err(syntax("a POST operation has an endpoint as its path, any other a resource"));
    }
    let version = take(&mut item, "version").and_then(|v| v.as_str().map(str::to_owned));
    let data = take(&mut item, "data").unwrap_or_default();
    if method != Method::Delete && !data.is_object() {
        return Err(syntax("the data of an operation must be a JSON object"));
    }
    let references = references::of(&target, &data);
    Ok(Operation { method, bulk_id, target, version, data, references })
}

fn is_bulk_id(text: &str) -> bool {
    (1..=255).contains(&text.len())
}

/// `/Users`, `Users/2819c223`, `/Groups/bulkId:ytrewq`; the base URL in front is not looked at.
fn target(path: &str) -> Option<Target> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let (endpoint, id) = match path.split_once('/') {
        Some((endpoint, id)) => (endpoint, Some(id)),
        None => (path, None),
    };
    let plain = |part: &str| !part.is_empty() && part.len() <= 512 && !part.contains(['/', '?', '#']);
    (plain(endpoint) && id.is_none_or(plain))
        .then(|| Target { endpoint: endpoint.to_owned(), id: id.map(str::to_owned) })
}

fn syntax(what: &str) -> ScimError {
    ScimError::invalid_syntax(format!(
        "{what}; send {{\"schemas\": [\"{}\"], \"Operations\": [{{\"method\": \"POST\", \"path\": \"/Users\", \"bulkId\": …, \"data\": …}}]}}",
        urn::BULK_REQUEST
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ScimType;
    use serde_json::json;

    fn read(operations: Value) -> Request {
        parse(json!({"schemas": [urn::BULK_REQUEST], "Operations": operations}), Limits::DEFAULT).unwrap()
    }

    #[test]
    fn operations_are_read() {
        let request = read(json!([
            {"method": "post", "path": "/Users", "bulkId": "q", "data": {"userName": "a"}},
            {"method": "PATCH", "path": "/Groups/bulkId:g", "version": "W/\"1\"", "data": {"Operations": [
                {"op": "add", "path": "members", "value": [{"value": "bulkId:q"}, {"value": "bulkId:q"}]}]}},
            {"method": "DELETE", "path": "Users/1/"},
        ]));
        let all: Vec<Operation> = request.operations.into_iter().map(Result::unwrap).collect();
        assert_eq!((all[0].method, all[0].bulk_id.as_deref()), (Method::Post, Some("q")));
        assert_eq!(all[1].references, ["g", "q"]);
        assert_eq!(all[1].version.as_deref(), Some("W/\"1\""));
        assert_eq!(all[2].target, Target { endpoint: "Users".into(), id: Some("1".into()) });
    }

    #[test]
    fn an_operation_that_cannot_be_read_is_an_error_of_its_own() {
        for operation in [
            json!(1),
            json!({}),
            json!({"method": "GET", "path": "/Users/1"}),
            json!({"method": "POST", "path": "/Users", "data": {}}),
            json!({"method": "POST", "path": "/Users", "bulkId": "", "data": {}}),
            json!({"method": "POST", "path": "/Users/1", "bulkId": "a", "data": {}}),
            json!({"method": "POST", "path": "/Users", "bulkId": "a"}),
            json!({"method": "PUT", "path": "/Users", "data": {}}),
            json!({"method": "DELETE", "path": "/Users/1/2"}),
            json!({"method": "DELETE", "path": "/"}),
            json!({"method": "DELETE"}),
        ] {
            let request = read(json!([operation]));
            let refused = request.operations[0].as_ref().expect_err(&operation.to_string());
            assert_eq!(refused.error.scim_type, Some(ScimType::InvalidSyntax));
        }
    }

    #[test]
    fn the_request_as_a_whole_is_checked_first() {
        let parse =
            |body: Value| parse(body, Limits { operations: 2, payload: 100 }).map(|r| r.fail_on_errors);
        for body in [
            json!([]),
            json!({}),
            json!({"Operations": []}),
            json!({"schemas": [urn::PATCH_OP], "Operations": []}),
        ] {
            assert_eq!(parse(body).unwrap_err().scim_type, Some(ScimType::InvalidSyntax));
        }
        let with = |fail: Value, count: usize| json!({"schemas": [urn::BULK_REQUEST], "failOnErrors": fail, "Operations": vec![json!({}); count]});
        assert_eq!(parse(with(json!(1), 2)), Ok(Some(1)));
        assert_eq!(parse(with(json!(null), 0)), Ok(None));
        assert!(parse(with(json!(0), 1)).is_err() && parse(with(json!("1"), 1)).is_err());
        assert_eq!(parse(with(json!(1), 3)).unwrap_err().status, 413);
    }
}
