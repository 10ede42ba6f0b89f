//! From what was confirmed to what was decided. Pure. A plan is one step, because a person does it in one go.

use usher_connector::{Op, Step};
use usher_domain::{
    access::{Desired, Observed, Presence},
    manual::address,
};

/// The task that is left, if one is.
pub(crate) fn plan(desired: &Desired, known: &Observed) -> Vec<Step> {
    op(desired, known).map(Step::from).into_iter().collect()
}

fn op(desired: &Desired, known: &Observed) -> Option<Op> {
    let profile = desired.profile.clone();
    match (&desired.presence, &known.account) {
        (Presence::Absent, None) => known.unsure.then_some(Op::Remove),
        (Presence::Absent, Some(_)) => Some(Op::Remove),
        (Presence::Seated(seat), None) => Some(Op::Create { profile, seat: seat.clone() }),
        (Presence::Seated(seat), Some(account)) => {
            let agrees = known.seat == *seat && address(&account.profile) == address(&profile);
            (known.unsure || !agrees).then(|| Op::SetSeat { profile, seat: seat.clone() })
        }
    }
}

#[cfg(test)]
mod tests {
    use usher_domain::{
        access::{Account, AccountState, Seat},
        directory::Profile,
    };

    use super::*;

    fn profile(email: &str) -> Profile {
        Profile { user_name: "ada".into(), email: Some(email.into()), ..Profile::default() }
    }

    fn seat(role: &str) -> Seat {
        Seat { roles: [role.to_owned()].into(), ..Seat::default() }
    }

    fn wanted(presence: Presence) -> Desired {
        let profile = profile("ada@acme.example");
        Desired { presence, profile, version: 1, reasons: vec![], not_before: None, urgent: false }
    }

    fn known(role: &str) -> Observed {
        let account = Account {
            id: "ada@acme.example".into(),
            state: AccountState::Active,
            profile: profile("ada@acme.example"),
        };
        Observed { account: Some(account), seat: seat(role), ..Observed::default() }
    }

    #[test]
    fn what_was_confirmed_is_not_asked_for_again() {
        let editor = || wanted(Presence::Seated(seat("Editor")));
        assert_eq!(op(&editor(), &known("Editor")), None);
        assert_eq!(op(&wanted(Presence::Absent), &Observed::default()), None);
        assert!(matches!(op(&editor(), &Observed::default()), Some(Op::Create { .. })));
        assert!(matches!(op(&editor(), &known("Viewer")), Some(Op::SetSeat { .. })));
        assert_eq!(op(&wanted(Presence::Absent), &known("Editor")), Some(Op::Remove));
    }

    /// Somebody may have done what was asked for in between, or half of it.
    #[test]
    fn what_nobody_confirmed_is_looked_at() {
        let unsure = |known: Observed| Observed { unsure: true, ..known };
        let editor = wanted(Presence::Seated(seat("Editor")));
        assert!(matches!(op(&editor, &unsure(known("Editor"))), Some(Op::SetSeat { .. })));
        assert_eq!(op(&wanted(Presence::Absent), &unsure(Observed::default())), Some(Op::Remove));
    }

    #[test]
    fn a_new_address_is_a_task_and_a_new_name_is_none() {
        let editor = wanted(Presence::Seated(seat("Editor")));
        let called = Profile { display_name: Some("Countess".into()), ..profile("ada@acme.example") };
        assert_eq!(op(&Desired { profile: called, ..editor.clone() }, &known("Editor")), None);
        let moved = Desired { profile: profile("countess@acme.example"), ..editor };
        assert!(matches!(op(&moved, &known("Editor")), Some(Op::SetSeat { .. })));
    }
}
