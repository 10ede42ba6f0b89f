//! What an operator decided about workspaces: who has to know, and who decides.

use async_trait::async_trait;

use super::StoreResult;
use crate::{id::WorkspaceId, tenancy::Tenancy};

/// Reading what was decided.
#[async_trait]
pub trait Tenancies: Send + Sync {
    /// What was decided about a workspace; the default where nothing was.
    async fn tenancy(&self, workspace: &WorkspaceId) -> StoreResult<Tenancy>;
}

/// Deciding. No function of a deployment holds it: operators act on the table with rights of their own.
#[async_trait]
pub trait Operating: Tenancies {
    /// Decides about a workspace; `tenancy.version` is the one that was read.
    ///
    /// # Errors
    /// `Conflict` when somebody else decided since, `Missing` when there is no such workspace.
    async fn put_tenancy(&self, workspace: &WorkspaceId, tenancy: &Tenancy) -> StoreResult<()>;
}
