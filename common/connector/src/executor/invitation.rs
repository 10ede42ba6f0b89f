//! What an invitation that waits, or that is over, means for what is planned. The same for all apps, and pure: a
//! connector plans as if the person had accepted, and says with its flags what can be done before.

use usher_domain::{
    access::{Access, AccountState, Desired, Observed, Presence, Seat},
    job::Job,
};

use crate::{
    contract::Capabilities,
    error::{Class, Error, Result},
    step::{Op, Step},
};

/// How often Usher itself sends an invitation again that ended without an answer.
pub(super) const MAX_REINVITATIONS: u32 = 2;

/// What is recorded of a person's invitation when an attempt begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Recorded {
    /// It was waiting when the app was seen last.
    pub(super) pending: bool,
    /// How often it was sent again by Usher itself.
    pub(super) reinvitations: u32,
    /// Somebody asked for it to be sent again.
    pub(super) resend: bool,
}

impl Recorded {
    /// What an access and its job tell.
    pub(super) fn of(access: &Access, job: &Job) -> Self {
        let account = access.observed.as_ref().and_then(|observed| observed.account.as_ref());
        let ours = |state| matches!(state, AccountState::Invited | AccountState::Expired);
        Self {
            pending: account.is_some_and(|account| ours(account.state)),
            reinvitations: access.reinvitations,
            resend: job.resend,
        }
    }

    /// Whether an invitation that is over is made again: `true` where it is, `false` where none is over.
    ///
    /// # Errors
    /// When a person has to decide.
    pub(super) fn is_made_again(self, desired: &Desired, seen: &Observed) -> Result<bool> {
        if desired.presence == Presence::Absent {
            return Ok(false);
        }
        let declined = match state(seen) {
            Some(AccountState::Declined) => true,
            Some(AccountState::Expired) => false,
            // Nobody knows who ended it. Apps that can tell a person's no show it as `Declined`.
            None if self.pending => false,
            _ => return Ok(false),
        };
        let over = |what: &str| {
            let message =
                format!("{what}; send it again when the person expects it, or take the access away");
            Err(Error::new(Class::InvitationOver, message))
        };
        match (self.resend, declined) {
            (true, _) => Ok(true),
            (false, true) => over("the person declined the invitation"),
            (false, false) if self.reinvitations >= MAX_REINVITATIONS => over(&format!(
                "the invitation ended without an answer, also after it was sent again {MAX_REINVITATIONS} times"
            )),
            (false, false) => Ok(true),
        }
    }
}

fn state(seen: &Observed) -> Option<AccountState> {
    seen.account.as_ref().map(|account| account.state)
}

/// Whether the person was invited and has not answered.
pub(super) fn is_pending(seen: &Observed) -> bool {
    state(seen) == Some(AccountState::Invited)
}

/// Of the steps that a connector planned for somebody who is invited, those that can be done before the person accepts.
/// What is left waits.
pub(super) fn before_acceptance(
    can: &Capabilities,
    desired: &Desired,
    seen: &Observed,
    steps: Vec<Step>,
) -> Vec<Step> {
    let Presence::Seated(seat) = &desired.presence else { return steps };
    let about_invitation = |step: &Step| step.op.invites() || step.op == Op::CancelInvitation;
    if !is_pending(seen) || steps.iter().any(about_invitation) {
        return steps;
    }
    let asset = |op: &Op| matches!(op, Op::GrantAsset { .. } | Op::RevokeAsset { .. });
    let carried: Vec<Step> =
        steps.into_iter().filter(|step| can.preassign_on_invite || !asset(&step.op)).collect();
    if can.update_pending {
        return carried;
    }
    // An invitation is made anew for what it gives, not for a name.
    let worth_it = carried.iter().any(|step| !step.op.is_cosmetic());
    if worth_it && can.cancel_invite { anew(desired, seat) } else { Vec::new() }
}

/// The steps that send a pending invitation again; none where the app has no way.
pub(super) fn again(can: &Capabilities, desired: &Desired) -> Vec<Step> {
    match &desired.presence {
        Presence::Seated(_) if can.resend_invite => vec![Op::ResendInvitation.into()],
        Presence::Seated(seat) if can.cancel_invite => anew(desired, seat),
        _ => Vec::new(),
    }
}

/// Takes the invitation back and makes one that is as decided.
fn anew(desired: &Desired, seat: &Seat) -> Vec<Step> {
    let invite = Op::Invite { profile: desired.profile.clone(), seat: seat.clone() };
    vec![Op::CancelInvitation.into(), invite.into()]
}

#[cfg(test)]
#[path = "invitation_tests.rs"]
mod tests;
