//! What is kept of a resource, whatever its kind.

use serde_json::{Map, Value};
use usher_domain::directory::{CustomRecord, GroupRecord, UserRecord};
use usher_scim::{Resource, ResourceSchema, resource};

use crate::call::{Call, Shown};

/// How the resources of a type are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A user of the directory.
    User,
    /// A group of the directory.
    Group,
    /// Of a type that the connection registered.
    Custom,
}

impl Kind {
    /// The kind of a resource type. Registration gives no new type the name of a built-in one.
    pub(crate) fn of(schema: &ResourceSchema) -> Self {
        match schema.name() {
            "User" => Self::User,
            "Group" => Self::Group,
            _ => Self::Custom,
        }
    }

    /// The attribute that comes from the memberships, if there is one.
    pub(crate) fn relation(self) -> Option<&'static str> {
        match self {
            Self::User => Some("groups"),
            Self::Group => Some("members"),
            Self::Custom => None,
        }
    }
}

/// A stored resource.
#[derive(Debug, Clone)]
pub(crate) enum Record {
    User(UserRecord),
    Group(GroupRecord),
    Custom(CustomRecord),
}

impl Record {
    /// What is shown of it beside its attributes.
    pub(crate) fn shown(&self) -> Shown<'_> {
        match self {
            Self::User(user) => shown_user(user),
            Self::Group(group) => shown_group(group),
            Self::Custom(custom) => shown_custom(custom),
        }
    }

    /// The whole representation, without what comes from memberships.
    pub(crate) fn document(&self, call: &Call<'_>, schema: &ResourceSchema) -> Map<String, Value> {
        self.clone().into_document(call, schema)
    }

    /// The same, of a record that is not needed any more.
    pub(crate) fn into_document(mut self, call: &Call<'_>, schema: &ResourceSchema) -> Map<String, Value> {
        let tree = std::mem::take(match &mut self {
            Self::User(user) => &mut user.resource,
            Self::Group(group) => &mut group.resource,
            Self::Custom(custom) => &mut custom.resource,
        });
        document(call, schema, tree, &self.shown())
    }
}

/// The whole representation of a tree, without what comes from memberships.
pub(super) fn document(
    call: &Call<'_>,
    schema: &ResourceSchema,
    tree: Map<String, Value>,
    shown: &Shown<'_>,
) -> Map<String, Value> {
    resource::document(schema, Resource(tree), shown.id, &call.meta(schema, shown))
}

pub(super) fn shown_user(user: &UserRecord) -> Shown<'_> {
    Shown {
        id: user.id.as_str(),
        version: user.version,
        created_at: user.created_at,
        modified_at: user.modified_at,
    }
}

pub(super) fn shown_group(group: &GroupRecord) -> Shown<'_> {
    Shown {
        id: group.id.as_str(),
        version: group.version,
        created_at: group.created_at,
        modified_at: group.modified_at,
    }
}

pub(super) fn shown_custom(custom: &CustomRecord) -> Shown<'_> {
    Shown {
        id: custom.id.as_str(),
        version: custom.version,
        created_at: custom.created_at,
        modified_at: custom.modified_at,
    }
}
