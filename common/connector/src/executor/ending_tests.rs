use serde_json::json;
use usher_domain::{
    access::{Access, Desired, Observed, Seat},
    activity::Event,
    directory::Profile,
    integration::{Catalogue, Integration, Kind, Status},
    job::Job,
};

use super::*;

/// When a job of a paused integration is looked at again.
const LOOK: Duration = Duration::from_secs(1_200);

fn now() -> Timestamp {
    Timestamp::from_second(1_000).unwrap()
}

fn started(task: Task) -> Loaded {
    let presence =
        if task == Task::RemovingUsers { Presence::Absent } else { Presence::Seated(Seat::default()) };
    let mut access =
        Access::none("main".parse().unwrap(), "hub".parse().unwrap(), "ada".parse().unwrap(), now());
    access.desired = Some(Desired {
        presence,
        profile: Profile::default(),
        version: 1,
        reasons: vec![],
        not_before: None,
        urgent: false,
    });
    Loaded {
        job: Job {
            id: "job".parse().unwrap(),
            workspace: "main".parse().unwrap(),
            automation: "automation".parse().unwrap(),
            integration: "hub".parse().unwrap(),
            person: "ada".parse().unwrap(),
            target: "Ada".into(),
            connector: "scim".into(),
            task,
            version: 1,
            state: JobState::Running,
            attempts: 1,
            error: None,
            due_at: None,
            steps: vec!["Created the account".into()],
            resend: false,
            lane: 0,
            guard: Default::default(),
            manual: None,
            correlation_id: "c".into(),
            revision: 1,
            created_at: now(),
            updated_at: now(),
        },
        access,
        integration: Integration {
            id: "hub".parse().unwrap(),
            workspace: "main".parse().unwrap(),
            name: "Hub".into(),
            kind: Kind::BusinessHub,
            connector: "scim".into(),
            config: json!({}),
            sealed_credentials: None,
            catalogue: Catalogue::default(),
            grace_seconds: None,
            guards: Default::default(),
            sync: Default::default(),
            disconnecting: None,
            status: Status::Active,
            version: 1,
            created_at: now(),
        },
        tenancy: Default::default(),
    }
}

fn closing(attempt: u32) -> Closing<'static> {
    Closing {
        attempt,
        previous_class: None,
        paused: Some(now() + LOOK),
        app_calls: 0,
        random: u64::MAX,
        now: now(),
    }
}

fn end(task: Task, ending: Ending, closing: Closing<'_>) -> Finish {
    let attempted = Attempted {
        ending,
        observed: Some(Observed::default()),
        steps: vec!["Set the roles to editor".into()],
        claimed: None,
        invited_again: false,
    };
    close(&started(task), attempted, closing, &Backoff::default())
}

fn failure(class: Class) -> Ending {
    Ending::Failed { error: Error::new(class, "it failed"), action: crate::action::when_unhelped(class) }
}

fn due_in(finish: &Finish) -> i64 {
    finish.due_at.unwrap().as_second() - now().as_second()
}

#[test]
fn what_is_reached_is_settled() {
    let seated = end(Task::AddingUsers, Ending::Reached, closing(2));
    assert_eq!((seated.state, seated.access_state), (JobState::Done, AccessState::Onboarded));
    assert_eq!(seated.settled.unwrap().presence, Presence::Seated(Seat::default()));
    let activity = seated.activity.unwrap();
    assert_eq!((activity.event, activity.id.as_str()), (Event::Invited, "job.done.2"));
    assert_eq!(seated.steps, ["Created the account", "Set the roles to editor"]);

    let gone = end(Task::RemovingUsers, Ending::Reached, closing(1));
    assert_eq!((gone.access_state, gone.activity.unwrap().event), (AccessState::Removed, Event::Removed));
    assert_eq!(gone.settled.unwrap().presence, Presence::Absent);
}

#[test]
fn every_class_ends_in_its_state_and_nothing_is_settled() {
    for class in Class::ALL {
        let finish = end(Task::AddingUsers, failure(class), closing(1));
        let expected = match class {
            Class::RateLimited { .. } | Class::Transient { .. } | Class::Ambiguous | Class::Conflict => {
                JobState::Retrying
            }
            Class::PendingLimit
            | Class::NotAcceptedYet
            | Class::AuthExpired
            | Class::AuthRevoked
            | Class::ScopeMissing => JobState::Waiting,
            _ => JobState::Failed,
        };
        assert_eq!(finish.state, expected, "{}", class.name());
        assert_eq!(finish.settled, None, "{}", class.name());
        assert_eq!(finish.error.as_ref().unwrap().class, class.name());
        assert_eq!(finish.due_at.is_some(), expected != JobState::Failed, "{}", class.name());
        assert_eq!(finish.activity.is_some(), expected == JobState::Failed, "{}", class.name());
    }
}

#[test]
fn the_apps_own_delay_wins_also_when_it_is_hours() {
    let class = Class::RateLimited { after: Some(Duration::from_secs(40_591)) };
    let finish = end(Task::AddingUsers, failure(class), Closing { random: 0, ..closing(1) });
    assert_eq!(due_in(&finish), 40_591);
    let class = Class::RateLimited { after: None };
    let finish = end(Task::AddingUsers, failure(class), Closing { random: 0, ..closing(1) });
    assert_eq!(due_in(&finish), 30);
}

#[test]
fn attempts_are_used_up_by_one_kind_of_failure() {
    let transient = Class::Transient { after: None };
    let last = |class: Class, previous| {
        end(Task::RemovingUsers, failure(class), Closing { previous_class: previous, ..closing(25) })
    };
    let given_up = last(transient, Some("transient"));
    assert_eq!((given_up.state, given_up.access_state), (JobState::Failed, AccessState::Failed));
    assert!(given_up.error.unwrap().message.contains("25 attempts"));
    assert_eq!(given_up.activity.unwrap().event, Event::RemovalFailed);
    assert_eq!(last(transient, Some("rate_limited")).state, JobState::Retrying);
    let limited = last(Class::RateLimited { after: None }, Some("rate_limited"));
    assert_eq!((limited.state, limited.access_state), (JobState::Retrying, AccessState::AwaitingRemoval));
}

#[test]
fn an_integration_that_is_paused_keeps_the_job_waiting() {
    let kept = end(Task::AddingUsers, failure(Class::AuthRevoked), closing(1));
    assert_eq!((kept.state, due_in(&kept)), (JobState::Waiting, 1_200));
}

#[test]
fn an_integration_that_could_not_be_paused_is_tried_again() {
    let mended = Closing { paused: None, ..closing(1) };
    assert_eq!(end(Task::AddingUsers, failure(Class::AuthRevoked), mended).state, JobState::Retrying);
}

#[test]
fn an_invitation_shows_as_pending_and_tells_once() {
    let sent = end(Task::AddingUsers, Ending::AwaitsAcceptance, closing(1));
    assert_eq!((sent.state, sent.access_state), (JobState::Waiting, AccessState::PendingAcceptance));
    assert_eq!(sent.activity.unwrap().event, Event::Invited);
    let looked = Attempted {
        ending: Ending::AwaitsAcceptance,
        observed: None,
        steps: vec![],
        claimed: None,
        invited_again: false,
    };
    let finish = close(&started(Task::AddingUsers), looked, closing(2), &Backoff::default());
    assert_eq!(finish.activity, None);
}

#[test]
fn the_log_of_a_job_is_bounded() {
    let steps = (0..200).map(|number| number.to_string()).collect();
    let attempted =
        Attempted { ending: Ending::Reached, observed: None, steps, claimed: None, invited_again: false };
    let finish = close(&started(Task::AddingUsers), attempted, closing(1), &Backoff::default());
    assert_eq!((finish.steps.len(), finish.steps.last().unwrap().as_str()), (60, "199"));
}

#[test]
fn invitations_that_are_sent_again_are_counted_until_somebody_answers() {
    let after = |ending, resend| {
        let mut started = started(Task::AddingUsers);
        started.access.reinvitations = 1;
        started.job.resend = resend;
        let attempted =
            Attempted { ending, observed: None, steps: vec![], claimed: None, invited_again: true };
        close(&started, attempted, closing(1), &Backoff::default()).reinvitations
    };
    assert_eq!(after(Ending::AwaitsAcceptance, false), 2);
    assert_eq!(after(failure(Class::Transient { after: None }), false), 2);
    assert_eq!(after(Ending::Reached, false), 0);
    assert_eq!(after(Ending::AwaitsAcceptance, true), 0);
}
