use std::sync::{
    Mutex,
    atomic::{AtomicI64, Ordering},
};

use async_trait::async_trait;
use usher_domain::{
    access::Seat,
    directory::Profile,
    guard::{GuardRecord, Impact},
    ports::{Claim, Page, StoreResult},
};

use super::{super::safeguard::unguarded, *};
use crate::contract::{Capabilities, Health, IdentityKey, Member, Meta};

/// What the app does with the next writes.
#[derive(Debug, Clone, PartialEq)]
enum Fault {
    /// Answers an error and does nothing.
    Refuse(Class),
    /// Does it, and the answer is lost.
    Cut,
    /// Says it is done and does nothing.
    Ignore,
    /// Somebody else removed the account a moment before.
    Vanish,
    Panic,
}

/// A small app with groups: enough to be brought into agreement, and to fail.
#[derive(Default)]
struct App {
    account: Mutex<Option<(AccountState, String, Seat)>>,
    faults: Mutex<Vec<Fault>>,
    observe_faults: Mutex<Vec<Fault>>,
    writes: Mutex<Vec<String>>,
    /// The account is there and never shown.
    hidden: bool,
    invites: bool,
    keeps_names: bool,
}

#[async_trait]
impl Connector for App {
    fn meta(&self) -> Meta {
        let capabilities = Capabilities { eventual_consistency: None, ..Capabilities::NONE };
        Meta { key: "app", name: "App", identity: IdentityKey::UserName, capabilities }
    }

    async fn probe(&self) -> Result<Health> {
        Ok(Health::default())
    }

    async fn list_members(&self, _: Option<&str>) -> Result<Page<Member>> {
        Ok(Page { items: vec![], next: None })
    }

    async fn observe(&self, _: &Subject) -> Result<Observation> {
        match pop(&self.observe_faults) {
            Some(Fault::Refuse(class)) => return Err(Error::new(class, "refused")),
            Some(Fault::Panic) => panic!("observe"),
            _ => {}
        }
        let account = self.account.lock().unwrap().clone().filter(|_| !self.hidden);
        let observed = account.map(|(state, name, seat)| {
            let profile = Profile { user_name: name, ..Profile::default() };
            let account = Some(Account { id: "a1".into(), state, profile });
            Observed { account, seat, ..Observed::default() }
        });
        Ok(Observation { observed: observed.unwrap_or_default(), ..Observation::default() })
    }

    fn plan(&self, desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
        let mut ops = Vec::new();
        match (&desired.presence, &observation.observed.account) {
            (Presence::Absent, None) => {}
            (Presence::Absent, Some(_)) => ops.push(Op::Remove),
            (Presence::Seated(seat), None) => {
                let profile = desired.profile.clone();
                ops.push(if self.invites {
                    Op::Invite { profile, seat: Seat::default() }
                } else {
                    Op::Create { profile, seat: Seat::default() }
                });
                ops.push(Op::SetRoles { roles: seat.roles.clone() });
            }
            (Presence::Seated(seat), Some(account)) => {
                if account.state != AccountState::Invited && seat.roles != observation.observed.seat.roles {
                    ops.push(Op::SetRoles { roles: seat.roles.clone() });
                }
                if account.profile.user_name != desired.profile.user_name {
                    ops.push(Op::UpdateProfile { profile: desired.profile.clone() });
                }
            }
        }
        Ok(ops.into_iter().map(Step::from).collect())
    }

    async fn apply(&self, step: &Step, context: StepContext<'_>) -> Result<Outcome> {
        self.writes.lock().unwrap().push(step.sentence.clone());
        let fault = pop(&self.faults);
        match &fault {
            Some(Fault::Refuse(class)) => return Err(Error::new(*class, "refused")),
            Some(Fault::Vanish) => {
                *self.account.lock().unwrap() = None;
                return Err(Error::new(Class::NotFound, "gone"));
            }
            Some(Fault::Ignore) => return Ok(Outcome::Done { account: None }),
            Some(Fault::Panic) => panic!("apply"),
            _ => {}
        }
        let mut made = None;
        {
            let mut account = self.account.lock().unwrap();
            match &step.op {
                Op::Create { profile, .. } => {
                    assert!(account.is_none(), "a second account");
                    *account = Some((AccountState::Active, profile.user_name.clone(), Seat::default()));
                    made = Some("a1".to_owned());
                }
                Op::Invite { profile, .. } => {
                    assert!(account.is_none(), "a second invitation");
                    *account = Some((AccountState::Invited, profile.user_name.clone(), Seat::default()));
                }
                Op::SetRoles { roles } => {
                    assert_eq!(context.account, Some("a1"));
                    account.as_mut().unwrap().2.roles = roles.clone();
                }
                Op::UpdateProfile { profile } if !self.keeps_names => {
                    account.as_mut().unwrap().1 = profile.user_name.clone();
                }
                Op::Remove => *account = None,
                _ => {}
            }
        }
        if fault == Some(Fault::Cut) {
            return Err(Error::new(Class::Ambiguous, "no answer"));
        }
        if matches!(step.op, Op::Invite { .. }) {
            let kind = PendingKind::InviteAcceptance;
            return Ok(Outcome::Pending { kind, reference: None, expires_at: None });
        }
        Ok(Outcome::Done { account: made })
    }
}

fn pop(faults: &Mutex<Vec<Fault>>) -> Option<Fault> {
    let mut faults = faults.lock().unwrap();
    (!faults.is_empty()).then(|| faults.remove(0))
}

/// Goes on by a second whenever it is read.
#[derive(Default)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(1, Ordering::Relaxed)).unwrap()
    }
}

fn desired(presence: Presence) -> Desired {
    let profile = Profile { user_name: "ada".into(), ..Profile::default() };
    Desired { presence, profile, version: 1, reasons: vec![], not_before: None, urgent: false }
}

fn seated() -> Desired {
    desired(Presence::Seated(Seat { roles: ["editor".into()].into(), ..Seat::default() }))
}

async fn attempt(app: &App, desired: &Desired) -> Attempted {
    attempt_of(app, desired, &counted()).await
}

async fn attempt_of(app: &App, desired: &Desired, guard: &GuardRecord) -> Attempted {
    Attempt {
        connector: app,
        desired,
        subject: Subject { profile: desired.profile.clone(), ..Subject::default() },
        invitation: Recorded::default(),
        safeguard: unguarded(guard),
        holdings: &super::super::ownership::tests::Everybodys,
        operation: "job.1".into(),
        clock: &Ticking::default(),
        until: Timestamp::from_second(50).unwrap(),
        step: Duration::from_secs(5),
    }
    .run()
    .await
}

fn action_of(attempted: &Attempted) -> (Class, Action) {
    match &attempted.ending {
        Ending::Failed { error, action } => (error.class(), *action),
        other => panic!("{other:?}"),
    }
}

/// A job that was counted when it began.
fn counted() -> GuardRecord {
    GuardRecord { passed: Impact { loss: true, promotion: true }, ruling: None }
}

fn writes(app: &App) -> Vec<String> {
    app.writes.lock().unwrap().clone()
}

#[tokio::test]
async fn a_seat_is_made_with_the_smallest_steps_and_verified() {
    let app = App::default();
    let attempted = attempt(&app, &seated()).await;
    assert_eq!(attempted.ending, Ending::Reached);
    assert_eq!(attempted.steps, ["Created the account", "Set the roles to editor"]);
    assert_eq!(attempted.observed.unwrap().seat.roles, ["editor".to_string()].into());
    assert_eq!(attempt(&app, &seated()).await.steps, [""; 0], "a second run finds nothing to do");
}

#[tokio::test]
async fn a_lost_answer_is_resolved_by_observing() {
    let app = App { faults: vec![Fault::Cut].into(), ..App::default() };
    let attempted = attempt(&app, &seated()).await;
    assert_eq!(attempted.ending, Ending::Reached);
    assert_eq!(writes(&app), ["Created the account", "Set the roles to editor"]);
}

#[tokio::test]
async fn a_lost_request_is_not_sent_again_at_once() {
    let app = App { faults: vec![Fault::Refuse(Class::Ambiguous)].into(), ..App::default() };
    let attempted = attempt(&app, &seated()).await;
    let (class, action) = action_of(&attempted);
    assert_eq!(class, Class::Ambiguous);
    assert!(matches!(action, Action::Retry { after: Some(after) } if after.as_secs() >= 15));
    assert_eq!(writes(&app).len(), 1);
}

#[tokio::test]
async fn a_conflict_is_looked_at_once_more() {
    for class in [Class::Conflict, Class::AlreadyExists] {
        let app = App { faults: vec![Fault::Cut, Fault::Refuse(class)].into(), ..App::default() };
        let attempted = attempt(&app, &seated()).await;
        assert_eq!(action_of(&attempted), (class, when_unhelped(class)), "the same role step is needed");
        assert_eq!(writes(&app).len(), 2);
    }
}

#[tokio::test]
async fn an_account_that_the_app_hides_needs_a_person() {
    let app =
        App { faults: vec![Fault::Refuse(Class::AlreadyExists)].into(), hidden: true, ..App::default() };
    let attempted = attempt(&app, &seated()).await;
    assert_eq!(action_of(&attempted), (Class::AlreadyExists, Action::NeedsPerson));
    assert_eq!(writes(&app).len(), 1);
}

#[tokio::test]
async fn removing_somebody_who_is_not_there_is_done() {
    let app = App::default();
    assert_eq!(attempt(&app, &desired(Presence::Absent)).await.ending, Ending::Reached);
    assert_eq!(writes(&app).len(), 0);

    let seat = Some((AccountState::Active, "ada".into(), Seat::default()));
    let app = App { account: Mutex::new(seat), faults: vec![Fault::Vanish].into(), ..App::default() };
    assert_eq!(attempt(&app, &desired(Presence::Absent)).await.ending, Ending::Reached);
    assert_eq!(writes(&app), ["Removed the account"]);
}

#[tokio::test]
async fn a_failed_look_is_never_an_empty_app() {
    for fault in
        [Fault::Refuse(Class::Transient { after: None }), Fault::Refuse(Class::Ambiguous), Fault::Panic]
    {
        let app = App { observe_faults: vec![fault].into(), ..App::default() };
        let attempted = attempt(&app, &seated()).await;
        assert!(matches!(action_of(&attempted).1, Action::Retry { .. }));
        assert_eq!((attempted.observed, writes(&app).len()), (None, 0));
    }
}

#[tokio::test]
async fn a_connector_that_panics_is_an_unanswered_step() {
    let app = App { faults: vec![Fault::Panic].into(), ..App::default() };
    let attempted = attempt(&app, &seated()).await;
    assert_eq!(action_of(&attempted).0, Class::Ambiguous);
}

#[tokio::test]
async fn a_change_that_the_app_drops_is_not_called_done() {
    let app = App { faults: vec![Fault::Cut, Fault::Ignore].into(), ..App::default() };
    let attempted = attempt(&app, &seated()).await;
    let (class, action) = action_of(&attempted);
    assert_eq!((class.name(), action), ("transient", Action::Retry { after: None }));
    assert_eq!(writes(&app).len(), 2, "it is not sent twice");
}

#[tokio::test]
async fn an_app_that_keeps_its_own_names_is_in_agreement() {
    let app = App { keeps_names: true, ..App::default() };
    let seat = Seat { roles: ["editor".into()].into(), ..Seat::default() };
    *app.account.lock().unwrap() = Some((AccountState::Active, "ADA".into(), seat));
    let attempted = attempt(&app, &seated()).await;
    assert_eq!(attempted.ending, Ending::Reached);
    assert_eq!(writes(&app).len(), 1);
}

#[tokio::test]
async fn an_invitation_waits_for_its_acceptance() {
    let app = App { invites: true, ..App::default() };
    let attempted = attempt(&app, &seated()).await;
    assert_eq!(attempted.ending, Ending::AwaitsAcceptance);
    assert_eq!(attempted.steps, ["Sent the invitation"]);
    app.account.lock().unwrap().as_mut().unwrap().0 = AccountState::Active;
    let attempted = attempt(&app, &seated()).await;
    assert_eq!((attempted.ending, attempted.steps.len()), (Ending::Reached, 1));
}

#[tokio::test]
async fn what_was_done_before_a_failure_is_kept() {
    let limited = Class::RateLimited { after: Some(Duration::from_secs(40_591)) };
    let app = App::default();
    // The create succeeds, the role change meets the limit.
    app.faults.lock().unwrap().extend([Fault::Cut, Fault::Refuse(limited)]);
    let attempted = attempt(&app, &seated()).await;
    assert_eq!(action_of(&attempted), (limited, Action::Retry { after: limited.after() }));
    assert_eq!(attempted.observed.unwrap().account.unwrap().id, "a1");
    assert_eq!(attempted.steps, ["Created the account: no answer came"]);
}

#[tokio::test]
async fn nothing_is_begun_when_the_time_is_over() {
    let app = App::default();
    let desired = seated();
    let guard = counted();
    let late = Attempt {
        connector: &app,
        desired: &desired,
        subject: Subject { profile: Profile::default(), ..Subject::default() },
        invitation: Recorded::default(),
        safeguard: unguarded(&guard),
        holdings: &super::super::ownership::tests::Everybodys,
        operation: "job.1".into(),
        clock: &Ticking(AtomicI64::new(50)),
        until: Timestamp::from_second(50).unwrap(),
        step: Duration::from_secs(5),
    };
    let attempted = late.run().await;
    assert!(matches!(action_of(&attempted), (Class::Transient { .. }, Action::Retry { .. })));
    assert_eq!(writes(&app).len(), 0);
}

#[tokio::test]
async fn what_was_not_counted_is_not_done() {
    let app = App::default();
    *app.account.lock().unwrap() = Some((AccountState::Active, "ada".into(), Seat::default()));
    let desired = desired(Presence::Absent);
    let attempted = attempt_of(&app, &desired, &GuardRecord::default()).await;
    assert_eq!(attempted.ending, Ending::Unforeseen);
    assert!(attempted.observed.unwrap().has_seat(), "the next judgement rests on it");
    assert_eq!(writes(&app).len(), 0);
}

#[path = "attempt_naming_tests.rs"]
mod naming;
