//! Rules of planning that apps with members, one role and assets share.

use std::collections::BTreeSet;

use usher_domain::access::{Account, AccountState, Desired, Seat};

use crate::{
    error::{Error, Result},
    step::Op,
};

/// The steps of a removal, by domain rule 4: assets, then the membership, with which the role goes; or the invitation.
/// `others` are assets that came from elsewhere: what is left behind would be access that nobody sees.
pub fn leave(account: Option<&Account>, seat: &Seat, others: &BTreeSet<String>) -> Vec<Op> {
    match account.map(|account| account.state) {
        None => Vec::new(),
        Some(AccountState::Invited | AccountState::Expired | AccountState::Declined) => {
            vec![Op::CancelInvitation]
        }
        Some(AccountState::Active | AccountState::Suspended) => {
            let assets = seat.assets.keys().chain(others);
            let revoked = assets.map(|asset| Op::RevokeAsset { asset: asset.clone() });
            revoked.chain([Op::Remove]).collect()
        }
    }
}

/// Refuses what an app has no place for that invites by e-mail address, gives everybody one role, and has no
/// entitlements. `app` is its name, `organisation` what it calls one: "a business".
///
/// # Errors
/// `Invalid`, with what to change.
pub fn one_role_by_email(app: &str, organisation: &str, desired: &Desired, seat: &Seat) -> Result<()> {
    if seat.roles.len() != 1 {
        return Err(Error::invalid(format!(
            "the person should have {} roles, and {organisation} gives just one; choose one role on each share, then \
             retry",
            seat.roles.len()
        )));
    }
    if !seat.entitlements.is_empty() {
        return Err(Error::invalid(format!(
            "{app} has no entitlements; take them off the share, then retry"
        )));
    }
    if desired.profile.email.is_none() {
        return Err(Error::invalid(format!(
            "{app} invites people by e-mail address, and the directory gives none; fill it in, then retry"
        )));
    }
    Ok(())
}

/// The role to give in an app that gives everybody just one. `organisation` is what the app calls where: "a business".
///
/// # Errors
/// `Invalid` when there is not just one.
pub fn the_one_role<'a>(organisation: &str, roles: &'a BTreeSet<String>) -> Result<&'a str> {
    let mut roles = roles.iter();
    match (roles.next(), roles.next()) {
        (Some(role), None) => Ok(role),
        _ => Err(Error::invalid(format!("{organisation} gives just one role; choose one, then retry"))),
    }
}
