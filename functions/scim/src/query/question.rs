//! What is asked: the filter and the order, read and checked before anything is looked up.

use usher_scim::attr_path::AttrPath;
use usher_scim::cursor::Fingerprint;
use usher_scim::filter::{self, CompareOp, Filter, Literal, Plan};
use usher_scim::list::ListQuery;
use usher_scim::sort::{Sort, SortOrder};
use usher_scim::{ResourceSchema, ScimError};

use crate::call::Call;
use crate::resource::Kind;

/// A question, and how it is answered for each resource type.
pub(super) struct Question<'a> {
    pub(super) call: &'a Call<'a>,
    /// The types that can have an answer, in order.
    pub(super) types: Vec<Asked<'a>>,
    pub(super) sort: Option<Sort>,
    pub(super) count: usize,
    /// Tells the cursors of this question from those of others.
    pub(super) fingerprint: Fingerprint,
}

/// A resource type, with the plan for the filter if there is one.
pub(super) struct Asked<'a> {
    pub(super) schema: &'a ResourceSchema,
    pub(super) plan: Option<Plan>,
}

impl<'a> Question<'a> {
    /// Reads the parameters.
    ///
    /// # Errors
    /// 400 `invalidFilter` or `invalidPath` where they make no sense for any of the types.
    pub(super) fn new(
        call: &'a Call<'a>,
        schemas: &[&'a ResourceSchema],
        query: &ListQuery,
    ) -> Result<Self, ScimError> {
        let filter = match &query.filter {
            Some(text) => {
                let filter = filter::parse(text, call.registry.dialect())?;
                filter::check_across(&filter, schemas)?;
                Some(filter)
            }
            None => None,
        };
        let sort = match query.sort_by.as_deref() {
            Some(by) if schemas.iter().any(|schema| is_relation(by, schema)) => {
                return Err(ScimError::invalid_path(
                    "memberships have no order to sort by; sort by an attribute of the resource itself",
                ));
            }
            Some(by) => Some(Sort::new(by, query.sort_order, schemas)?),
            None => None,
        };
        let asked = |schema: &&'a ResourceSchema| match &filter {
            Some(filter) if excludes(filter, schema) => None,
            Some(filter) => Some(Asked { schema, plan: Some(Plan::of(filter, schema)) }),
            None => Some(Asked { schema, plan: None }),
        };
        let order = if query.sort_order == SortOrder::Descending { "descending" } else { "ascending" };
        let parts =
            [query.filter.as_deref().unwrap_or_default(), query.sort_by.as_deref().unwrap_or_default()];
        let names = schemas.iter().map(|schema| schema.name());
        let fingerprint = Fingerprint::of(names.chain(parts).chain([order, call.connection.id.as_str()]));
        Ok(Self {
            call,
            types: schemas.iter().filter_map(asked).collect(),
            sort,
            count: query.count,
            fingerprint,
        })
    }
}

/// Whether an attribute comes from the memberships, which lists do not read.
fn is_relation(by: &str, schema: &ResourceSchema) -> bool {
    let path = AttrPath::parse(by.trim());
    let found = path.as_ref().and_then(|path| schema.resolve(path));
    found.is_some_and(|found| {
        found.container.is_none() && Kind::of(schema).relation() == Some(found.attribute.name.as_str())
    })
}

/// Whether no resource of a type can satisfy the filter of a search across types, so that none need be looked at: it asks for
/// an attribute that the type has not (RFC 7644 §3.4.2.1: "treated as if it had no value"), or for another type.
fn excludes(filter: &Filter, schema: &ResourceSchema) -> bool {
    let unknown = |path: &AttrPath| schema.resolve(path).is_none();
    match filter {
        Filter::And(parts) => parts.iter().any(|part| excludes(part, schema)),
        Filter::Or(parts) => parts.iter().all(|part| excludes(part, schema)),
        Filter::Not(_) => false,
        Filter::Present(path) | Filter::ValuePath(path, _) => unknown(path),
        Filter::Compare(path, CompareOp::Eq, Literal::String(name)) if is_type(path) => {
            !name.eq_ignore_ascii_case(schema.name())
        }
        // "ne" and a comparison with null are true of what has no value.
        Filter::Compare(path, op, value) => *op != CompareOp::Ne && *value != Literal::Null && unknown(path),
    }
}

fn is_type(path: &AttrPath) -> bool {
    path.name.eq_ignore_ascii_case("meta")
        && path.sub.as_deref().is_some_and(|sub| sub.eq_ignore_ascii_case("resourceType"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use usher_scim::{Dialect, Registry};

    fn excluded(text: &str, name: &str) -> bool {
        let registry = Registry::core().unwrap();
        excludes(&filter::parse(text, Dialect::Tolerant).unwrap(), registry.resource(name).unwrap())
    }

    #[test]
    fn types_that_cannot_answer_are_not_looked_at() {
        for text in [
            "userName eq \"a\"",
            "title pr and displayName sw \"a\"",
            "meta.resourceType eq \"User\"",
            "emails[type eq \"work\"] or userName sw \"b\"",
        ] {
            assert!(excluded(text, "Group") && !excluded(text, "User"), "{text}");
        }
        for text in [
            "not (userName pr)",
            "userName ne \"a\"",
            "displayName pr",
            "userName eq \"a\" or displayName eq \"b\"",
        ] {
            assert!(!excluded(text, "Group"), "{text}");
        }
    }
}
