//! Planning: from what is recorded and what was resolved to the next decision. Pure.

use jiff::SignedDuration;

use super::{
    model::{Access, Desired, Presence, Settled},
    resolve::Resolution,
    state::AccessState,
};
use crate::{
    Timestamp,
    directory::Profile,
    job::{JobState, Task},
    sync::Drift,
};

/// What planning needs to know beside the access and the resolution.
#[derive(Debug, Clone, Copy)]
pub struct PlanContext {
    /// How long a removal that comes from losing grants waits, in seconds.
    pub grace_seconds: u32,
    /// Now.
    pub now: Timestamp,
    /// The open job, if it has not been begun: then a decision to go back undoes it without work.
    pub open_job_untouched: bool,
}

/// A decision that differs from the recorded one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What to record as desired.
    pub desired: Desired,
    /// The chip to show.
    pub state: AccessState,
    /// The job to make, unless the app agrees already.
    pub job: Option<PlannedJob>,
}

/// The job that a decision needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedJob {
    /// What it does.
    pub task: Task,
    /// `Queued`, or `Waiting` for the grace window.
    pub state: JobState,
    /// When it may begin, where it waits.
    pub due_at: Option<Timestamp>,
}

/// Decides. `None` when what is recorded is what was resolved.
pub fn plan(access: &Access, resolved: Resolution, context: PlanContext) -> Option<Planned> {
    let recorded = access.desired.as_ref();
    let repairs = needs_repair(access, &resolved);
    let waits = recorded.is_some_and(|desired| desired.not_before.is_some_and(|at| context.now < at));
    match recorded {
        None if resolved.presence == Presence::Absent => return None,
        Some(desired) if desired.presence == resolved.presence && !repairs => {
            let same_person = resolved.presence == Presence::Absent || desired.profile == resolved.profile;
            // Domain rule 2: deactivation is never delayed, also when a removal already waits. And whoever kept
            // somebody's seat who lost their grants did not mean to keep it for somebody deactivated.
            let overdue = waits || (access.is_rejected() && !desired.urgent);
            if same_person && !(overdue && resolved.urgent) && !access.decide_anew {
                return None;
            }
        }
        _ => {}
    }

    let removal = resolved.presence == Presence::Absent;
    // What was decided long ago has waited already.
    let not_before = (removal && !repairs && !resolved.urgent && context.grace_seconds > 0)
        .then(|| context.now + SignedDuration::from_secs(context.grace_seconds.into()));
    let agrees = !repairs && access.settled.as_ref().is_some_and(|settled| agrees(settled, &resolved));
    let dissolved = agrees && (access.job.is_none() || context.open_job_untouched);
    let job = (!dissolved && !access.is_exempt()).then(|| PlannedJob {
        task: if repairs { Task::SyncingUsers } else { task(access, &resolved) },
        state: if not_before.is_some() { JobState::Waiting } else { JobState::Queued },
        due_at: not_before,
    });
    let state = match (&job, removal) {
        _ if access.is_exempt() => AccessState::Exempted,
        (Some(_), true) => AccessState::AwaitingRemoval,
        (Some(PlannedJob { task: Task::AddingUsers, .. }), false) => AccessState::Queued,
        (Some(_), false) => AccessState::Updating,
        (None, true) => AccessState::Removed,
        (None, false) => AccessState::Onboarded,
    };
    let desired = Desired {
        presence: resolved.presence,
        profile: if removal { keep(recorded, resolved.profile) } else { resolved.profile },
        version: access.version() + 1,
        reasons: resolved.reasons,
        not_before: job.as_ref().and_then(|job| job.due_at),
        urgent: removal && resolved.urgent,
    };
    Some(Planned { desired, state, job })
}

impl Access {
    /// The access after a decision. Its job, where it needs one, is not made yet.
    #[must_use]
    pub fn decided(&self, planned: &Planned, now: Timestamp) -> Self {
        Self {
            state: planned.state,
            updated_at: now,
            desired: Some(planned.desired.clone()),
            decide_anew: false,
            // The job repairs it; it shows until the app is seen to agree.
            drift: self.drift.clone().map(|drift| Drift { repair: false, ..drift }),
            ..self.clone().without_job()
        }
    }
}

/// Whether a sync saw that the app is not as was decided and still is: another job has to bring it back. An open one
/// does so already, unless it waits for an answer to an invitation that is over.
fn needs_repair(access: &Access, resolved: &Resolution) -> bool {
    let same = access.desired.as_ref().is_some_and(|desired| desired.presence == resolved.presence);
    let free = access.job.is_none() || access.state == AccessState::PendingAcceptance;
    same && free
        && !access.is_rejected()
        && !access.is_exempt()
        && access.drift.as_ref().is_some_and(|drift| drift.repair)
}

/// A removal is about the person that was seated: a later rename must not lead it to somebody else.
fn keep(recorded: Option<&Desired>, resolved: Profile) -> Profile {
    recorded.map_or(resolved, |desired| desired.profile.clone())
}

/// Whether the app, as it is known to be, is what was resolved.
fn agrees(settled: &Settled, resolved: &Resolution) -> bool {
    settled.presence == resolved.presence
        && (resolved.presence == Presence::Absent || settled.profile == resolved.profile)
}

/// The task in the words of the log: what changes most.
fn task(access: &Access, resolved: &Resolution) -> Task {
    let Presence::Seated(next) = &resolved.presence else {
        return Task::RemovingUsers;
    };
    let current = match (&access.settled, &access.observed) {
        (Some(Settled { presence: Presence::Seated(seat), .. }), _) => Some(seat),
        (Some(_), _) => None,
        (None, Some(observed)) => observed.account.is_some().then_some(&observed.seat),
        (None, None) => None,
    };
    match current {
        None => Task::AddingUsers,
        Some(seat) if seat.roles != next.roles => Task::UpdatingUserRoles,
        Some(seat) if seat.assets != next.assets => Task::UpdatingAssets,
        Some(seat) if seat.entitlements != next.entitlements => Task::UpdatingEntitlements,
        Some(_) => Task::SyncingUsers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Seat;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn context(now: i64) -> PlanContext {
        PlanContext { grace_seconds: 600, now: at(now), open_job_untouched: false }
    }

    fn seated(role: &str) -> Presence {
        Presence::Seated(Seat { roles: [role.to_string()].into(), ..Seat::default() })
    }

    fn resolved(presence: Presence, urgent: bool) -> Resolution {
        Resolution {
            presence,
            profile: Profile { user_name: "ada".into(), ..Profile::default() },
            reasons: vec![],
            urgent,
        }
    }

    fn fresh() -> Access {
        Access::none("main".parse().unwrap(), "hub".parse().unwrap(), "ada".parse().unwrap(), at(0))
    }

    /// Applies a decision, and the job's success where `done`.
    fn decide(mut access: Access, planned: Planned, done: bool) -> Access {
        if done {
            access.settled = Some(Settled {
                presence: planned.desired.presence.clone(),
                profile: planned.desired.profile.clone(),
            });
            access.job = None;
        } else if planned.job.is_some() {
            access.job = Some("job".parse().unwrap());
        } else {
            access.job = None;
        }
        access.desired = Some(planned.desired);
        access.state = planned.state;
        access
    }

    #[test]
    fn what_a_sync_saw_to_differ_is_repaired_at_once_and_by_one_job() {
        use crate::{
            id::SyncId,
            sync::{Drift, DriftKind},
        };
        let drift = |repair| Drift {
            kind: DriftKind::Missing,
            expected: None,
            seen: None,
            repair,
            spared: false,
            sync: "s1".parse::<SyncId>().unwrap(),
            found_at: at(0),
        };
        for presence in [seated("editor"), Presence::Absent] {
            let mut access = fresh();
            let decided = plan(&access, resolved(seated("editor"), false), context(0)).unwrap();
            access = decide(access, decided, true);
            if presence == Presence::Absent {
                let removal = plan(&access, resolved(Presence::Absent, true), context(0)).unwrap();
                access = decide(access, removal, true);
            }
            let again = |access: &Access| plan(access, resolved(presence.clone(), false), context(9));
            assert_eq!(again(&access), None);
            let marked = Access { drift: Some(drift(true)), ..access.clone() };
            let job = again(&marked).unwrap().job.unwrap();
            assert_eq!((job.task, job.state, job.due_at), (Task::SyncingUsers, JobState::Queued, None));
            assert_eq!(again(&Access { drift: Some(drift(false)), ..access.clone() }), None);
            let open = Some("job".parse().unwrap());
            assert_eq!(again(&Access { job: open.clone(), ..marked.clone() }), None, "one is under way");
            let pending = Access { job: open, state: AccessState::PendingAcceptance, ..marked };
            assert!(again(&pending).is_some(), "a job that waits for an answer that will not come");
        }
    }

    #[test]
    fn nothing_for_somebody_who_never_had_access() {
        assert_eq!(plan(&fresh(), resolved(Presence::Absent, true), context(0)), None);
    }

    #[test]
    fn a_seat_is_added_once() {
        let added = plan(&fresh(), resolved(seated("viewer"), false), context(0)).unwrap();
        assert_eq!(added.job.as_ref().unwrap().task, Task::AddingUsers);
        assert_eq!(added.desired.version, 1);
        let access = decide(fresh(), added, false);
        assert_eq!(plan(&access, resolved(seated("viewer"), false), context(9)), None);
    }

    #[test]
    fn losing_grants_waits_and_dissolves_when_access_returns() {
        let access =
            decide(fresh(), plan(&fresh(), resolved(seated("viewer"), false), context(0)).unwrap(), true);
        let removal = plan(&access, resolved(Presence::Absent, false), context(100)).unwrap();
        let job = removal.job.as_ref().unwrap();
        assert_eq!(
            (job.task, job.state, job.due_at),
            (Task::RemovingUsers, JobState::Waiting, Some(at(700)))
        );
        let access = decide(access, removal, false);
        let back = PlanContext { open_job_untouched: true, ..context(200) };
        let returned = plan(&access, resolved(seated("viewer"), false), back).unwrap();
        assert_eq!(returned.job, None, "the app still agrees: no work");
        assert_eq!(returned.state, AccessState::Onboarded);
    }

    #[test]
    fn leave_then_join_is_one_role_change() {
        let access =
            decide(fresh(), plan(&fresh(), resolved(seated("viewer"), false), context(0)).unwrap(), true);
        let access = decide(
            access.clone(),
            plan(&access, resolved(Presence::Absent, false), context(1)).unwrap(),
            false,
        );
        let back = PlanContext { open_job_untouched: true, ..context(2) };
        let joined = plan(&access, resolved(seated("editor"), false), back).unwrap();
        assert_eq!(joined.job.unwrap().task, Task::UpdatingUserRoles);
    }

    #[test]
    fn deactivation_is_never_delayed_also_while_a_removal_waits() {
        let access =
            decide(fresh(), plan(&fresh(), resolved(seated("viewer"), false), context(0)).unwrap(), true);
        let waiting = decide(
            access.clone(),
            plan(&access, resolved(Presence::Absent, false), context(1)).unwrap(),
            false,
        );
        let now = plan(&waiting, resolved(Presence::Absent, true), context(2)).unwrap();
        assert_eq!(now.job.as_ref().unwrap().state, JobState::Queued);
        assert_eq!(now.desired.not_before, None);
        let access = decide(waiting, now, false);
        assert_eq!(plan(&access, resolved(Presence::Absent, true), context(3)), None);
    }

    #[test]
    fn going_back_after_a_job_began_makes_a_job() {
        let access =
            decide(fresh(), plan(&fresh(), resolved(seated("viewer"), false), context(0)).unwrap(), true);
        let mut access = decide(
            access.clone(),
            plan(&access, resolved(seated("editor"), false), context(1)).unwrap(),
            false,
        );
        // The job began: what the app agrees with is unknown.
        access.settled = None;
        let back = plan(&access, resolved(seated("viewer"), false), context(2)).unwrap();
        assert!(back.job.is_some());
    }

    #[test]
    fn a_removal_remembers_who_was_seated() {
        let access =
            decide(fresh(), plan(&fresh(), resolved(seated("viewer"), false), context(0)).unwrap(), true);
        let mut gone = resolved(Presence::Absent, true);
        gone.profile.user_name = "somebody-else".into();
        let removal = plan(&access, gone, context(1)).unwrap();
        assert_eq!(removal.desired.profile.user_name, "ada");
    }
}
