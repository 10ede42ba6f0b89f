//! Whom a job is about.

use std::fmt;

use usher_domain::{
    access::{Access, Desired, Observed, Presence, Seat},
    directory::Profile,
    job::Job,
    sync::{DriftKind, SyncSettings},
};

/// Whom to look for, and what Usher knows of them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// How an app can be told who this is.
    pub profile: Profile,
    /// The app's id, if the person was seen there.
    pub account: Option<String>,
    /// Everything that Usher gives or gave, or is to put right: what else the person has in the app came from elsewhere.
    pub known: Seat,
    /// What is recorded of the person there: last seen, or confirmed by people. All that is known where nobody can look.
    pub recorded: Observed,
}

impl Subject {
    /// The subject of a job for an access that was decided, in an integration that is kept in sync like this.
    pub fn of(access: &Access, desired: &Desired, job: &Job, sync: &SyncSettings) -> Self {
        let account = access.observed.as_ref().and_then(|observed| observed.account.as_ref());
        Self {
            profile: desired.profile.clone(),
            account: account.map(|account| account.id.clone()),
            known: known(access, desired, sync),
            recorded: job.recorded(access, desired),
        }
    }
}

impl fmt::Debug for Subject {
    /// Without who the person is: this ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("account", &self.account).finish_non_exhaustive()
    }
}

fn known(access: &Access, desired: &Desired, sync: &SyncSettings) -> Seat {
    let mut known = access.observed.as_ref().map(|observed| observed.seat.clone()).unwrap_or_default();
    if let Presence::Seated(seat) = &desired.presence {
        known.roles.extend(seat.roles.iter().cloned());
        known.entitlements.extend(seat.entitlements.iter().cloned());
        for (asset, permissions) in &seat.assets {
            known.assets.entry(asset.clone()).or_default().extend(permissions.iter().cloned());
        }
    }
    // What a sync saw beside what was decided is nobody else's where the settings say that it is taken away.
    let repairs = sync.repairs(DriftKind::OtherAssets);
    let repaired = access.drift.as_ref().filter(|drift| repairs && !drift.spared);
    let shown = repaired.and_then(|drift| drift.seen.as_ref()?.seat.whole());
    for (asset, permissions) in shown.iter().flat_map(|seat| &seat.assets) {
        known.assets.entry(asset.clone()).or_insert_with(|| permissions.clone());
    }
    known
}

#[cfg(test)]
mod tests {
    use usher_domain::{
        Timestamp,
        access::{AccountState, Told},
        sync::{Drift, Reaction, Seen},
    };

    use super::*;

    fn seat(assets: &[&str]) -> Seat {
        let assets = assets.iter().map(|asset| ((*asset).to_owned(), ["post".to_owned()].into()));
        Seat { assets: assets.collect(), ..Seat::default() }
    }

    /// Somebody who should have the first asset, has had the second one, and whom a sync showed like this.
    fn shown(seat_in_list: Told) -> (Access, Desired) {
        let now = Timestamp::UNIX_EPOCH;
        let mut access =
            Access::none("main".parse().unwrap(), "hub".parse().unwrap(), "ada".parse().unwrap(), now);
        access.observed = Some(Observed { seat: seat(&["second"]), ..Observed::default() });
        access.drift = Some(Drift {
            kind: DriftKind::OtherAssets,
            expected: Some(seat(&["first"])),
            seen: Some(Seen {
                account: "a1".into(),
                state: AccountState::Active,
                label: "Ada".into(),
                seat: seat_in_list,
            }),
            repair: false,
            spared: false,
            sync: "s1".parse().unwrap(),
            found_at: now,
        });
        let desired = Desired {
            presence: Presence::Seated(seat(&["first"])),
            profile: Profile::default(),
            version: 1,
            reasons: vec![],
            not_before: None,
            urgent: false,
        };
        (access, desired)
    }

    #[test]
    fn what_a_sync_spared_is_left() {
        let (mut access, desired) = shown(Told::Whole(seat(&["first", "by hand"])));
        access.drift.as_mut().unwrap().spared = true;
        let known = known(&access, &desired, &SyncSettings::default());
        assert!(!known.assets.contains_key("by hand"), "{known:?}");
    }

    #[test]
    fn what_somebody_granted_by_hand_is_to_be_taken_away_only_where_the_settings_say_so() {
        let (access, desired) = shown(Told::Whole(seat(&["first", "by hand"])));
        let of = |other_assets| {
            let sync = SyncSettings { other_assets, ..SyncSettings::default() };
            known(&access, &desired, &sync).assets.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(of(Reaction::Report), ["first", "second"]);
        assert_eq!(of(Reaction::Repair), ["by hand", "first", "second"]);
        let (access, desired) = shown(Told::Roles(Default::default()));
        assert_eq!(known(&access, &desired, &SyncSettings::default()), seat(&["first", "second"]));
    }
}
