//! Drives a connector as the executor does: observe, plan, apply, until nothing is left to do for now.

use usher_connector::{Connector, Error, Observation, Op, Outcome, PendingKind, Step, StepContext, Subject};
use usher_domain::{
    access::{AccountState, Desired, Observed, Presence, Seat},
    directory::Profile,
};

use super::{Fixture, Grant, Held, profile};

/// Somebody and what is decided for them.
pub(crate) struct Person {
    pub(crate) subject: Subject,
    desired: Desired,
}

/// What was done and what is seen now.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) done: Vec<Op>,
    pub(crate) seen: Observed,
}

impl Run {
    pub(crate) fn state(&self) -> Option<AccountState> {
        self.seen.account.as_ref().map(|account| account.state)
    }

    pub(crate) fn id(&self) -> &str {
        &self.seen.account.as_ref().unwrap().id
    }
}

impl Person {
    pub(crate) fn new(email: &str) -> Self {
        Self::of(profile(email))
    }

    /// Somebody of whom the directory says this.
    pub(crate) fn of(profile: Profile) -> Self {
        let subject = Subject { profile: profile.clone(), ..Subject::default() };
        let desired = Desired {
            presence: Presence::Absent,
            profile,
            version: 1,
            reasons: vec![],
            not_before: None,
            urgent: false,
        };
        Self { subject, desired }
    }

    /// Decides what they should have; what was decided before stays known.
    pub(crate) fn should_have(&mut self, presence: Presence) {
        if let Presence::Seated(seat) = &presence {
            self.subject.known.roles.extend(seat.roles.iter().cloned());
            self.subject.known.entitlements.extend(seat.entitlements.iter().cloned());
            self.subject.known.assets.extend(seat.assets.clone());
        }
        self.desired.presence = presence;
    }

    /// What the app gives now.
    pub(crate) async fn look(&mut self, connector: &dyn Connector) -> Result<Observation, Error> {
        let observation = connector.observe(&self.subject).await?;
        let account = observation.observed.account.as_ref().map(|account| account.id.clone());
        self.subject.account = account;
        Ok(observation)
    }

    /// The steps that can be done now: while an invitation waits, those that the flags allow.
    pub(crate) fn plan(&self, connector: &dyn Connector, seen: &Observation) -> Result<Vec<Step>, Error> {
        let steps = connector.plan(&self.desired, seen)?;
        let can = connector.meta().capabilities;
        let state = seen.observed.account.as_ref().map(|account| account.state);
        let waits = state == Some(AccountState::Invited) && self.desired.presence != Presence::Absent;
        let allowed = |step: &Step| match &step.op {
            Op::GrantAsset { .. } | Op::RevokeAsset { .. } => can.preassign_on_invite && can.update_pending,
            _ => can.update_pending,
        };
        Ok(if waits { steps.into_iter().filter(allowed).collect() } else { steps })
    }

    /// Brings the app to what is decided.
    pub(crate) async fn converge(&mut self, connector: &dyn Connector) -> Result<Run, Error> {
        let mut done: Vec<Op> = Vec::new();
        for _ in 0..6 {
            let seen = self.look(connector).await?;
            let steps = self.plan(connector, &seen)?;
            if steps.is_empty() {
                return Ok(Run { done, seen: seen.observed });
            }
            for step in steps {
                assert!(
                    !done.contains(&step.op),
                    "the app accepted it and does not show it: {}",
                    step.sentence
                );
                let outcome = self.apply(connector, &step, &seen).await?;
                if outcome != Outcome::NoChange {
                    done.push(step.op.clone());
                }
                if matches!(outcome, Outcome::Pending { kind: PendingKind::InviteAcceptance, .. }) {
                    break;
                }
            }
        }
        panic!("the app does not agree after {done:?}");
    }

    /// Does one step.
    pub(crate) async fn apply(
        &mut self,
        connector: &dyn Connector,
        step: &Step,
        seen: &Observation,
    ) -> Result<Outcome, Error> {
        let context = StepContext {
            subject: &self.subject,
            observation: seen,
            account: self.subject.account.as_deref(),
            operation: "job.1.1",
        };
        let outcome = connector.apply(step, context).await?;
        if let Outcome::Done { account: Some(made) } = &outcome {
            self.subject.account = Some(made.clone());
        }
        if step.op == Op::CancelInvitation {
            self.subject.account = None;
        }
        Ok(outcome)
    }
}

/// A seat with this role, and with this on the app's asset.
pub(crate) fn seat(role: &str, grant: Option<(Grant, Held)>) -> Presence {
    let mut seat = Seat { roles: [role.to_owned()].into(), ..Seat::default() };
    if let Some((grant, held)) = grant {
        let asked = held.asked.iter().map(|permission| (*permission).to_owned()).collect();
        seat.assets.insert(grant.asset.to_owned(), asked);
    }
    Presence::Seated(seat)
}

/// A person with the lower role and little on the asset, all the way in.
pub(crate) async fn seated(fixture: &dyn Fixture, connector: &dyn Connector, email: &str) -> Person {
    let knows = fixture.knowledge();
    let mut person = Person::new(email);
    person.should_have(seat(knows.roles[0], knows.grant.map(|grant| (grant, grant.less))));
    person.converge(connector).await.unwrap();
    if connector.meta().capabilities.invite {
        fixture.accept(email);
        person.converge(connector).await.unwrap();
    }
    person
}
