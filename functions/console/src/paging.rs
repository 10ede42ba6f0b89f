//! Cursor paging: `?cursor=&limit=` in, `{items, next}` out.

use serde::{Deserialize, Serialize};
use usher_domain::ports::{Page, StoreError, StoreResult};
use utoipa::{IntoParams, ToSchema};

use crate::error::Problem;

/// Rows of a page where the caller does not say.
const DEFAULT_LIMIT: u32 = 50;
/// Most rows of a page.
const MAX_LIMIT: u32 = 200;

/// Which page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Where the page begins: `next` of the page before. Left out for the first page.
    pub(crate) cursor: Option<String>,
    /// Most rows of the page, 1 to 200; 50 where it is left out.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Option<u32>,
}

impl PageQuery {
    /// The checked limit.
    pub(crate) fn limit(&self) -> Result<u32, Problem> {
        limit(self.limit)
    }

    /// Where the page begins.
    pub(crate) fn cursor(&self) -> Option<&str> {
        cursor(self.cursor.as_deref())
    }
}

/// A checked limit.
pub(crate) fn limit(given: Option<u32>) -> Result<u32, Problem> {
    match given.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(limit),
        limit => Err(Problem::bad_parameter("limit", format!("{limit} is not from 1 to {MAX_LIMIT}"))),
    }
}

/// A cursor, where an empty one is none.
pub(crate) fn cursor(given: Option<&str>) -> Option<&str> {
    given.filter(|cursor| !cursor.is_empty())
}

/// The store calls a cursor that it did not give out missing; here that is a wrong parameter.
pub(crate) fn page_of<T>(answer: StoreResult<Page<T>>, cursor: Option<&str>) -> Result<Page<T>, Problem> {
    match answer {
        Err(StoreError::Missing { .. }) if cursor.is_some() => {
            Err(Problem::bad_parameter("cursor", "it is not a `next` of this list; begin without a cursor"))
        }
        answer => Ok(answer?),
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed<T> {
    /// The rows of this page.
    pub(crate) items: Vec<T>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required)]
    next: Option<String>,
}

impl<T> Listed<T> {
    /// The `cursor` of the next page.
    pub(crate) fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// A page, with its rows as they are shown.
    pub(crate) fn new<R>(page: Page<R>, show: impl FnMut(R) -> T) -> Self {
        Self { items: page.items.into_iter().map(show).collect(), next: page.next }
    }

    /// A list that is short enough to have no pages.
    pub(crate) fn whole<R>(rows: Vec<R>, show: impl FnMut(R) -> T) -> Self {
        Self { items: rows.into_iter().map(show).collect(), next: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_from_1_to_200() {
        assert_eq!(limit(None), Ok(50));
        assert_eq!(limit(Some(1)), Ok(1));
        assert_eq!(limit(Some(200)), Ok(200));
        for bad in [0, 201, u32::MAX] {
            let problem = limit(Some(bad)).unwrap_err();
            assert_eq!(problem.status, 400);
            assert_eq!(problem.errors[0].field, "limit");
        }
    }

    #[test]
    fn an_empty_cursor_is_the_first_page() {
        let query = PageQuery { cursor: Some(String::new()), limit: None };
        assert_eq!(query.cursor(), None);
    }

    #[test]
    fn a_made_up_cursor_is_a_wrong_parameter() {
        let missing = || Err::<Page<()>, _>(StoreError::Missing { what: "the page" });
        assert_eq!(page_of(missing(), Some("x")).unwrap_err().status, 400);
        assert_eq!(page_of(missing(), None).unwrap_err().status, 404);
    }

    #[test]
    fn the_last_page_says_so() {
        let listed = Listed::new(Page { items: vec![1, 2], next: None }, |row| row * 10);
        assert_eq!(
            serde_json::to_value(listed).unwrap(),
            serde_json::json!({"items": [10, 20], "next": null})
        );
    }
}
