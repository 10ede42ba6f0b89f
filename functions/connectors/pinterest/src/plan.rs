//! From what the business gives to what was decided. Pure.

use usher_connector::{Observation, Op, Result, Step, leave, one_role_by_email};
use usher_domain::access::{Account, AccountState, Desired, Presence, Seat};

use crate::assets::Kind;

/// The smallest steps; what is gained comes before what is lost.
pub(crate) fn plan(desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
    let account = observation.observed.account.as_ref();
    let ops = match &desired.presence {
        Presence::Absent => leave(account, &observation.observed.seat, &observation.others()?),
        Presence::Seated(seat) => {
            check(desired, seat)?;
            seated(desired, seat, account, &observation.observed.seat)
        }
    };
    Ok(ops.into_iter().map(Step::from).collect())
}

/// Refuses what Pinterest has no place for.
fn check(desired: &Desired, seat: &Seat) -> Result<()> {
    one_role_by_email("Pinterest", "a business", desired, seat)?;
    for (asset, permissions) in &seat.assets {
        Kind::of(asset)?.0.check(asset, permissions)?;
    }
    Ok(())
}

fn seated(desired: &Desired, wanted: &Seat, account: Option<&Account>, seen: &Seat) -> Vec<Op> {
    let invite = Op::Invite { profile: desired.profile.clone(), seat: wanted.clone() };
    let mut ops = Vec::new();
    match account.map(|account| account.state) {
        None => return vec![invite],
        Some(AccountState::Expired | AccountState::Declined) => {
            return vec![Op::CancelInvitation, invite];
        }
        Some(state) => {
            if wanted.roles != seen.roles {
                ops.push(Op::SetRoles { roles: wanted.roles.clone() });
            }
            // What an invitation carries is added to with the next look after it is accepted.
            if state == AccountState::Invited {
                return ops;
            }
        }
    }
    for (asset, permissions) in &wanted.assets {
        if seen.assets.get(asset) != Some(permissions) {
            ops.push(Op::GrantAsset { asset: asset.clone(), permissions: permissions.clone() });
        }
    }
    let lost = seen.assets.keys().filter(|asset| !wanted.assets.contains_key(*asset));
    ops.extend(lost.map(|asset| Op::RevokeAsset { asset: asset.clone() }));
    ops
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
