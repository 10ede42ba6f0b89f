//! Members of a workspace, its Owner, and API keys.

use async_trait::async_trait;
use usher_domain::{
    Timestamp,
    id::{ApiKeyId, PersonId, WorkspaceId},
    ports::{Members, StoreResult},
    workspace::{ApiKey, Member, WorkspaceRole},
};

use super::{
    Store,
    query::Range,
    row::{Row, document, kind, text, text_of},
    transaction::{Condition, Otherwise, Transaction},
};
use crate::keys;

/// The attribute that a change of a role is conditional on.
const ROLE: &str = "role";
/// The attribute that names the Owner.
const PERSON: &str = "person";

/// A role as it stands beside the document.
fn role_name(role: WorkspaceRole) -> &'static str {
    match role {
        WorkspaceRole::Owner => "owner",
        WorkspaceRole::SuperAdmin => "super_admin",
        WorkspaceRole::Admin => "admin",
        WorkspaceRole::User => "user",
        WorkspaceRole::Guest => "guest",
    }
}

fn member_row(member: &Member) -> StoreResult<Row> {
    let row = Row::new(keys::workspace_member(&member.workspace, &member.person), kind::MEMBER, member)?;
    Ok(row.with(ROLE, text(role_name(member.role))))
}

/// That a member's role is as it was read.
fn unmoved(before: Option<&Member>) -> Condition {
    before.map_or(Condition::Absent, |member| Condition::Equals(ROLE, text(role_name(member.role))))
}

const MOVED: Otherwise = Otherwise::Conflict("the member's role");

#[async_trait]
impl Members for Store {
    async fn member(&self, workspace: &WorkspaceId, person: &PersonId) -> StoreResult<Option<Member>> {
        self.get(&keys::workspace_member(workspace, person)).await?.as_ref().map(document).transpose()
    }

    async fn members(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Member>> {
        let range = Range::of(keys::workspace_partition(workspace)).prefix(keys::WORKSPACE_MEMBER_PREFIX);
        self.all(range).await?.iter().map(document).collect()
    }

    async fn change_member(
        &self,
        workspace: &WorkspaceId,
        person: &PersonId,
        before: Option<&Member>,
        after: Option<&Member>,
    ) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        match after {
            Some(after) => transaction.put_if(self, member_row(after)?, unmoved(before), MOVED),
            None => {
                let key = keys::workspace_member(workspace, person);
                transaction.delete_if(self, &key, unmoved(before), MOVED);
            }
        }
        transaction.commit(self, "changing a member's role").await
    }

    async fn hand_over(&self, workspace: &WorkspaceId, person: &PersonId, now: Timestamp) -> StoreResult<()> {
        let key = keys::owner(workspace);
        let stored = self.get(&key).await?;
        let owner: Option<PersonId> =
            stored.as_ref().and_then(|row| text_of(row, PERSON)).and_then(|id| id.parse().ok());
        if owner.as_ref() == Some(person) {
            return Ok(());
        }
        let member = |person: &PersonId, role| Member {
            workspace: workspace.clone(),
            person: person.clone(),
            role,
            since: now,
        };
        let mut transaction = Transaction::new();
        let unmoved = match &owner {
            None => Condition::Absent,
            Some(owner) => Condition::Equals(PERSON, text(owner.as_str())),
        };
        let row = Row::bare(key, kind::OWNER).with(PERSON, text(person.as_str()));
        transaction.put_if(self, row, unmoved, Otherwise::Conflict("the workspace's Owner"));
        transaction.put(self, member_row(&member(person, WorkspaceRole::Owner))?);
        if let Some(owner) = &owner {
            transaction.put(self, member_row(&member(owner, WorkspaceRole::SuperAdmin))?);
        }
        transaction.commit(self, "handing a workspace over").await
    }

    async fn api_keys(&self, workspace: &WorkspaceId) -> StoreResult<Vec<ApiKey>> {
        let range = Range::of(keys::workspace_partition(workspace)).prefix(keys::API_KEY_PREFIX);
        self.all(range).await?.iter().map(document).collect()
    }

    async fn delete_api_key(&self, workspace: &WorkspaceId, id: &ApiKeyId) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        let missing = Otherwise::Missing("this API key");
        transaction.delete_if(self, &keys::api_key(workspace, id), Condition::Present, missing);
        transaction.commit(self, "revoking an API key").await
    }
}
