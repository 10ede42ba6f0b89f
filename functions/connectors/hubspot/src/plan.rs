//! From what the account gives to what was decided. Pure.

use usher_connector::{Class, Error, Observation, Op, Result, Step, leave, one_role_by_email};
use usher_domain::access::{Account, Desired, Presence, Seat};

use crate::{
    team::{self, Teams},
    user::SUPER_ADMIN,
};

/// The smallest steps; what is gained comes before what is lost.
pub(crate) fn plan(desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
    let account = observation.observed.account.as_ref();
    let seen = &observation.observed.seat;
    if account.is_some() && seen.roles.contains(SUPER_ADMIN) {
        return Err(Error::new(
            Class::PolicyDenied,
            "the person is a Super Admin, whom the API does not change; let another Super Admin take that right away \
             in HubSpot first, or take the person off the share, then retry",
        ));
    }
    let ops = match &desired.presence {
        Presence::Absent => leave(account, seen, &observation.others()?),
        Presence::Seated(seat) => {
            one_role_by_email("HubSpot", "an account", desired, seat)?;
            Teams::of(&seat.assets)?;
            seated(desired, seat, account, seen)?
        }
    };
    Ok(ops.into_iter().map(Step::from).collect())
}

fn seated(desired: &Desired, wanted: &Seat, account: Option<&Account>, seen: &Seat) -> Result<Vec<Op>> {
    if account.is_none() {
        return Ok(vec![Op::Create { profile: desired.profile.clone(), seat: wanted.clone() }]);
    }
    let mut ops = Vec::new();
    if wanted.roles != seen.roles {
        ops.push(Op::SetRoles { roles: wanted.roles.clone() });
    }
    for (asset, permissions) in &wanted.assets {
        let role = team::role(asset, permissions)?;
        if seen.assets.get(asset).is_none_or(|held| !held.contains(role)) {
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
