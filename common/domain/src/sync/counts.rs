//! What a run counted, and whether it can be true.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{DriftKind, Finding};
use crate::{guard::Limit, words::number};

/// What a run counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// People who have a seat in the app.
    pub members: u64,
    /// Invitations in the app.
    pub invitations: u64,
    /// Those of both whom Usher knows.
    pub matched: u64,
    /// Seats that are decided and were reached.
    pub seats: u64,
    /// Differences.
    pub drift: BTreeMap<DriftKind, u64>,
    /// People who have assets beyond what was decided, among the differences.
    pub more_assets: u64,
    /// Differences that are being repaired.
    pub repaired: u64,
    /// Strangers who were taken in as people of the directory.
    pub adopted: u64,
    /// Assets that the catalogue got, or has otherwise now.
    pub assets_put: u64,
    /// Assets that the catalogue does not have any more.
    pub assets_gone: u64,
}

impl Counts {
    /// Adds what a page counted.
    pub fn add(&mut self, page: &Self) {
        self.members += page.members;
        self.invitations += page.invitations;
        self.matched += page.matched;
        self.seats += page.seats;
        self.more_assets += page.more_assets;
        for (kind, count) in &page.drift {
            *self.drift.entry(*kind).or_default() += count;
        }
    }

    /// Counts a difference.
    pub fn found(&mut self, finding: &Finding) {
        *self.drift.entry(finding.kind).or_default() += 1;
        self.more_assets += u64::from(finding.has_more_assets());
    }

    /// How many differences there are.
    pub fn differences(&self) -> u64 {
        self.drift.values().sum()
    }

    /// Why what was found must not be believed, if so (domain rule 5c): nothing was readable, or more seats are marked
    /// than may be lost at once.
    pub fn safeguard(&self, percent: u8) -> Option<String> {
        let of = |kind| self.drift.get(&kind).copied().unwrap_or_default();
        let marked = of(DriftKind::Missing) + of(DriftKind::LeftBehind);
        if self.seats > 0 && self.members + self.invitations == 0 {
            return Some(format!(
                "the app lists nobody, and {} people should be in it; check what its credentials may read",
                number(self.seats)
            ));
        }
        if marked * 100 <= self.seats * u64::from(percent) {
            return None;
        }
        Some(format!(
            "{} of {} seats are missing in the app or were left behind, more than {percent} %; look at them, then \
             sync once with a higher safeguard",
            number(marked),
            number(self.seats)
        ))
    }

    /// Why assets beyond what was decided are left to people, if so: they would be taken from more of them than may lose
    /// something at once (domain rule 5a). So it is where people who had access in the app for long come under Usher.
    pub fn spares_assets(&self, limit: Limit) -> Option<String> {
        let Limit { count, percent } = limit;
        limit.is_passed_by(self.more_assets, self.seats).then(|| {
            format!(
                "{} of {} people have assets in the app beyond what was decided for them, more than {} and \
                 {percent} %: they are left to them; look where the app differs, grant what is right, then sync \
                 once with a higher safeguard, or have other assets reported only",
                number(self.more_assets),
                number(self.seats),
                number(count.into())
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(seats: u64, missing: u64, left_behind: u64) -> Counts {
        let drift = [(DriftKind::Missing, missing), (DriftKind::LeftBehind, left_behind)].into();
        Counts { seats, drift, members: seats.max(1), ..Counts::default() }
    }

    #[test]
    fn more_than_the_share_halts_and_exactly_it_does_not() {
        assert_eq!(counts(10, 2, 0).safeguard(20), None);
        assert!(counts(10, 3, 0).safeguard(20).unwrap().contains("3 of 10"));
        assert!(counts(10, 2, 1).safeguard(20).is_some());
        assert!(counts(6000, 1279, 0).safeguard(20).unwrap().contains("1,279 of 6,000 seats"));
        assert_eq!(counts(10, 10, 0).safeguard(100), None);
        assert_eq!(counts(0, 0, 0).safeguard(20), None);
    }

    #[test]
    fn assets_are_taken_from_few_at_once_and_left_to_many() {
        let limit = Limit { count: 5, percent: 20 };
        let spared = |seats, more_assets, limit| {
            Counts { seats, more_assets, ..Counts::default() }.spares_assets(limit)
        };
        assert!(spared(10, 6, limit).unwrap().contains("6 of 10 people"));
        assert_eq!(spared(10, 5, limit), None, "few, whatever share they are");
        assert_eq!(spared(30, 6, limit), None, "a small share, however many they are");
        assert_eq!(spared(10, 10, Limit { percent: 100, ..limit }), None);
    }

    #[test]
    fn an_app_that_lists_nobody_halts_whatever_is_allowed() {
        let empty = Counts { members: 0, ..counts(3, 0, 0) };
        assert!(empty.safeguard(100).unwrap().contains("lists nobody"));
    }
}
