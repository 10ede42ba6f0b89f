//! The answer to a bulk request.

use serde_json::{Value, json};

use crate::error::ScimError;
use crate::urn;

/// What came of one operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its method.
    pub method: String,
    /// Its `bulkId`.
    pub bulk_id: Option<String>,
    /// The URI of the resource: "REQUIRED in a response, except in the event of a POST failure".
    pub location: Option<String>,
    /// The version that the resource has now, as an entity tag.
    pub version: Option<String>,
    /// The status, or why it failed.
    pub result: Result<u16, ScimError>,
}

impl Outcome {
    fn document(self) -> Value {
        let mut body = json!({"method": self.method});
        for (name, value) in
            [("bulkId", self.bulk_id), ("location", self.location), ("version", self.version)]
        {
            if let Some(value) = value {
                body[name] = value.into();
            }
        }
        match self.result {
            // RFC 7644 §3.7.3: "status ... the HTTP response status code"; examples and implementers write a string.
            Ok(status) => body["status"] = status.to_string().into(),
            // "response ... MUST be included ... for ... status ... other than a 200-series"; the others carry none.
            Err(error) => {
                body["status"] = error.status.to_string().into();
                body["response"] = error.body();
            }
        }
        body
    }
}

/// The answer, with the outcomes in the order of the request.
#[must_use]
pub fn response(outcomes: impl IntoIterator<Item = Outcome>) -> Value {
    let operations: Vec<Value> = outcomes.into_iter().map(Outcome::document).collect();
    json!({"schemas": [urn::BULK_RESPONSE], "Operations": operations})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_carry_a_body() {
        let made = Outcome {
            method: "POST".into(),
            bulk_id: Some("q".into()),
            location: Some("https://x/Users/1".into()),
            version: Some("W/\"1\"".into()),
            result: Ok(201),
        };
        let failed = Outcome {
            location: None,
            version: None,
            result: Err(ScimError::uniqueness("taken")),
            ..made.clone()
        };
        let body = response([made, failed]);
        assert_eq!(
            body["Operations"][0],
            json!({"method": "POST", "bulkId": "q", "location": "https://x/Users/1", "version": "W/\"1\"", "status": "201"})
        );
        assert_eq!(body["Operations"][1]["status"], "409");
        assert_eq!(body["Operations"][1]["response"]["scimType"], "uniqueness");
        assert_eq!(body["Operations"][1].get("location"), None);
    }
}
