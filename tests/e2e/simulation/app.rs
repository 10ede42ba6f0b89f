//! The simulated app and its connector. The app refuses nothing: whoever is invited twice is there twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::Value;
use usher_connector::{
    Capabilities, Class, Connect, Connector, Error, Factory, Health, IdentityKey, Member, Meta, Observation,
    Op, Outcome, Result, Step, StepContext, Subject,
};
use usher_domain::{
    access::{Account, AccountState, Desired, Observed, Presence, Seat, Told},
    directory::Profile,
    id::WorkspaceId,
    ports::Page,
};

use super::{
    chance::{Chance, turn},
    guards::Journal,
    leaks::CREDENTIALS,
    mutation::Mutation,
    verdict::{ADMIN, ROLES},
};

/// How many people a page of the app's list has: few, so that a list has pages.
const PAGE: usize = 2;
/// Begins the names of people whom no directory knows.
pub(super) const STRANGER: &str = "stranger";

/// A seat in the app.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seated {
    pub(super) id: String,
    pub(super) user_name: String,
    pub(super) roles: BTreeSet<String>,
}

/// The vendor: an organisation for each workspace.
#[derive(Clone)]
pub(super) struct Vendor {
    organisations: Arc<Mutex<BTreeMap<WorkspaceId, App>>>,
    chance: Chance,
    mutation: Mutation,
    journal: Journal,
}

impl Vendor {
    /// With a connector that may be broken.
    pub(super) fn new(chance: Chance, mutation: Mutation, journal: Journal) -> Self {
        Self { organisations: Arc::default(), chance, mutation, journal }
    }

    /// The organisation of a workspace.
    pub(super) fn app(&self, workspace: &WorkspaceId) -> App {
        let mut organisations = self.organisations.lock().unwrap_or_else(PoisonError::into_inner);
        organisations
            .entry(workspace.clone())
            .or_insert_with(|| App {
                workspace: workspace.clone(),
                journal: self.journal.clone(),
                seats: Arc::default(),
                chance: self.chance.clone(),
                numbers: Arc::default(),
                edited: Arc::default(),
                mutation: self.mutation,
            })
            .clone()
    }
}

/// One organisation in the app.
#[derive(Clone)]
pub(super) struct App {
    workspace: WorkspaceId,
    journal: Journal,
    seats: Arc<Mutex<Vec<Seated>>>,
    chance: Chance,
    numbers: Arc<Mutex<u32>>,
    /// Who was changed by hand.
    edited: Arc<Mutex<BTreeSet<String>>>,
    mutation: Mutation,
}

impl App {
    pub(super) fn seats(&self) -> Vec<Seated> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<Seated>) -> T) -> T {
        change(&mut self.seats.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Who was changed by hand.
    pub(super) fn edited(&self) -> BTreeSet<String> {
        self.edited.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Somebody with rights in the app takes a seat away, or gives it other roles.
    pub(super) fn edit(&self, user_name: &str, roles: Option<&str>) {
        self.edited.lock().unwrap_or_else(PoisonError::into_inner).insert(user_name.to_owned());
        self.change(|seats| match roles {
            None => seats.retain(|seat| seat.user_name != user_name),
            Some(role) => {
                for seat in seats.iter_mut().filter(|seat| seat.user_name == user_name) {
                    seat.roles = [role.to_owned()].into();
                }
            }
        });
    }

    /// Somebody with rights in the app lets somebody in whom no directory knows.
    pub(super) fn let_in(&self, stranger: &str) {
        let seat = Seated { id: stranger.to_owned(), user_name: stranger.to_owned(), roles: BTreeSet::new() };
        self.change(|seats| {
            seats.retain(|seat| seat.id != stranger);
            seats.push(seat);
        });
    }

    /// What goes wrong before the app does anything.
    fn trouble(&self) -> Result<()> {
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
}

#[async_trait]
impl Factory for Vendor {
    async fn connector(&self, connect: Connect<'_>) -> Result<Box<dyn Connector>> {
        let credentials = connect.credentials.as_ref().map(ExposeSecret::expose_secret);
        assert_eq!(credentials, Some(CREDENTIALS), "the credentials of the integration come with it");
        Ok(Box::new(self.app(&connect.integration.workspace)))
    }
}

#[async_trait]
impl Connector for App {
    fn meta(&self) -> Meta {
        Meta {
            key: "scim",
            name: "Simulated",
            identity: IdentityKey::UserName,
            capabilities: Capabilities {
                list_members: true,
                create_active: true,
                update_role: true,
                remove: true,
                ..Default::default()
            },
        }
    }

    async fn probe(&self) -> Result<Health> {
        Ok(Health::default())
    }

    async fn list_members(&self, cursor: Option<&str>) -> Result<Page<Member>> {
        turn().await;
        self.trouble()?;
        let mut seats = self.seats();
        seats.sort();
        seats.retain(|seat| cursor.is_none_or(|cursor| seat.id.as_str() > cursor));
        // Also when all is quiet: few syncs come to their end before, and the safeguard halts most of these. The first
        // is left out: the others may be there by hand.
        let cut = self.mutation == Mutation::PartialIsWhole && self.chance.in_thousand(300);
        let more = seats.len() > PAGE && !cut;
        seats.truncate(PAGE);
        seats.drain(..usize::from(cut).min(seats.len()));
        let next = seats.last().filter(|_| more).map(|seat| seat.id.clone());
        // A break: everybody else could be an admin.
        let made_up =
            || Seated { id: "nobody".into(), user_name: "nobody".into(), roles: [ADMIN.into()].into() };
        seats.extend((self.mutation == Mutation::LastAdminUnchecked).then(made_up));
        let members = seats.into_iter().map(|seat| {
            let profile = Profile { user_name: seat.user_name, ..Profile::default() };
            Member {
                account: Account { id: seat.id, state: AccountState::Active, profile },
                seat: Told::Whole(Seat { roles: seat.roles, ..Seat::default() }),
            }
        });
        turn().await;
        Ok(Page { items: members.collect(), next })
    }

    async fn observe(&self, subject: &Subject) -> Result<Observation> {
        turn().await;
        let trouble = self.trouble();
        if trouble.is_err() && self.mutation == Mutation::FailureIsEmpty {
            return Ok(Observation::default());
        }
        trouble?;
        let seats = self.seats();
        let known = subject.account.as_ref().and_then(|id| seats.iter().find(|seat| seat.id == *id));
        let found = known.or_else(|| seats.iter().find(|seat| seat.user_name == subject.profile.user_name));
        let observed = Observed {
            account: found.map(|seat| Account {
                id: seat.id.clone(),
                state: AccountState::Active,
                profile: subject.profile.clone(),
            }),
            seat: Seat { roles: found.map(|seat| seat.roles.clone()).unwrap_or_default(), ..Seat::default() },
            seen_at: Timestamp::from_millisecond(self.chance.millis()).unwrap(),
        };
        turn().await;
        Ok(Observation { observed, detail: Value::Null })
    }

    fn plan(&self, desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
        let account = observation.observed.account.is_some();
        let op = match &desired.presence {
            Presence::Seated(seat) if !account => {
                Some(Op::Create { profile: desired.profile.clone(), seat: seat.clone() })
            }
            Presence::Seated(seat) if seat.roles != observation.observed.seat.roles => {
                Some(Op::SetRoles { roles: seat.roles.clone() })
            }
            Presence::Absent if account => Some(Op::Remove),
            _ => None,
        };
        Ok(op.map(Step::from).into_iter().collect())
    }

    async fn apply(&self, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
        turn().await;
        self.trouble()?;
        if self.chance.fault(30) {
            return Err(Error::new(Class::Ambiguous, "cut before the effect"));
        }
        let id = context.observation.observed.account.as_ref().map(|account| account.id.clone());
        match &step.op {
            Op::Create { profile, seat } => {
                let number = {
                    let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
                    *numbers += 1;
                    *numbers
                };
                let seat = Seated {
                    id: format!("account-{number}"),
                    user_name: profile.user_name.clone(),
                    roles: seat.roles.clone(),
                };
                let seats = self.change(|seats| {
                    seats.push(seat);
                    seats.len()
                });
                self.journal.seats(&self.workspace, seats);
            }
            Op::SetRoles { roles } => self.change(|seats| {
                let mut lost_admin = false;
                for seat in seats.iter_mut().filter(|seat| Some(&seat.id) == id.as_ref()) {
                    if height(roles) < height(&seat.roles) {
                        self.journal.lost(context.operation);
                    }
                    let was_admin = seat.roles.contains(ADMIN);
                    seat.roles.clone_from(roles);
                    lost_admin |= was_admin && !seat.roles.contains(ADMIN);
                }
                self.journal.admins(lost_admin, seats);
            }),
            Op::Remove => self.change(|seats| {
                if seats.iter().any(|seat| Some(&seat.id) == id.as_ref()) {
                    self.journal.lost(context.operation);
                }
                let leaves = |seat: &&Seated| Some(&seat.id) == id.as_ref() && seat.roles.contains(ADMIN);
                let lost_admin = seats.iter().any(|seat| leaves(&seat));
                seats.retain(|seat| Some(&seat.id) != id.as_ref());
                self.journal.admins(lost_admin, seats);
            }),
            other => return Err(Error::invalid(format!("the simulated app has no such step: {other:?}"))),
        }
        turn().await;
        if self.chance.fault(50) {
            return Err(Error::new(Class::Ambiguous, "cut after the effect"));
        }
        Ok(Outcome::Done { account: None })
    }
}

/// How high the highest of these roles is; nothing is lowest.
fn height(roles: &BTreeSet<String>) -> Option<usize> {
    roles.iter().filter_map(|role| ROLES.iter().position(|known| known == role)).max()
}
