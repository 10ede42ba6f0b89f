//! Who may do what: the one table that the pages and the API both ask.

use usher_domain::workspace::WorkspaceRole;

use crate::{auth::Caller, error::Problem};

/// What somebody wants to do. One row of the product's permission table each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// See the workspace's name and settings.
    ReadWorkspace,
    /// Change the workspace's settings.
    ManageWorkspace,
    /// SCIM connections and their tokens.
    ManageConnections,
    /// The Automation Log, its jobs, and an integration's activity.
    ReadAutomations,
    /// Put jobs back to work.
    RetryJobs,
    /// See integrations, and who has access.
    ReadIntegrations,
    /// Create and change integrations, pause and resume them.
    ManageIntegrations,
    /// Share hubs, with roles and assets.
    Share,
    /// See people and teams, to share with them.
    ReadDirectory,
    /// See anybody's access and why they have it.
    ExplainAccess,
    /// Ask what a change would do.
    Preview,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 11] = [
        Self::ReadWorkspace,
        Self::ManageWorkspace,
        Self::ManageConnections,
        Self::ReadAutomations,
        Self::RetryJobs,
        Self::ReadIntegrations,
        Self::ManageIntegrations,
        Self::Share,
        Self::ReadDirectory,
        Self::ExplainAccess,
        Self::Preview,
    ];

    /// The words of a refusal: "… may not {these words}".
    fn words(self) -> &'static str {
        match self {
            Self::ReadWorkspace => "see the workspace's settings",
            Self::ManageWorkspace => "change the workspace's settings",
            Self::ManageConnections => "see or change SCIM connections and tokens",
            Self::ReadAutomations => "see the Automation Log",
            Self::RetryJobs => "retry jobs",
            Self::ReadIntegrations => "see integrations",
            Self::ManageIntegrations => "create or change integrations",
            Self::Share => "share hubs",
            Self::ReadDirectory => "see people and teams",
            Self::ExplainAccess => "see other people's access and why they have it",
            Self::Preview => "ask what a change would do",
        }
    }

    fn who(self) -> &'static str {
        match self {
            Self::ManageWorkspace | Self::ManageConnections => "the Owner or a Super Admin",
            _ => "the Owner, a Super Admin or an Admin",
        }
    }
}

/// Whether a role may do something. A hub's own roles (Owner, Manager) join in here when sessions know the
/// person behind them.
pub fn permits(role: WorkspaceRole, action: Action) -> bool {
    match action {
        Action::ManageWorkspace | Action::ManageConnections => role.manages_workspace(),
        Action::ReadWorkspace
        | Action::ReadAutomations
        | Action::RetryJobs
        | Action::ReadIntegrations
        | Action::ManageIntegrations
        | Action::Share
        | Action::ReadDirectory
        | Action::ExplainAccess
        | Action::Preview => role.manages_integrations(),
    }
}

impl Caller {
    /// Proves that the caller may do something.
    ///
    /// # Errors
    /// 403 with who may.
    pub fn may(&self, action: Action) -> Result<(), Problem> {
        if permits(self.role, action) {
            return Ok(());
        }
        let role = role_label(self.role);
        Err(Problem::forbidden(format!(
            "a caller with the role {role} may not {}; ask {}",
            action.words(),
            action.who()
        )))
    }
}

/// The name of a role.
pub(crate) fn role_label(role: WorkspaceRole) -> &'static str {
    match role {
        WorkspaceRole::Owner => "Owner",
        WorkspaceRole::SuperAdmin => "Super Admin",
        WorkspaceRole::Admin => "Admin",
        WorkspaceRole::User => "User",
        WorkspaceRole::Guest => "Guest",
    }
}

#[cfg(test)]
mod tests {
    use WorkspaceRole::*;

    use super::*;

    /// The rows of the permission table, as they are written for people.
    #[test]
    fn the_table_row_by_row() {
        let roles = [Owner, SuperAdmin, Admin, User, Guest];
        let rows = [
            (Action::ManageWorkspace, [true, true, false, false, false]),
            (Action::ManageConnections, [true, true, false, false, false]),
            (Action::ReadWorkspace, [true, true, true, false, false]),
            (Action::ReadAutomations, [true, true, true, false, false]),
            (Action::RetryJobs, [true, true, true, false, false]),
            (Action::ReadIntegrations, [true, true, true, false, false]),
            (Action::ManageIntegrations, [true, true, true, false, false]),
            (Action::Share, [true, true, true, false, false]),
            (Action::ReadDirectory, [true, true, true, false, false]),
            (Action::ExplainAccess, [true, true, true, false, false]),
            (Action::Preview, [true, true, true, false, false]),
        ];
        assert_eq!(rows.map(|(action, _)| action).len(), Action::ALL.len());
        for (action, expected) in rows {
            assert_eq!(roles.map(|role| permits(role, action)), expected, "{action:?}");
        }
    }

    #[test]
    fn a_refusal_says_who_may() {
        let caller = Caller::for_test(Admin);
        let refused = caller.may(Action::ManageConnections).unwrap_err();
        assert_eq!(
            refused.detail,
            "a caller with the role Admin may not see or change SCIM connections and tokens; \
             ask the Owner or a Super Admin"
        );
        assert_eq!(caller.may(Action::ReadAutomations), Ok(()));
    }
}
