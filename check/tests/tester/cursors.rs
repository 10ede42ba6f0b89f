//! Paging by cursor before a server that has only indexes, so that the checks of cursors meet a server that has them.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::proxy::{Answer, Fault};

/// What a request by cursor asks for.
pub(crate) struct Page {
    start: usize,
    count: usize,
}

/// A request by index: its path, its body, and the page that it stands for.
type ByIndex = (String, Vec<u8>, Page);

/// The request by index in place of one by cursor, or the refusal.
pub(crate) fn by_index(
    fault: Fault,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Option<Result<ByIndex, Box<Answer>>> {
    let (plain, query) = path.split_once('?').unwrap_or((path, ""));
    if method == Method::POST && plain.ends_with("/.search") {
        let mut json: Value = serde_json::from_slice(body).ok()?;
        let page = match page(fault, json["cursor"].as_str()?, json["count"].as_u64()) {
            Ok(page) => page,
            Err(refusal) => return Some(Err(refusal)),
        };
        json.as_object_mut()?.remove("cursor");
        json["startIndex"] = page.start.into();
        return Some(Ok((path.to_owned(), json.to_string().into_bytes(), page)));
    }
    let pairs: Vec<_> = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    let value = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let page = match page(fault, value("cursor")?, value("count").and_then(|count| count.parse().ok())) {
        Ok(page) => page,
        Err(refusal) => return Some(Err(refusal)),
    };
    let kept =
        pairs.iter().filter(|(name, _)| *name != "cursor").map(|(name, value)| format!("{name}={value}"));
    let query: Vec<_> = kept.chain([format!("startIndex={}", page.start)]).collect();
    Some(Ok((format!("{plain}?{}", query.join("&")), body.to_vec(), page)))
}

fn page(fault: Fault, cursor: &str, count: Option<u64>) -> Result<Page, Box<Answer>> {
    let count = usize::try_from(count.unwrap_or(100)).unwrap();
    if count == 0 {
        return Err(refusal("invalidCount"));
    }
    let start = match cursor.strip_prefix("from-").map(str::parse) {
        _ if cursor.is_empty() || fault == Fault::CursorIgnored => 1,
        Some(Ok(start)) => start,
        _ if fault == Fault::CursorForgiven => 1,
        _ => return Err(refusal("invalidCursor")),
    };
    Ok(Page { start, count })
}

fn refusal(scim_type: &str) -> Box<Answer> {
    let error = "urn:ietf:params:scim:api:messages:2.0:Error";
    let mut answer = Answer::new(StatusCode::BAD_REQUEST);
    answer.headers.insert(header::CONTENT_TYPE, "application/scim+json".parse().unwrap());
    answer.set_json(&json!({
        "schemas": [error],
        "status": "400",
        "scimType": scim_type,
        "detail": "no",
    }));
    Box::new(answer)
}

/// The answer by cursor in place of one by index.
pub(crate) fn with_cursor(fault: Fault, page: &Page, answer: &mut Answer) {
    let mut json = answer.json();
    let Some(list) = json.as_object_mut().filter(|list| list.contains_key("totalResults")) else { return };
    list.remove("startIndex");
    let total = usize::try_from(list["totalResults"].as_u64().unwrap()).unwrap();
    let next = page.start + page.count;
    if (next <= total && fault != Fault::CursorLost) || fault == Fault::CursorEndless {
        let odd = if fault == Fault::CursorReserved { "/" } else { "" };
        list.insert("nextCursor".into(), format!("from-{next}{odd}").into());
    }
    if page.start > 1 {
        let before = page.start.saturating_sub(page.count).max(1);
        list.insert("previousCursor".into(), format!("from-{before}").into());
    }
    answer.set_json(&json);
}

/// The announcement of both methods.
pub(crate) fn announce(answer: &mut Answer) {
    let mut json = answer.json();
    if json["patch"].is_object() {
        json["pagination"] = json!({
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "maxPageSize": 1000,
        });
        answer.set_json(&json);
    }
}
