//! `attributes` and `excludedAttributes` (RFC 7644 §3.9), and the `returned` characteristic.

use serde_json::{Map, Value};

use crate::attr_path::AttrPath;
use crate::resource::Resource;
use crate::schema::{Attribute, Key, ResourceSchema, Returned};

/// What a client wants to see of a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    mode: Mode,
    names: Vec<Name>,
    /// What a write brought in: attributes that are returned on request are returned then, too.
    written: Vec<(Option<String>, String)>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Default,
    Only,
    Without,
}

/// A name that resolved: container, attribute, sub-attribute. An attribute of `None` means a whole extension.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    container: Option<String>,
    attribute: Option<String>,
    sub: Option<String>,
}

impl Projection {
    /// Reads the two parameters. Names that no schema defines select nothing. Where both are sent, `attributes` wins:
    /// RFC 7644 §3.9 makes them exclusive, and the narrower answer is the safer one.
    #[must_use]
    pub fn new(schema: &ResourceSchema, attributes: &[String], excluded: &[String]) -> Self {
        let (mode, names) = match (attributes.is_empty(), excluded.is_empty()) {
            (false, _) => (Mode::Only, attributes),
            (true, false) => (Mode::Without, excluded),
            (true, true) => return Self::default(),
        };
        let names = names.iter().filter_map(|text| name(schema, text)).collect();
        Self { mode, names, written: Vec::new() }
    }

    /// The projection of the answer to a write. RFC 7643 §7, request: "The attribute is returned in response to any PUT, POST,
    /// or PATCH operations if the attribute was specified by the client (for example, the attribute was modified)."
    #[must_use]
    pub fn after_write(
        mut self,
        schema: &ResourceSchema,
        before: Option<&Resource>,
        after: &Resource,
    ) -> Self {
        self.written = schema
            .attributes()
            .filter(|(container, a)| {
                let new = after.get(*container, &a.name);
                let on_request = a.returned == Returned::Request
                    || a.sub_attributes.iter().any(|s| s.returned == Returned::Request);
                on_request && new.is_some() && new != before.and_then(|b| b.get(*container, &a.name))
            })
            .map(|(container, a)| (container.map(str::to_owned), a.name.clone()))
            .collect();
        self
    }

    /// Whether a top-level attribute will be part of the answer, so that what is not asked for need not be read.
    #[must_use]
    pub fn wants(&self, attribute: &str) -> bool {
        let named =
            self.names.iter().filter(|n| n.container.is_none() && n.attribute.as_deref() == Some(attribute));
        match self.mode {
            Mode::Default => true,
            Mode::Only => named.count() > 0,
            Mode::Without => !named.into_iter().any(|n| n.sub.is_none()),
        }
    }

    /// Whether the client named a top-level attribute, for one that is costly and left out of lists otherwise.
    #[must_use]
    pub fn asks_for(&self, attribute: &str) -> bool {
        self.mode == Mode::Only && self.wants(attribute)
    }

    /// Applies the projection to a whole representation.
    #[must_use]
    pub fn apply(&self, schema: &ResourceSchema, document: Map<String, Value>) -> Map<String, Value> {
        let mut out = Map::new();
        for (key, value) in document {
            if let Some(extension) = schema.extension(&key) {
                let Value::Object(inner) = value else { continue };
                let kept: Map<String, Value> = inner
                    .into_iter()
                    .filter_map(|(k, v)| {
                        let attribute = extension.attribute(&k)?;
                        Some((k, self.attribute(Some(&extension.id), attribute, v)?))
                    })
                    .collect();
                if !kept.is_empty() {
                    out.insert(key, Value::Object(kept));
                }
            } else if let Some(found) = schema.resolve(&AttrPath::simple(&key))
                && found.container.is_none()
                && let Some(value) = self.attribute(None, found.attribute, value)
            {
                out.insert(key, value);
            }
        }
        out
    }

    fn attribute(&self, container: Option<&str>, attr: &Attribute, value: Value) -> Option<Value> {
        let named: Vec<&Name> = self
            .names
            .iter()
            .filter(|n| n.container.as_deref() == container)
            .filter(|n| n.attribute.as_ref().is_none_or(|a| *a == attr.name))
            .collect();
        let whole = named.iter().any(|n| n.sub.is_none());
        let written = self.written.iter().any(|(c, name)| c.as_deref() == container && *name == attr.name);
        // What is always returned is there as a whole, whoever names or excludes it.
        let always = attr.returned == Returned::Always;
        let kept = match (attr.returned, self.mode) {
            (Returned::Never, _) => return None,
            (Returned::Always, _) => true,
            (Returned::Request, Mode::Only) => !named.is_empty(),
            (Returned::Request, Mode::Default) => written,
            (Returned::Request, Mode::Without) => written && !whole,
            (Returned::Default, Mode::Default) => true,
            (Returned::Default, Mode::Only) => !named.is_empty(),
            (Returned::Default, Mode::Without) => !whole,
        };
        if !kept {
            return None;
        }
        let subs: Vec<&str> = named.iter().filter_map(|n| n.sub.as_deref()).collect();
        let keep = |name: &str| {
            let Some(sub) = attr.sub(name) else {
                return true;
            };
            match (sub.returned, self.mode) {
                (Returned::Never, _) => false,
                (Returned::Always, _) => true,
                (Returned::Request, Mode::Only) => subs.contains(&name),
                (Returned::Request, _) => written && !subs.contains(&name),
                (Returned::Default, _) if always && subs.is_empty() => true,
                (Returned::Default, Mode::Only) => whole || subs.contains(&name),
                (Returned::Default, _) => !subs.contains(&name),
            }
        };
        trimmed(value, &keep)
    }
}

fn trimmed(value: Value, keep: &dyn Fn(&str) -> bool) -> Option<Value> {
    match value {
        Value::Object(mut map) => {
            map.retain(|k, _| keep(k));
            (!map.is_empty()).then_some(Value::Object(map))
        }
        Value::Array(items) => {
            let was_empty = items.is_empty();
            let items: Vec<Value> = items.into_iter().filter_map(|i| trimmed(i, keep)).collect();
            (was_empty || !items.is_empty()).then_some(Value::Array(items))
        }
        simple => Some(simple),
    }
}

fn name(schema: &ResourceSchema, text: &str) -> Option<Name> {
    match schema.key(text.trim())? {
        Key::Core => Some(Name { container: None, attribute: None, sub: None }),
        Key::Extension(extension) => {
            Some(Name { container: Some(extension.id.clone()), attribute: None, sub: None })
        }
        Key::Attribute(found) => Some(Name {
            container: found.container.map(str::to_owned),
            attribute: Some(found.attribute.name.clone()),
            sub: found.sub.map(|s| s.name.clone()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Registry, urn};
    use serde_json::json;

    fn project(attributes: &str, excluded: &str) -> Value {
        let registry = Registry::core().unwrap();
        let user = registry.resource("User").unwrap();
        let list = |s: &str| s.split(',').filter(|s| !s.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let document = json!({"schemas": [urn::USER], "id": "1", "meta": {"version": "v", "created": "c"}, "userName": "a",
            "password": "p", "name": {"givenName": "g", "familyName": "f"},
            "emails": [{"value": "x", "type": "work"}], urn::ENTERPRISE_USER: {"department": "d", "manager": {"value": "m"}}});
        let Value::Object(map) = document else { panic!() };
        Value::Object(Projection::new(user, &list(attributes), &list(excluded)).apply(user, map))
    }

    #[test]
    fn only_what_is_asked_for_and_the_minimum() {
        let minimum = json!({"schemas": [urn::USER], "id": "1"});
        let with = |more: Value| {
            let mut all = minimum.clone();
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        assert_eq!(project("nothing", ""), minimum);
        assert_eq!(project("USERNAME,password", ""), with(json!({"userName": "a"})));
        assert_eq!(
            project("name.givenName, emails.type", ""),
            with(json!({"name": {"givenName": "g"}, "emails": [{"type": "work"}]}))
        );
        assert_eq!(
            project(&format!("{}:manager", urn::ENTERPRISE_USER), ""),
            with(json!({urn::ENTERPRISE_USER: {"manager": {"value": "m"}}}))
        );
        assert_eq!(
            project(urn::ENTERPRISE_USER, ""),
            with(json!({urn::ENTERPRISE_USER: {"department": "d", "manager": {"value": "m"}}}))
        );
    }

    #[test]
    fn all_but_what_is_excluded_and_never_the_minimum() {
        let out = project(
            "",
            &format!("id,schemas,NAME,emails.type,{}:department,meta.version", urn::ENTERPRISE_USER),
        );
        assert_eq!(
            out,
            json!({"schemas": [urn::USER], "id": "1", "meta": {"created": "c"}, "userName": "a",
            "emails": [{"value": "x"}], urn::ENTERPRISE_USER: {"manager": {"value": "m"}}})
        );
        assert_eq!(project("", "").get("password"), None);
    }

    #[test]
    fn characteristics_decide_what_is_returned() {
        let custom = serde_json::from_value(json!({
            "schemas": [{"id": "urn:example:t", "attributes": [
                {"name": "plain"}, {"name": "asked", "returned": "request"}, {"name": "hidden", "returned": "never"},
                {"name": "kept", "returned": "always", "type": "complex", "subAttributes": [
                    {"name": "open"}, {"name": "shut", "returned": "never"}, {"name": "late", "returned": "request"}]}]}],
            "resourceTypes": [{"name": "T", "endpoint": "/Ts", "schema": "urn:example:t"}]}))
        .unwrap();
        let registry = Registry::core().unwrap().with_custom(&custom).unwrap();
        let schema = registry.resource("T").unwrap();
        let tree =
            json!({"plain": "1", "asked": "2", "hidden": "3", "kept": {"open": 1, "shut": 2, "late": 3}});
        let Value::Object(tree) = tree else { panic!() };
        let show = |projection: Projection| Value::Object(projection.apply(schema, tree.clone()));
        let own = |l: &[&str]| l.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let with = |a: &[&str], e: &[&str]| Projection::new(schema, &own(a), &own(e));
        assert_eq!(show(with(&[], &[])), json!({"plain": "1", "kept": {"open": 1}}));
        assert_eq!(show(with(&["asked"], &[])), json!({"asked": "2", "kept": {"open": 1}}));
        assert_eq!(show(with(&["hidden", "kept.late"], &[])), json!({"kept": {"late": 3}}));
        assert_eq!(show(with(&[], &["plain", "kept"])), json!({"kept": {"open": 1}}));
        let after = Resource(tree.clone());
        let created = with(&[], &[]).after_write(schema, None, &after);
        assert_eq!(show(created), json!({"plain": "1", "asked": "2", "kept": {"open": 1, "late": 3}}));
        let unchanged = with(&[], &[]).after_write(schema, Some(&after), &after);
        assert_eq!(show(unchanged), json!({"plain": "1", "kept": {"open": 1}}));
    }

    #[test]
    fn wants_spares_reads() {
        let registry = Registry::core().unwrap();
        let group = registry.resource("Group").unwrap();
        let p = |a: &[&str], e: &[&str]| {
            let own = |l: &[&str]| l.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
            Projection::new(group, &own(a), &own(e)).wants("members")
        };
        assert!(
            p(&[], &[])
                && p(&["members.value"], &[])
                && p(&[], &["displayName"])
                && p(&[], &["members.display"])
        );
        assert!(!p(&["id"], &[]) && !p(&[], &["Members"]));
    }
}
