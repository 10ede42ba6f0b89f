//! From what the organisation gives to what was decided. Pure.

use std::collections::BTreeSet;

use usher_connector::{Class, Error, Observation, Op, Result, Step, leave};
use usher_domain::{
    access::{Account, Desired, Presence, Seat},
    directory::Profile,
};

use crate::{
    config::Identity,
    groups::{self, ORGANIZATION_ADMIN},
};

/// The smallest steps; what is gained comes before what is lost.
pub(crate) fn plan(identity: Identity, desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
    let account = observation.observed.account.as_ref();
    let seen = &observation.observed.seat;
    if seen.roles.contains(ORGANIZATION_ADMIN) {
        return Err(Error::new(
            Class::PolicyDenied,
            "the person is a System Administrator, whom the API does not change; let another one take that right away in the \
             Admin Console first, or take the person off the share, then retry",
        ));
    }
    let ops = match &desired.presence {
        // What is left besides ends with the membership.
        Presence::Absent => leave(account, seen, &BTreeSet::new()),
        Presence::Seated(seat) => {
            check(seat)?;
            seated(identity, &desired.profile, seat, account, seen)?
        }
    };
    Ok(ops.into_iter().map(Step::from).collect())
}

/// Refuses what Adobe has no place for.
fn check(seat: &Seat) -> Result<()> {
    let known = groups::roles();
    if let Some(role) = seat.roles.iter().find(|role| known.iter().all(|known| known.key != **role)) {
        return Err(Error::invalid(format!(
            "`{role}` is not a role that Adobe's API gives; choose of the integration's list on the share, then retry"
        )));
    }
    for entitlement in &seat.entitlements {
        groups::check_profile(entitlement)?;
    }
    seat.assets.iter().try_for_each(|(asset, permissions)| groups::check(asset, permissions))
}

/// Refuses an account that Adobe would not make.
fn check_names(identity: Identity, profile: &Profile) -> Result<()> {
    let missing = match profile {
        Profile { email: None, .. } => "e-mail address",
        Profile { given_name: None, .. } if identity != Identity::Adobe => "given name",
        Profile { family_name: None, .. } if identity != Identity::Adobe => "family name",
        _ => return Ok(()),
    };
    Err(Error::invalid(format!(
        "Adobe makes no account without the person's {missing}, and the directory gives none; fill it in, then retry"
    )))
}

fn seated(
    identity: Identity,
    profile: &Profile,
    wanted: &Seat,
    account: Option<&Account>,
    seen: &Seat,
) -> Result<Vec<Op>> {
    if account.is_none() {
        check_names(identity, profile)?;
        return Ok(vec![Op::Create { profile: profile.clone(), seat: wanted.clone() }]);
    }
    let mut ops = Vec::new();
    if wanted.roles != seen.roles {
        ops.push(Op::SetRoles { roles: wanted.roles.clone() });
    }
    if wanted.entitlements != seen.entitlements {
        ops.push(Op::SetEntitlements { entitlements: wanted.entitlements.clone() });
    }
    let gained = wanted.assets.iter().filter(|(asset, _)| !seen.assets.contains_key(*asset));
    ops.extend(gained.map(|(asset, permissions)| Op::GrantAsset {
        asset: asset.clone(),
        permissions: permissions.clone(),
    }));
    let lost = seen.assets.keys().filter(|asset| !wanted.assets.contains_key(*asset));
    ops.extend(lost.map(|asset| Op::RevokeAsset { asset: asset.clone() }));
    Ok(ops)
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
