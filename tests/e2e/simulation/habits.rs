//! What there is in a run. In each run only some of it, so that a handful of people meets it.

use std::collections::{BTreeMap, BTreeSet};

use usher_domain::integration::{ALL_ASSETS, AppAsset, AppRole};

use super::{chance::Chance, mutation::Mutation};

/// Assets that organisations may have.
pub(super) const ASSETS: [&str; 3] = ["page", "pixel", "shop"];
/// What can be granted on each, lowest first; one is held at a time.
pub(super) const LEVELS: [&str; 2] = ["read", "write"];

/// What apps and admins of a run do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    /// People are invited and answer. Elsewhere their accounts are usable at once.
    pub(super) invites: bool,
    /// A pending invitation can be changed.
    pub(super) update_pending: bool,
    /// An invitation can be sent again.
    pub(super) resends: bool,
    /// Assets can be assigned with the invitation.
    pub(super) preassigns: bool,
    /// Shares give assets, and organisations get and lose some.
    pub(super) assets: bool,
    /// Admins mark people.
    pub(super) marks: bool,
    /// People are often deleted and made anew under the same name.
    pub(super) returns: bool,
    /// Indexes follow late.
    pub(super) lags: bool,
}

impl Habits {
    pub(super) fn of(chance: &Chance, mutation: Mutation) -> Self {
        let needed = |habit| mutation.needs().contains(&habit);
        Self {
            invites: chance.in_thousand(400) || needed(Habit::Invitations),
            update_pending: chance.in_thousand(500),
            resends: chance.in_thousand(500),
            preassigns: chance.in_thousand(500),
            assets: chance.in_thousand(400) || needed(Habit::Assets),
            marks: chance.in_thousand(300) || needed(Habit::Marks),
            returns: chance.in_thousand(200),
            lags: chance.in_thousand(300) || needed(Habit::Lags),
        }
    }
}

/// What only some runs have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    Guards,
    Invitations,
    Assets,
    Marks,
    Lags,
}

/// What a share gives on assets.
pub(super) fn some_assets(habits: Habits, chance: &Chance) -> BTreeMap<String, BTreeSet<String>> {
    if !habits.assets || chance.in_thousand(300) {
        return BTreeMap::new();
    }
    let one = chance.one(&ASSETS).filter(|_| chance.in_thousand(400));
    let levels = chance.one(&LEVELS).map(|level| (*level).to_owned());
    [(one.map_or(ALL_ASSETS, |asset| asset).to_owned(), levels.into_iter().collect())].into()
}

/// An asset as catalogues list it.
pub(super) fn listed(asset: &str) -> AppAsset {
    let permissions = LEVELS.iter().zip(1..).map(|(level, rank)| AppRole {
        key: (*level).to_owned(),
        name: (*level).to_owned(),
        exclusion_group: Some("level".to_owned()),
        rank,
    });
    AppAsset { id: asset.to_owned(), name: asset.to_owned(), permissions: permissions.collect() }
}
