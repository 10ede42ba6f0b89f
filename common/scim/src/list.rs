//! List requests and list responses (RFC 7644 §3.4.2).

use serde_json::{Map, Value, json};

use crate::error::ScimError;
use crate::urn;

/// Resources in a page when the client does not say.
pub const DEFAULT_COUNT: usize = 100;
/// Resources in a page at most; announced as `filter.maxResults`.
pub const MAX_COUNT: usize = 500;

/// The parameters of a list request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// The filter, unparsed.
    pub filter: Option<String>,
    /// 1-based, at least 1.
    pub start_index: usize,
    /// At most [`MAX_COUNT`].
    pub count: usize,
    /// `attributes`.
    pub attributes: Vec<String>,
    /// `excludedAttributes`.
    pub excluded_attributes: Vec<String>,
}

impl ListQuery {
    /// Parses a raw query string. Unknown parameters are ignored; names are matched in any case.
    ///
    /// # Errors
    /// 400 `invalidValue` when `startIndex` or `count` is not a whole number.
    pub fn parse(raw: &str) -> Result<Self, ScimError> {
        let mut query = Self {
            filter: None,
            start_index: 1,
            count: DEFAULT_COUNT,
            attributes: Vec::new(),
            excluded_attributes: Vec::new(),
        };
        for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
            if name.eq_ignore_ascii_case("filter") {
                query.filter = Some(value.into_owned());
            } else if name.eq_ignore_ascii_case("startIndex") {
                // RFC 7644 §3.4.2.4: "A value less than 1 SHALL be interpreted as 1."
                query.start_index = whole_number("startIndex", &value)?.max(1);
            } else if name.eq_ignore_ascii_case("count") {
                // "A negative value SHALL be interpreted as "0"."
                query.count = whole_number("count", &value)?.min(MAX_COUNT);
            } else if name.eq_ignore_ascii_case("attributes") {
                query.attributes.extend(names(&value));
            } else if name.eq_ignore_ascii_case("excludedAttributes") {
                query.excluded_attributes.extend(names(&value));
            }
        }
        Ok(query)
    }
}

fn names(value: &str) -> impl Iterator<Item = String> {
    value.split(',').map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned)
}

fn whole_number(name: &str, value: &str) -> Result<usize, ScimError> {
    let number: i64 = value.trim().parse().map_err(|_| {
        ScimError::invalid_value(format!("{name} must be a whole number; correct it or leave it out"))
    })?;
    Ok(usize::try_from(number.max(0)).unwrap_or(usize::MAX))
}

/// A list response.
#[must_use]
pub fn response(total: u64, start_index: usize, resources: Vec<Map<String, Value>>) -> Value {
    json!({
        "schemas": [urn::LIST_RESPONSE],
        "totalResults": total,
        "startIndex": start_index,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_with_plus_percent_and_in_any_case() {
        let query = ListQuery::parse(
            "aadOptscim062020&Filter=userName+eq%20%22a%2Bb@x.y%22&startindex=0&COUNT=-3&attributes=id,%20name.givenName,&x=1",
        )
        .unwrap();
        assert_eq!(query.filter.as_deref(), Some("userName eq \"a+b@x.y\""));
        assert_eq!((query.start_index, query.count), (1, 0));
        assert_eq!(query.attributes, ["id", "name.givenName"]);
    }

    #[test]
    fn count_is_bounded_and_must_be_a_number() {
        assert_eq!(ListQuery::parse("").unwrap().count, DEFAULT_COUNT);
        assert_eq!(ListQuery::parse("count=100000").unwrap().count, MAX_COUNT);
        assert!(ListQuery::parse("count=ten").is_err());
        assert!(ListQuery::parse("startIndex=1.5").is_err());
    }
}
