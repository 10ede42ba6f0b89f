//! The admin API's OpenAPI document. It is generated from the code by a test and kept in a file: generated at run time,
//! what describes two hundred shapes would be part of the deployed program, and be put together at each of its starts.

#[cfg(test)]
mod generated;

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;

/// The document, OpenAPI 3.1 as JSON.
pub(crate) const DOCUMENT: &str = include_str!("../../openapi.json");

/// An operation that may change something.
pub(crate) struct Write {
    pub(crate) method: Method,
    /// The route, as requests match it.
    pub(crate) route: String,
    /// The operation's id.
    pub(crate) id: String,
    /// Its name for people.
    pub(crate) summary: String,
}

/// What is read of the document.
#[derive(Deserialize)]
struct Document {
    paths: BTreeMap<String, PathItem>,
}

#[derive(Deserialize)]
struct PathItem {
    put: Option<Operation>,
    post: Option<Operation>,
    patch: Option<Operation>,
    delete: Option<Operation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operation {
    operation_id: String,
    summary: String,
}

/// Every operation that may change something.
pub(crate) fn writes() -> Vec<Write> {
    let document: Document = match serde_json::from_str(DOCUMENT) {
        Ok(document) => document,
        // It is part of the program, and a test reads it as it is there.
        Err(error) => {
            tracing::error!(%error, "the program's OpenAPI document cannot be read: acts are not named in the audit log");
            return Vec::new();
        }
    };
    let paths = document.paths.into_iter();
    let writes = paths.flat_map(|(route, item)| {
        let operations = [
            (Method::PUT, item.put),
            (Method::POST, item.post),
            (Method::PATCH, item.patch),
            (Method::DELETE, item.delete),
        ];
        operations.into_iter().filter_map(move |(method, operation)| {
            let Operation { operation_id: id, summary } = operation?;
            Some(Write { method, route: route.clone(), id, summary })
        })
    });
    writes.collect()
}
