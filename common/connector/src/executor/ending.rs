//! From how an attempt ended to what is recorded. Pure.

use std::time::Duration;

use usher_domain::{
    Timestamp,
    access::{AccessState, Observed, Presence, Settled},
    activity::Stage,
    job::{JobError, JobState, Task},
    manual::ManualTask,
    ports::{Finish, Loaded},
};

use super::{
    activity,
    attempt::{Attempted, Ending},
};
use crate::{
    action::{Action, Wait},
    backoff::Backoff,
    error::{Class, Error},
    step::PendingKind,
};

/// When to look again at what a vendor or a person outside has to do.
const OUTSIDE_LOOK_AGAIN: Duration = Duration::from_secs(60 * 60);
/// When to look again at what a person does by hand: reports and confirmations wake the job, so that only the settings may
/// have changed.
const MANUAL_LOOK_AGAIN: Duration = Duration::from_secs(6 * 60 * 60);
/// When to try again to be the only job that takes an admin role away.
const ALONE_LOOK_AGAIN: Duration = Duration::from_secs(10);

/// How many lines of its log a job keeps.
const MAX_STEPS: usize = 60;

/// What closing needs to know beside the attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closing<'a> {
    /// The number of this attempt, from 1.
    pub(super) attempt: u32,
    /// How the attempt before ended.
    pub(super) previous_class: Option<&'a str>,
    /// When to look again, if the integration was paused.
    pub(super) paused: Option<Timestamp>,
    /// How many requests were sent to the app.
    pub(super) app_calls: u64,
    /// Spreads retries.
    pub(super) random: u64,
    /// Now.
    pub(super) now: Timestamp,
}

/// Where a job goes.
struct Turn {
    state: JobState,
    error: Option<JobError>,
    due_at: Option<Timestamp>,
    access_state: AccessState,
    stage: Option<Stage>,
    /// What people have to do.
    manual: Option<ManualTask>,
}

/// What to record.
pub(super) fn close(
    started: &Loaded,
    attempted: Attempted,
    closing: Closing<'_>,
    backoff: &Backoff,
) -> Finish {
    let Loaded { job, access, .. } = started;
    let reached = attempted.ending == Ending::Reached;
    let reinvitations = match attempted.ending {
        Ending::Reached => 0,
        // Somebody stands behind it: counting begins anew.
        _ if job.resend => 0,
        _ => access.reinvitations + u32::from(attempted.invited_again),
    };
    let desired = access.desired.as_ref();
    let did_something = !attempted.steps.is_empty();
    let turn = match attempted.ending {
        Ending::Reached => Turn {
            state: JobState::Done,
            error: None,
            due_at: None,
            access_state: match desired.map(|desired| &desired.presence) {
                Some(Presence::Seated(_)) => AccessState::Onboarded,
                Some(Presence::Absent) | None => AccessState::Removed,
            },
            stage: Some(Stage::Done),
            manual: None,
        },
        Ending::AwaitsAcceptance => Turn {
            // Looking again later tells nothing new.
            stage: did_something.then_some(Stage::Done),
            access_state: AccessState::PendingAcceptance,
            ..waiting(
                job.task,
                "not_accepted_yet",
                "the person has not accepted the invitation yet; it can be sent again from the app",
                closing.now + Wait::Acceptance.look_again(),
            )
        },
        Ending::Pending { kind, reference, expires_at } => {
            let what = match kind {
                PendingKind::InviteAcceptance => "the person's acceptance",
                PendingKind::VendorApproval => "the vendor's approval",
                PendingKind::AsyncJob => "the app to finish",
            };
            let reference = reference.map(|reference| format!(" ({reference})")).unwrap_or_default();
            let look = closing.now + OUTSIDE_LOOK_AGAIN;
            let due = expires_at.map_or(look, |end| look.min(end.max(closing.now)));
            waiting(job.task, "pending", &format!("waits for {what}{reference}"), due)
        }
        Ending::Manual { steps, assignees } => {
            let profile = desired.map(|desired| desired.profile.clone()).unwrap_or_default();
            let task = ManualTask::asked(job.manual.as_ref(), &profile, steps, assignees, closing.now);
            Turn {
                state: JobState::Waiting,
                error: Some(task.error()),
                due_at: Some(closing.now + MANUAL_LOOK_AGAIN),
                access_state: AccessState::decided(job.task),
                stage: None,
                manual: Some(task),
            }
        }
        // Begun anew it is judged by what was seen now.
        Ending::Unforeseen => Turn {
            state: JobState::Queued,
            error: None,
            due_at: None,
            access_state: AccessState::decided(job.task),
            stage: None,
            manual: None,
        },
        Ending::NeedsToBeAlone => {
            let after = Some(ALONE_LOOK_AGAIN);
            let error = Error::new(
                Class::Transient { after },
                "another change of an admin role is under way in this integration; it goes on after that",
            );
            retry(job.task, &error, after, closing, backoff)
        }
        Ending::Failed { error, action } => failed(job.task, &error, action, closing, backoff),
    };
    let mut steps = job.steps.clone();
    steps.extend(attempted.steps);
    steps.drain(..steps.len().saturating_sub(MAX_STEPS));
    Finish {
        app_calls: closing.app_calls,
        state: turn.state,
        error: turn.error,
        due_at: turn.due_at,
        steps,
        reinvitations,
        released: attempted.claimed.filter(|_| {
            reached && attempted.observed.as_ref().is_some_and(|observed| observed.account.is_none())
        }),
        // Somebody may do it before anybody hears of it.
        observed: attempted
            .observed
            .map(|observed| Observed { unsure: observed.unsure || turn.manual.is_some(), ..observed }),
        manual: turn.manual,
        settled: desired
            .filter(|_| reached)
            .map(|desired| Settled { presence: desired.presence.clone(), profile: desired.profile.clone() }),
        access_state: turn.access_state,
        activity: turn.stage.map(|stage| activity(job, stage, closing.attempt, closing.now)),
        at: closing.now,
    }
}

fn failed(task: Task, error: &Error, action: Action, closing: Closing<'_>, backoff: &Backoff) -> Turn {
    let (class, message) = (error.class().name(), error.message());
    match action {
        Action::Retry { after } => {
            let asked = after.or(error.class().after());
            retry(task, error, asked, closing, backoff)
        }
        // Not reached: a failure that asks for another look gets it within the attempt.
        Action::Observe => retry(task, error, None, closing, backoff),
        Action::PauseIntegration => match closing.paused {
            Some(look) => waiting(task, class, message, look),
            None => retry(task, error, None, closing, backoff),
        },
        Action::WaitFor(wait) => Turn {
            access_state: match wait {
                Wait::Acceptance => AccessState::PendingAcceptance,
                Wait::Capacity => AccessState::decided(task),
            },
            ..waiting(task, class, message, closing.now + wait.look_again())
        },
        Action::NeedsPerson => needs_person(error, message.to_owned()),
    }
}

fn retry(
    task: Task,
    error: &Error,
    asked: Option<Duration>,
    closing: Closing<'_>,
    backoff: &Backoff,
) -> Turn {
    let class = error.class();
    // An app that asks to wait works: only failures of one kind that do not pass use the attempts up.
    let counts = !matches!(class, Class::RateLimited { .. }) && closing.previous_class == Some(class.name());
    if counts && backoff.is_exhausted(closing.attempt) {
        let attempts = closing.attempt;
        return needs_person(
            error,
            format!("{}; given up after {attempts} attempts: retry it when the app is well", error.message()),
        );
    }
    let delay = match (class, asked) {
        // Without a word of how long, a limit is most often per minute.
        (Class::RateLimited { .. }, None) => {
            Duration::from_secs(30) + backoff.delay(closing.attempt, None, closing.random)
        }
        _ => backoff.delay(closing.attempt, asked, closing.random),
    };
    Turn {
        state: JobState::Retrying,
        due_at: Some(closing.now + delay),
        ..waiting(task, class.name(), error.message(), closing.now)
    }
}

fn needs_person(error: &Error, message: String) -> Turn {
    Turn {
        state: JobState::Failed,
        error: Some(JobError { class: error.class().name().into(), message }),
        due_at: None,
        access_state: AccessState::Failed,
        stage: Some(Stage::Failed),
        manual: None,
    }
}

fn waiting(task: Task, class: &str, message: &str, due: Timestamp) -> Turn {
    Turn {
        state: JobState::Waiting,
        error: Some(JobError { class: class.into(), message: message.into() }),
        due_at: Some(due),
        access_state: AccessState::decided(task),
        stage: None,
        manual: None,
    }
}

#[cfg(test)]
#[path = "ending_tests.rs"]
mod tests;
