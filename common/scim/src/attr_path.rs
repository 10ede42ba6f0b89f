//! Attribute names as clients write them: `userName`, `name.givenName`,
//! `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value`.

use std::fmt;

/// A parsed attribute name; not yet looked up in a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttrPath {
    /// The schema URN in front of the name, as written.
    pub urn: Option<String>,
    /// The attribute name, as written.
    pub name: String,
    /// The sub-attribute name, as written.
    pub sub: Option<String>,
}

impl AttrPath {
    /// Parses RFC 7644 §3.4.2.2: `attrPath = [URI ":"] ATTRNAME *1subAttr`.
    ///
    /// Returns `None` for anything else; the caller knows whether that is a bad filter or a bad path.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // A URN holds dots of its own ("2.0"), so the name starts after the last colon.
        let (urn, rest) = match text.rfind(':') {
            Some(at) => {
                let urn = &text[..at];
                if urn.is_empty() || urn.contains(char::is_whitespace) {
                    return None;
                }
                (Some(urn.to_owned()), &text[at + 1..])
            }
            None => (None, text),
        };
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        if !is_name(name) || sub.is_some_and(|sub| !is_name(sub)) {
            return None;
        }
        Some(Self { urn, name: name.to_owned(), sub: sub.map(str::to_owned) })
    }

    /// A name without URN and sub-attribute.
    #[must_use]
    pub fn simple(name: &str) -> Self {
        Self { urn: None, name: name.to_owned(), sub: None }
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.name)?;
        if let Some(sub) = &self.sub {
            write!(f, ".{sub}")?;
        }
        Ok(())
    }
}

/// `ATTRNAME = ALPHA *(nameChar)`, and `$ref`, which RFC 7643 §2.1 uses but its ABNF forgets.
pub(crate) fn is_name(text: &str) -> bool {
    let body = text.strip_prefix('$').unwrap_or(text);
    let mut bytes = body.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urn_name_and_sub_attribute_are_told_apart() {
        let text = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
        let path = AttrPath::parse(text).unwrap();
        assert_eq!(path.urn.as_deref(), Some(crate::urn::ENTERPRISE_USER));
        assert_eq!(path.name, "manager");
        assert_eq!(path.sub.as_deref(), Some("value"));
        assert_eq!(path.to_string(), text);
        assert_eq!(AttrPath::parse("manager.$ref").unwrap().sub.as_deref(), Some("$ref"));
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", ".", "a.", "a.b.c", "1a", "a b", ":a", "urn:x:", "a[b]", "ü"] {
            assert_eq!(AttrPath::parse(text), None, "{text}");
        }
    }
}
