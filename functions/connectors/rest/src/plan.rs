//! From what the app gives to what was decided. Pure.

use std::collections::BTreeSet;

use usher_connector::{Class, Error, Observation, Op, Result, Step, leave};
use usher_domain::access::{Account, AccountState, Desired, Presence, Seat};

use crate::document::{Add, Assets, Document};

/// The smallest steps; what is gained comes before what is lost.
pub(crate) fn plan(document: &Document, desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
    let account = observation.observed.account.as_ref();
    let ops = match &desired.presence {
        Presence::Absent => leave(account, &observation.observed.seat, &observation.others()?),
        Presence::Seated(seat) => {
            check(document, seat)?;
            seated(document, desired, seat, account, &observation.observed.seat)?
        }
    };
    Ok(ops.into_iter().map(Step::from).collect())
}

/// Refuses what the app has no place for.
fn check(document: &Document, seat: &Seat) -> Result<()> {
    let name = &document.name;
    let choose = |what: String| Err(Error::invalid(format!("{what}; correct the share, then retry")));
    let known = document.roles.iter().any(|role| seat.roles.contains(&role.key));
    if seat.roles.len() != 1 || !known {
        let keys: Vec<&str> = document.roles.iter().map(|role| role.key.as_str()).collect();
        return choose(format!("{name} gives just one role, of {}", keys.join(", ")));
    }
    if !seat.entitlements.is_empty() {
        return choose(format!("{name} has no entitlements"));
    }
    if seat.assets.is_empty() {
        return Ok(());
    }
    let Some(assets) = &document.assets else { return choose(format!("{name} has no assets")) };
    let keys: Vec<&str> = assets.permissions.iter().map(|permission| permission.key.as_str()).collect();
    for (asset, permissions) in &seat.assets {
        if permissions.is_empty() || !permissions.iter().all(|permission| keys.contains(&permission.as_str()))
        {
            return choose(format!("on `{asset}` {name} grants {}", keys.join(", ")));
        }
    }
    Ok(())
}

fn seated(
    document: &Document,
    desired: &Desired,
    wanted: &Seat,
    account: Option<&Account>,
    seen: &Seat,
) -> Result<Vec<Op>> {
    let (profile, seat) = (desired.profile.clone(), wanted.clone());
    let state = match (account.map(|account| account.state), &document.add) {
        (None, Add::Create(_)) => return Ok(vec![Op::Create { profile, seat }]),
        (None, Add::Invite(_)) => return Ok(vec![Op::Invite { profile, seat }]),
        (Some(AccountState::Expired | AccountState::Declined), _) => {
            return Ok(vec![Op::CancelInvitation, Op::Invite { profile, seat }]);
        }
        (Some(AccountState::Suspended), _) => {
            return Err(Error::new(
                Class::PolicyDenied,
                "the account is switched off in the app; let an admin of the app switch it on, then retry",
            ));
        }
        (Some(state), _) => state,
    };
    let mut ops = Vec::new();
    if wanted.roles != seen.roles {
        ops.push(Op::SetRoles { roles: wanted.roles.clone() });
    }
    let (Some(assets), AccountState::Active) = (&document.assets, state) else { return Ok(ops) };
    for (asset, permissions) in &wanted.assets {
        let permissions = counting(assets, permissions);
        let held = seen.assets.get(asset);
        if held == Some(&permissions) {
            continue;
        }
        if held.is_some() && !assets.grant_replaces {
            ops.push(Op::RevokeAsset { asset: asset.clone() });
        }
        ops.push(Op::GrantAsset { asset: asset.clone(), permissions });
    }
    let lost = seen.assets.keys().filter(|asset| !wanted.assets.contains_key(*asset));
    ops.extend(lost.map(|asset| Op::RevokeAsset { asset: asset.clone() }));
    Ok(ops)
}

/// Of permissions of which an app gives just one, the highest.
fn counting(assets: &Assets, permissions: &BTreeSet<String>) -> BTreeSet<String> {
    let known = assets.permissions.iter().rev().map(|permission| &permission.key);
    let mut granted = known.filter(|key| permissions.contains(*key)).cloned();
    if assets.one_of { granted.next().into_iter().collect() } else { granted.collect() }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
