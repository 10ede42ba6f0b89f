//! From what Google gives to what was decided. Pure.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use usher_connector::{Class, Error, Observation, Op, Result, Step, leave, one_role_by_email};
use usher_domain::access::{Account, AccountState, Desired, Presence, Seat};

use crate::{ads, assets::Asset, observe::Detail};

/// The smallest steps; what is gained comes before what is lost.
pub(crate) fn plan(desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
    let account = observation.observed.account.as_ref();
    let seen = &observation.observed.seat;
    let detail = detail(&observation.detail)?;
    let ops = match &desired.presence {
        Presence::Absent => absent(account, seen, &detail.others),
        Presence::Seated(seat) => {
            check(desired, seat)?;
            seated(desired, seat, account, seen)?
        }
    };
    if detail.in_review && ops.iter().any(|op| matches!(op, Op::SetRoles { .. } | Op::Remove)) {
        return Err(Error::new(
            Class::NotAcceptedYet,
            "a change of this person waits in Google Ads until a second admin approves it; let one do so under Access and \
             security",
        ));
    }
    Ok(ops.into_iter().map(Step::from).collect())
}

/// Invitations have nothing to tell beside the product's words.
fn detail(detail: &Value) -> Result<Detail> {
    match detail {
        Value::Null => Ok(Detail::default()),
        detail => Detail::deserialize(detail).map_err(|_| {
            Error::invalid("planning: the observation is not this connector's; this is a defect in Usher")
        }),
    }
}

fn absent(account: Option<&Account>, seen: &Seat, others: &BTreeSet<String>) -> Vec<Op> {
    match account.map(|account| account.state) {
        // An invitation that is over lets nobody in. What was left behind outside Google Ads is taken.
        None | Some(AccountState::Expired | AccountState::Declined) => {
            others.iter().map(|asset| Op::RevokeAsset { asset: asset.clone() }).collect()
        }
        Some(_) => leave(account, seen, others),
    }
}

/// Refuses what Google has no place for.
fn check(desired: &Desired, seat: &Seat) -> Result<()> {
    one_role_by_email("Google Ads", "an account", desired, seat)?;
    let known = ads::roles();
    if let Some(role) = seat.roles.iter().find(|role| known.iter().all(|known| known.key != **role)) {
        return Err(Error::invalid(format!(
            "`{role}` is not a role of Google Ads; choose one of the integration's list on the share, then retry"
        )));
    }
    for (asset, permissions) in &seat.assets {
        Asset::of(asset)?.granted(permissions)?;
    }
    Ok(())
}

fn seated(desired: &Desired, wanted: &Seat, account: Option<&Account>, seen: &Seat) -> Result<Vec<Op>> {
    if matches!(
        account.map(|account| account.state),
        None | Some(AccountState::Expired | AccountState::Declined)
    ) {
        return Ok(vec![Op::Invite { profile: desired.profile.clone(), seat: wanted.clone() }]);
    }
    let mut ops = Vec::new();
    if wanted.roles != seen.roles {
        ops.push(Op::SetRoles { roles: wanted.roles.clone() });
    }
    for (id, permissions) in &wanted.assets {
        let asset = Asset::of(id)?;
        let granted = asset.granted(permissions)?;
        if seen.assets.get(id).and_then(|held| asset.highest(held)) != Some(granted) {
            ops.push(Op::GrantAsset { asset: id.clone(), permissions: [granted.to_owned()].into() });
        }
    }
    let lost = seen.assets.keys().filter(|asset| !wanted.assets.contains_key(*asset));
    ops.extend(lost.map(|asset| Op::RevokeAsset { asset: asset.clone() }));
    Ok(ops)
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
