//! What there is when a run begins: two workspaces, each with a hub in an organisation of the app.

use std::sync::Arc;

use serde_json::json;
use usher_aws::{seal::LocalSealer, store::Store};
use usher_domain::{
    id::{IntegrationId, WorkspaceId},
    integration::{AppRole, Catalogue, Integration, Kind, Status},
    ports::{Admin, AdminWrite, Clock, SealedFor, Sealer},
    workspace::Workspace,
};

use super::{
    app::Vendor,
    chance::Chance,
    guards,
    habits::{ASSETS, Habits, listed},
    leaks::CREDENTIALS,
    mutation::Mutation,
    verdict::ROLES,
    workload::{Clients, Known},
};

/// Two tenants who know nothing of each other.
pub(super) fn workspaces() -> [WorkspaceId; 2] {
    ["main", "other"].map(|id| id.parse().unwrap())
}

/// The hub of each.
pub(super) fn hub() -> IntegrationId {
    "hub".parse().unwrap()
}

pub(super) async fn prepare(
    store: &Store,
    chance: &Chance,
    workspace: &WorkspaceId,
    habits: Habits,
    mutation: Mutation,
) {
    let now = chance.now();
    let sealed = LocalSealer::new([0; 32]).seal(SealedFor::Integration(&hub()), CREDENTIALS).await.unwrap();
    store.put_workspace(&Workspace::new(workspace.clone(), "Main", now), AdminWrite::Create).await.unwrap();
    let roles = ROLES.iter().zip(1..).map(|(role, rank)| AppRole {
        key: (*role).to_owned(),
        name: (*role).to_owned(),
        exclusion_group: Some("role".to_owned()),
        rank,
    });
    let assets = ASSETS.iter().skip(1).filter(|_| habits.assets).map(|asset| listed(asset)).collect();
    let integration = Integration {
        id: hub(),
        workspace: workspace.clone(),
        name: "Hub".into(),
        kind: Kind::BusinessHub,
        connector: "scim".into(),
        config: json!({}),
        sealed_credentials: Some(sealed),
        catalogue: Catalogue { roles: roles.collect(), assets, ..Catalogue::default() },
        // None, seconds, or longer than a message can wait.
        grace_seconds: Some([0, 30, 3_600][chance.below(3)]),
        guards: guards::limits(chance, mutation),
        sync: Default::default(),
        disconnecting: None,
        status: Status::Active,
        version: 1,
        created_at: now,
    };
    store.put_integration(&integration, AdminWrite::Create).await.unwrap();
}

/// The clients of each workspace; each knows which ids the other uses.
pub(super) fn clients(store: &Store, chance: &Chance, vendor: &Vendor, by_hand: bool) -> Vec<Clients> {
    let known = workspaces().map(|_| Arc::new(tokio::sync::Mutex::new(Known::default())));
    let clients = workspaces().into_iter().enumerate().map(|(index, workspace)| Clients {
        store: store.clone(),
        chance: chance.clone(),
        connection: format!("{workspace}.idp").parse().unwrap(),
        hub: hub(),
        app: vendor.app(&workspace),
        by_hand,
        known: known[index].clone(),
        elsewhere: known[1 - index].clone(),
        workspace,
    });
    clients.collect()
}
