use std::{
    sync::{
        Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use usher_domain::{
    Timestamp,
    access::Account,
    directory::Profile,
    guard::{GuardRecord, Impact},
    ports::{Clock, Page},
};

use super::{
    super::{
        attempt::{Attempt, Attempted, Ending},
        safeguard::unguarded,
    },
    *,
};
use crate::{
    contract::{Connector, Health, IdentityKey, Member, Meta, Observation, StepContext},
    step::{Outcome, PendingKind},
    subject::Subject,
};

/// An app that people are invited to. It plans as if everybody had accepted.
#[derive(Default)]
struct App {
    can: Capabilities,
    there: Mutex<Option<(AccountState, Seat)>>,
    writes: Mutex<Vec<String>>,
    /// By which account it was asked for the person.
    asked: Mutex<Vec<Option<String>>>,
}

impl App {
    fn showing(state: AccountState, role: &str, can: Capabilities) -> Self {
        Self { can, there: Mutex::new(Some((state, seat(role)))), ..Self::default() }
    }

    fn writes(&self) -> Vec<String> {
        self.writes.lock().unwrap().clone()
    }
}

#[async_trait]
impl Connector for App {
    fn meta(&self) -> Meta {
        Meta { key: "app", name: "App", identity: IdentityKey::Email, capabilities: self.can }
    }

    async fn probe(&self) -> Result<Health> {
        Ok(Health::default())
    }

    async fn list_members(&self, _: Option<&str>) -> Result<Page<Member>> {
        Ok(Page { items: vec![], next: None })
    }

    async fn observe(&self, subject: &Subject) -> Result<Observation> {
        self.asked.lock().unwrap().push(subject.account.clone());
        let observed = self.there.lock().unwrap().clone().map(|(state, seat)| Observed {
            account: Some(Account { id: "a1".into(), state, profile: Profile::default() }),
            seat,
            ..Observed::default()
        });
        Ok(Observation { observed: observed.unwrap_or_default(), ..Observation::default() })
    }

    fn plan(&self, desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
        let seen = &observation.observed;
        let profile = desired.profile.clone();
        let ops = match (&desired.presence, state(seen)) {
            (Presence::Absent, None | Some(AccountState::Expired | AccountState::Declined)) => vec![],
            (Presence::Absent, Some(AccountState::Invited)) => vec![Op::CancelInvitation],
            (Presence::Absent, Some(_)) => vec![Op::Remove],
            (Presence::Seated(seat), None) => vec![Op::Invite { profile, seat: seat.clone() }],
            (Presence::Seated(_), Some(AccountState::Expired | AccountState::Declined)) => {
                vec![Op::ResendInvitation]
            }
            (Presence::Seated(seat), Some(_)) => {
                let roles =
                    (seat.roles != seen.seat.roles).then(|| Op::SetRoles { roles: seat.roles.clone() });
                let asset = |(asset, permissions): (&String, &std::collections::BTreeSet<String>)| {
                    (seen.seat.assets.get(asset) != Some(permissions))
                        .then(|| Op::GrantAsset { asset: asset.clone(), permissions: permissions.clone() })
                };
                roles.into_iter().chain(seat.assets.iter().filter_map(asset)).collect()
            }
        };
        Ok(ops.into_iter().map(Step::from).collect())
    }

    async fn apply(&self, step: &Step, _: StepContext<'_>) -> Result<Outcome> {
        self.writes.lock().unwrap().push(step.sentence.clone());
        let mut there = self.there.lock().unwrap();
        match &step.op {
            Op::Invite { seat, .. } => {
                assert!(there.is_none(), "a second invitation");
                *there = Some((AccountState::Invited, seat.clone()));
            }
            Op::ResendInvitation => there.as_mut().unwrap().0 = AccountState::Invited,
            Op::CancelInvitation | Op::Remove => *there = None,
            Op::SetRoles { roles } => there.as_mut().unwrap().1.roles = roles.clone(),
            Op::GrantAsset { asset, permissions } => {
                there.as_mut().unwrap().1.assets.insert(asset.clone(), permissions.clone());
            }
            other => panic!("{other:?}"),
        }
        if matches!(step.op, Op::Invite { .. }) {
            let kind = PendingKind::InviteAcceptance;
            return Ok(Outcome::Pending { kind, reference: None, expires_at: None });
        }
        Ok(Outcome::Done { account: None })
    }
}

#[derive(Default)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(1, Ordering::Relaxed)).unwrap()
    }
}

fn seat(role: &str) -> Seat {
    Seat { roles: [role.to_owned()].into(), ..Seat::default() }
}

fn desired(presence: Presence) -> Desired {
    Desired {
        presence,
        profile: Profile::default(),
        version: 1,
        reasons: vec![],
        not_before: None,
        urgent: false,
    }
}

async fn attempt(app: &App, desired: &Desired, invitation: Recorded) -> Attempted {
    Attempt {
        connector: app,
        desired,
        subject: Subject { profile: desired.profile.clone(), ..Subject::default() },
        invitation,
        safeguard: unguarded(&GuardRecord { passed: Impact { loss: true, promotion: true }, ruling: None }),
        holdings: &super::super::ownership::tests::Everybodys,
        operation: "job.1".into(),
        clock: &Ticking::default(),
        until: Timestamp::from_second(50).unwrap(),
        step: Duration::from_secs(5),
    }
    .run()
    .await
}

fn class_of(attempted: &Attempted) -> Class {
    match &attempted.ending {
        Ending::Failed { error, .. } => error.class(),
        other => panic!("{other:?}"),
    }
}

const PENDING: Recorded = Recorded { pending: true, reinvitations: 0, resend: false };

fn editor() -> Desired {
    desired(Presence::Seated(seat("editor")))
}

#[tokio::test]
async fn an_invitation_that_expired_is_sent_again_a_bounded_number_of_times() {
    let app = App::showing(AccountState::Expired, "editor", Capabilities::NONE);
    let attempted = attempt(&app, &editor(), PENDING).await;
    assert_eq!((&attempted.ending, attempted.invited_again), (&Ending::AwaitsAcceptance, true));
    assert_eq!(app.writes(), ["Sent the invitation again"]);

    let gone = App::default();
    let attempted = attempt(&gone, &editor(), PENDING).await;
    assert_eq!((&attempted.ending, attempted.invited_again), (&Ending::AwaitsAcceptance, true));
    assert_eq!(gone.writes(), ["Sent the invitation"]);

    for app in [App::default(), App::showing(AccountState::Expired, "editor", Capabilities::NONE)] {
        let often = Recorded { reinvitations: MAX_REINVITATIONS, ..PENDING };
        let attempted = attempt(&app, &editor(), often).await;
        assert_eq!((class_of(&attempted), attempted.invited_again), (Class::InvitationOver, false));
        assert_eq!(app.writes(), [""; 0]);
        // Somebody stands behind it.
        let asked = attempt(&app, &editor(), Recorded { resend: true, ..often }).await;
        assert_eq!(asked.ending, Ending::AwaitsAcceptance);
    }
}

#[tokio::test]
async fn a_first_invitation_counts_as_none_again() {
    let attempted = attempt(&App::default(), &editor(), Recorded::default()).await;
    assert_eq!((attempted.ending, attempted.invited_again), (Ending::AwaitsAcceptance, false));
}

#[tokio::test]
async fn who_declined_is_invited_again_only_when_somebody_asks() {
    let app = App::showing(AccountState::Declined, "editor", Capabilities::NONE);
    assert_eq!(class_of(&attempt(&app, &editor(), PENDING).await), Class::InvitationOver);
    assert_eq!(app.writes(), [""; 0]);
    let asked = attempt(&app, &editor(), Recorded { resend: true, ..PENDING }).await;
    assert_eq!((asked.ending, app.writes().len()), (Ending::AwaitsAcceptance, 1));
}

#[tokio::test]
async fn an_ended_invitation_does_not_stand_in_the_way_of_a_removal() {
    for state in [AccountState::Expired, AccountState::Declined] {
        let app = App::showing(state, "editor", Capabilities::NONE);
        let often = Recorded { reinvitations: MAX_REINVITATIONS, ..PENDING };
        assert_eq!(attempt(&app, &desired(Presence::Absent), often).await.ending, Ending::Reached);
    }
    let app = App::showing(AccountState::Invited, "editor", Capabilities::NONE);
    assert_eq!(attempt(&app, &desired(Presence::Absent), PENDING).await.ending, Ending::Reached);
    assert_eq!(app.writes(), ["Cancelled the invitation"]);
    let asked = app.asked.lock().unwrap().clone();
    assert!(
        matches!(asked.as_slice(), [None, Some(_), None]),
        "what was cancelled is not looked for any more: {asked:?}"
    );
}

#[tokio::test]
async fn a_role_change_meets_a_pending_invitation_as_the_app_allows() {
    let app = |can| App::showing(AccountState::Invited, "viewer", can);
    let update = app(Capabilities { update_pending: true, ..Capabilities::NONE });
    assert_eq!(attempt(&update, &editor(), PENDING).await.ending, Ending::AwaitsAcceptance);
    assert_eq!(update.writes(), ["Set the roles to editor"]);

    let anew = app(Capabilities { cancel_invite: true, ..Capabilities::NONE });
    let attempted = attempt(&anew, &editor(), PENDING).await;
    assert_eq!((attempted.ending, attempted.invited_again), (Ending::AwaitsAcceptance, false));
    assert_eq!(anew.writes(), ["Cancelled the invitation", "Sent the invitation"]);

    let waits = app(Capabilities::NONE);
    assert_eq!(attempt(&waits, &editor(), PENDING).await.ending, Ending::AwaitsAcceptance);
    assert_eq!(waits.writes(), [""; 0]);
    waits.there.lock().unwrap().as_mut().unwrap().0 = AccountState::Active;
    assert_eq!(attempt(&waits, &editor(), PENDING).await.ending, Ending::Reached);
    assert_eq!(waits.writes(), ["Set the roles to editor"]);
}

#[tokio::test]
async fn assets_wait_for_acceptance_where_the_app_assigns_none_beforehand() {
    let mut wished = seat("editor");
    wished.assets.insert("page".into(), ["post".to_owned()].into());
    let wished = desired(Presence::Seated(wished));
    let can = Capabilities { update_pending: true, cancel_invite: true, ..Capabilities::NONE };
    let app = App::showing(AccountState::Invited, "editor", can);
    assert_eq!(attempt(&app, &wished, PENDING).await.ending, Ending::AwaitsAcceptance);
    assert_eq!(app.writes(), [""; 0]);
    let app =
        App::showing(AccountState::Invited, "editor", Capabilities { preassign_on_invite: true, ..can });
    assert_eq!(attempt(&app, &wished, PENDING).await.ending, Ending::AwaitsAcceptance);
    assert_eq!(app.writes(), ["Granted post on the asset page"]);
}

#[tokio::test]
async fn a_pending_invitation_is_sent_again_once_when_asked() {
    let asked = Recorded { resend: true, ..PENDING };
    for (can, expected) in [
        (Capabilities { resend_invite: true, ..Capabilities::NONE }, vec!["Sent the invitation again"]),
        (
            Capabilities { cancel_invite: true, ..Capabilities::NONE },
            vec!["Cancelled the invitation", "Sent the invitation"],
        ),
        (Capabilities::NONE, vec![]),
    ] {
        let app = App::showing(AccountState::Invited, "editor", can);
        assert_eq!(attempt(&app, &editor(), asked).await.ending, Ending::AwaitsAcceptance);
        assert_eq!(app.writes(), expected);
    }
}
