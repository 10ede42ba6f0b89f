//! What the tests of resolution and explanation are told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::PersonFacts;
use crate::{
    directory::Profile,
    integration::{Catalogue, Integration, Kind, Status},
    share::{AppAccess, HubRole, Principal, Share},
};

pub(super) fn integration(kind: Kind, catalogue: Catalogue) -> Integration {
    Integration {
        id: "hub".parse().unwrap(),
        workspace: "main".parse().unwrap(),
        name: "Hub".into(),
        kind,
        connector: "scim".into(),
        config: json!({}),
        sealed_credentials: None,
        catalogue,
        grace_seconds: None,
        guards: Default::default(),
        sync: Default::default(),
        disconnecting: None,
        status: Status::Active,
        version: 1,
        created_at: Default::default(),
    }
}

pub(super) fn team(id: &str) -> Principal {
    Principal::Team(id.parse().unwrap())
}

pub(super) fn share(principal: Principal, roles: &[&str]) -> Share {
    Share {
        id: principal.share_id(),
        integration: "hub".parse().unwrap(),
        principal,
        hub_role: HubRole::Collaborator,
        app_access: AppAccess::Invite {
            roles: roles.iter().map(ToString::to_string).collect(),
            assets: BTreeMap::new(),
            entitlements: BTreeSet::new(),
        },
        created_at: Default::default(),
    }
}

/// Ada, in these teams.
pub(super) fn person(teams: &[&str]) -> PersonFacts {
    PersonFacts {
        id: "ada".parse().unwrap(),
        connection: "main.idp".parse().unwrap(),
        profile: Profile { user_name: "ada".into(), ..Profile::default() },
        active: true,
        deleted: false,
        roles: BTreeSet::new(),
        entitlements: BTreeSet::new(),
        teams: teams.iter().map(|team| team.parse().unwrap()).collect(),
    }
}
