//! One attempt at a job: observe, plan, apply, and observe again until the app agrees or the attempt ends.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use usher_domain::{
    Timestamp,
    access::{Account, AccountState, Desired, Observed, Presence},
    ports::{Clock, Holding},
};

use super::{
    invitation::{self, Recorded},
    ownership::{Holdings, Owned, own},
    safeguard::Safeguard,
};
use crate::{
    action::{Action, action, when_unhelped},
    contract::{Connector, Observation, StepContext},
    error::{Class, Error, Result},
    step::{Op, Outcome, PendingKind, Step},
    subject::Subject,
};

/// How often the app is observed in one attempt.
const MAX_ROUNDS: u32 = 6;

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ending {
    /// The app agrees.
    Reached,
    /// Everything is done but the person's own part.
    AwaitsAcceptance,
    /// The app or its vendor still works on it.
    Pending { kind: PendingKind, reference: Option<String>, expires_at: Option<Timestamp> },
    /// A person has to do it in the app.
    Manual { steps: Vec<String>, assignees: Vec<String> },
    /// The app shows that the job takes away or raises more than was recorded, and counted, when it began.
    Unforeseen,
    /// It would take an admin role away, and another job might at the same moment.
    NeedsToBeAlone,
    /// It did not work.
    Failed { error: Error, action: Action },
}

/// What an attempt did and saw.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Attempted {
    pub(super) ending: Ending,
    /// What the app was last seen to give, if it was seen.
    pub(super) observed: Option<Observed>,
    /// What was done.
    pub(super) steps: Vec<String>,
    /// The account that was the person's in this attempt.
    pub(super) claimed: Option<String>,
    /// Whether an invitation was sent in place of one that was over.
    pub(super) invited_again: bool,
}

impl Attempted {
    pub(super) fn ended(ending: Ending) -> Self {
        Self { ending, observed: None, steps: Vec::new(), claimed: None, invited_again: false }
    }

    pub(super) fn failed(error: Error, action: Action) -> Self {
        Self::ended(Ending::Failed { error, action })
    }
}

/// One attempt.
pub(super) struct Attempt<'a> {
    pub(super) connector: &'a dyn Connector,
    pub(super) desired: &'a Desired,
    pub(super) subject: Subject,
    /// What is recorded of the person's invitation.
    pub(super) invitation: Recorded,
    /// What it may take away.
    pub(super) safeguard: Safeguard<'a>,
    /// Whose accounts and names are.
    pub(super) holdings: &'a dyn Holdings,
    /// Names the attempt in the app's own log.
    pub(super) operation: String,
    pub(super) clock: &'a dyn Clock,
    /// Nothing is begun after this.
    pub(super) until: Timestamp,
    /// How long one call of the connector may take.
    pub(super) step: Duration,
}

/// What happened so far.
#[derive(Default)]
struct Progress {
    observed: Option<Observed>,
    steps: Vec<String>,
    /// What the app accepted in this attempt.
    done: Vec<Op>,
    /// What it did not, and what was not answered.
    tried: Vec<(Op, Error)>,
    operations: u32,
    claimed: Option<String>,
    /// Whether the person is to be seated anew, though an account was known.
    seats: bool,
    /// Whether nobody else is looked for, or seated, under the person's name.
    has_name: bool,
    /// The invitation is over and is made again.
    over: bool,
}

impl Progress {
    /// Whether an account was asked for in this attempt, so that the one that is found is it.
    fn has_seated(&self) -> bool {
        self.done.iter().chain(self.tried.iter().map(|(op, _)| op)).any(Op::seats)
    }

    fn has_invited(&self) -> bool {
        self.done.iter().any(Op::invites)
    }
}

/// Goes on, or ends the attempt.
type Ended<T = ()> = std::result::Result<T, Ending>;

/// What to do after a step.
enum Next {
    Continue,
    /// Observe and plan anew.
    Look,
    End(Ending),
}

impl Attempt<'_> {
    pub(super) async fn run(mut self) -> Attempted {
        let mut progress = Progress::default();
        let ending = self.rounds(&mut progress).await.unwrap_or_else(|ending| ending);
        let invited_again = progress.over && progress.has_invited();
        let Progress { observed, steps, claimed, .. } = progress;
        Attempted { ending, observed, steps, claimed, invited_again }
    }

    async fn rounds(&mut self, progress: &mut Progress) -> Ended<Ending> {
        for _ in 0..MAX_ROUNDS {
            self.has_time()?;
            if self.subject.account.is_none() || progress.seats {
                self.hold_name(progress).await?;
            }
            let observing = self.connector.observe(&self.subject);
            let transient = Class::Transient { after: None };
            let observation =
                guarded("looking at the app", transient, self.step, observing).await.map_err(stuck)?;
            let seen = observation.observed.clone();
            if let Some(account) = &seen.account {
                let by_name = self.subject.account.as_ref() != Some(&account.id);
                if by_name {
                    self.hold_name(progress).await?;
                }
                self.own(Holding::Account(&account.id), progress).await?;
                progress.claimed = Some(account.id.clone());
                if by_name && !progress.has_seated() {
                    // Whoever had it may have been taking it away while this look was under way: what counts is one while
                    // it is the person's.
                    self.subject.account = Some(account.id.clone());
                    continue;
                }
            }
            self.subject.account = seen.account.as_ref().map(|account| account.id.clone());
            progress.observed = Some(Observed { seen_at: self.clock.now(), ..seen });
            if progress.done.is_empty() && progress.tried.is_empty() {
                progress.over =
                    self.invitation.is_made_again(self.desired, &observation.observed).map_err(stuck)?;
            }
            let planning = async { self.plan(&observation, progress) };
            let steps = guarded("planning", Class::Invalid, self.step, planning).await.map_err(stuck)?;
            if !progress.has_name && steps.iter().any(|step| step.op.seats()) {
                // Somebody else may be about to be seated under the name: the look that counts is one while it is held.
                progress.seats = true;
                continue;
            }
            // A name that the app keeps its own way does not keep the access from being as decided.
            if steps.iter().all(|step| step.op.is_cosmetic() && progress.done.contains(&step.op)) {
                return Ok(self.reached(&observation));
            }
            self.allowed(&observation.observed).await?;
            self.steps(&steps, &observation, progress).await?;
            if progress.done.contains(&Op::CancelInvitation) {
                // It is not missed: it was not accepted by somebody whom nobody can tell.
                self.subject.account = None;
            }
        }
        Err(stuck(Error::new(
            Class::Conflict,
            "somebody else keeps changing this person in the app; it is tried again later",
        )))
    }

    /// Claims the person's name in the app, so that nobody else of that name is looked for, not found and seated as well.
    async fn hold_name(&self, progress: &mut Progress) -> Ended {
        if let Some(name) = self.connector.meta().identity.name_of(&self.subject.profile)
            && !progress.has_name
        {
            self.own(Holding::Name(name), progress).await?;
        }
        progress.has_name = true;
        Ok(())
    }

    /// Makes it the person's own, before anything is done with it.
    async fn own(&self, holding: Holding<'_>, progress: &mut Progress) -> Ended {
        match own(self.holdings, self.desired, holding, self.clock.now()).await {
            Owned::Yes => Ok(()),
            Owned::Spared => {
                progress.steps.push("Left the account alone: it is somebody else's".to_owned());
                progress.observed = Some(Observed { seen_at: self.clock.now(), ..Observed::default() });
                Err(Ending::Reached)
            }
            Owned::No(ending) => Err(ending),
        }
    }

    /// The connector's steps; for somebody who is invited those that can be done now.
    fn plan(&self, observation: &Observation, progress: &Progress) -> Result<Vec<Step>> {
        let steps = self.connector.plan(self.desired, observation)?;
        let can = self.connector.meta().capabilities;
        let seen = &observation.observed;
        let steps = invitation::before_acceptance(&can, self.desired, seen, steps);
        let asked = self.invitation.resend && invitation::is_pending(seen) && !progress.has_invited();
        if asked && !steps.iter().any(|step| step.op.invites()) {
            return Ok([steps, invitation::again(&can, self.desired)].concat());
        }
        Ok(steps)
    }

    fn reached(&self, observation: &Observation) -> Ending {
        let state = observation.observed.account.as_ref().map(|account| account.state);
        match (&self.desired.presence, state) {
            (Presence::Seated(_), Some(AccountState::Invited)) => Ending::AwaitsAcceptance,
            (Presence::Seated(_), Some(AccountState::Expired | AccountState::Declined)) => stuck(Error::new(
                Class::InvitationOver,
                "the invitation is over and the connector knows no way to make another; invite the person in \
                     the app, then retry",
            )),
            _ => Ending::Reached,
        }
    }

    /// Does the steps of one plan, up to the first that asks for another look.
    async fn steps(&self, steps: &[Step], observation: &Observation, progress: &mut Progress) -> Ended {
        let mut account = self.subject.account.clone();
        for step in steps {
            match self.one(step, observation, &mut account, progress).await {
                Next::Continue => {}
                Next::Look => return Ok(()),
                Next::End(ending) => return Err(ending),
            }
        }
        Ok(())
    }

    async fn one(
        &self,
        step: &Step,
        observation: &Observation,
        account: &mut Option<String>,
        progress: &mut Progress,
    ) -> Next {
        if progress.done.contains(&step.op) {
            return if step.op.is_cosmetic() { Next::Continue } else { Next::End(self.not_shown(step)) };
        }
        if let Some((_, error)) = progress.tried.iter().find(|(op, _)| *op == step.op) {
            return Next::End(stuck(error.clone()));
        }
        if let Err(ending) = self.has_time() {
            return Next::End(ending);
        }
        progress.operations += 1;
        let operation = format!("{}.{}", self.operation, progress.operations);
        let context = StepContext {
            subject: &self.subject,
            observation,
            account: account.as_deref(),
            operation: &operation,
        };
        let applying = self.connector.apply(step, context);
        match guarded("changing the app", Class::Ambiguous, self.step, applying).await {
            Ok(Outcome::Done { account: made }) => {
                progress.steps.push(step.sentence.clone());
                progress.done.push(step.op.clone());
                if let Some(id) = made {
                    self.remember(&id, progress);
                    *account = Some(id);
                }
                if step.op == Op::CancelInvitation {
                    // What is done to the account next is not done to this invitation.
                    *account = None;
                }
                Next::Continue
            }
            Ok(Outcome::NoChange) => {
                progress.done.push(step.op.clone());
                Next::Continue
            }
            Ok(Outcome::Pending { kind: PendingKind::InviteAcceptance, .. }) => {
                progress.steps.push(step.sentence.clone());
                progress.done.push(step.op.clone());
                // The next plan knows what can be done while the invitation is pending.
                Next::Look
            }
            Ok(Outcome::Pending { kind, reference, expires_at }) => {
                progress.steps.push(step.sentence.clone());
                Next::End(Ending::Pending { kind, reference, expires_at })
            }
            Ok(Outcome::Manual { steps, assignees }) => Next::End(Ending::Manual { steps, assignees }),
            Err(error) => {
                if error.class() == Class::Ambiguous {
                    progress.steps.push(format!("{}: no answer came", step.sentence));
                }
                match action(error.class()) {
                    Action::Observe => {
                        progress.tried.push((step.op.clone(), error));
                        Next::Look
                    }
                    action => Next::End(Ending::Failed { error, action }),
                }
            }
        }
    }

    /// Keeps the id of an account that was made, also when the app is not seen again in this attempt.
    fn remember(&self, id: &str, progress: &mut Progress) {
        let observed = progress.observed.get_or_insert_default();
        if observed.account.is_none() {
            let profile = self.desired.profile.clone();
            observed.account = Some(Account { id: id.to_owned(), state: AccountState::Active, profile });
        }
    }

    /// The app accepted a step and does not show its effect. Some show it later; doing it again at once
    /// could do it twice.
    fn not_shown(&self, step: &Step) -> Ending {
        let after = self.connector.meta().capabilities.eventual_consistency;
        let message = format!(
            "the app accepted a change and does not show it ({}); it is looked at again later, if this stays, \
             check that the integration may make this change",
            step.sentence
        );
        stuck(Error::new(Class::Transient { after }, message))
    }

    pub(super) fn has_time(&self) -> Ended {
        if self.clock.now() < self.until {
            return Ok(());
        }
        Err(stuck(Error::transient(
            "the app was slow and the time of this attempt is over; it goes on later",
        )))
    }
}

/// The ending for a failure that another look cannot help.
pub(super) fn stuck(error: Error) -> Ending {
    let action = when_unhelped(error.class());
    Ending::Failed { error, action }
}

/// Bounds a call of a connector, and keeps its panic from ending other jobs.
pub(super) async fn guarded<T>(
    doing: &str,
    unknown: Class,
    limit: Duration,
    call: impl Future<Output = Result<T>>,
) -> Result<T> {
    match tokio::time::timeout(limit, AssertUnwindSafe(call).catch_unwind()).await {
        Ok(Ok(result)) => result,
        Ok(Err(_panic)) => {
            Err(Error::new(unknown, format!("{doing}: the connector broke off; this is a defect in Usher")))
        }
        Err(_elapsed) => Err(Error::new(
            unknown,
            format!("{doing}: no end within {} s; it is tried again", limit.as_secs()),
        )),
    }
}

#[cfg(test)]
#[path = "attempt_tests.rs"]
mod tests;
