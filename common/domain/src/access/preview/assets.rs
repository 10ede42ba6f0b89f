//! How many people a change would give which assets, and take which from.

use std::collections::{BTreeMap, BTreeSet};

use super::PersonPreview;
use crate::access::{Presence, Seat};

/// How many people one asset changes for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AssetCounts {
    /// Get it.
    pub gained: u64,
    /// Keep it, with other permissions.
    pub changed: u64,
    /// Lose it.
    pub lost: u64,
}

/// The assets that change for somebody.
pub(super) fn counted(people: &[PersonPreview]) -> BTreeMap<String, AssetCounts> {
    let none = BTreeMap::new();
    let mut counted: BTreeMap<String, AssetCounts> = BTreeMap::new();
    for person in people {
        let before = assets(&person.before).unwrap_or(&none);
        let after = assets(&person.after).unwrap_or(&none);
        for asset in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            let change: fn(&mut AssetCounts) -> &mut u64 = match (before.get(asset), after.get(asset)) {
                (None, _) => |counts| &mut counts.gained,
                (_, None) => |counts| &mut counts.lost,
                (Some(one), Some(other)) if one != other => |counts| &mut counts.changed,
                _ => continue,
            };
            *change(counted.entry(asset.clone()).or_default()) += 1;
        }
    }
    counted
}

fn assets(presence: &Presence) -> Option<&BTreeMap<String, BTreeSet<String>>> {
    match presence {
        Presence::Seated(Seat { assets, .. }) => Some(assets),
        Presence::Absent => None,
    }
}
