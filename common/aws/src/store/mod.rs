//! The store: one DynamoDB table. It implements the domain's ports; each file is one of them, or one part of
//! what they share.

mod access;
mod accounts;
mod admin;
mod audit;
mod connections;
mod counts;
mod custom;
mod directory;
mod disconnecting;
pub(crate) mod error;
mod execution;
mod finding;
mod groups;
mod holding;
mod idempotency;
mod indexing;
mod jobs;
mod joining;
mod listing;
mod marks;
mod members;
mod oauth;
mod planning;
mod query;
mod renewing;
mod replanning;
mod reworking;
mod row;
mod sign_in;
mod staging;
mod sync;
mod tally;
mod tasks;
mod teams;
mod tenancy;
mod transaction;
mod upkeep;
mod usage;
mod users;
mod webhooks;
mod whole;
mod workspace_members;

use aws_sdk_dynamodb::Client;

pub use listing::Paging;
pub(crate) use row::{DOCUMENT, LEAN, unpacked};
pub use whole::{Found, Place};

/// How long a change's row is kept, and whatever else planning it needs: long enough for every redelivery of the stream, for
/// planning again what could not be planned at all, and for looking into what happened.
pub const CHANGE_DAYS: i64 = 7;
/// How long activity is kept, and what a day used.
pub(crate) const ACTIVITY_DAYS: i64 = 400;
/// How long a deleted person's row is kept, so that removals still know whom they are about.
pub(crate) const TOMBSTONE_DAYS: i64 = 30;

/// The store.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) table: String,
    pub(crate) paging: Paging,
}

impl Store {
    /// The store in the table with this name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), paging: Paging::default() }
    }

    /// The store with another way to list by offset.
    #[must_use]
    pub fn paging(self, paging: Paging) -> Self {
        Self { paging, ..self }
    }
}
