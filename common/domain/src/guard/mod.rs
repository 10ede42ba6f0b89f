//! Guards (domain rule 5): what a job would take away or give, how much of that an hour lets pass without an
//! admin's approval, and what became of work that was held. Pure.

mod people;

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    access::{Observed, Presence},
    change::{Actor, Cause, Trigger},
    integration::Catalogue,
    job::JobError,
    words,
};

pub use people::{AdminRole, Refusal, admin_roles_lost};

/// The class of the error of a held job.
pub const BLAST_RADIUS: &str = "blast_radius";

/// How many there may be before more are held: they pass the limit when they pass both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limit {
    /// So many.
    pub count: u32,
    /// So many of a hundred seats.
    pub percent: u32,
}

impl Default for Limit {
    fn default() -> Self {
        Self { count: 5, percent: 20 }
    }
}

impl Limit {
    /// Whether `number` of so many seats is more than the limit.
    pub fn is_passed_by(self, number: u64, seats: u64) -> bool {
        number > u64::from(self.count) && number * 100 > seats * u64::from(self.percent)
    }
}

/// The guards of an integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Guards {
    /// Removals and demotions, together, within an hour.
    pub losses: Limit,
    /// Promotions to a highest role within an hour.
    pub promotions: Limit,
    /// How long held work waits for a decision before it is given up, in seconds.
    pub hold_seconds: u32,
    /// Accounts that are never removed or demoted, by the app's id, sign-in name or e-mail address.
    pub protected_accounts: BTreeSet<String>,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            losses: Limit::default(),
            promotions: Limit::default(),
            hold_seconds: 7 * 24 * 60 * 60,
            protected_accounts: BTreeSet::new(),
        }
    }
}

/// What a job would do to somebody who is in the app, as far as guards care.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Impact {
    /// It removes them, takes the role of an exclusion group away or lowers it, or takes an admin role away.
    pub loss: bool,
    /// It gives them the highest role of an exclusion group. Being invited with it is no promotion.
    pub promotion: bool,
}

impl Impact {
    /// What it would do to bring what was seen to what is desired. Nobody is harmed who was not seen there.
    pub fn of(observed: Option<&Observed>, desired: &Presence, catalogue: &Catalogue) -> Self {
        let Some(observed) = observed.filter(|observed| observed.has_seat()) else {
            return Self::default();
        };
        let Presence::Seated(next) = desired else { return Self { loss: true, promotion: false } };
        let mut impact = Self::default();
        for ladder in catalogue.ladders() {
            let (before, after) = (ladder.rank_of(&observed.seat.roles), ladder.rank_of(&next.roles));
            impact.loss |= after < before;
            impact.promotion |= after > before && after == ladder.highest();
        }
        impact.loss |= !admin_roles_lost(&observed.seat, desired, catalogue).is_empty();
        impact
    }

    /// Whether it does nothing that guards care about.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// What of it is not part of `passed`.
    #[must_use]
    pub fn beyond(self, passed: Self) -> Self {
        Self { loss: self.loss && !passed.loss, promotion: self.promotion && !passed.promotion }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { loss: self.loss || other.loss, promotion: self.promotion || other.promotion }
    }
}

/// How long is looked back.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// How fine: what lies up to this much further back counts too.
const BUCKET: SignedDuration = SignedDuration::from_mins(5);

/// What began in an integration within a few minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Since when.
    pub began: Timestamp,
    /// How many seats there were then.
    pub seats: u64,
    /// Removals and demotions.
    pub losses: u64,
    /// Promotions to a highest role.
    pub promotions: u64,
}

/// What is counted in an integration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many people have a seat in the app, as recorded.
    pub seats: u64,
    /// What began lately, oldest first.
    pub lately: Vec<Bucket>,
    /// Moves with everything that is counted as begun; not with the seats.
    pub version: u64,
}

impl Tally {
    /// The tally when so many more had begun now.
    #[must_use]
    pub fn after(mut self, losses: u64, promotions: u64, now: Timestamp) -> Self {
        if losses + promotions > 0 {
            self.lately.push(Bucket { began: now, seats: self.seats, losses, promotions });
        }
        self
    }

    /// Counts a job that begins now.
    ///
    /// # Errors
    /// Why it is held, where it would pass a limit.
    pub fn count(&self, guards: &Guards, impact: Impact, now: Timestamp) -> Result<Self, JobError> {
        let mut lately: Vec<Bucket> =
            self.lately.iter().filter(|bucket| now < bucket.began + BUCKET + WINDOW).cloned().collect();
        // The seats before the wave: each removal makes them fewer, and must not lower the limit for the next.
        let seats = lately.first().map_or(self.seats, |first| first.seats.max(self.seats));
        if lately.last().is_none_or(|last| last.began + BUCKET <= now) {
            lately.push(Bucket { began: now, seats: self.seats, losses: 0, promotions: 0 });
        }
        if let Some(last) = lately.last_mut() {
            last.losses += u64::from(impact.loss);
            last.promotions += u64::from(impact.promotion);
        }
        let losses = lately.iter().map(|bucket| bucket.losses).sum();
        let promotions = lately.iter().map(|bucket| bucket.promotions).sum();
        if impact.loss && guards.losses.is_passed_by(losses, seats) {
            return Err(held("removals and demotions", losses, seats, guards.losses));
        }
        if impact.promotion && guards.promotions.is_passed_by(promotions, seats) {
            return Err(held("promotions to the highest role", promotions, seats, guards.promotions));
        }
        Ok(Self { seats: self.seats, lately, version: self.version + 1 })
    }
}

fn held(what: &str, number: u64, seats: u64, limit: Limit) -> JobError {
    let Limit { count, percent } = limit;
    JobError {
        class: BLAST_RADIUS.into(),
        message: format!(
            "it would make {} {what} within an hour among {} seats; those beyond {} and {percent} % wait for an \
             approval: approve it if this is meant, reject it if not",
            words::number(number),
            words::number(seats),
            words::number(count.into())
        ),
    }
}

/// What was decided about held work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is done.
    Approved,
    /// It is not done, and not asked for again until something else is decided for the person.
    Rejected,
    /// Nobody decided in time: as if it were rejected.
    Expired,
}

/// Who decided about held work, and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// What.
    pub verdict: Verdict,
    /// Who, when, and in which request.
    pub cause: Cause,
}

impl Ruling {
    /// The ruling on work that nobody decided about in time.
    pub fn expired(correlation_id: &str, at: Timestamp) -> Self {
        let correlation_id = correlation_id.to_owned();
        let cause = Cause { actor: Actor::Usher, trigger: Trigger::Schedule, correlation_id, at };
        Self { verdict: Verdict::Expired, cause }
    }
}

/// What guards remember of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuardRecord {
    /// What of it was counted as begun: a retry is not counted again.
    pub passed: Impact,
    /// What was decided when it was held.
    pub ruling: Option<Ruling>,
}

impl GuardRecord {
    /// Whether there is nothing to remember, as of most jobs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What of an impact has to be counted before the job may go on. An approval covers all of it.
    pub fn uncounted(&self, impact: Impact) -> Impact {
        match &self.ruling {
            Some(ruling) if ruling.verdict == Verdict::Approved => Impact::default(),
            _ => impact.beyond(self.passed),
        }
    }
}

#[cfg(test)]
mod tests;
