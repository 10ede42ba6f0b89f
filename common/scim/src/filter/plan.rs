//! How a filter is answered: from an index, where an equality on an indexed attribute narrows the search, else by looking at
//! every resource.

use super::ast::{CompareOp, Filter};
use crate::attr_path::AttrPath;
use crate::schema::{Resolved, ResourceSchema};
use crate::{resource, urn};

/// Attributes with an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Indexed {
    /// `id`.
    Id,
    /// `userName` of a user.
    UserName,
    /// `externalId`.
    ExternalId,
    /// `displayName` of a user or group.
    DisplayName,
    /// `emails.value` of a user.
    Email,
    /// `members.value` of a group.
    Member,
    /// `groups.value` of a user.
    Group,
    /// An attribute that a customer's schema declares unique. The value of its term is that of
    /// [`resource::unique_values`].
    Unique,
}

/// One equality on an indexed attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EqTerm {
    /// What is compared.
    pub on: Indexed,
    /// With what, as written.
    pub value: String,
}

/// Where the candidates of a filter come from, and what is left to be tested on each.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Where to look.
    pub source: Source,
    /// Everything but terms on members and groups, which no resource's tree holds: ask the membership itself.
    pub residual: Option<Filter>,
}

/// Where the candidates of a filter come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// All of these hold; candidates come from any one of them.
    All(Vec<EqTerm>),
    /// One of these holds; candidates come from each of them. Never a term on members or groups.
    Any(Vec<EqTerm>),
    /// No index helps: every resource is a candidate.
    Scan,
}

impl Plan {
    /// Plans a filter that has passed [`super::check`].
    #[must_use]
    pub fn of(filter: &Filter, schema: &ResourceSchema) -> Self {
        let mut conjuncts = Vec::new();
        flatten(filter, &mut conjuncts);
        let mut terms = Vec::new();
        let mut residual = Vec::new();
        for part in &conjuncts {
            let term = term(part, schema);
            let is_relation = |t: &EqTerm| matches!(t.on, Indexed::Member | Indexed::Group);
            if !term.as_ref().is_some_and(is_relation) || !is_bare(part) {
                residual.push((*part).clone());
            }
            terms.extend(term);
        }
        let residual = match residual.len() {
            0 => None,
            1 => residual.pop(),
            _ => Some(Filter::And(residual)),
        };
        if !terms.is_empty() {
            return Self { source: Source::All(terms), residual };
        }
        let any = conjuncts.iter().find_map(|part| alternatives(part, schema));
        Self { source: any.map_or(Source::Scan, Source::Any), residual }
    }

    /// Whether the residual asks about a top-level attribute, for one that is costly to read.
    #[must_use]
    pub fn asks_about(&self, attribute: &str, schema: &ResourceSchema) -> bool {
        self.residual.as_ref().is_some_and(|f| mentions(f, attribute, schema))
    }
}

/// Whether a filter names a top-level attribute.
fn mentions(filter: &Filter, attribute: &str, schema: &ResourceSchema) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(|p| mentions(p, attribute, schema)),
        Filter::Not(inner) => mentions(inner, attribute, schema),
        Filter::Present(path) | Filter::Compare(path, ..) | Filter::ValuePath(path, _) => {
            schema.resolve(path).is_some_and(|f| f.container.is_none() && f.attribute.name == attribute)
        }
    }
}

fn flatten<'a>(filter: &'a Filter, into: &mut Vec<&'a Filter>) {
    match filter {
        Filter::And(parts) => parts.iter().for_each(|p| flatten(p, into)),
        other => into.push(other),
    }
}

/// Whether a term says all there is to say: in brackets, only where nothing stands beside it.
fn is_bare(part: &Filter) -> bool {
    match part {
        Filter::ValuePath(_, inner) => matches!(**inner, Filter::Compare(..)),
        _ => true,
    }
}

/// The terms of `a eq "x" or b eq "y"`, when every branch has one.
fn alternatives(part: &Filter, schema: &ResourceSchema) -> Option<Vec<EqTerm>> {
    let Filter::Or(branches) = part else {
        return None;
    };
    branches
        .iter()
        .map(|branch| {
            let mut conjuncts = Vec::new();
            flatten(branch, &mut conjuncts);
            conjuncts
                .iter()
                .find_map(|c| term(c, schema).filter(|t| !matches!(t.on, Indexed::Member | Indexed::Group)))
        })
        .collect()
}

/// The indexed equality that a conjunct implies.
fn term(part: &Filter, schema: &ResourceSchema) -> Option<EqTerm> {
    match part {
        Filter::Compare(path, CompareOp::Eq, literal) => {
            let found = schema.resolve(path)?;
            let on = indexed(schema, &found)?;
            let value = match on {
                Indexed::Unique => resource::unique_value(
                    found.container,
                    found.attribute,
                    &literal.to_value_of(found.attribute)?,
                )?,
                _ => literal.text()?,
            };
            Some(EqTerm { on, value })
        }
        Filter::ValuePath(path, inner) => {
            let found = schema.resolve(path)?;
            let on = indexed(schema, &found)?;
            if on == Indexed::Unique {
                return None;
            }
            Some(EqTerm { on, value: value_in_brackets(inner)? })
        }
        _ => None,
    }
}

fn indexed(schema: &ResourceSchema, found: &Resolved<'_>) -> Option<Indexed> {
    let sub = found.sub.map(|s| s.name.as_str());
    let (user, group) = (schema.core.id == urn::USER, schema.core.id == urn::GROUP);
    if found.container.is_none() {
        match (found.attribute.name.as_str(), sub) {
            ("id", None) => return Some(Indexed::Id),
            ("externalId", None) => return Some(Indexed::ExternalId),
            ("userName", None) if user => return Some(Indexed::UserName),
            ("displayName", None) if user || group => return Some(Indexed::DisplayName),
            ("emails", None | Some("value")) if user => return Some(Indexed::Email),
            ("groups", None | Some("value")) if user => return Some(Indexed::Group),
            ("members", None | Some("value")) if group => return Some(Indexed::Member),
            _ => {}
        }
    }
    let unique = sub.is_none() && resource::is_unique(schema, found.container, found.attribute);
    unique.then_some(Indexed::Unique)
}

/// The value of `value eq "x"`, alone or as a part of a conjunction.
fn value_in_brackets(inner: &Filter) -> Option<String> {
    let mut conjuncts = Vec::new();
    flatten(inner, &mut conjuncts);
    conjuncts.into_iter().find_map(|part| match part {
        Filter::Compare(AttrPath { urn: None, name, sub: None }, CompareOp::Eq, literal)
            if name.eq_ignore_ascii_case("value") =>
        {
            literal.text()
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{check, parse};
    use super::*;
    use crate::Dialect;
    use crate::schema::Registry;

    fn plan(name: &str, text: &str) -> Plan {
        let registry = Registry::core().unwrap();
        let schema = registry.resource(name).unwrap();
        let filter = parse(text, Dialect::Tolerant).unwrap();
        check(&filter, schema).unwrap();
        Plan::of(&filter, schema)
    }

    fn eq(on: Indexed, value: &str) -> EqTerm {
        EqTerm { on, value: value.to_owned() }
    }

    #[test]
    fn what_identity_providers_ask_is_answered_by_an_index() {
        for (text, on) in [
            ("userName eq \"a\"", Indexed::UserName),
            ("USERNAME Eq \"a\"", Indexed::UserName),
            ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"a\"", Indexed::UserName),
            ("externalId eq a", Indexed::ExternalId),
            ("emails eq \"a\"", Indexed::Email),
            ("emails.value eq \"a\"", Indexed::Email),
            ("emails[type eq \"work\"].value eq \"a\"", Indexed::Email),
            ("emails[type eq \"work\" and value eq \"a\"]", Indexed::Email),
            ("emails[value eq \"a\" and (type eq \"b\" or primary eq true)]", Indexed::Email),
            ("id eq \"a\" and manager eq \"m\"", Indexed::Id),
            ("userName eq \"a\" and not (title pr)", Indexed::UserName),
            ("displayName eq \"a\"", Indexed::DisplayName),
        ] {
            let plan = plan("User", text);
            assert_eq!(plan.source, Source::All(vec![eq(on, "a")]), "{text}");
            assert!(plan.residual.is_some());
        }
    }

    #[test]
    fn memberships_are_asked_and_not_looked_for_in_the_tree() {
        let both = plan("Group", "id eq \"g\" and members eq \"u\"");
        assert_eq!(both.source, Source::All(vec![eq(Indexed::Id, "g"), eq(Indexed::Member, "u")]));
        assert_eq!(both.residual.unwrap().to_string(), "id eq \"g\"");
        assert_eq!(plan("Group", "members[value eq \"u\"]").residual, None);
        assert_eq!(plan("User", "groups.value eq \"g\"").source, Source::All(vec![eq(Indexed::Group, "g")]));
        let typed = plan("Group", "members[value eq \"u\" and type eq \"User\"]");
        assert_eq!(typed.source, Source::All(vec![eq(Indexed::Member, "u")]));
        let registry = Registry::core().unwrap();
        let group = registry.resource("Group").unwrap();
        assert!(typed.asks_about("members", group));
        assert!(plan("Group", "displayName sw \"a\" and not (members pr)").asks_about("members", group));
        assert!(!both_asks("displayName sw \"a\" and members eq \"u\"", group));
    }

    fn both_asks(text: &str, group: &ResourceSchema) -> bool {
        plan("Group", text).asks_about("members", group)
    }

    #[test]
    fn alternatives_are_looked_up_one_by_one() {
        let any = plan("User", "title pr and (id eq \"a\" or userName eq \"b\" and active eq true)");
        assert_eq!(any.source, Source::Any(vec![eq(Indexed::Id, "a"), eq(Indexed::UserName, "b")]));
        assert!(any.residual.is_some());
        assert_eq!(plan("User", "id eq \"a\" or title eq \"b\"").source, Source::Scan);
        assert_eq!(plan("Group", "id eq \"a\" or members eq \"b\"").source, Source::Scan);
    }

    #[test]
    fn everything_else_is_scanned_for() {
        for (name, text) in [
            ("User", "userName sw \"a\""),
            ("User", "title eq \"a\""),
            ("User", "not (userName eq \"a\")"),
            ("User", "manager eq \"m\""),
            ("User", "userName eq null"),
            ("User", "emails[type eq \"work\"]"),
            ("User", "emails[value eq \"a\" or type eq \"b\"]"),
            ("Group", "members.type eq \"User\""),
            ("User", "userName pr"),
        ] {
            let plan = plan(name, text);
            assert_eq!(plan.source, Source::Scan, "{text}");
            assert_eq!(plan.residual.unwrap(), parse(text, Dialect::Tolerant).unwrap());
        }
    }
}
