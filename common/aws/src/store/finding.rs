//! Searching a directory from the console: whole resources, by the values that they are found under.

use usher_domain::{
    directory::{GroupRecord, IndexedValue, UserRecord},
    id::{ConnectionId, PersonId, TeamId},
    ports::{FOUND_AT_ONCE, StoreResult},
};

use super::{Store, groups::live_group, users::live_user};
use crate::keys::{self, Key, Resource};

impl Store {
    /// Users under a value.
    pub(crate) async fn users_under(
        &self,
        connection: &ConnectionId,
        by: &IndexedValue,
    ) -> StoreResult<Vec<UserRecord>> {
        let owners: Vec<PersonId> = self.owners(connection, Resource::User, by).await?;
        let workspace = connection.workspace();
        let keys: Vec<Key> = owners.iter().take(FOUND_AT_ONCE).map(|id| keys::user(workspace, id)).collect();
        let rows = self.get_many(&keys).await?;
        rows.iter().filter_map(|row| live_user(row).transpose()).collect()
    }

    /// Groups under a value.
    pub(crate) async fn groups_under(
        &self,
        connection: &ConnectionId,
        by: &IndexedValue,
    ) -> StoreResult<Vec<GroupRecord>> {
        let owners: Vec<TeamId> = self.owners(connection, Resource::Group, by).await?;
        let workspace = connection.workspace();
        let keys: Vec<Key> = owners.iter().take(FOUND_AT_ONCE).map(|id| keys::group(workspace, id)).collect();
        let rows = self.get_many(&keys).await?;
        rows.iter().filter_map(|row| live_group(row).transpose()).collect()
    }
}
