//! The port of teams that are made by hand.

use async_trait::async_trait;
use usher_domain::{
    change::Cause,
    directory::{GroupRecord, MemberDelta},
    id::ChangeId,
    ports::{StoreResult, Teams},
};

use super::Store;

#[async_trait]
impl Teams for Store {
    async fn put_team(
        &self,
        before: Option<&GroupRecord>,
        after: &GroupRecord,
        members: &MemberDelta,
        change: ChangeId,
        cause: &Cause,
    ) -> StoreResult<()> {
        self.write_group(before, after, members, change, cause).await
    }

    async fn delete_team(&self, team: &GroupRecord, change: ChangeId, cause: &Cause) -> StoreResult<()> {
        self.delete_group_row(team, change, cause).await
    }
}
