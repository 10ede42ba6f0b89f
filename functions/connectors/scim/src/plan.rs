//! From what the app gives to what was decided. Pure.

use std::collections::BTreeSet;

use serde::Deserialize;
use usher_connector::{Error, Observation, Op, Result, Step};
use usher_domain::access::{AccountState, Desired, Observed, Presence, Seat};

use crate::{
    config::{Config, ProfileMode, Removal},
    mapping::Mapping,
    observe::Detail,
    person,
};

/// The smallest steps, in an order in which nobody loses a seat in between: what is gained comes before what
/// is lost.
pub(crate) fn plan(config: &Config, desired: &Desired, observation: &Observation) -> Result<Vec<Step>> {
    let detail = detail(observation)?;
    let ops = match &desired.presence {
        Presence::Absent => leave(config, &observation.observed, &detail),
        Presence::Seated(seat) => {
            check(config, seat)?;
            seated(config, desired, seat, &observation.observed, &detail)?
        }
    };
    Ok(ops.into_iter().map(Step::from).collect())
}

pub(crate) fn detail(observation: &Observation) -> Result<Detail> {
    if observation.detail.is_null() {
        return Ok(Detail::default());
    }
    Detail::deserialize(&observation.detail).map_err(|_| {
        Error::invalid("planning: the observation is not this connector's; this is a defect in Usher")
    })
}

/// Refuses what the settings give no place to.
fn check(config: &Config, seat: &Seat) -> Result<()> {
    if !seat.assets.is_empty() {
        return Err(Error::invalid("a SCIM app has no assets; take them off the share, then retry"));
    }
    for (what, mapping, values) in
        [("roles", &config.roles, &seat.roles), ("entitlements", &config.entitlements, &seat.entitlements)]
    {
        let single = mapping.attribute().is_some_and(|attribute| !attribute.multi_valued);
        if *mapping == Mapping::None && !values.is_empty() {
            return Err(Error::invalid(format!(
                "the person should have {what}, and the integration's settings say nowhere to keep them: set \
                 `{what}`, then retry"
            )));
        }
        if single && values.len() > 1 {
            return Err(Error::invalid(format!(
                "the person should have {} {what}, and the app keeps one: give the catalogue's {what} one \
                 exclusion group, then retry",
                values.len()
            )));
        }
    }
    Ok(())
}

/// Domain rule 4: grants first, the account last.
fn leave(config: &Config, observed: &Observed, detail: &Detail) -> Vec<Op> {
    let Some(account) = &observed.account else {
        return Vec::new();
    };
    let usable = account.state != AccountState::Suspended;
    let mut ops: Vec<Op> = Vec::new();
    for group in &detail.groups {
        let ours = group.carries.is_some();
        // Groups that the app gives by itself stay with an account that is switched off already.
        if ours || usable || config.removal == Removal::Delete {
            ops.push(Op::LeaveGroup { name: group.name.clone(), id: group.id.clone(), ours });
        }
    }
    match config.removal {
        // The account's own attributes go with it.
        Removal::Delete => ops.push(Op::Remove),
        Removal::Deactivate => {
            let Seat { roles, entitlements, .. } = &observed.seat;
            if config.roles.attribute().is_some() && !roles.is_empty() && !config.always_a_role {
                ops.push(Op::SetRoles { roles: BTreeSet::new() });
            }
            if config.entitlements.attribute().is_some() && !entitlements.is_empty() {
                ops.push(Op::SetEntitlements { entitlements: BTreeSet::new() });
            }
            if usable {
                ops.push(Op::Deactivate);
            }
        }
    }
    ops
}

fn seated(
    config: &Config,
    desired: &Desired,
    seat: &Seat,
    observed: &Observed,
    detail: &Detail,
) -> Result<Vec<Op>> {
    let user_name = config.user_name_from.of(&desired.profile);
    let mut ops = Vec::new();
    match &observed.account {
        None => {
            if user_name.is_none() {
                return Err(Error::invalid(
                    "creating the account: the directory gives no value for userName; fill in the person's e-mail \
                     address or change `user_name_from`, then retry",
                ));
            }
            let missing: Vec<&str> =
                config.requires.iter().filter_map(|required| required.missing_in(&desired.profile)).collect();
            if !missing.is_empty() {
                return Err(Error::invalid(format!(
                    "creating the account: the app wants to know the person's {}, and the directory does not say; \
                     fill it in there, then retry",
                    missing.join(" and ")
                )));
            }
            ops.push(Op::Create { profile: desired.profile.clone(), seat: in_attributes(config, seat) });
        }
        Some(account) => {
            if account.state == AccountState::Suspended {
                ops.push(Op::Activate);
            }
            let stays = config.always_a_role && seat.roles.is_empty();
            if config.roles.attribute().is_some() && seat.roles != observed.seat.roles && !stays {
                ops.push(Op::SetRoles { roles: seat.roles.clone() });
            }
            if config.entitlements.attribute().is_some() && seat.entitlements != observed.seat.entitlements {
                ops.push(Op::SetEntitlements { entitlements: seat.entitlements.clone() });
            }
        }
    }
    let wanted = in_groups(config, seat);
    let held = |name: &str| detail.groups.iter().any(|group| group.carries.is_some() && group.name == *name);
    ops.extend(wanted.iter().filter(|name| !held(name)).map(|name| Op::JoinGroup { name: (*name).clone() }));
    ops.extend(
        detail
            .groups
            .iter()
            .filter(|group| group.carries.is_some() && !wanted.contains(&group.name))
            .map(|group| Op::LeaveGroup { name: group.name.clone(), id: group.id.clone(), ours: true }),
    );
    let follows = config.profile == ProfileMode::Push && observed.account.is_some();
    if follows && !person::changes(&desired.profile, user_name, &detail.user).is_empty() {
        ops.push(Op::UpdateProfile { profile: desired.profile.clone() });
    }
    Ok(ops)
}

/// The part of a seat that is kept in the user's attributes.
fn in_attributes(config: &Config, seat: &Seat) -> Seat {
    let mut part = Seat::default();
    if config.roles.attribute().is_some() {
        part.roles.clone_from(&seat.roles);
    }
    if config.entitlements.attribute().is_some() {
        part.entitlements.clone_from(&seat.entitlements);
    }
    part
}

/// The names of the groups that a seat amounts to.
fn in_groups<'a>(config: &Config, seat: &'a Seat) -> BTreeSet<&'a String> {
    let roles = seat.roles.iter().filter(|_| config.roles == Mapping::Groups);
    let entitlements = seat.entitlements.iter().filter(|_| config.entitlements == Mapping::Groups);
    roles.chain(entitlements).collect()
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
