//! From the text of a filter to the index that answers it.

use usher_domain::directory::{IndexedAttribute, IndexedValue};
use usher_scim::filter::{self, EqTerm, Indexed, Plan};
use usher_scim::list::{ListQuery, Page};
use usher_scim::{Dialect, ResourceSchema, ScimError};

/// Where candidates come from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// One id.
    Id(String),
    /// An index of the directory.
    Index(IndexedValue),
    /// The groups of a member.
    Member(String),
}

/// Parses and checks a filter, and plans its look-up.
pub(crate) fn plan(text: &str, schema: &ResourceSchema) -> Result<Plan, ScimError> {
    let filter = filter::parse(text, Dialect::Tolerant)?;
    filter::check(&filter, schema)?;
    let plan = Plan::of(&filter, schema);
    if source(&plan).is_none() {
        return Err(ScimError::invalid_filter(
            "this filter is not supported; filter with 'eq' on an indexed attribute",
        ));
    }
    Ok(plan)
}

/// The narrowest source: an id, then the first value with an index, then a member.
pub(crate) fn source(plan: &Plan) -> Option<Source> {
    let rank = |term: &&EqTerm| match term.on {
        Indexed::Id => 0,
        Indexed::Member | Indexed::Group | Indexed::Unique => 2,
        _ => 1,
    };
    let filter::Source::All(terms) = &plan.source else {
        return None;
    };
    let term = terms.iter().min_by_key(rank)?;
    let index = |attribute| Source::Index(IndexedValue::new(attribute, &term.value));
    Some(match term.on {
        Indexed::Id => Source::Id(term.value.clone()),
        Indexed::Member => Source::Member(term.value.clone()),
        Indexed::UserName => index(IndexedAttribute::UserName),
        Indexed::ExternalId => index(IndexedAttribute::ExternalId),
        Indexed::DisplayName => index(IndexedAttribute::DisplayName),
        Indexed::Email => index(IndexedAttribute::Email),
        Indexed::Group | Indexed::Unique => return None,
    })
}

/// The members that a filter asks for.
pub(crate) fn members(plan: &Plan) -> impl Iterator<Item = &str> {
    let terms = match &plan.source {
        filter::Source::All(terms) => terms.as_slice(),
        _ => &[],
    };
    terms.iter().filter(|t| t.on == Indexed::Member).map(|t| t.value.as_str())
}

/// The first resource that is asked for.
pub(crate) fn start_index(query: &ListQuery) -> Result<usize, ScimError> {
    match query.page {
        Page::Index(index) => Ok(index),
        Page::Cursor(_) => Err(ScimError::invalid_cursor("pages are asked for by startIndex")),
    }
}

/// The part of `found` that a page shows.
pub(crate) fn page<T>(found: Vec<T>, start_index: usize, count: usize) -> Vec<T> {
    found.into_iter().skip(start_index - 1).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use usher_scim::Registry;

    fn source_of(name: &str, text: &str) -> Option<Source> {
        let registry = Registry::core().unwrap();
        source(&plan(text, registry.resource(name)?).ok()?)
    }

    #[test]
    fn the_narrowest_source_is_taken() {
        assert_eq!(source_of("Group", "members eq \"u\" and id eq \"g\""), Some(Source::Id("g".into())));
        assert_eq!(source_of("Group", "members eq \"u\""), Some(Source::Member("u".into())));
        let by_name = IndexedValue::new(IndexedAttribute::UserName, "A");
        assert_eq!(
            source_of("User", "userName eq \"A\" and externalId eq \"x\""),
            Some(Source::Index(by_name))
        );
        assert_eq!(source_of("User", "userName sw \"a\""), None);
    }
}
