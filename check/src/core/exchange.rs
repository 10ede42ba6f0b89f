//! A request with its answer, and what is asked of it.

use std::{fmt, sync::Arc};

use serde::Serialize;
use serde_json::Value;

use super::target::redacted;
use crate::Verdict;

/// How much of a body a failure shows.
const SHOWN: usize = 1_500;

/// A request as it was sent, without its credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The headers, credentials redacted.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// Why a check did not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What was expected.
    pub expected: String,
    /// The request whose answer was not it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Sent>,
    /// The answer: status line, headers that matter, body, trimmed.
    pub answer: String,
    /// The last write before it, with its answer, where another request showed the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<(Sent, String)>,
    /// All that the check did, one line each.
    pub steps: Vec<String>,
}

impl Failure {
    /// A failure of what a check needs, without an answer to show.
    pub(crate) fn preparing(reason: String) -> Self {
        let expected = "what the check needs".to_owned();
        Self { expected, request: None, answer: reason, after: None, steps: Vec::new() }
    }
}

/// Why a check ends early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The server did not do what was expected.
    Failed(Box<Failure>),
    /// It does not apply.
    Skipped(String),
    /// What it needs could not be made.
    Blocked(Box<Failure>),
}

impl Stop {
    pub(crate) fn skipped(reason: impl Into<String>) -> Self {
        Self::Skipped(reason.into())
    }

    /// A failure without an answer to show.
    pub(crate) fn unanswered(request: Sent, reason: String) -> Self {
        let expected = "an answer".to_owned();
        let failure =
            Failure { expected, request: Some(request), answer: reason, after: None, steps: Vec::new() };
        Self::Failed(Box::new(failure))
    }

    /// The same end as one of the preparations.
    pub(crate) fn blocked(self) -> Self {
        match self {
            Self::Failed(failure) => Self::Blocked(failure),
            other => other,
        }
    }

    /// With all that was done before.
    pub(crate) fn with_history(mut self, steps: Vec<String>, write: Option<Exchange>) -> Self {
        if let Self::Failed(failure) | Self::Blocked(failure) = &mut self {
            failure.steps = steps;
            let shown = failure.request.as_ref().is_some_and(|request| request.method == "GET");
            failure.after = write.filter(|_| shown).map(|write| (write.sent().clone(), write.shown()));
        }
        self
    }
}

/// A request with its answer.
#[derive(Clone)]
pub(crate) struct Exchange(Arc<Inner>);

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.step())
    }
}

struct Inner {
    sent: Sent,
    status: u16,
    headers: Vec<(String, String)>,
    text: String,
    json: Value,
    token: String,
}

impl Exchange {
    pub(super) fn new(
        sent: Sent,
        status: u16,
        headers: Vec<(String, String)>,
        text: String,
        token: &str,
    ) -> Self {
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self(Arc::new(Inner { sent, status, headers, text, json, token: token.to_owned() }))
    }

    pub(crate) fn sent(&self) -> &Sent {
        &self.0.sent
    }

    /// The status code.
    pub(crate) fn code(&self) -> u16 {
        self.0.status
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        &self.0.text
    }

    /// The body; null where it is none.
    pub(crate) fn json(&self) -> &Value {
        &self.0.json
    }

    /// What stands at a JSON pointer; null where nothing does.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.0.json.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// A string at a JSON pointer; empty where none is.
    pub(crate) fn str(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_default()
    }

    /// The elements at a JSON pointer; none where no array is.
    pub(crate) fn list(&self, pointer: &str) -> &[Value] {
        self.at(pointer).as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// The resources of a list.
    pub(crate) fn resources(&self) -> &[Value] {
        self.list("/Resources")
    }

    /// The ids of a list's resources.
    pub(crate) fn ids(&self) -> Vec<&str> {
        self.resources().iter().filter_map(|resource| resource["id"].as_str()).collect()
    }

    /// A header; the name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the status is 2xx.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.code())
    }

    /// The failure to be what was expected.
    pub(crate) fn fail(&self, expected: impl Into<String>) -> Stop {
        Stop::Failed(Box::new(Failure {
            expected: expected.into(),
            request: Some(self.sent().clone()),
            answer: self.shown(),
            after: None,
            steps: Vec::new(),
        }))
    }

    /// Expects this to hold.
    pub(crate) fn expect(&self, holds: bool, expected: impl Into<String>) -> Verdict {
        if holds { Ok(()) } else { Err(self.fail(expected)) }
    }

    /// Expects one of these statuses.
    pub(crate) fn status(&self, codes: &[u16]) -> Verdict {
        let wanted: Vec<_> = codes.iter().map(u16::to_string).collect();
        self.expect(codes.contains(&self.code()), format!("status {}", wanted.join(" or ")))
    }

    /// Expects any success.
    pub(crate) fn success(&self) -> Verdict {
        self.expect(self.is_success(), "a status of 2xx")
    }

    /// Expects a refusal with a `scimType`.
    pub(crate) fn error(&self, code: u16, scim_type: &str) -> Verdict {
        self.status(&[code])?;
        self.is("/scimType", &scim_type.into())
    }

    /// Expects a value at a JSON pointer.
    pub(crate) fn is(&self, pointer: &str, value: &Value) -> Verdict {
        self.expect(self.at(pointer) == value, format!("`{}` to be {value}", plain(pointer)))
    }

    /// Expects any value at a JSON pointer.
    pub(crate) fn has(&self, pointer: &str) -> Verdict {
        self.expect(!is_unset(self.at(pointer)), format!("`{}` to have a value", plain(pointer)))
    }

    /// Expects nothing at a JSON pointer. RFC 7643 §2.5: unassigned, null and the empty array are the same.
    pub(crate) fn lacks(&self, pointer: &str) -> Verdict {
        self.expect(is_unset(self.at(pointer)), format!("`{}` to have no value", plain(pointer)))
    }

    /// Expects exactly these values, in any order, as the sub-attribute `value` of an attribute.
    pub(crate) fn values(&self, pointer: &str, wanted: &[&str]) -> Verdict {
        let mut found: Vec<_> =
            self.list(pointer).iter().map(|element| element["value"].as_str().unwrap_or_default()).collect();
        let mut sorted = wanted.to_vec();
        found.sort_unstable();
        sorted.sort_unstable();
        let names = if wanted.is_empty() { "nothing".to_owned() } else { wanted.join(", ") };
        self.expect(found == sorted, format!("`{}` to hold exactly {names}", plain(pointer)))
    }

    /// The answer as a failure shows it.
    pub(crate) fn shown(&self) -> String {
        const TELLING: [&str; 10] = [
            "content-type",
            "location",
            "content-location",
            "etag",
            "allow",
            "retry-after",
            "www-authenticate",
            "content-length",
            "transfer-encoding",
            "set-cookie",
        ];
        let mut text = self.code().to_string();
        for (name, value) in self.0.headers.iter().filter(|(name, _)| TELLING.contains(&name.as_str())) {
            text.push_str(&format!("\n{name}: {value}"));
        }
        if !self.text().is_empty() {
            text.push_str("\n\n");
            text.push_str(&trimmed(self.text()));
        }
        redacted(&text, &self.0.token)
    }

    /// One line for the list of steps.
    pub(crate) fn step(&self) -> String {
        let Sent { method, url, .. } = self.sent();
        format!("{method} {url} → {}", self.code())
    }
}

/// What a failure shows of a body.
pub(super) fn trimmed(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{} … ({} bytes)", &text[..end], text.len()),
    }
}

fn is_unset(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// A JSON pointer as a SCIM path.
fn plain(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
