//! What becomes of the work that a decision makes: whether its job would begin, by what admits the real one, would be
//! held by the integration's guards, or refused. Jobs are judged in the order in which they may begin.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Knowledge, PersonChange};
use crate::{
    Timestamp,
    access::{Access, AccountState, Planned, Presence, Seat, Situation},
    guard::{Impact, Refusal, Tally, admin_roles_lost},
    id::{AutomationId, ChangeId, JobId, PersonId},
    integration::Integration,
    job::{Admission, Job, JobState, Origin, admit},
    tenancy::{Quotas, Resource, UsedUp},
};

/// What becomes of the work that brings the app to what is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// There is none.
    None,
    /// A job does it, as soon as it is due.
    Begins,
    /// A job waits for an admin's approval.
    Held {
        /// What it would pass.
        why: String,
    },
    /// A job ends as not completed, and takes nothing away.
    Refused(Refusal),
    /// A job ends as not completed, and gives no seat.
    NoSeatLeft(UsedUp),
    /// A job waits until the paused integration is resumed.
    Paused {
        /// What has to be mended.
        why: String,
    },
    /// The app differs and is left as it is: the person is exempt, or the work was rejected.
    LeftAlone,
}

impl Work {
    /// A stable word for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Begins => "begins",
            Self::Held { .. } => "held",
            Self::Refused(_) | Self::NoSeatLeft(_) => "refused",
            Self::Paused { .. } => "paused",
            Self::LeftAlone => "left_alone",
        }
    }

    /// Why it does not just begin, and what to do.
    pub fn why(&self) -> Option<String> {
        match self {
            Self::Held { why } | Self::Paused { why } => Some(why.clone()),
            Self::Refused(refusal) => Some(refusal.words()),
            Self::NoSeatLeft(used_up) => Some(used_up.to_string()),
            Self::LeftAlone => Some(
                "the app is left as it is, because the person is exempt, or because this work was rejected or called \
                 off"
                .to_owned(),
            ),
            Self::None | Self::Begins => None,
        }
    }
}

/// How much of what is counted would have begun in an answer, for the answer that goes on after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Removals and demotions.
    pub losses: u64,
    /// Promotions to a highest role.
    pub promotions: u64,
    /// Seats given, less those taken away.
    #[serde(default)]
    pub seats: i64,
}

/// How many seats the workspace may have, and has without what begins in the integration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Room {
    /// The quotas.
    pub quotas: Quotas,
    /// The seats in all integrations.
    pub used: u64,
}

/// What would be for one person.
pub(super) struct Outcome {
    /// What the person would come to have.
    pub(super) presence: Presence,
    /// When a removal begins, where it waits.
    pub(super) not_before: Option<Timestamp>,
    /// Whether something is decided that needs no work.
    pub(super) dissolves: bool,
    pub(super) work: Work,
}

/// What would be for some people, and what guards would have counted for them.
pub(super) fn outcomes(
    situation: &Situation,
    people: &BTreeSet<&PersonId>,
    knowledge: &Knowledge<'_>,
    begun: Begun,
    room: Room,
) -> (BTreeMap<PersonId, Outcome>, Begun) {
    let now = knowledge.now;
    let decide = |person: &&PersonId| Decided::of(situation, person, knowledge);
    let mut decided: Vec<Decided> = people.iter().filter_map(decide).collect();
    decided.sort_by_key(|decided| decided.begins_at(now));
    let mut judge = Judge {
        integration: &situation.integration,
        tally: knowledge.tally.clone().after(begun.losses, begun.promotions, now),
        begun,
        room,
        holders: holders(situation, knowledge.holders),
        now,
    };
    let judged = decided.into_iter().map(|decided| {
        let work = judge.work(&decided);
        (decided.access.person.clone(), decided.outcome(work))
    });
    let judged = judged.collect();
    (judged, judge.begun)
}

/// Who holds which roles and can use them, as recorded: these people's as they were read with the situation.
fn holders(
    situation: &Situation,
    known: &BTreeMap<PersonId, BTreeSet<String>>,
) -> BTreeMap<PersonId, BTreeSet<String>> {
    let mut holders = known.clone();
    for access in situation.accesses.values() {
        match active_roles(access) {
            Some(roles) => holders.insert(access.person.clone(), roles.clone()),
            None => holders.remove(&access.person),
        };
    }
    holders
}

/// The roles that somebody is seen to hold who can use them.
pub fn active_roles(access: &Access) -> Option<&BTreeSet<String>> {
    let observed = access.observed.as_ref()?;
    let account = observed.account.as_ref()?;
    (account.state == AccountState::Active).then_some(&observed.seat.roles)
}

/// What is decided for one person, and the job that is open then.
struct Decided {
    access: Access,
    job: Option<Job>,
    dissolves: bool,
}

impl Decided {
    fn of(situation: &Situation, person: &PersonId, knowledge: &Knowledge<'_>) -> Option<Self> {
        let now = knowledge.now;
        let access = situation.access(person, now)?;
        let open = access.job.as_ref().and_then(|job| knowledge.jobs.get(job));
        let Some(planned) = situation.evaluate(&access, open, now) else {
            return Some(Self { job: open.cloned(), access, dissolves: false });
        };
        let next = access.decided(&planned, now);
        let job = job(&planned, &next, &situation.integration, now);
        Some(Self { dissolves: job.is_none(), job, access: next })
    }

    fn begins_at(&self, now: Timestamp) -> Timestamp {
        let due = self.job.as_ref().and_then(|job| job.due_at);
        let free = self.access.lease.as_ref().map(|lease| lease.until);
        [due, free].into_iter().flatten().fold(now, Timestamp::max)
    }

    fn outcome(self, work: Work) -> Outcome {
        let left_alone = self.is_left_alone();
        let in_app = || in_app(&self.access);
        let desired = self.access.desired.as_ref();
        let decided = || desired.map_or(Presence::Absent, |desired| desired.presence.clone());
        Outcome {
            presence: if left_alone { in_app() } else { decided() },
            not_before: desired.and_then(|desired| desired.not_before).filter(|_| !left_alone),
            dissolves: self.dissolves && (!left_alone || self.is_settled()),
            work,
        }
    }

    /// Whether nothing is done for the person, whatever was decided.
    fn is_left_alone(&self) -> bool {
        self.access.is_exempt() || (self.job.is_none() && self.access.is_rejected())
    }

    /// Whether the app is as was decided.
    fn is_settled(&self) -> bool {
        let desired = self.access.desired.as_ref();
        desired.map_or(&Presence::Absent, |desired| &desired.presence) == &in_app(&self.access)
    }
}

/// The job as the planner would make it. Its names matter to nobody.
fn job(planned: &Planned, access: &Access, integration: &Integration, now: Timestamp) -> Option<Job> {
    let planned = planned.job.as_ref()?;
    let automation = AutomationId::of(&ChangeId::from(uuid::Uuid::nil()), &integration.id);
    let origin = Origin { id: JobId::from(uuid::Uuid::nil()), automation, correlation_id: String::new() };
    Some(Job::decided(origin, planned, access, &integration.connector, now))
}

/// What the app is known, or was last seen, to give.
fn in_app(access: &Access) -> Presence {
    let seen = || match &access.observed {
        Some(observed) if observed.has_seat() => Presence::Seated(observed.seat.clone()),
        _ => Presence::Absent,
    };
    access.settled.as_ref().map_or_else(seen, |settled| settled.presence.clone())
}

/// Judges one job after the other, and remembers what those before it changed.
struct Judge<'a> {
    integration: &'a Integration,
    tally: Tally,
    begun: Begun,
    room: Room,
    holders: BTreeMap<PersonId, BTreeSet<String>>,
    now: Timestamp,
}

impl Judge<'_> {
    fn work(&mut self, decided: &Decided) -> Work {
        let Decided { access, .. } = decided;
        let Some(job) = &decided.job else {
            let differs = decided.is_left_alone() && !decided.is_settled();
            return if differs { Work::LeftAlone } else { Work::None };
        };
        match job.state {
            JobState::Held => {
                return Work::Held {
                    why: job.error.as_ref().map(|why| why.message.clone()).unwrap_or_default(),
                };
            }
            // It was admitted, and counted, when it began.
            JobState::Running => return Work::Begins,
            _ => {}
        }
        let at = decided.begins_at(self.now);
        match admit(job, access, self.integration, at) {
            Admission::Begin => self.begin(job, access),
            Admission::Count(impact) => match self.tally.count(&self.integration.guards, impact, at) {
                Ok(tally) => {
                    self.tally = tally;
                    self.begun.losses += u64::from(impact.loss);
                    self.begun.promotions += u64::from(impact.promotion);
                    self.begin(job, access)
                }
                Err(why) => Work::Held { why: why.message },
            },
            Admission::Paused(why) => Work::Paused { why },
            Admission::Superseded if !decided.is_settled() => Work::LeftAlone,
            Admission::Superseded | Admission::Closed => Work::None,
            // It is judged when it is due and nobody else acts.
            Admission::NotBefore(_) | Admission::Busy(_) => Work::Begins,
        }
    }

    /// A job that is admitted and counted: whether it takes something away that nobody may take, or gives a seat that the
    /// workspace may not have.
    fn begin(&mut self, job: &Job, access: &Access) -> Work {
        let presence = access.desired.as_ref().map_or(&Presence::Absent, |desired| &desired.presence);
        let had_seat = access.observed.as_ref().is_some_and(|observed| observed.has_seat());
        // One that was attempted before may have sent the invitation: it goes on.
        if matches!(presence, Presence::Seated(_))
            && !had_seat
            && job.attempts == 0
            && let Err(used_up) = self.seat_left()
        {
            return Work::NoSeatLeft(used_up);
        }
        if let Some(refusal) = self.refusal(access, presence) {
            return Work::Refused(refusal);
        }
        match presence {
            Presence::Seated(Seat { roles, .. }) => {
                self.tally.seats += u64::from(!had_seat);
                self.begun.seats += i64::from(!had_seat);
                // Somebody who is not there yet may have to accept an invitation first: no admin to rely on.
                if let Some(held) = self.holders.get_mut(&access.person) {
                    held.clone_from(roles);
                }
            }
            Presence::Absent => {
                self.tally.seats = self.tally.seats.saturating_sub(u64::from(had_seat));
                self.begun.seats -= i64::from(had_seat);
                self.holders.remove(&access.person);
            }
        }
        Work::Begins
    }

    fn seat_left(&self) -> Result<(), UsedUp> {
        let used = self.room.used.saturating_add_signed(self.begun.seats);
        self.room.quotas.allow(Resource::Seats, used)
    }

    fn refusal(&self, access: &Access, desired: &Presence) -> Option<Refusal> {
        let Integration { catalogue, guards, .. } = self.integration;
        let observed = access.observed.as_ref()?;
        if !Impact::of(Some(observed), desired, catalogue).loss {
            return None;
        }
        let account = observed.account.as_ref();
        if let Some(refusal) = Refusal::to_take_from(access.is_protected(), account, guards) {
            return Some(refusal);
        }
        active_roles(access)?;
        let others = |as_high: &BTreeSet<String>| {
            let mut others = self.holders.iter().filter(|(person, _)| **person != access.person);
            others.any(|(_, roles)| !roles.is_disjoint(as_high))
        };
        let lost = admin_roles_lost(&observed.seat, desired, catalogue);
        lost.into_iter().find(|admin| !others(&admin.as_high)).map(|admin| Refusal::LastAdmin(admin.name))
    }
}

/// What of two outcomes changes most.
pub(super) fn change(before: &Outcome, after: &Outcome) -> PersonChange {
    match (&before.presence, &after.presence) {
        (Presence::Absent, Presence::Seated(_)) => PersonChange::Added,
        (Presence::Seated(_), Presence::Absent) => PersonChange::Removed,
        (Presence::Absent, Presence::Absent) => match (before.not_before, after.not_before) {
            (Some(_), None) => PersonChange::RemovedSooner,
            _ => PersonChange::Unchanged,
        },
        (Presence::Seated(one), Presence::Seated(other)) => seat_change(one, other),
    }
}

/// What of a seat changes most, as the Automation Log names its tasks.
fn seat_change(before: &Seat, after: &Seat) -> PersonChange {
    if before.roles != after.roles {
        PersonChange::RolesChanged
    } else if before.assets != after.assets {
        PersonChange::AssetsChanged
    } else if before.entitlements != after.entitlements {
        PersonChange::EntitlementsChanged
    } else {
        PersonChange::Unchanged
    }
}
