//! One resource: created, read, replaced, changed, deleted.
//!
//! Users, groups and the resources of registered types are kept in different ways, and are the same to a client: what
//! follows from the kind is decided here, once.

mod custom;
mod groups;
mod members;
pub(crate) mod record;
pub(crate) mod related;
mod users;

use axum::http::Method;
use serde_json::Value;
use usher_scim::patch::{self, Operation};
use usher_scim::{Resource, ResourceSchema, ScimError, normalize, resource};

pub(crate) use record::{Kind, Record};

use crate::call::Call;
use crate::reply::Reply;

/// `POST` to an endpoint.
pub(crate) async fn create(
    call: &Call<'_>,
    schema: &ResourceSchema,
    body: Value,
) -> Result<Reply, ScimError> {
    let tree = normalize::resource(schema, body)?;
    match Kind::of(schema) {
        Kind::User => users::create(call, schema, tree).await,
        Kind::Group => groups::create(call, schema, tree).await,
        Kind::Custom => custom::create(call, schema, tree).await,
    }
}

/// `GET` of a resource.
pub(crate) async fn read(call: &Call<'_>, schema: &ResourceSchema, id: &str) -> Result<Reply, ScimError> {
    match Kind::of(schema) {
        Kind::User => users::read(call, schema, id).await,
        Kind::Group => groups::read(call, schema, id).await,
        Kind::Custom => custom::read(call, schema, id).await,
    }
}

/// `DELETE` of a resource.
pub(crate) async fn delete(call: &Call<'_>, schema: &ResourceSchema, id: &str) -> Result<Reply, ScimError> {
    match Kind::of(schema) {
        Kind::User => users::delete(call, id).await,
        Kind::Group => groups::delete(call, id).await,
        Kind::Custom => custom::delete(call, schema, id).await,
    }
}

/// `PUT` or `PATCH` of a resource.
pub(crate) async fn change(
    call: &Call<'_>,
    schema: &ResourceSchema,
    method: &Method,
    id: &str,
    body: Value,
) -> Result<Reply, ScimError> {
    let edit = if *method == Method::PUT {
        Edit::Replace(normalize::resource(schema, body)?)
    } else {
        Edit::Patch(patch::parse(schema, body)?)
    };
    match Kind::of(schema) {
        Kind::User => users::change(call, schema, id, &edit).await,
        Kind::Group => groups::change(call, schema, id, edit).await,
        Kind::Custom => custom::change(call, schema, id, &edit).await,
    }
}

/// A pure change of attributes, so that it can be applied again to what somebody else wrote meanwhile.
pub(crate) enum Edit {
    Replace(Resource),
    Patch(Vec<Operation>),
}

impl Edit {
    /// What becomes of a resource; `None` when that is what it was.
    fn apply(
        &self,
        schema: &ResourceSchema,
        id: &str,
        before: &Resource,
    ) -> Result<Option<Resource>, ScimError> {
        let after = match self {
            Self::Replace(new) => {
                normalize::immutable_kept(schema, before, new)?;
                new.clone()
            }
            Self::Patch(operations) => {
                // A client may send the id back; the engine compares it with what is there.
                let mut tree = before.clone();
                tree.0.insert("id".into(), id.into());
                let mut tree = patch::apply(schema, &tree, operations)?;
                tree.0.remove("id");
                tree
            }
        };
        Ok((!resource::equivalent(schema, before, &after)).then_some(after))
    }
}
