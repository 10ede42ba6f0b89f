//! Who may do what: the one table that the pages and the API both ask.
//!
//! Somebody stands in the workspace with a role and, as a person of the directory, in a hub with the role that the shares
//! give ([`Standing`]). What belongs to a hub is asked about with the hub ([`Caller::may_in`]), lists of such things with
//! [`Caller::reach`]; a hub in which somebody has no role reads as not found.

use std::collections::BTreeSet;

use usher_domain::{
    access::{PersonFacts, integrations_of_person},
    id::{IntegrationId, PersonId, TeamId},
    job::Job,
    share::{HubRole, hub_role},
    workspace::WorkspaceRole,
};

use crate::{App, auth::Caller, error::Problem};

/// What somebody wants to do. One row of the product's permission table each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// See the workspace's name and settings.
    ReadWorkspace,
    /// Change the workspace's settings.
    ManageWorkspace,
    /// SCIM connections and their tokens.
    ManageConnections,
    /// The keys of the admin API.
    ManageKeys,
    /// Webhooks, and what was sent to them.
    ManageWebhooks,
    /// The identity provider that people sign in with.
    ManageSignIn,
    /// See members, promote and demote them ([`may_set_role`] says whom).
    ManageMembers,
    /// Create integrations.
    CreateIntegrations,
    /// Disconnect integrations.
    DisconnectIntegrations,
    /// Make, change and delete teams by hand.
    ManageTeams,
    /// The Automation Log, its jobs, and an integration's activity.
    ReadAutomations,
    /// Put jobs back to work.
    RetryJobs,
    /// See manual tasks, report, confirm and send them back. Whoever is assigned needs no permission.
    DoTasks,
    /// The audit log.
    ReadAudit,
    /// See integrations, and who has access.
    ReadIntegrations,
    /// Change an integration, its roles, assets and guards, pause and resume it, decide about its held work.
    ManageIntegrations,
    /// Share hubs, with roles.
    Share,
    /// See people and teams, to share with them.
    ReadDirectory,
    /// See anybody's access and why they have it. One's own needs no permission.
    ExplainAccess,
    /// Ask what a change would do.
    Preview,
}

impl Action {
    /// The words of a refusal: "… may not {these words}".
    fn words(self) -> &'static str {
        match self {
            Self::ReadWorkspace => "see the workspace's settings",
            Self::ManageWorkspace => "change the workspace's settings",
            Self::ManageConnections => "see or change SCIM connections and tokens",
            Self::ManageKeys => "see or change API keys",
            Self::ManageWebhooks => "see or change webhooks",
            Self::ManageSignIn => "see or change how people sign in",
            Self::ManageMembers => "see or change members and their roles",
            Self::CreateIntegrations => "create integrations",
            Self::DisconnectIntegrations => "disconnect integrations",
            Self::ManageTeams => "make or change teams",
            Self::ReadAutomations => "see the Automation Log",
            Self::RetryJobs => "retry jobs",
            Self::DoTasks => "do other people's tasks",
            Self::ReadAudit => "see the audit log",
            Self::ReadIntegrations => "see integrations",
            Self::ManageIntegrations => "change integrations",
            Self::Share => "share hubs",
            Self::ReadDirectory => "see people and teams",
            Self::ExplainAccess => "see other people's access and why they have it",
            Self::Preview => "ask what a change would do",
        }
    }

    fn who(self) -> &'static str {
        match self {
            Self::ManageWorkspace
            | Self::ManageConnections
            | Self::ManageKeys
            | Self::ManageWebhooks
            | Self::ManageSignIn
            | Self::ManageMembers => "the Owner or a Super Admin",
            Self::ReadWorkspace
            | Self::CreateIntegrations
            | Self::DisconnectIntegrations
            | Self::ManageTeams => "the Owner, a Super Admin or an Admin",
            Self::ManageIntegrations => "the Owner, a Super Admin, an Admin or the hub's Owner",
            Self::ReadAutomations
            | Self::RetryJobs
            | Self::DoTasks
            | Self::ReadAudit
            | Self::ReadIntegrations
            | Self::Share
            | Self::ReadDirectory
            | Self::ExplainAccess
            | Self::Preview => "the Owner, a Super Admin, an Admin, or the hub's Owner or Manager",
        }
    }
}

/// Where somebody stands: in the workspace, and in the hub that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The role in the workspace.
    pub role: WorkspaceRole,
    /// The role in the hub, if there is one.
    pub hub: Option<HubRole>,
}

impl Standing {
    /// Whether this is enough to do something.
    pub fn permits(self, action: Action) -> bool {
        let in_hub = |least: HubRole| self.hub.is_some_and(|role| role >= least);
        match action {
            Action::ManageWorkspace
            | Action::ManageConnections
            | Action::ManageKeys
            | Action::ManageWebhooks
            | Action::ManageSignIn
            | Action::ManageMembers => self.role.manages_workspace(),
            Action::ReadWorkspace
            | Action::CreateIntegrations
            | Action::DisconnectIntegrations
            | Action::ManageTeams => self.role.manages_integrations(),
            Action::ManageIntegrations => self.role.manages_integrations() || in_hub(HubRole::Owner),
            Action::ReadAutomations
            | Action::RetryJobs
            | Action::DoTasks
            | Action::ReadAudit
            | Action::ReadIntegrations
            | Action::Share
            | Action::ReadDirectory
            | Action::ExplainAccess
            | Action::Preview => self.role.manages_integrations() || in_hub(HubRole::Manager),
        }
    }
}

/// Whether somebody may give a member who has the role `before` the role `after`: the Owner everybody, a Super Admin up to
/// Admin.
pub fn may_set_role(actor: WorkspaceRole, before: WorkspaceRole, after: WorkspaceRole) -> bool {
    match actor {
        WorkspaceRole::Owner => true,
        WorkspaceRole::SuperAdmin => before.max(after) <= WorkspaceRole::Admin,
        WorkspaceRole::Admin | WorkspaceRole::User | WorkspaceRole::Guest => false,
    }
}

/// Which integrations somebody may do something in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All of the workspace.
    Everywhere,
    /// Their own hubs.
    Hubs(BTreeSet<IntegrationId>),
}

impl Reach {
    /// Whether an integration is among them.
    pub fn covers(&self, integration: &IntegrationId) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Hubs(hubs) => hubs.contains(integration),
        }
    }
}

impl Caller {
    /// Proves that the caller may do something in the whole workspace.
    ///
    /// # Errors
    /// 403 with who may.
    pub fn may(&self, action: Action) -> Result<(), Problem> {
        let standing = Standing { role: self.role, hub: None };
        if standing.permits(action) { Ok(()) } else { Err(self.refused(action, standing)) }
    }

    /// Proves that the caller may do something in the workspace, or could in a hub: whoever could nowhere is told so without
    /// a look.
    ///
    /// # Errors
    /// 403 with who may.
    pub fn may_somewhere(&self, action: Action) -> Result<(), Problem> {
        let hub = self.person.as_ref().map(|_| HubRole::Owner);
        if (Standing { role: self.role, hub }).permits(action) { Ok(()) } else { self.may(action) }
    }

    /// Proves that the caller may do something in an integration, and answers where they stand there.
    ///
    /// # Errors
    /// 404 where the caller has no role in the hub, so that nobody learns which ids exist; 403 with who may.
    pub async fn may_in(
        &self,
        app: &App,
        action: Action,
        integration: &IntegrationId,
    ) -> Result<Standing, Problem> {
        let alone = Standing { role: self.role, hub: None };
        if alone.permits(action) {
            return Ok(alone);
        }
        let person = self.person.as_ref().ok_or_else(|| self.refused(action, alone))?;
        let found = app.facts.integration(&self.workspace, integration).await?;
        let shares = found.map(|(_, shares)| shares).unwrap_or_default();
        let hub = hub_role(&shares, &person.id, &self.live_teams(app, person).await?);
        let standing = Standing { hub, ..alone };
        match hub {
            None => Err(Problem::not_found("this integration")),
            Some(_) if standing.permits(action) => Ok(standing),
            Some(_) => Err(self.refused(action, standing)),
        }
    }

    /// The integrations in which the caller may do something, for lists.
    ///
    /// # Errors
    /// 403 with who may, where there is none.
    pub async fn reach(&self, app: &App, action: Action) -> Result<Reach, Problem> {
        let alone = Standing { role: self.role, hub: None };
        if alone.permits(action) {
            return Ok(Reach::Everywhere);
        }
        let own = self.hub_roles(app).await?;
        let permitted =
            own.into_iter().filter(|(_, role)| Standing { hub: Some(*role), ..alone }.permits(action));
        let hubs: BTreeSet<_> = permitted.map(|(hub, _)| hub).collect();
        if hubs.is_empty() { Err(self.refused(action, alone)) } else { Ok(Reach::Hubs(hubs)) }
    }

    /// Proves that the caller may do the manual task that a job is: it is theirs, or they may in its integration.
    ///
    /// # Errors
    /// As [`Caller::may_in`].
    pub async fn may_do(&self, app: &App, job: &Job) -> Result<(), Problem> {
        if self.is_assigned(job) {
            return Ok(());
        }
        self.may_in(app, Action::DoTasks, &job.integration).await.map(|_| ())
    }

    /// Whether a job is a manual task of the caller.
    pub(crate) fn is_assigned(&self, job: &Job) -> bool {
        let own = self.person.as_ref().zip(job.manual.as_ref());
        own.is_some_and(|(person, task)| task.is_for(&person.profile))
    }

    /// The hubs in which the caller has a role.
    pub(crate) async fn hub_roles(&self, app: &App) -> Result<Vec<(IntegrationId, HubRole)>, Problem> {
        let Some(person) = &self.person else { return Ok(Vec::new()) };
        let teams = self.live_teams(app, person).await?;
        let facts = app.facts.as_ref();
        let candidates =
            integrations_of_person(facts, &self.workspace, &person.id, Some(person), &[]).await?;
        let mut roles = Vec::new();
        for hub in candidates {
            if let Some((_, shares)) = facts.integration(&self.workspace, &hub).await?
                && let Some(role) = hub_role(&shares, &person.id, &teams)
            {
                roles.push((hub, role));
            }
        }
        Ok(roles)
    }

    /// The person's teams, without those that were deleted a moment ago.
    async fn live_teams(&self, app: &App, person: &PersonFacts) -> Result<BTreeSet<TeamId>, Problem> {
        Ok(app.facts.teams(&self.workspace, &person.teams).await?.into_keys().collect())
    }

    /// Whether this person is the caller: everybody sees their own access and why they have it.
    pub fn is(&self, person: &PersonId) -> bool {
        self.person.as_ref().is_some_and(|own| own.id == *person)
    }

    fn refused(&self, action: Action, standing: Standing) -> Problem {
        let role = match standing.hub {
            None => role_label(self.role).to_owned(),
            Some(hub) => format!("{} (in this hub {})", role_label(self.role), hub_role_label(hub)),
        };
        Problem::forbidden(format!(
            "a caller with the role {role} may not {}; ask {}",
            action.words(),
            action.who()
        ))
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

/// The name of a hub role.
fn hub_role_label(role: HubRole) -> &'static str {
    match role {
        HubRole::Owner => "Owner",
        HubRole::Manager => "Manager",
        HubRole::Collaborator => "Collaborator",
    }
}

#[cfg(test)]
#[path = "permission_tests.rs"]
mod tests;
