//! What must hold whatever is sent: shared by the fuzz targets and by `examples/soak`. Each check panics on a finding and
//! says whether the input was taken, so that a run can tell that it went deep.

use std::collections::HashMap;

use serde_json::{Value, json};
use usher_scim::filter::{self, Plan};
use usher_scim::path::Path;
use usher_scim::projection::Projection;
use usher_scim::{Dialect, Registry, Resource, bulk, cursor, list, normalize, patch, search};

thread_local! {
    /// The schemas and resources that the checks run on.
    pub static WORLD: World = World::new();
}

/// The schemas and resources that the checks run on.
pub struct World {
    registries: Vec<Registry>,
    users: Vec<Resource>,
}

/// Most of the names that inputs are made of resolve in one of these.
const BADGE: &str = include_str!("../tests/fixtures/custom/badge.json");

impl World {
    fn new() -> Self {
        let custom = serde_json::from_str(BADGE).expect("a fixture");
        let registry = Registry::core().and_then(|r| r.with_custom(&custom)).expect("a fixture");
        let users = [
            json!({"userName": "ada", "name": {"givenName": "Ada"}, "active": true, "externalId": "7",
                "emails": [{"value": "a@x.co", "type": "work", "primary": true}, {"value": "b@x.co"}],
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "m", "$ref": "r"}},
                "urn:example:scim:badge:2.0:User": {"number": "1", "level": 3, "weight": 1.5, "doors": ["a", "b"],
                    "issued": "2026-01-01T00:00:00Z", "desk": {"floor": 1}, "zones": [{"value": "z", "type": "inner"}]}}),
            json!({"userName": "b"}),
        ];
        Self {
            registries: Dialect::ALL.iter().map(|d| registry.clone().in_dialect(*d)).collect(),
            users: users.into_iter().map(|u| serde_json::from_value(u).expect("a resource")).collect(),
        }
    }

    /// Parsing, printing, checking, evaluating and planning a filter.
    pub fn filter(&self, text: &str) -> bool {
        let mut taken = false;
        for registry in &self.registries {
            let dialect = registry.dialect();
            let Ok(parsed) = filter::parse(text, dialect) else { continue };
            let printed = parsed.to_string();
            // Printing quotes what came bare, which may make it longer than a filter may be.
            if printed.len() < 8_000 {
                assert_eq!(filter::parse(&printed, dialect).as_ref(), Ok(&parsed), "{printed}");
            }
            for schema in registry.resources() {
                if filter::check(&parsed, schema).is_err() {
                    continue;
                }
                taken = true;
                let plan = Plan::of(&parsed, schema);
                for user in &self.users {
                    let found = filter::matches(&parsed, schema, &user.0);
                    if let (true, Some(residual)) = (found, &plan.residual) {
                        assert!(filter::matches(residual, schema, &user.0), "{printed}");
                    }
                }
            }
        }
        taken
    }

    /// Parsing and printing a path, and projecting by it.
    pub fn path(&self, text: &str) -> bool {
        let mut taken = false;
        for registry in &self.registries {
            for schema in registry.resources() {
                if let Ok(Path::Attribute(path)) = Path::parse(text, schema) {
                    taken = true;
                    let printed = path.to_string();
                    if printed.len() < 8_000 {
                        assert_eq!(Path::parse(&printed, schema), Ok(Path::Attribute(path)), "{printed}");
                    }
                }
                let names = [text.to_owned()];
                for user in &self.users {
                    let only = Projection::new(schema, &names, &[]).apply(schema, user.0.clone());
                    let without = Projection::new(schema, &[], &names).apply(schema, user.0.clone());
                    assert!(only.len() <= user.0.len() && without.len() <= user.0.len());
                }
            }
        }
        taken
    }

    /// A PATCH body: refused, or a result that a PUT of it would store the same.
    pub fn patch(&self, text: &str) -> bool {
        let Ok(body) = serde_json::from_str::<Value>(text) else { return false };
        let mut taken = false;
        for registry in &self.registries {
            for schema in registry.resources() {
                let Ok(operations) = patch::parse(schema, body.clone()) else { continue };
                if let Ok(split) = patch::split_group(schema, operations.clone()) {
                    let delta = patch::MemberDelta::of(&split.members);
                    assert!(delta.add.is_disjoint(&delta.remove));
                }
                for user in &self.users {
                    let Ok(after) = patch::apply(schema, user, &operations) else { continue };
                    taken = true;
                    if registry.dialect() == Dialect::Tolerant && schema.name() == "User" {
                        let again = normalize::resource(schema, Value::Object(after.0.clone()));
                        assert_eq!(again.as_ref(), Ok(&after), "{text}");
                    }
                }
            }
        }
        taken
    }

    /// Every other message: a resource, a search, a bulk request, a query string, a cursor.
    pub fn message(&self, text: &str) -> bool {
        let query = list::ListQuery::parse(text);
        if let Ok(query) = &query {
            assert!(query.count <= list::MAX_COUNT);
        }
        let question = cursor::Fingerprint::of([text]);
        assert!(cursor::read(text, question, 0).is_err() || text.starts_with("1."));
        let position = cursor::Position { page: Some(text.to_owned()), skip: text.len() };
        if text.len() < 1_000 {
            let written = cursor::write(&position, question, 0);
            assert_eq!(cursor::read(&written, question, 0), Ok(position));
        }
        let Ok(body) = serde_json::from_str::<Value>(text) else { return false };
        let mut taken = false;
        for registry in &self.registries {
            taken |= search::parse(registry.dialect(), body.clone()).is_ok();
            for schema in registry.resources() {
                let Ok(tree) = normalize::resource(schema, body.clone()) else { continue };
                taken = true;
                if registry.dialect() == Dialect::Tolerant {
                    let again = normalize::resource(schema, Value::Object(tree.0.clone()));
                    assert_eq!(again.as_ref(), Ok(&tree), "{text}");
                }
            }
        }
        if let Ok(request) = bulk::parse(body, bulk::Limits { operations: 50, payload: 0 }) {
            taken = true;
            bulk_order(&request);
        }
        taken
    }
}

fn bulk_order(request: &bulk::Request) {
    let mut ids: bulk::Ids = HashMap::new();
    let mut worked_off = 0;
    for step in bulk::order(&request.operations) {
        let at = match step {
            bulk::Step::Run(at) | bulk::Step::Complete(at) => {
                worked_off += 1;
                at
            }
            bulk::Step::CreatePart(at) => at,
        };
        let Some(Ok(operation)) = request.operations.get(at) else { continue };
        let _ = bulk::resolved(&bulk::without(operation, &ids), &ids);
        if let (bulk::Method::Post, Some(id)) = (operation.method, &operation.bulk_id) {
            ids.insert(id.clone(), format!("id{at}"));
        }
    }
    assert_eq!(worked_off, request.operations.len());
}
