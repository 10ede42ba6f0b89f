//! The simulated app: an organisation for each workspace, and what people do in it without Usher.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use secrecy::ExposeSecret;
use usher_connector::{Class, Connect, Connector, Error, Factory, Result};
use usher_domain::{access::AccountState, id::WorkspaceId};

use super::{
    chance::Chance,
    guards::Journal,
    habits::{ASSETS, Habits, LEVELS},
    leaks::CREDENTIALS,
    mutation::Mutation,
    verdict::ADMIN,
};

/// Begins the names of people whom no directory knows.
pub(super) const STRANGER: &str = "stranger";

/// Permissions on assets.
pub(super) type Grants = BTreeMap<String, BTreeSet<String>>;

/// A seat in the app, or an invitation to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seated {
    pub(super) id: String,
    pub(super) user_name: String,
    pub(super) roles: BTreeSet<String>,
    pub(super) state: AccountState,
}

impl Seated {
    /// Whether it can be used, or accepted.
    pub(super) fn is_live(&self) -> bool {
        matches!(self.state, AccountState::Active | AccountState::Invited)
    }

    /// Whether the app can be administered with it.
    pub(super) fn is_admin(&self) -> bool {
        self.state == AccountState::Active && self.roles.contains(ADMIN)
    }
}

/// The vendor: an organisation for each workspace.
#[derive(Clone)]
pub(super) struct Vendor {
    organisations: Arc<Mutex<BTreeMap<WorkspaceId, App>>>,
    chance: Chance,
    habits: Habits,
    mutation: Mutation,
    journal: Journal,
}

impl Vendor {
    /// With a connector that may be broken.
    pub(super) fn new(chance: Chance, habits: Habits, mutation: Mutation, journal: Journal) -> Self {
        Self { organisations: Arc::default(), chance, habits, mutation, journal }
    }

    /// The organisation of a workspace.
    pub(super) fn app(&self, workspace: &WorkspaceId) -> App {
        let mut organisations = self.organisations.lock().unwrap_or_else(PoisonError::into_inner);
        organisations
            .entry(workspace.clone())
            .or_insert_with(|| App {
                workspace: workspace.clone(),
                journal: self.journal.clone(),
                state: Arc::default(),
                chance: self.chance.clone(),
                habits: self.habits,
                mutation: self.mutation,
            })
            .clone()
    }
}

#[async_trait]
impl Factory for Vendor {
    async fn connector(&self, connect: Connect<'_>) -> Result<Box<dyn Connector>> {
        let credentials = connect.credentials.as_ref().map(ExposeSecret::expose_secret);
        assert_eq!(credentials, Some(CREDENTIALS), "the credentials of the integration come with it");
        Ok(Box::new(self.app(&connect.integration.workspace)))
    }
}

/// One organisation in the app.
#[derive(Clone)]
pub(super) struct App {
    workspace: WorkspaceId,
    journal: Journal,
    state: Arc<Mutex<State>>,
    chance: Chance,
    habits: Habits,
    mutation: Mutation,
}

#[derive(Default)]
struct State {
    seats: Vec<Seated>,
    /// By account; who leaves keeps what was not taken away.
    grants: BTreeMap<String, Grants>,
    numbers: u32,
    /// Who was changed by hand.
    edited: BTreeSet<String>,
    /// Whose invitation was declined or ended at some time.
    unanswered: BTreeSet<String>,
    /// Who is known by another id than their invitation was.
    renumbered: BTreeSet<String>,
}

impl State {
    fn new_id(&mut self) -> String {
        self.numbers += 1;
        format!("account-{}", self.numbers)
    }

    /// Takes people out by hand, with all that they have.
    fn expel(&mut self, goes: impl Fn(&Seated) -> bool) {
        let (gone, seats) = std::mem::take(&mut self.seats).into_iter().partition::<Vec<_>, _>(goes);
        self.seats = seats;
        self.grants.retain(|id, _| gone.iter().all(|seat| seat.id != *id));
    }
}

impl App {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn habits(&self) -> Habits {
        self.habits
    }

    pub(super) fn chance(&self) -> &Chance {
        &self.chance
    }

    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(super) fn is_broken(&self, mutation: Mutation) -> bool {
        self.mutation == mutation
    }

    pub(super) fn seats(&self) -> Vec<Seated> {
        self.state().seats.clone()
    }

    pub(super) fn grants_of(&self, id: &str) -> Grants {
        self.state().grants.get(id).cloned().unwrap_or_default()
    }

    /// The accounts that hold something.
    pub(super) fn holders(&self) -> BTreeSet<String> {
        self.state().grants.keys().cloned().collect()
    }

    /// What goes wrong before the app does anything.
    pub(super) fn trouble(&self) -> Result<()> {
        if self.chance.fault(30) {
            let after = Duration::from_secs(1 + self.chance.below(5_000) as u64);
            return Err(Error::new(Class::RateLimited { after: Some(after) }, "the app is busy"));
        }
        if self.chance.fault(30) {
            let said = if self.mutation == Mutation::TalkativeErrors { CREDENTIALS } else { "" };
            return Err(Error::transient(format!("the app failed {said}")));
        }
        Ok(())
    }

    /// Somebody more; an invitation that is over gives way to a new one.
    pub(super) fn add(&self, user_name: &str, roles: BTreeSet<String>, state: AccountState, grants: Grants) {
        let mut this = self.state();
        this.expel(|seat| seat.user_name == user_name && !seat.is_live());
        let id = this.new_id();
        if !grants.is_empty() {
            this.grants.insert(id.clone(), grants);
        }
        this.seats.push(Seated { id, user_name: user_name.to_owned(), roles, state });
        self.journal.seats(&self.workspace, this.seats.len() as u64);
    }

    /// Reads or changes one seat.
    pub(super) fn with<T>(&self, id: &str, change: impl FnOnce(&mut Seated) -> T) -> Option<T> {
        self.state().seats.iter_mut().find(|seat| seat.id == id).map(change)
    }

    /// Takes one seat out.
    pub(super) fn take_out(&self, id: &str) -> Option<Seated> {
        let mut this = self.state();
        let place = this.seats.iter().position(|seat| seat.id == id)?;
        Some(this.seats.remove(place))
    }

    pub(super) fn grant(&self, id: &str, asset: &str, permissions: &BTreeSet<String>) {
        let mut this = self.state();
        this.grants.entry(id.to_owned()).or_default().insert(asset.to_owned(), permissions.clone());
    }

    pub(super) fn revoke(&self, id: &str, asset: &str) {
        let mut this = self.state();
        let Some(held) = this.grants.get_mut(id) else { return };
        held.remove(asset);
        if held.is_empty() {
            this.grants.remove(id);
        }
    }

    pub(super) fn forget_grants(&self, id: &str) {
        self.state().grants.remove(id);
    }
}

/// What people do in the app without Usher.
impl App {
    /// Who was changed by hand.
    pub(super) fn edited(&self) -> BTreeSet<String> {
        self.state().edited.clone()
    }

    /// Whose invitation was declined or ended at some time.
    pub(super) fn unanswered(&self) -> BTreeSet<String> {
        self.state().unanswered.clone()
    }

    /// Who is known by another id than their invitation was: a list shows them as somebody new, and the invitation as
    /// gone.
    pub(super) fn renumbered(&self) -> BTreeSet<String> {
        self.state().renumbered.clone()
    }

    /// Somebody with rights in the app takes a seat away, or gives it other roles.
    pub(super) fn edit(&self, user_name: &str, role: Option<&str>) {
        let mut this = self.state();
        this.edited.insert(user_name.to_owned());
        match role {
            None => this.expel(|seat| seat.user_name == user_name),
            Some(role) => {
                for seat in this.seats.iter_mut().filter(|seat| seat.user_name == user_name) {
                    seat.roles = [role.to_owned()].into();
                }
            }
        }
    }

    /// Somebody with rights in the app grants an asset to somebody who is in it.
    pub(super) fn edit_assets(&self, user_name: &str) {
        let held = self.seats().into_iter().find(|seat| seat.user_name == user_name && seat.is_live());
        let (Some(seat), Some(asset), Some(level)) =
            (held, self.chance.one(&ASSETS), self.chance.one(&LEVELS))
        else {
            return;
        };
        self.state().edited.insert(user_name.to_owned());
        self.grant(&seat.id, asset, &[(*level).to_owned()].into());
    }

    /// Somebody with rights in the app lets somebody in whom no directory knows.
    pub(super) fn let_in(&self, stranger: &str) {
        let seat = Seated {
            id: stranger.to_owned(),
            user_name: stranger.to_owned(),
            roles: BTreeSet::new(),
            state: AccountState::Active,
        };
        let mut this = self.state();
        this.seats.retain(|seat| seat.id != stranger);
        this.seats.push(seat);
    }

    /// Somebody who is invited says yes or no, or never says anything.
    pub(super) fn answer(&self) {
        let invited: Vec<_> =
            self.seats().into_iter().filter(|seat| seat.state == AccountState::Invited).collect();
        let Some(seat) = self.chance.one(&invited) else { return };
        match self.chance.below(10) {
            0..=5 => self.accept(&seat.id),
            6..=7 => self.end_invitation(seat, AccountState::Declined),
            _ => self.end_invitation(seat, AccountState::Expired),
        }
    }

    /// Everybody who is invited says yes. Answers whether there was anybody.
    pub(super) fn accept_all(&self) -> bool {
        let mut any = false;
        for seat in self.seats().iter().filter(|seat| seat.state == AccountState::Invited) {
            self.accept(&seat.id);
            any = true;
        }
        any
    }

    /// Some apps know an account by another id than its invitation.
    fn accept(&self, id: &str) {
        let mut this = self.state();
        let new = if self.chance.in_thousand(500) { this.new_id() } else { id.to_owned() };
        if let Some(held) = this.grants.remove(id) {
            this.grants.insert(new.clone(), held);
        }
        let Some(seat) = this.seats.iter_mut().find(|seat| seat.id == id) else { return };
        seat.id.clone_from(&new);
        seat.state = AccountState::Active;
        if new != id {
            let user_name = seat.user_name.clone();
            this.renumbered.insert(user_name);
        }
    }

    fn end_invitation(&self, ended: &Seated, state: AccountState) {
        self.with(&ended.id, |seat| seat.state = state);
        self.state().unanswered.insert(ended.user_name.clone());
    }
}
