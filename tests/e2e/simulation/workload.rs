//! What identity providers and admins do meanwhile: each act is one client's call, which may be cut off.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Map, Value, json};
use tokio::sync::Mutex;
use usher_aws::store::Store;
use usher_domain::{
    change::{Actor, Cause, Change, Subject, Trigger},
    directory::{GroupRecord, MemberDelta, UserRecord},
    id::{ChangeId, ConnectionId, IntegrationId, PersonId, TeamId, WorkspaceId},
    ports::{Admin, Clock, Directory, Facts, GroupAndPeople, Ids, Runs, StoreError, StoreResult},
    share::{AppAccess, HubRole, Principal, Share},
    sync::{RunKind, SyncRun},
};

use super::{
    app::{App, STRANGER},
    chance::Chance,
    habits::{ASSETS, listed, some_assets},
    leaks::PERSONAL,
    verdict::ROLES,
};

/// How often a client repeats a call that was refused because of somebody else's.
const ATTEMPTS: usize = 6;

/// Whom and what clients know of: what they were about to make, whether or not it was.
#[derive(Default)]
pub(super) struct Known {
    pub(super) people: Vec<PersonId>,
    pub(super) teams: Vec<TeamId>,
}

fn attributes(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// The name that a workspace's directory has for somebody.
fn user_name(workspace: &WorkspaceId, person: &PersonId) -> String {
    format!("{PERSONAL}{person}-of-{workspace}")
}

/// The clients of a workspace.
#[derive(Clone)]
pub(super) struct Clients {
    pub(super) store: Store,
    pub(super) chance: Chance,
    pub(super) workspace: WorkspaceId,
    pub(super) connection: ConnectionId,
    pub(super) hub: IntegrationId,
    /// The workspace's organisation in the app.
    pub(super) app: App,
    /// Whether people change it by hand.
    pub(super) by_hand: bool,
    pub(super) known: Arc<Mutex<Known>>,
    /// What the clients of another workspace know: half of all ids are also in use there.
    pub(super) elsewhere: Arc<Mutex<Known>>,
}

impl Clients {
    /// One act of one client.
    pub(super) async fn act(self) {
        for _ in 0..ATTEMPTS {
            match self.try_act().await {
                Err(StoreError::Conflict { .. } | StoreError::Unavailable { .. }) => {}
                Ok(()) | Err(StoreError::Taken { .. } | StoreError::Missing { .. }) => return,
                Err(error @ StoreError::Defect { .. }) => panic!("{error:?}"),
            }
        }
    }

    pub(super) fn change(&self) -> ChangeId {
        ChangeId::from(self.chance.uuid())
    }

    pub(super) fn cause(&self) -> Cause {
        let correlation_id = "simulation".to_owned();
        Cause { actor: Actor::Usher, trigger: Trigger::Scim, correlation_id, at: self.chance.now() }
    }

    pub(super) async fn somebody(&self) -> Option<PersonId> {
        self.chance.one(&self.known.lock().await.people).cloned()
    }

    async fn some_team(&self) -> Option<TeamId> {
        self.chance.one(&self.known.lock().await.teams).cloned()
    }

    async fn try_act(&self) -> StoreResult<()> {
        let habits = self.app.habits();
        if self.by_hand && self.chance.in_thousand(300) {
            return self.in_the_app().await;
        }
        if habits.invites && self.chance.in_thousand(250) {
            return self.about_invitations().await;
        }
        if habits.assets && self.chance.in_thousand(80) {
            return self.change_catalogue().await;
        }
        if habits.marks && self.chance.in_thousand(120) {
            return self.mark().await;
        }
        if habits.returns && self.chance.in_thousand(300) {
            // Whoever was made last may still be on the way.
            let newest = self.known.lock().await.people.last().cloned();
            return self.come_back(newest).await;
        }
        match self.chance.below(24) {
            0..=2 => self.create_person().await,
            3 => self.create_team().await,
            4..=5 => self.switch_person().await,
            6 => self.delete_person().await,
            7..=14 => self.change_members().await,
            15 => self.delete_team().await,
            16..=18 => self.share().await,
            19..=20 => self.decide_held().await,
            21..=22 => self.come_back(self.somebody().await).await,
            _ => self.unshare().await,
        }
    }

    /// What happens in the app itself, or has to do with it.
    async fn in_the_app(&self) -> StoreResult<()> {
        let app = &self.app;
        let somebody = self.chance.one(&app.seats()).map(|seat| seat.user_name.clone());
        match (self.chance.below(5), somebody) {
            (0, Some(name)) => app.edit(&name, None),
            (1, Some(name)) if app.habits().assets && self.chance.in_thousand(500) => app.edit_assets(&name),
            (1, Some(name)) => app.edit(&name, self.chance.one(&ROLES).copied()),
            (2, _) => app.let_in(&format!("{STRANGER}-{}", self.chance.below(3))),
            _ => self.sync(20).await?,
        }
        Ok(())
    }

    /// Begins a sync, unless one is under way.
    pub(super) async fn sync(&self, safeguard_percent: u8) -> StoreResult<()> {
        let found = Facts::integration(&self.store, &self.workspace, &self.hub).await?;
        let Some((integration, _)) = found else { return Ok(()) };
        let last = self.store.last_run(&self.workspace, &self.hub).await?;
        if last.as_ref().is_some_and(|run| run.state.is_open()) {
            return Ok(());
        }
        let cause = Cause { trigger: Trigger::Schedule, ..self.cause() };
        let run = SyncRun::begin(&integration, RunKind::Sync, cause, last.as_ref());
        let run = SyncRun { safeguard_percent, ..run };
        self.store.put_run(last.as_ref(), &run, None, &[], None).await
    }

    async fn create_person(&self) -> StoreResult<()> {
        let id = self.new_person().await;
        let name = user_name(&self.workspace, &id);
        self.create_named(id, &name).await
    }

    /// Somebody is deleted and made again under the same name, as identity providers do: it is somebody new.
    async fn come_back(&self, person: Option<PersonId>) -> StoreResult<()> {
        let Some(person) = person else { return Ok(()) };
        let Some(user) = self.store.user(&self.connection, &person).await? else { return Ok(()) };
        let facts = Facts::person(&self.store, &self.workspace, &person).await?;
        let name = user.resource["userName"].as_str().unwrap_or_default().to_owned();
        self.store.delete_user(&user, self.change(), &self.cause()).await?;
        let id = self.new_person().await;
        self.create_named(id.clone(), &name).await?;
        let one: BTreeSet<_> = [id].into();
        for team in facts.map(|facts| facts.teams).unwrap_or_default() {
            self.join_and_leave(&team, MemberDelta { add: one.clone(), remove: BTreeSet::new() }).await?;
        }
        Ok(())
    }

    async fn create_named(&self, id: PersonId, name: &str) -> StoreResult<()> {
        let user = UserRecord {
            id: id.clone(),
            connection: self.connection.clone(),
            version: 1,
            created_at: self.chance.now(),
            modified_at: self.chance.now(),
            deleted_at: None,
            resource: attributes(json!({"userName": name, "active": true})),
            unique: BTreeSet::new(),
        };
        self.known.lock().await.people.push(id);
        self.store.create_user(&user, self.change(), &self.cause()).await
    }

    async fn new_person(&self) -> PersonId {
        let known = self.known.lock().await.people.clone();
        let elsewhere = self.elsewhere.lock().await.people.clone();
        let free: Vec<_> = elsewhere.into_iter().filter(|id| !known.contains(id)).collect();
        let same = self.chance.in_thousand(500).then(|| self.chance.one(&free).cloned()).flatten();
        same.unwrap_or_else(|| PersonId::from(self.chance.uuid()))
    }

    async fn new_team(&self) -> TeamId {
        let known = self.known.lock().await.teams.clone();
        let elsewhere = self.elsewhere.lock().await.teams.clone();
        let free: Vec<_> = elsewhere.into_iter().filter(|id| !known.contains(id)).collect();
        let same = self.chance.in_thousand(500).then(|| self.chance.one(&free).cloned()).flatten();
        same.unwrap_or_else(|| TeamId::from(self.chance.uuid()))
    }

    async fn create_team(&self) -> StoreResult<()> {
        let id = self.new_team().await;
        let group = GroupRecord {
            id: id.clone(),
            connection: self.connection.clone(),
            version: 1,
            created_at: self.chance.now(),
            modified_at: self.chance.now(),
            deleted_at: None,
            resource: attributes(json!({"displayName": format!("t-{id}")})),
            unique: BTreeSet::new(),
        };
        let members = self.some_people().await;
        self.known.lock().await.teams.push(id);
        self.store.create_group(&group, &members, self.change(), &self.cause()).await
    }

    async fn some_people(&self) -> BTreeSet<PersonId> {
        let known = self.known.lock().await;
        known.people.iter().filter(|_| self.chance.in_thousand(400)).cloned().collect()
    }

    async fn switch_person(&self) -> StoreResult<()> {
        let Some(person) = self.somebody().await else { return Ok(()) };
        let Some(before) = self.store.user(&self.connection, &person).await? else { return Ok(()) };
        let mut after = UserRecord { version: before.version + 1, ..before.clone() };
        after.resource.insert("active".into(), json!(!before.is_active()));
        self.store.replace_user(&before, &after, self.change(), &self.cause()).await
    }

    async fn delete_person(&self) -> StoreResult<()> {
        let Some(person) = self.somebody().await else { return Ok(()) };
        let Some(user) = self.store.user(&self.connection, &person).await? else { return Ok(()) };
        self.store.delete_user(&user, self.change(), &self.cause()).await
    }

    pub(super) async fn change_members(&self) -> StoreResult<()> {
        let Some(team) = self.some_team().await else { return Ok(()) };
        let chosen = self.some_people().await;
        if self.chance.in_thousand(500) {
            return self.join_or_leave(&team, &chosen).await;
        }
        let Some(before) = self.store.group(&self.connection, &team).await? else { return Ok(()) };
        let there = self.store.members_among(&before, &chosen).await?;
        let living = self.store.existing_users(&self.connection, &chosen).await?;
        let delta = match self.chance.below(3) {
            0 => MemberDelta { add: living.difference(&there).cloned().collect(), remove: BTreeSet::new() },
            1 => MemberDelta { add: BTreeSet::new(), remove: there },
            _ => {
                let members: BTreeSet<_> = self.store.members(&before).await?.into_iter().collect();
                MemberDelta {
                    add: living.difference(&members).cloned().collect(),
                    remove: members.difference(&living).cloned().collect(),
                }
            }
        };
        let after = GroupRecord { version: before.version + 1, ..before.clone() };
        self.store.replace_group(&before, &after, &delta, self.change(), &self.cause()).await
    }

    /// As few people are added and removed: whatever version the team has.
    async fn join_or_leave(&self, team: &TeamId, chosen: &BTreeSet<PersonId>) -> StoreResult<()> {
        let (add, remove) = chosen.iter().cloned().partition(|_| self.chance.in_thousand(500));
        self.join_and_leave(team, MemberDelta { add, remove }).await
    }

    async fn join_and_leave(&self, team: &TeamId, asked: MemberDelta) -> StoreResult<()> {
        let named = &asked.add | &asked.remove;
        let found = self.store.group_and_people(&self.connection, team, &named, &asked.add).await?;
        let Some(GroupAndPeople { group, members: there, users }) = found else { return Ok(()) };
        let members = MemberDelta { add: &(&asked.add - &there) & &users, remove: &asked.remove & &there };
        if members.is_empty() {
            return Ok(());
        }
        let settled = MemberDelta { add: &asked.add & &there, remove: &asked.remove - &there };
        self.store.change_members(&group, &members, &settled, self.change(), &self.cause()).await
    }

    async fn delete_team(&self) -> StoreResult<()> {
        let Some(team) = self.some_team().await else { return Ok(()) };
        let Some(group) = self.store.group(&self.connection, &team).await? else { return Ok(()) };
        self.store.delete_group(&group, self.change(), &self.cause()).await
    }

    async fn some_principal(&self) -> Option<Principal> {
        if self.chance.in_thousand(700) {
            self.some_team().await.map(Principal::Team)
        } else {
            self.somebody().await.map(Principal::Person)
        }
    }

    fn share_change(&self, principal: &Principal) -> Change {
        let integration = self.hub.clone();
        let subject = match principal.clone() {
            Principal::Team(team) => Subject::TeamShare { integration, team, after: None },
            Principal::Person(person) => Subject::PersonShare { integration, person },
        };
        Change::new(self.change(), self.workspace.clone(), subject, self.cause())
    }

    async fn share(&self) -> StoreResult<()> {
        match self.some_principal().await {
            Some(principal) => self.share_with(principal).await,
            None => Ok(()),
        }
    }

    pub(super) async fn share_with(&self, principal: Principal) -> StoreResult<()> {
        let roles = self.chance.one(&ROLES).map(|role| (*role).to_owned()).into_iter().collect();
        let change = self.share_change(&principal);
        let share = Share {
            id: principal.share_id(),
            integration: self.hub.clone(),
            principal,
            hub_role: HubRole::Collaborator,
            app_access: AppAccess::Invite {
                roles,
                assets: some_assets(self.app.habits(), &self.chance),
                entitlements: Default::default(),
            },
            created_at: self.chance.now(),
        };
        self.store.put_share(&self.workspace, &share, &change).await
    }

    async fn unshare(&self) -> StoreResult<()> {
        match self.some_principal().await {
            Some(principal) => self.unshare_with(&principal).await,
            None => Ok(()),
        }
    }

    /// The organisation gets an asset or loses one, and the catalogue is brought up to date.
    async fn change_catalogue(&self) -> StoreResult<()> {
        let found = Facts::integration(&self.store, &self.workspace, &self.hub).await?;
        let (Some((mut integration, _)), Some(asset)) = (found, self.chance.one(&ASSETS)) else {
            return Ok(());
        };
        let assets = &mut integration.catalogue.assets;
        match assets.iter().position(|known| known.id == *asset) {
            Some(place) => drop(assets.remove(place)),
            None => assets.push(listed(asset)),
        }
        integration.version += 1;
        let subject = Subject::Catalogue { integration: self.hub.clone(), cursor: None };
        let change = Change::new(self.change(), self.workspace.clone(), subject, self.cause());
        self.store.change_catalogue(&integration, &change).await
    }

    pub(super) async fn unshare_with(&self, principal: &Principal) -> StoreResult<()> {
        let change = self.share_change(principal);
        self.store.delete_share(&self.workspace, &self.hub, &principal.share_id(), &change).await
    }
}
