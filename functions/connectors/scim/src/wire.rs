//! SCIM on the wire, as a client sees it (RFC 7644): lists, filters, patches, errors.

use serde::Deserialize;
use serde_json::{Value, json};
use usher_connector::{Class, Error, Method, Request, Response, Result};

pub(crate) const MEDIA_TYPE: &str = "application/scim+json";
pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// `attribute eq "value"`, the value as a JSON string (RFC 7644 §3.4.2.2).
pub(crate) fn equals(attribute: &str, value: &str) -> String {
    format!("{attribute} eq {}", Value::from(value))
}

/// A PATCH body.
pub(crate) fn patch(operations: Vec<Value>) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

/// A replace operation; a remove where nothing is left.
pub(crate) fn replace(path: &str, value: Value) -> Value {
    match &value {
        Value::Array(values) if values.is_empty() => json!({"op": "remove", "path": path}),
        Value::Null => json!({"op": "remove", "path": path}),
        _ => json!({"op": "replace", "path": path, "value": value}),
    }
}

/// One page of a list.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) total: u64,
    pub(crate) resources: Vec<Value>,
}

/// Reads a ListResponse (RFC 7644 §3.4.2). Whatever is not surely one is an error: a list that could not be
/// read must never look like an empty one.
pub(crate) fn list(doing: &str, body: &Value, start: u64) -> Result<List> {
    let malformed = |what| malformed(doing, what);
    let total =
        body.get("totalResults").and_then(Value::as_u64).ok_or_else(|| malformed("no totalResults"))?;
    let resources = match body.get("Resources") {
        Some(Value::Array(resources)) => resources.clone(),
        // RFC 7644 §3.4.2: Resources may be left out when there are none.
        None | Some(Value::Null) if total == 0 => Vec::new(),
        _ => return Err(malformed("no Resources")),
    };
    if let Some(answered) = body.get("startIndex").and_then(Value::as_u64)
        // Some count from nought.
        && answered != start
        && (answered, start) != (0, 1)
        && !resources.is_empty()
    {
        return Err(malformed("another page than was asked for"));
    }
    if resources.is_empty() && start <= total {
        return Err(Error::transient(format!(
            "{doing}: the app's list stops before its end; it is read again"
        )));
    }
    if resources.iter().any(|resource| id_of(resource).is_none()) {
        return Err(malformed("a resource without an id"));
    }
    Ok(List { total, resources })
}

/// Reads one page of a list that goes on by cursors, and the cursor of the next one (RFC 9865 §2).
pub(crate) fn cursor_list(doing: &str, body: &Value) -> Result<(Vec<Value>, Option<String>)> {
    let next = text(body, "nextCursor").map(str::to_owned);
    let resources = match body.get("Resources") {
        Some(Value::Array(resources)) => resources.clone(),
        // Nothing but a count of nought says that there is nobody.
        None | Some(Value::Null) if body.get("totalResults") == Some(&Value::from(0)) => Vec::new(),
        _ => return Err(malformed(doing, "no Resources")),
    };
    if resources.iter().any(|resource| id_of(resource).is_none()) {
        return Err(malformed(doing, "a resource without an id"));
    }
    Ok((resources, next))
}

fn malformed(doing: &str, what: &str) -> Error {
    Error::invalid(format!(
        "{doing}: the app's answer is not a SCIM list ({what}); check that `base_url` is its SCIM 2.0 API"
    ))
}

/// A resource's `id`.
pub(crate) fn id_of(resource: &Value) -> Option<&str> {
    resource.get("id").and_then(Value::as_str).filter(|id| !id.is_empty())
}

/// A text attribute of a resource.
pub(crate) fn text<'a>(resource: &'a Value, attribute: &str) -> Option<&'a str> {
    resource.get(attribute).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The attribute at a path: `a`, `a.b`, or either after an extension's URN and a colon (RFC 7644 §3.10).
pub(crate) fn at_path<'a>(resource: &'a Value, path: &str) -> Option<&'a Value> {
    let (inside, name) = match path.rsplit_once(':') {
        Some((urn, name)) => (resource.get(urn)?, name),
        None => (resource, path),
    };
    name.split('.').try_fold(inside, |value, part| value.get(part))
}

/// Sets the attribute at a path in a resource to be created.
pub(crate) fn set_path(resource: &mut Value, path: &str, value: Value) {
    let mut target = resource;
    let mut name = path;
    if let Some((urn, rest)) = path.rsplit_once(':') {
        if let Some(schemas) = target.get_mut("schemas").and_then(Value::as_array_mut) {
            schemas.push(urn.into());
        }
        target = &mut target[urn];
        name = rest;
    }
    for part in name.split('.') {
        target = &mut target[part];
    }
    *target = value;
}

/// Whether a value of a list is of a type; any is of none in particular.
pub(crate) fn is_of_type(item: &Value, of_type: Option<&str>) -> bool {
    of_type.is_none_or(|of_type| text(item, "type") == Some(of_type))
}

/// The values of an attribute that holds a list of `{"value": …}`, of texts, or one text.
pub(crate) fn values(attribute: Option<&Value>) -> Vec<String> {
    let text = |value: &Value| {
        value.get("value").unwrap_or(value).as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    };
    match attribute {
        Some(Value::Array(items)) => items.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

#[derive(Deserialize)]
struct ScimError {
    #[serde(rename = "scimType")]
    scim_type: Option<String>,
}

/// What an answer that is no success means: by `scimType` first, by status second. The text is for people,
/// and holds what must not be repeated.
pub(crate) fn failure(request: &Request, answer: &Response) -> Error {
    let Request { doing, method, path, .. } = request;
    let scim_type = answer
        .json()
        .and_then(|body| serde_json::from_value::<ScimError>(body).ok())
        .and_then(|error| error.scim_type)
        .filter(|name| name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    // The status of a refused credential, a limit or a broken server says more than a scimType beside it.
    let by_status = matches!(answer.status, 401 | 403 | 429 | 500..);
    let named = scim_type.as_deref().filter(|_| !by_status).and_then(class_of_type);
    let class = named.unwrap_or_else(|| match answer.status {
        // A collection that is not there is a wrong base URL, not a missing person.
        404 if path.len() == 1 => Class::Invalid,
        _ => answer.class(*method),
    });
    let status = answer.status;
    let told = scim_type.map(|name| format!("{status}, {name}")).unwrap_or_else(|| status.to_string());
    let next = advice(class, *method);
    Error::new(class, format!("{doing}: the app answered {told}; {next}"))
}

/// RFC 7644 §3.12, table 9.
fn class_of_type(scim_type: &str) -> Option<Class> {
    Some(match scim_type {
        "uniqueness" => Class::AlreadyExists,
        // The path of a patch met nothing: it was changed since it was looked at.
        "noTarget" => Class::Conflict,
        // RFC 9865 §2.2: the list is begun anew.
        "invalidCursor" | "expiredCursor" => Class::Conflict,
        "mutability" | "sensitive" => Class::PolicyDenied,
        "invalidFilter" | "tooMany" | "invalidSyntax" | "invalidPath" | "invalidValue" | "invalidVers" => {
            Class::Invalid
        }
        _ => return None,
    })
}

fn advice(class: Class, method: Method) -> &'static str {
    match class {
        Class::AuthExpired | Class::AuthRevoked => "store a new token, then resume the integration",
        Class::ScopeMissing => "give the token the right to do this, then resume the integration",
        Class::AlreadyExists => {
            "somebody in the app has one of these values already and is not shown; look for them in the app"
        }
        Class::PolicyDenied => "the app forbids it; change it there, or exempt the person, and retry",
        Class::SeatLimit => "buy or free a seat, then retry",
        Class::RateLimited { .. } | Class::Transient { .. } | Class::Conflict => "it is tried again",
        Class::Ambiguous => {
            "it is not known whether it was done; the app is looked at before it is tried again"
        }
        Class::NotFound => "it is not in the app any more; look there, then retry",
        _ if method == Method::Get => "check `base_url` and `match` in the integration's settings",
        _ => "check how the integration's settings map roles, entitlements and names, then retry",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_values_cannot_end_the_string() {
        assert_eq!(equals("userName", r#"a"b\c"#), r#"userName eq "a\"b\\c""#);
        assert_eq!(equals("userName", "a\nb"), r#"userName eq "a\nb""#);
    }

    #[test]
    fn only_a_whole_list_is_a_list() {
        let read = |body: Value| list("reading", &body, 1).map(|list| list.resources.len());
        assert_eq!(read(json!({"totalResults": 0})), Ok(0));
        assert_eq!(read(json!({"totalResults": 0, "Resources": []})), Ok(0));
        assert_eq!(read(json!({"totalResults": 1, "startIndex": 1, "Resources": [{"id": "a"}]})), Ok(1));
        for not_a_list in [
            json!({}),
            json!([]),
            json!({"Resources": []}),
            json!({"totalResults": "1", "Resources": []}),
            json!({"totalResults": 3}),
            json!({"totalResults": 3, "Resources": []}),
            json!({"totalResults": 3, "Resources": null}),
            json!({"totalResults": 1, "Resources": [{"userName": "a"}]}),
            json!({"totalResults": 9, "startIndex": 5, "Resources": [{"id": "a"}]}),
            json!({"status": "500", "detail": "no"}),
        ] {
            assert!(read(not_a_list.clone()).is_err(), "{not_a_list}");
        }
    }

    #[test]
    fn paths_reach_into_extensions() {
        let mut user = json!({"schemas": [USER]});
        set_path(&mut user, "urn:acme:2.0:User:seat", json!("full"));
        set_path(&mut user, "name.honorificPrefix", json!("Dr"));
        assert_eq!(user["schemas"][1], "urn:acme:2.0:User");
        assert_eq!(at_path(&user, "urn:acme:2.0:User:seat"), Some(&json!("full")));
        assert_eq!(at_path(&user, "name.honorificPrefix"), Some(&json!("Dr")));
        assert_eq!(at_path(&user, "urn:other:User:seat"), None);
    }

    #[test]
    fn values_are_read_from_every_shape() {
        assert_eq!(
            values(Some(&json!([{"value": "a", "primary": true}, "b", {"display": "c"}, ""]))),
            ["a", "b"]
        );
        assert_eq!(values(Some(&json!("full"))), ["full"]);
        assert_eq!(values(None), [""; 0]);
    }
}
