//! The `path` of a PATCH operation (RFC 7644 §3.5.2): `PATH = attrPath / valuePath [subAttr]`.

use std::fmt;

use crate::attr_path::AttrPath;
use crate::dialect::Dialect;
use crate::error::ScimError;
use crate::filter::{Filter, Limits, Parser};
use crate::schema::{Key, ResourceSchema};

/// A parsed path.
#[derive(Debug, Clone, PartialEq)]
pub enum Path {
    /// The URN of the core schema: the resource itself.
    Resource,
    /// The URN of an extension: all of its attributes.
    Extension(String),
    /// An attribute, or elements of it, or a sub-attribute of those.
    Attribute(AttributePath),
}

/// A path to an attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributePath {
    /// Attribute and sub-attribute; the sub-attribute stands behind the brackets where there are any.
    pub attribute: AttrPath,
    /// Which elements of a multi-valued attribute.
    pub filter: Option<Filter>,
}

impl Path {
    /// Parses a path; `schema` tells a bare URN from a qualified name. Whether the attribute exists is left to the engine.
    ///
    /// # Errors
    /// 400 `invalidPath`.
    pub fn parse(text: &str, schema: &ResourceSchema) -> Result<Self, ScimError> {
        let text = text.trim();
        match schema.key(text) {
            Some(Key::Core) => return Ok(Self::Resource),
            Some(Key::Extension(extension)) => return Ok(Self::Extension(extension.id.clone())),
            _ => {}
        }
        attribute_path(text, schema.dialect())
            .map(Self::Attribute)
            .map_err(|e| ScimError::invalid_path(format!("the path is not valid: {e}")))
    }
}

fn attribute_path(text: &str, dialect: Dialect) -> Result<AttributePath, String> {
    let mut parser = Parser::new(text, Limits::DEFAULT, dialect)?;
    let mut attribute = parser.attribute()?;
    let mut filter = None;
    if parser.peek_is('[') {
        if attribute.sub.is_some() {
            return Err("a filter in brackets belongs behind an attribute, not a sub-attribute".into());
        }
        filter = Some(parser.brackets()?);
        if parser.eat('.') {
            let sub = AttrPath::parse(parser.word())
                .filter(|p| p.urn.is_none() && p.sub.is_none())
                .ok_or_else(|| parser.unexpected("a sub-attribute"))?;
            attribute.sub = Some(sub.name);
        }
    }
    if parser.at_end() { Ok(AttributePath { attribute, filter }) } else { Err(parser.unexpected("the end")) }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(filter) = &self.filter else {
            return self.attribute.fmt(f);
        };
        let bare = AttrPath { sub: None, ..self.attribute.clone() };
        write!(f, "{bare}[{filter}]")?;
        match &self.attribute.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Registry;
    use crate::{ScimType, urn};

    #[test]
    fn every_shape_of_path_is_read_and_printed() {
        let registry = Registry::core().unwrap();
        let user = registry.resource("User").unwrap();
        for text in [
            "userName",
            "name.givenName",
            "emails[type eq \"work\"]",
            "emails[type eq \"work\"].value",
            "urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"work\" and value ew \"x\"].value",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "roles[primary eq \"True\"].value",
            "addresses[type eq \"work\"].streetAddress",
            "manager.$ref",
            "urn:example:unknown:2.0:User:thing",
        ] {
            let Path::Attribute(path) = Path::parse(text, user).unwrap() else { panic!("{text}") };
            assert_eq!(path.to_string(), text);
        }
        assert_eq!(Path::parse(urn::USER, user).unwrap(), Path::Resource);
        assert_eq!(
            Path::parse("URN:ietf:params:scim:schemas:extension:enterprise:2.0:User", user).unwrap(),
            Path::Extension(urn::ENTERPRISE_USER.into())
        );
    }

    #[test]
    fn anything_else_is_invalid_path() {
        let registry = Registry::core().unwrap();
        let user = registry.resource("User").unwrap();
        for text in [
            "",
            "emails[",
            "emails[type eq \"work\"",
            "emails[]",
            "emails.value[type eq \"x\"]",
            "a.b.c",
            "a b",
            "emails[type eq \"work\"]value",
            "emails[type eq \"work\"].",
            "emails[a[b pr]]",
            "name..x",
            "[type pr]",
        ] {
            let error = Path::parse(text, user).expect_err(text);
            assert_eq!(error.scim_type, Some(ScimType::InvalidPath), "{text}");
        }
    }
}
