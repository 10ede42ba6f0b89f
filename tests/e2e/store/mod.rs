//! The store on the embedded DynamoDB: the rules that its transactions keep.

mod accounts;
mod credentials;
mod cursors;
mod custom;
mod directory;
mod erased;
mod groups;
mod joining;
mod listing;
mod releases;
mod sign_in;
mod staging;
mod template;
mod whole;
mod work;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use usher_domain::{
    change::{Actor, Cause, Trigger},
    directory::{GroupRecord, UserRecord},
    id::{ChangeId, ConnectionId, PersonId, WorkspaceId},
};
use usher_local::embedded::Embedded;

/// A database of its own for one test.
pub(crate) struct Fixture {
    pub(crate) db: Embedded,
    pub(crate) workspace: WorkspaceId,
    pub(crate) connection: ConnectionId,
    _folder: TempDir,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let db = Embedded::open(&folder.path().join("usher.db")).await.unwrap();
        Self {
            db,
            workspace: "main".parse().unwrap(),
            connection: "main.idp".parse().unwrap(),
            _folder: folder,
        }
    }

    pub(crate) fn user(&self, name: &str) -> UserRecord {
        UserRecord {
            id: PersonId::from(uuid::Uuid::new_v4()),
            connection: self.connection.clone(),
            version: 1,
            created_at: now(),
            modified_at: now(),
            deleted_at: None,
            resource: attributes(json!({"userName": name, "active": true,
                "emails": [{"value": format!("{name}@example.com")}]})),
            unique: BTreeSet::new(),
        }
    }

    pub(crate) fn group(&self, name: &str) -> GroupRecord {
        GroupRecord {
            id: uuid::Uuid::new_v4().into(),
            connection: self.connection.clone(),
            version: 1,
            created_at: now(),
            modified_at: now(),
            deleted_at: None,
            resource: attributes(json!({ "displayName": name })),
            unique: BTreeSet::new(),
        }
    }
}

pub(crate) fn attributes(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

pub(crate) fn change() -> ChangeId {
    ChangeId::from(uuid::Uuid::new_v4())
}

pub(crate) fn cause() -> Cause {
    Cause { actor: Actor::Usher, trigger: Trigger::Scim, correlation_id: "test".to_owned(), at: now() }
}
