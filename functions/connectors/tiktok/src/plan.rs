//! From what the Business Center gives to what was decided. Pure.

use usher_connector::{Observation, Op, Result, Step, leave, one_role_by_email};
use usher_domain::access::{Account, AccountState, Desired, Presence, Seat};

use crate::assets::Kind;

/// The one kind of asset that an invitation can carry.
pub(crate) const INVITED_WITH: &str = "ADVERTISER";

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

/// Refuses what TikTok has no place for.
fn check(desired: &Desired, seat: &Seat) -> Result<()> {
    one_role_by_email("TikTok", "a Business Center", desired, seat)?;
    for (asset, permissions) in &seat.assets {
        Kind::of(asset)?.0.check(asset, permissions)?;
    }
    Ok(())
}

fn seated(desired: &Desired, wanted: &Seat, account: Option<&Account>, seen: &Seat) -> Result<Vec<Op>> {
    let invite = Op::Invite { profile: desired.profile.clone(), seat: beforehand(wanted)? };
    let mut ops = Vec::new();
    match account.map(|account| account.state) {
        None => return Ok(vec![invite]),
        Some(AccountState::Expired | AccountState::Declined) => {
            return Ok(vec![Op::CancelInvitation, invite]);
        }
        Some(state) => {
            if wanted.roles != seen.roles {
                ops.push(Op::SetRoles { roles: wanted.roles.clone() });
            }
            // TikTok does not tell what an invitation carries: the rest comes with the next look after it is accepted.
            if state == AccountState::Invited {
                return Ok(ops);
            }
        }
    }
    for (asset, permissions) in &wanted.assets {
        let (kind, _) = Kind::of(asset)?;
        let permissions = kind.effective(permissions);
        let held = seen.assets.get(asset).map(|held| kind.effective(held));
        if held.as_ref() != Some(&permissions) {
            ops.push(Op::GrantAsset { asset: asset.clone(), permissions });
        }
    }
    let lost = seen.assets.keys().filter(|asset| !wanted.assets.contains_key(*asset));
    ops.extend(lost.map(|asset| Op::RevokeAsset { asset: asset.clone() }));
    Ok(ops)
}

/// What an invitation can carry: advertiser accounts, all with one role. With several roles, those with the first.
fn beforehand(wanted: &Seat) -> Result<Seat> {
    let mut seat = Seat { roles: wanted.roles.clone(), ..Seat::default() };
    for (asset, permissions) in &wanted.assets {
        let (kind, _) = Kind::of(asset)?;
        let permissions = kind.effective(permissions);
        let fits = seat.assets.values().next().is_none_or(|role| *role == permissions);
        if kind.name == INVITED_WITH && fits {
            seat.assets.insert(asset.clone(), permissions);
        }
    }
    Ok(seat)
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
