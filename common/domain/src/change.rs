//! Changes: what happened, who did it, and what the planner must look at because of it (the outbox).

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{ChangeId, ConnectionId, IntegrationId, PersonId, ShareId, TeamId, WorkspaceId},
};

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// An identity provider, through its SCIM connection.
    Connection {
        /// The connection's id.
        id: ConnectionId,
        /// The connection's name when it acted.
        name: String,
    },
    /// A person in the console, or the holder of an API key.
    Person {
        /// Their name when they acted.
        name: String,
    },
    /// Usher itself: schedules, retries.
    Usher,
}

impl Actor {
    /// The name to show.
    pub fn name(&self) -> &str {
        match self {
            Self::Connection { name, .. } | Self::Person { name } => name,
            Self::Usher => "Usher",
        }
    }
}

/// What made Usher act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A SCIM call of an identity provider.
    Scim,
    /// Somebody in the console.
    WebApp,
    /// A change of a team in the console.
    TeamChange,
    /// A schedule.
    Schedule,
    /// The admin API.
    Api,
    /// A retry that somebody asked for.
    Retry,
    /// An approval of held work.
    Approval,
}

impl Trigger {
    /// The words of the Automation Log.
    pub fn label(self) -> &'static str {
        match self {
            Self::Scim => "SCIM",
            Self::WebApp => "Web app",
            Self::TeamChange => "Team change",
            Self::Schedule => "Schedule",
            Self::Api => "API",
            Self::Retry => "Retry",
            Self::Approval => "Approval",
        }
    }
}

/// Why a write happens: goes into the change, and from there to automations, jobs and logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Who acted.
    pub actor: Actor,
    /// What made Usher act.
    pub trigger: Trigger,
    /// Follows one request from the SCIM call to the app's API.
    pub correlation_id: String,
    /// When it was accepted.
    pub at: Timestamp,
}

/// A place among the people whom a hub is shared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharePlace {
    /// The share.
    pub share: ShareId,
    /// Of a team's share, the last member that was looked at.
    pub after: Option<PersonId>,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// A person was created, updated, deactivated or deleted.
    Person {
        /// Who.
        person: PersonId,
        /// The teams that the change itself took the person out of, as a deletion does: what they gave has to
        /// be looked at, and no row tells of it any more.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left: Vec<TeamId>,
    },
    /// These people joined or left a team.
    Members {
        /// The team.
        team: TeamId,
        /// Who joined or left.
        people: Vec<PersonId>,
    },
    /// More people joined or left a team than one transaction holds: the list is staged in the team's rows
    /// under this change's id, and applied before it is planned.
    StagedMembers {
        /// The team.
        team: TeamId,
        /// Where to go on: the number of the next staged page.
        page: u32,
    },
    /// A team was deleted; all its members lost it.
    TeamDeleted {
        /// The team.
        team: TeamId,
        /// Where to go on: the last member that was looked at.
        after: Option<PersonId>,
    },
    /// A share with a team was made, changed or removed.
    TeamShare {
        /// The hub.
        integration: IntegrationId,
        /// The team.
        team: TeamId,
        /// Where to go on: the last member that was looked at.
        after: Option<PersonId>,
    },
    /// An integration was resumed with more waiting jobs than the request could put back to work.
    Resumed {
        /// The integration.
        integration: IntegrationId,
        /// Where to go on among the workspace's open jobs.
        cursor: String,
    },
    /// What exists in an integration's app changed: everybody with access there is looked at.
    Catalogue {
        /// The integration.
        integration: IntegrationId,
        /// Where to go on: the cursor of the next page of people.
        cursor: Option<String>,
    },
    /// The other pages of a hub's [`Self::Catalogue`]: everybody whom it is shared with is looked at.
    Shared {
        /// The hub.
        integration: IntegrationId,
        /// Where to go on.
        from: SharePlace,
    },
    /// An integration is to be disconnected when everybody is out: everybody with access there is looked at.
    Disconnecting {
        /// The integration.
        integration: IntegrationId,
        /// Where to go on: the cursor of the next page of people.
        cursor: Option<String>,
        /// Whether somebody of the pages before is still to be shown out.
        busy: bool,
    },
    /// An integration was disconnected: what is left of it goes.
    Disconnected {
        /// The integration.
        integration: IntegrationId,
        /// Its name, for whoever is told.
        name: String,
        /// The SCIM connection that was its own.
        connection: Option<ConnectionId>,
        /// Where to go on: of a team that it was shared with, the last member who was looked at.
        after: Option<PersonId>,
    },
    /// A person was marked in an integration, or the mark was taken away.
    Mark {
        /// The integration.
        integration: IntegrationId,
        /// Who.
        person: PersonId,
    },
    /// A sync found that the app differs for these people.
    Drift {
        /// Where.
        integration: IntegrationId,
        /// For whom.
        people: Vec<PersonId>,
    },
    /// A share with one person was made, changed or removed.
    PersonShare {
        /// The hub.
        integration: IntegrationId,
        /// Who.
        person: PersonId,
    },
}

/// One committed change. Written in the transaction that made it true; the planner is woken by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its id.
    pub id: ChangeId,
    /// The change that a paged fan-out began with: automations belong to it. Equal to `id` on the first page.
    pub root: ChangeId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// What changed.
    pub subject: Subject,
    /// Who and why.
    pub cause: Cause,
}

impl Change {
    /// A new change.
    pub fn new(id: ChangeId, workspace: WorkspaceId, subject: Subject, cause: Cause) -> Self {
        Self { root: id.clone(), id, workspace, subject, cause }
    }

    /// The next page of this change's fan-out. Its id is derived from this one's, so that a page that is
    /// planned twice is continued once.
    pub fn next_page(&self, subject: Subject) -> Self {
        let (base, page) = match self.id.as_str().rsplit_once(".p") {
            Some((base, page)) => (base, page.parse::<u64>().unwrap_or(0)),
            None => (self.id.as_str(), 0),
        };
        // An id stays an id when a dot, a letter and digits are added, up to its 128 characters.
        let id = format!("{base}.p{}", page + 1).parse().unwrap_or_else(|_| self.id.clone());
        Self { id, subject, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_derived_ids_and_one_root() {
        let team: TeamId = "t".parse().unwrap();
        let change = Change::new(
            "c1".parse().unwrap(),
            "main".parse().unwrap(),
            Subject::TeamDeleted { team: team.clone(), after: None },
            Cause {
                actor: Actor::Usher,
                trigger: Trigger::Scim,
                correlation_id: "x".into(),
                at: "2026-01-01T00:00:00Z".parse().unwrap(),
            },
        );
        let second = change.next_page(Subject::TeamDeleted { team: team.clone(), after: "p".parse().ok() });
        let third = second.next_page(Subject::TeamDeleted { team, after: "q".parse().ok() });
        assert_eq!((second.id.as_str(), third.id.as_str()), ("c1.p1", "c1.p2"));
        assert_eq!(third.root, change.id);
    }
}
