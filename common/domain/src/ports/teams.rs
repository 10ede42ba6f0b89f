//! Teams that are made by hand.

use async_trait::async_trait;

use super::StoreResult;
use crate::{
    change::Cause,
    directory::{GroupRecord, MemberDelta},
    id::ChangeId,
};

/// Where teams that are made by hand are written: as groups of a directory that no connection has. Every write commits its
/// change in the same transaction.
#[async_trait]
pub trait Teams: Send + Sync {
    /// Stores a new team (`before` is `None`), or replaces one, and changes who is in it.
    ///
    /// # Errors
    /// `Taken` when another such team has its name; `Conflict` when `before` is no longer what is stored.
    async fn put_team(
        &self,
        before: Option<&GroupRecord>,
        after: &GroupRecord,
        members: &MemberDelta,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()>;

    /// Deletes a team: everybody in it loses it.
    ///
    /// # Errors
    /// `Conflict` when `team` is no longer what is stored.
    async fn delete_team(&self, team: &GroupRecord, change: ChangeId, cause: &Cause) -> StoreResult<()>;
}
