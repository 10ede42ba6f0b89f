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
            seated(desired, seat, account, &observation.observed.seat)?
        }
    };
    Ok(ops.into_iter().map(Step::from).collect())
}

/// Refuses what Meta has no place for.
fn check(desired: &Desired, seat: &Seat) -> Result<()> {
    one_role_by_email("Meta", "a business", desired, seat)?;
    for (asset, permissions) in &seat.assets {
        Kind::of(asset)?.0.check(asset, permissions)?;
    }
    Ok(())
}

fn seated(desired: &Desired, wanted: &Seat, account: Option<&Account>, seen: &Seat) -> Result<Vec<Op>> {
    // Assets can be assigned to people of the business only: they come with the next look after the acceptance.
    let invited = Seat { roles: wanted.roles.clone(), ..Seat::default() };
    let invite = Op::Invite { profile: desired.profile.clone(), seat: invited };
    match account.map(|account| account.state) {
        None => return Ok(vec![invite]),
        Some(AccountState::Expired | AccountState::Declined) => {
            return Ok(vec![Op::CancelInvitation, invite]);
        }
        Some(AccountState::Active | AccountState::Invited | AccountState::Suspended) => {}
    }
    let mut ops = Vec::new();
    if wanted.roles != seen.roles {
        ops.push(Op::SetRoles { roles: wanted.roles.clone() });
    }
    for (asset, permissions) in &wanted.assets {
        let (kind, _) = Kind::of(asset)?;
        let permissions = kind.essential(permissions);
        let held = seen.assets.get(asset).map(|held| kind.essential(held));
        if held.as_ref() != Some(&permissions) {
            ops.push(Op::GrantAsset { asset: asset.clone(), permissions });
        }
    }
    let lost = seen.assets.keys().filter(|asset| !wanted.assets.contains_key(*asset));
    ops.extend(lost.map(|asset| Op::RevokeAsset { asset: asset.clone() }));
    Ok(ops)
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
