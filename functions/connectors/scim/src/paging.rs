//! How an app's lists go on.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_connector::{Class, Error, Request, Result};

use crate::wire;

/// How an app's lists go on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    /// By the number of the first resource (RFC 7644 §3.4.2.4).
    #[default]
    Index,
    /// By a cursor that the app gives (RFC 9865).
    Cursor,
}

/// One page of a list.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) resources: Vec<Value>,
    /// Where the next one begins; the connector's own word.
    pub(crate) next: Option<String>,
}

impl Paging {
    /// The request for the page that `cursor` names, or the first one.
    pub(crate) fn ask(self, request: Request, cursor: Option<&str>, count: u32) -> Result<Request> {
        let request = match self {
            Self::Index => {
                let start = place(request.doing, cursor)?.start;
                request.query("startIndex", start.to_string())
            }
            Self::Cursor => request.query("cursor", cursor.unwrap_or_default()),
        };
        Ok(request.query("count", count.to_string()))
    }

    /// Reads the answer to [`Self::ask`].
    pub(crate) fn read(self, doing: &'static str, cursor: Option<&str>, body: &Value) -> Result<Listed> {
        match self {
            Self::Index => by_index(doing, place(doing, cursor)?, body),
            Self::Cursor => {
                let (resources, next) = wire::cursor_list(doing, body)?;
                Ok(Listed { resources, next })
            }
        }
    }
}

/// Where a numbered list goes on, and how long it was.
#[derive(Clone, Copy)]
struct Place {
    start: u64,
    before: Option<u64>,
}

fn place(doing: &str, cursor: Option<&str>) -> Result<Place> {
    let Some(cursor) = cursor else { return Ok(Place { start: 1, before: None }) };
    let parts = cursor.split_once('.');
    let numbers = parts.and_then(|(start, total)| Some((start.parse().ok()?, total.parse().ok()?)));
    let (start, total) = numbers
        .ok_or_else(|| Error::invalid(format!("{doing}: the cursor is not one of this list; begin again")))?;
    Ok(Place { start, before: Some(total) })
}

fn by_index(doing: &str, place: Place, body: &Value) -> Result<Listed> {
    let list = wire::list(doing, body, place.start)?;
    // Pages are counted, not named: when somebody leaves meanwhile, somebody else moves to a page that was
    // read already, and would look missing.
    if place.before.is_some_and(|before| list.total < before) {
        return Err(Error::new(
            Class::Conflict,
            format!("{doing}: the list became shorter while it was read; begin again"),
        ));
    }
    let next = place.start + list.resources.len() as u64;
    let next = (next <= list.total).then(|| format!("{next}.{}", list.total));
    Ok(Listed { resources: list.resources, next })
}
