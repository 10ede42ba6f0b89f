//! Shares: who may use a hub, and as what in the app.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{IntegrationId, PersonId, ShareId, TeamId},
};

/// With whom a hub is shared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Principal {
    /// Everybody in a team.
    Team(TeamId),
    /// One person.
    Person(PersonId),
}

/// What the share lets people do with the hub in Usher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HubRole {
    /// Uses it.
    Collaborator,
    /// Shares it and sets roles.
    Manager,
    /// Everything.
    Owner,
}

/// What the share gives in the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AppAccess {
    /// A seat with roles, permissions, assets and entitlements.
    Invite {
        /// Keys of app roles and permissions.
        #[serde(default)]
        roles: BTreeSet<String>,
        /// Permissions per asset.
        #[serde(default)]
        assets: BTreeMap<String, BTreeSet<String>>,
        /// Value strings of entitlements.
        #[serde(default)]
        entitlements: BTreeSet<String>,
    },
    /// The hub in Usher, and no seat.
    HubOnly,
}

/// A hub shared with a team or a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Its id: derived from the principal, since a hub is shared with each once.
    pub id: ShareId,
    /// The hub.
    pub integration: IntegrationId,
    /// With whom.
    pub principal: Principal,
    /// What they may do with the hub in Usher.
    pub hub_role: HubRole,
    /// What they get in the app.
    pub app_access: AppAccess,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Principal {
    /// The id of a hub's share with this principal: there is one at most.
    pub fn share_id(&self) -> ShareId {
        // A uuid with a prefix is an id.
        let uuid = match self {
            Self::Team(id) => format!("team-{id}"),
            Self::Person(id) => format!("person-{id}"),
        };
        match uuid.parse() {
            Ok(id) => id,
            Err(_) => ShareId::from(uuid::Uuid::nil()),
        }
    }
}

/// The role in a hub of somebody who is in these teams: the highest of the individual share and of all team shares.
pub fn hub_role(shares: &[Share], person: &PersonId, teams: &BTreeSet<TeamId>) -> Option<HubRole> {
    let concerns = |share: &&Share| match &share.principal {
        Principal::Team(team) => teams.contains(team),
        Principal::Person(other) => other == person,
    };
    shares.iter().filter(concerns).map(|share| share.hub_role).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_hub_role_of_all_ways_counts() {
        let share = |principal: Principal, hub_role| Share {
            id: principal.share_id(),
            integration: "hub".parse().unwrap(),
            principal,
            hub_role,
            app_access: AppAccess::HubOnly,
            created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        };
        let (ada, brand, sales) =
            ("ada".parse().unwrap(), "brand".parse().unwrap(), "sales".parse().unwrap());
        let shares = [
            share(Principal::Person(PersonId::clone(&ada)), HubRole::Collaborator),
            share(Principal::Team(TeamId::clone(&brand)), HubRole::Manager),
            share(Principal::Team(TeamId::clone(&sales)), HubRole::Owner),
        ];
        let role = |teams: &[&TeamId]| hub_role(&shares, &ada, &teams.iter().copied().cloned().collect());
        assert_eq!(role(&[]), Some(HubRole::Collaborator));
        assert_eq!(role(&[&brand]), Some(HubRole::Manager));
        assert_eq!(role(&[&brand, &sales]), Some(HubRole::Owner));
        assert_eq!(hub_role(&shares, &"bob".parse().unwrap(), &BTreeSet::new()), None);
    }
}
