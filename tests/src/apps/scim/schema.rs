//! What the app knows of users and groups (RFC 7643 §4).

use serde_json::{Map, Value};

use super::error::{Answer, ScimError};

pub(super) type Attributes = Map<String, Value>;

pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(super) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Boolean,
    Complex,
    /// A list of objects with a `value`.
    Values,
}

/// Every attribute that a client may write. `groups`, `meta` and `id` are the app's own.
const USER_ATTRIBUTES: &[(&str, Shape)] = &[
    ("userName", Shape::Text),
    ("externalId", Shape::Text),
    ("displayName", Shape::Text),
    ("nickName", Shape::Text),
    ("profileUrl", Shape::Text),
    ("title", Shape::Text),
    ("userType", Shape::Text),
    // Not of RFC 7643: where Canva keeps the role.
    ("role", Shape::Text),
    ("preferredLanguage", Shape::Text),
    ("locale", Shape::Text),
    ("timezone", Shape::Text),
    ("password", Shape::Text),
    ("active", Shape::Boolean),
    ("name", Shape::Complex),
    (ENTERPRISE, Shape::Complex),
    ("emails", Shape::Values),
    ("phoneNumbers", Shape::Values),
    ("photos", Shape::Values),
    ("addresses", Shape::Values),
    ("roles", Shape::Values),
    ("entitlements", Shape::Values),
];

const GROUP_ATTRIBUTES: &[(&str, Shape)] =
    &[("displayName", Shape::Text), ("externalId", Shape::Text), ("members", Shape::Values)];

impl Kind {
    pub(super) fn of_collection(name: &str) -> Option<Self> {
        match name {
            "Users" => Some(Self::User),
            "Groups" => Some(Self::Group),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    pub(super) fn schema(self) -> &'static str {
        match self {
            Self::User => USER,
            Self::Group => GROUP,
        }
    }

    pub(super) fn attributes(self) -> &'static [(&'static str, Shape)] {
        match self {
            Self::User => USER_ATTRIBUTES,
            Self::Group => GROUP_ATTRIBUTES,
        }
    }

    pub(super) fn required(self) -> &'static str {
        match self {
            Self::User => "userName",
            Self::Group => "displayName",
        }
    }

    /// The attribute's own spelling: "Attribute names are case insensitive" (RFC 7643 §2.1).
    pub(super) fn attribute(self, name: &str) -> Option<(&'static str, Shape)> {
        self.attributes().iter().copied().find(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// Keeps the attributes that the app knows; many vendors drop the others silently, and so does this one.
    pub(super) fn writable(self, body: &Value) -> Answer<Attributes> {
        let Value::Object(body) = body else {
            return Err(ScimError::bad("invalidSyntax", "The body must be a JSON object."));
        };
        let known =
            body.iter().filter_map(|(name, value)| Some((self.attribute(name)?.0.to_owned(), value.clone())));
        Ok(known.collect())
    }

    /// Drops empty values ("null", an empty list and absence are the same, RFC 7643 §2.5) and refuses wrong types.
    pub(super) fn validated(self, mut attributes: Attributes) -> Answer<Attributes> {
        attributes.retain(|_, value| !is_empty(value));
        for (name, value) in &attributes {
            let fits = match self.attribute(name).map(|(_, shape)| shape) {
                Some(Shape::Text) => value.is_string(),
                Some(Shape::Boolean) => value.is_boolean(),
                Some(Shape::Complex) => value.is_object(),
                Some(Shape::Values) => value.as_array().is_some_and(|items| items.iter().all(has_value)),
                None => false,
            };
            if !fits {
                return Err(ScimError::bad("invalidValue", format!("{name} has the wrong type.")));
            }
        }
        let required = self.required();
        match attributes.get(required).and_then(Value::as_str) {
            Some(text) if !text.trim().is_empty() => Ok(attributes),
            _ => Err(ScimError::bad("invalidValue", format!("{required} is required."))),
        }
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

fn has_value(item: &Value) -> bool {
    // Addresses have no `value`; whatever has one has a text.
    item.as_object().is_some_and(|item| item.get("value").is_none_or(Value::is_string))
}
