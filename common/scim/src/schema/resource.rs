//! One resource type with its schemas, and the resolution of names against them.

use std::sync::Arc;

use super::attribute::{Attribute, find};
use super::document::{ResourceType, Schema};
use crate::attr_path::AttrPath;
use crate::dialect::{Dialect, Leeway};
use crate::urn;

/// A resource type with its schemas: all that is needed to read or change such a resource.
#[derive(Debug, Clone)]
pub struct ResourceSchema {
    /// The resource type.
    pub resource_type: ResourceType,
    /// The core schema.
    pub core: Arc<Schema>,
    /// The extensions.
    pub extensions: Vec<Extension>,
    pub(super) common: Arc<Schema>,
    pub(super) dialect: Dialect,
}

/// An extension of a resource type.
#[derive(Debug, Clone)]
pub struct Extension {
    /// Its schema.
    pub schema: Arc<Schema>,
    /// Whether every resource must carry it.
    pub required: bool,
}

/// An attribute found in a schema.
#[derive(Debug, Clone, Copy)]
pub struct Resolved<'a> {
    /// URN of the extension whose object holds the attribute; `None` at the top of the resource.
    pub container: Option<&'a str>,
    /// The attribute.
    pub attribute: &'a Attribute,
    /// The sub-attribute, when the name had one.
    pub sub: Option<&'a Attribute>,
}

impl<'a> Resolved<'a> {
    /// The attribute or sub-attribute that was named.
    #[must_use]
    pub fn target(&self) -> &'a Attribute {
        self.sub.unwrap_or(self.attribute)
    }
}

/// What a key of a JSON object, or a whole PATCH path, stands for.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// The URN of the core schema: the resource itself.
    Core,
    /// The URN of an extension: its object.
    Extension(&'a Schema),
    /// An attribute or sub-attribute.
    Attribute(Resolved<'a>),
}

impl ResourceSchema {
    /// The dialect of the connection that this schema is of.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn allows(&self, leeway: Leeway) -> bool {
        self.dialect.allows(leeway)
    }

    /// Looks a name up: in the schema its URN names, or, without a URN, in the common attributes, the core schema and then
    /// the extensions.
    ///
    /// RFC 7644 §3.10 asks clients to qualify extension attributes; Entra's own documentation does not
    /// (`"path":"manager"`, `filter=manager eq "m"`).
    #[must_use]
    pub fn resolve(&self, path: &AttrPath) -> Option<Resolved<'_>> {
        let (container, attribute) = match &path.urn {
            None => self.unqualified(&path.name)?,
            Some(written) if self.is_core(written) => (None, self.of_core(&path.name)?),
            Some(written) => {
                let schema = self.extension(written)?;
                (Some(schema.id.as_str()), schema.attribute(&path.name)?)
            }
        };
        let sub = match &path.sub {
            None => None,
            Some(name) => Some(attribute.sub(name)?),
        };
        Some(Resolved { container, attribute, sub })
    }

    /// Looks up a name that may be a schema URN, and may be dotted or URN-qualified.
    #[must_use]
    pub fn key(&self, text: &str) -> Option<Key<'_>> {
        if self.is_core(text) {
            return Some(Key::Core);
        }
        if let Some(schema) = self.extension(text) {
            return Some(Key::Extension(schema));
        }
        self.resolve(&AttrPath::parse(text)?).map(Key::Attribute)
    }

    /// Looks up a key of a JSON object: of a body, or, `within` an extension, of its object. Only the tolerant dialect
    /// takes dotted and qualified names there.
    #[must_use]
    pub fn member<'a>(&'a self, within: Option<&'a Schema>, text: &str) -> Option<Key<'a>> {
        if let Some(schema) = within
            && let Some(attribute) = schema.attribute(text)
        {
            return Some(Key::Attribute(Resolved { container: Some(&schema.id), attribute, sub: None }));
        }
        if self.allows(Leeway::QualifiedKeys) {
            return match within {
                None => self.key(text),
                Some(schema) => self
                    .key(&format!("{}:{text}", schema.id))
                    .or_else(|| self.key(text).filter(|_| text.contains(':'))),
            };
        }
        if within.is_some() {
            return None;
        }
        if let Some(schema) = self.extension(text) {
            return Some(Key::Extension(schema));
        }
        let attribute = self.of_core(text)?;
        Some(Key::Attribute(Resolved { container: None, attribute, sub: None }))
    }

    /// Finds an extension by its URN.
    #[must_use]
    pub fn extension(&self, written: &str) -> Option<&Schema> {
        self.extensions.iter().map(|e| e.schema.as_ref()).find(|s| self.means(written, &s.id))
    }

    /// Whether this is the URN of the core schema.
    #[must_use]
    pub fn is_core(&self, written: &str) -> bool {
        self.means(written, &self.core.id)
    }

    /// Every attribute at the top of the resource: common ones first, then those of the core schema.
    pub fn top_level(&self) -> impl Iterator<Item = &Attribute> {
        self.common.attributes.iter().chain(&self.core.attributes)
    }

    /// Every attribute, with the URN of the extension that holds it.
    pub fn attributes(&self) -> impl Iterator<Item = (Option<&str>, &Attribute)> {
        let extensions = self.extensions.iter().flat_map(|e| {
            let id = e.schema.id.as_str();
            e.schema.attributes.iter().map(move |a| (Some(id), a))
        });
        self.top_level().map(|a| (None, a)).chain(extensions)
    }

    /// The name of the resource type.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.resource_type.name
    }

    fn means(&self, written: &str, id: &str) -> bool {
        written.eq_ignore_ascii_case(id)
            || (self.allows(Leeway::Scim1Uris) && urn::is_scim_1_name(written, id))
    }

    fn of_core(&self, name: &str) -> Option<&Attribute> {
        find(&self.common.attributes, name).or_else(|| self.core.attribute(name))
    }

    fn unqualified(&self, name: &str) -> Option<(Option<&str>, &Attribute)> {
        if let Some(found) = self.of_core(name) {
            return Some((None, found));
        }
        if !self.allows(Leeway::ExtensionUnqualified) {
            return None;
        }
        self.extensions.iter().find_map(|e| Some((Some(e.schema.id.as_str()), e.schema.attribute(name)?)))
    }
}
