//! The API's envelope: `{code, message, request_id, data}`.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::super::business::Refused;
use crate::apps::Fault;

/// `data`, or the code in its place.
pub(super) type Answer = Result<Value, Code>;

/// An error's code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Code(pub(super) u32);

pub(super) const NO_PERMISSION: Code = Code(40_001);
pub(super) const BAD_PARAMETER: Code = Code(40_002);
pub(super) const NOT_THERE: Code = Code(40_007);
pub(super) const BAD_TOKEN: Code = Code(40_105);

impl From<Refused> for Code {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotFound => NOT_THERE,
            Refused::LastAdmin => Self(40_003),
            // The code is not known: a connector must get by without it.
            Refused::AlreadyMember | Refused::AlreadyInvited => BAD_PARAMETER,
            Refused::SeatLimit | Refused::PendingLimit => Self(40_011),
        }
    }
}

/// Wraps an answer.
pub(super) fn enveloped(answer: Answer) -> Response {
    let (code, message, data) = match answer {
        Ok(data) => (0, "OK", data),
        Err(Code(code)) => (code, "It did not work.", json!({})),
    };
    Json(json!({"code": code, "message": message, "request_id": "202611220700000100", "data": data}))
        .into_response()
}

/// How the API says that it does not answer as it should.
pub(super) fn refusal(fault: Fault) -> Response {
    let code = match fault {
        Fault::TooManyRequests { .. } => 40_100,
        Fault::BadToken => BAD_TOKEN.0,
        Fault::Forbidden => NO_PERMISSION.0,
        Fault::ServerError => 50_000,
        _ => return StatusCode::BAD_GATEWAY.into_response(),
    };
    enveloped(Err(Code(code)))
}

/// One page of a list, by number; ten unless asked for, fifty at most.
pub(super) fn page(items: Vec<Value>, query: &BTreeMap<String, String>) -> Answer {
    let number = |name: &str, default: usize| match query.get(name) {
        None => Ok(default),
        Some(text) => text.parse::<usize>().ok().filter(|number| *number > 0).ok_or(BAD_PARAMETER),
    };
    let (page, size) = (number("page", 1)?, number("page_size", 10)?);
    if size > 50 {
        return Err(BAD_PARAMETER);
    }
    let total = items.len();
    let shown: Vec<Value> = items.into_iter().skip((page - 1) * size).take(size).collect();
    let page_info =
        json!({"page": page, "page_size": size, "total_number": total, "total_page": total.div_ceil(size)});
    Ok(json!({"list": shown, "page_info": page_info}))
}
