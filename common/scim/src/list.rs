//! Queries and list responses (RFC 7644 §3.4.2, RFC 9865).

use serde_json::{Map, Value, json};

use crate::error::ScimError;
use crate::sort::SortOrder;
use crate::urn;

/// Resources in a page when the client does not say.
pub const DEFAULT_COUNT: usize = 100;
/// Resources in a page at most; announced as `filter.maxResults` and `pagination.maxPageSize`.
pub const MAX_COUNT: usize = 500;

/// The parameters of a query, by GET or by POST to `/.search`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// The filter, unparsed.
    pub filter: Option<String>,
    /// `sortBy`, unparsed.
    pub sort_by: Option<String>,
    /// `sortOrder`.
    pub sort_order: SortOrder,
    /// Which page.
    pub page: Page,
    /// At most [`MAX_COUNT`].
    pub count: usize,
    /// `attributes`.
    pub attributes: Vec<String>,
    /// `excludedAttributes`.
    pub excluded_attributes: Vec<String>,
}

/// Which page of a list is asked for. RFC 9865 §2.3: "clients can use the 'startIndex' and 'cursor' query parameters to
/// request a specific method"; without either it is the index, as it always was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// From a 1-based index, at least 1.
    Index(usize),
    /// From a cursor; an empty one is the start.
    Cursor(String),
}

/// Parameters as they come in, before they are known to make sense together.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) filter: Option<String>,
    pub(crate) sort_by: Option<String>,
    pub(crate) sort_order: SortOrder,
    pub(crate) start_index: Option<i64>,
    pub(crate) cursor: Option<String>,
    pub(crate) count: Option<i64>,
    pub(crate) attributes: Vec<String>,
    pub(crate) excluded_attributes: Vec<String>,
}

impl ListQuery {
    /// Parses a raw query string. Unknown parameters are ignored; names are matched in any case.
    ///
    /// # Errors
    /// 400 `invalidValue` when `startIndex`, `count` or `sortOrder` is no such value, 400 `invalidCount` or `invalidCursor`
    /// when cursor and count do not fit RFC 9865.
    pub fn parse(raw: &str) -> Result<Self, ScimError> {
        let mut asked = Asked::default();
        for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
            if is("filter") {
                asked.filter = Some(value.into_owned());
            } else if is("startIndex") {
                asked.start_index = Some(whole_number("startIndex", &value)?);
            } else if is("count") {
                asked.count = Some(whole_number("count", &value)?);
            } else if is("cursor") {
                asked.cursor = Some(value.into_owned());
            } else if is("sortBy") {
                asked.sort_by = Some(value.into_owned()).filter(|v| !v.trim().is_empty());
            } else if is("sortOrder") {
                asked.sort_order = SortOrder::parse(&value)?;
            } else if is("attributes") {
                asked.attributes.extend(names(&value));
            } else if is("excludedAttributes") {
                asked.excluded_attributes.extend(names(&value));
            }
        }
        asked.query()
    }
}

impl Asked {
    pub(crate) fn query(self) -> Result<ListQuery, ScimError> {
        let page = match (self.cursor, self.start_index) {
            (Some(_), Some(_)) => {
                return Err(ScimError::invalid_cursor("startIndex and cursor exclude each other; send one"));
            }
            (Some(cursor), None) => Page::Cursor(cursor),
            // RFC 7644 §3.4.2.4: "A value less than 1 SHALL be interpreted as 1."
            (None, index) => Page::Index(usize::try_from(index.unwrap_or(1).max(1)).unwrap_or(usize::MAX)),
        };
        let count = match (&page, self.count) {
            (_, None) => DEFAULT_COUNT,
            // RFC 9865 §2: count is "A positive integer". More than a page holds is cut to a page, as `maxPageSize` says.
            (Page::Cursor(_), Some(n)) if n < 1 => {
                return Err(ScimError::invalid_count(format!("count must be between 1 and {MAX_COUNT}")));
            }
            // RFC 7644 §3.4.2.4: "A negative value SHALL be interpreted as "0"."
            (_, Some(n)) => usize::try_from(n.max(0)).unwrap_or(usize::MAX).min(MAX_COUNT),
        };
        Ok(ListQuery {
            filter: self.filter,
            sort_by: self.sort_by,
            sort_order: self.sort_order,
            page,
            count,
            attributes: self.attributes,
            excluded_attributes: self.excluded_attributes,
        })
    }
}

pub(crate) fn names(value: &str) -> impl Iterator<Item = String> {
    value.split(',').map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned)
}

fn whole_number(name: &str, value: &str) -> Result<i64, ScimError> {
    value.trim().parse().map_err(|_| {
        ScimError::invalid_value(format!("{name} must be a whole number; correct it or leave it out"))
    })
}

/// Where a list response stands in its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// From a 1-based index.
    Index(usize),
    /// Before a cursor; `None` on the last page.
    Cursor(Option<String>),
}

/// A list response. RFC 9865 §2: without a known total, a page by cursor "MAY choose to omit the totalResults attribute".
#[must_use]
pub fn response(total: Option<u64>, place: Place, resources: Vec<Map<String, Value>>) -> Value {
    let mut body = json!({
        "schemas": [urn::LIST_RESPONSE],
        "itemsPerPage": resources.len(),
    });
    if let Some(total) = total {
        body["totalResults"] = total.into();
    }
    match place {
        Place::Index(index) => body["startIndex"] = index.into(),
        Place::Cursor(Some(next)) => body["nextCursor"] = next.into(),
        Place::Cursor(None) => {}
    }
    body["Resources"] = Value::Array(resources.into_iter().map(Value::Object).collect());
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ScimType;

    #[test]
    fn parameters_are_read_with_plus_percent_and_in_any_case() {
        let query = ListQuery::parse(
            "aadOptscim062020&Filter=userName+eq%20%22a%2Bb@x.y%22&startindex=0&COUNT=-3&attributes=id,%20name.givenName,&x=1&sortBy=title&SORTORDER=Descending",
        )
        .unwrap();
        assert_eq!(query.filter.as_deref(), Some("userName eq \"a+b@x.y\""));
        assert_eq!((query.page, query.count), (Page::Index(1), 0));
        assert_eq!(query.attributes, ["id", "name.givenName"]);
        assert_eq!((query.sort_by.as_deref(), query.sort_order), (Some("title"), SortOrder::Descending));
    }

    #[test]
    fn count_is_bounded_and_must_be_a_number() {
        assert_eq!(ListQuery::parse("").unwrap().count, DEFAULT_COUNT);
        assert_eq!(ListQuery::parse("count=100000").unwrap().count, MAX_COUNT);
        for raw in ["count=ten", "startIndex=1.5", "count=", "sortOrder=up"] {
            assert_eq!(ListQuery::parse(raw).unwrap_err().scim_type, Some(ScimType::InvalidValue), "{raw}");
        }
    }

    #[test]
    fn cursors_have_rules_of_their_own() {
        assert_eq!(ListQuery::parse("cursor").unwrap().page, Page::Cursor(String::new()));
        assert_eq!(ListQuery::parse("cursor=abc&count=900").unwrap().count, MAX_COUNT);
        for (raw, kind) in [
            ("cursor=&count=0", ScimType::InvalidCount),
            ("cursor=&count=-1", ScimType::InvalidCount),
            ("cursor=&startIndex=1", ScimType::InvalidCursor),
        ] {
            assert_eq!(ListQuery::parse(raw).unwrap_err().scim_type, Some(kind), "{raw}");
        }
        let last = response(None, Place::Cursor(None), Vec::new());
        assert_eq!(last, json!({"schemas": [urn::LIST_RESPONSE], "itemsPerPage": 0, "Resources": []}));
        let page = response(Some(7), Place::Cursor(Some("c".into())), Vec::new());
        assert_eq!((page["totalResults"].clone(), page["nextCursor"].clone()), (json!(7), json!("c")));
        assert_eq!(page.get("startIndex"), None);
    }
}
