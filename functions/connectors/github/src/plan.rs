//! From what the organisation gives to what was decided. Pure.

use std::collections::BTreeSet;

use usher_connector::{Error, Observation, Op, Result, Step, leave, one_role_by_email};
use usher_domain::access::{Account, AccountState, Desired, Presence, Seat};

use crate::{
    member::{self, ADMIN},
    team,
};

/// The smallest steps; what is gained comes before what is lost.
pub(crate) fn plan(desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
    let account = observation.observed.account.as_ref();
    let seen = &observation.observed.seat;
    let ops = match &desired.presence {
        // An invitation that failed lets nobody in.
        Presence::Absent if account.is_some_and(|account| account.state == AccountState::Expired) => {
            Vec::new()
        }
        Presence::Absent => leave(account, seen, &BTreeSet::new()),
        Presence::Seated(seat) => {
            check(desired, seat)?;
            seated(desired, seat, account, seen)?
        }
    };
    Ok(ops.into_iter().map(Step::from).collect())
}

/// Refuses what GitHub has no place for.
fn check(desired: &Desired, seat: &Seat) -> Result<()> {
    one_role_by_email("GitHub", "an organisation", desired, seat)?;
    let known = member::roles();
    if let Some(role) = seat.roles.iter().find(|role| known.iter().all(|known| known.key != **role)) {
        return Err(Error::invalid(format!(
            "`{role}` is not a role of an organisation; choose `member` or `admin` on the share, then retry"
        )));
    }
    for (asset, permissions) in &seat.assets {
        team::slug(asset)?;
        team::role(asset, permissions)?;
    }
    Ok(())
}

fn seated(desired: &Desired, wanted: &Seat, account: Option<&Account>, seen: &Seat) -> Result<Vec<Op>> {
    let state = match account.map(|account| account.state) {
        None | Some(AccountState::Expired | AccountState::Declined) => {
            return Ok(vec![Op::Invite { profile: desired.profile.clone(), seat: wanted.clone() }]);
        }
        Some(state) => state,
    };
    let mut ops = Vec::new();
    if wanted.roles != seen.roles {
        ops.push(Op::SetRoles { roles: wanted.roles.clone() });
    }
    // An owner is a maintainer of every team that they are in; an invitation makes members of teams only.
    let any_role_will_do = state == AccountState::Invited || seen.roles.contains(ADMIN);
    for (asset, permissions) in &wanted.assets {
        let role = team::role(asset, permissions)?;
        let held = seen.assets.get(asset);
        if held.is_none_or(|held| !any_role_will_do && !held.contains(role)) {
            ops.push(Op::GrantAsset { asset: asset.clone(), permissions: [role.to_owned()].into() });
        }
    }
    let lost = seen.assets.keys().filter(|asset| !wanted.assets.contains_key(*asset));
    ops.extend(lost.map(|asset| Op::RevokeAsset { asset: asset.clone() }));
    Ok(ops)
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
