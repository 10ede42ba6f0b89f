use super::*;
use crate::{
    access::{Account, Desired, Observed, Settled},
    directory::Profile,
    integration::{AppRole, Catalogue},
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// When the app was read.
const READ: i64 = 100;

fn seat(role: &str) -> Seat {
    Seat { roles: [role.to_owned()].into(), ..Seat::default() }
}

fn seen(state: AccountState, role: &str) -> Seen {
    Seen { account: "a1".into(), state, label: "Ada".into(), seat: Told::Whole(seat(role)) }
}

/// Somebody for whom this was decided and reached.
fn reached(presence: Presence) -> Access {
    let mut access =
        Access::none("main".parse().unwrap(), "hub".parse().unwrap(), "ada".parse().unwrap(), at(0));
    let profile = Profile::default();
    let account = Account { id: "a1".into(), state: AccountState::Active, profile: profile.clone() };
    access.settled = Some(Settled { presence: presence.clone(), profile: profile.clone() });
    access.observed = Some(Observed { account: Some(account), ..Observed::default() });
    access.desired =
        Some(Desired { presence, profile, version: 1, reasons: vec![], not_before: None, urgent: false });
    access
}

fn seated() -> Access {
    reached(Presence::Seated(seat("editor")))
}

fn pending() -> Access {
    let mut access = Access { settled: None, state: AccessState::PendingAcceptance, ..seated() };
    access.job = Some("job".parse().unwrap());
    access.observed.as_mut().unwrap().account.as_mut().unwrap().state = AccountState::Invited;
    access
}

fn kind(access: &Access, seen: &Seen) -> Option<DriftKind> {
    compare(access, seen, &Catalogue::default(), at(READ)).map(|finding| finding.kind)
}

#[test]
fn each_difference_has_its_kind() {
    let active = |role| seen(AccountState::Active, role);
    assert_eq!(kind(&seated(), &active("editor")), None);
    assert_eq!(kind(&seated(), &active("admin")), Some(DriftKind::OtherRole));
    assert_eq!(kind(&seated(), &seen(AccountState::Suspended, "editor")), Some(DriftKind::Missing));
    assert_eq!(kind(&reached(Presence::Absent), &active("editor")), Some(DriftKind::LeftBehind));
    assert_eq!(kind(&reached(Presence::Absent), &seen(AccountState::Suspended, "")), None);
    let shown = |seat| Seen { seat, ..active("editor") };
    let more = Seat { assets: [("page".into(), ["post".to_owned()].into())].into(), ..seat("editor") };
    assert_eq!(kind(&seated(), &shown(Told::Whole(more))), Some(DriftKind::OtherAssets));
    let entitled = Seat { entitlements: ["gold".to_owned()].into(), ..seat("editor") };
    assert_eq!(kind(&seated(), &shown(Told::Whole(entitled))), Some(DriftKind::OtherEntitlements));
    assert_eq!(kind(&seated(), &shown(Told::Nothing)), None, "a list that does not tell");
    let roles = |role: &str| shown(Told::Roles([role.to_owned()].into()));
    assert_eq!(kind(&seated(), &roles("editor")), None, "a list that tells roles only");
    assert_eq!(kind(&seated(), &roles("admin")), Some(DriftKind::OtherRole));
}

#[test]
fn who_is_not_shown_is_missing_only_where_it_is_sure() {
    let kind =
        |access: &Access, invitations| unseen(access, at(READ), invitations).map(|finding| finding.kind);
    assert_eq!(kind(&seated(), false), Some(DriftKind::Missing));
    assert_eq!(kind(&reached(Presence::Absent), true), None);
    assert_eq!(kind(&pending(), true), Some(DriftKind::InvitationOver));
    assert_eq!(kind(&pending(), false), None, "invitations were not listed");
}

#[test]
fn an_invitation_that_is_listed_as_over_is_told() {
    for state in [AccountState::Expired, AccountState::Declined] {
        assert_eq!(kind(&pending(), &seen(state, "editor")), Some(DriftKind::InvitationOver));
        assert_eq!(kind(&seated(), &seen(state, "editor")), None);
    }
    assert_eq!(kind(&pending(), &seen(AccountState::Invited, "editor")), None);
}

/// What is being worked on, or was seen later than the list was read, is no drift.
#[test]
fn newer_knowledge_wins_over_the_list() {
    let other = seen(AccountState::Active, "admin");
    let busy = Access { job: Some("job".parse().unwrap()), ..seated() };
    let unknown = Access { settled: None, ..seated() };
    let mut later = seated();
    later.observed.as_mut().unwrap().seen_at = at(READ);
    let decided = Access { updated_at: at(READ + 1), ..seated() };
    for access in [busy, unknown, later, decided] {
        assert_eq!(kind(&access, &other), None);
        assert_eq!(unseen(&access, at(READ), true), None);
        let finding = compare(&seated(), &other, &Catalogue::default(), at(READ)).unwrap();
        assert!(!still_applies(&access, &finding, at(READ)));
    }
}

#[test]
fn roles_that_came_from_elsewhere_are_nobodys_business() {
    let role = AppRole { key: "editor".into(), name: "Editor".into(), exclusion_group: None, rank: 0 };
    let catalogue = Catalogue { roles: vec![role], ..Catalogue::default() };
    let roles = ["editor", "all-staff"].map(str::to_owned).into();
    let shown = Seen { seat: Told::Roles(roles), ..seen(AccountState::Active, "editor") };
    assert_eq!(compare(&seated(), &shown, &catalogue, at(READ)), None);
    assert_eq!(kind(&seated(), &shown), Some(DriftKind::OtherRole), "without a catalogue all roles count");
}

/// Somebody for whom this was decided, and of whom the app shows that.
fn with_assets(decided: &[(&str, &[&str])], shown: Seat) -> Finding {
    let seen = Seen { seat: Told::Whole(shown), ..seen(AccountState::Active, "editor") };
    let access = reached(Presence::Seated(assets(decided)));
    compare(&access, &seen, &Catalogue::default(), at(READ)).unwrap()
}

fn assets(assets: &[(&str, &[&str])]) -> Seat {
    let owned = |(asset, permissions): &(&str, &[&str])| {
        ((*asset).to_owned(), permissions.iter().map(|one| (*one).to_owned()).collect())
    };
    Seat { assets: assets.iter().map(owned).collect(), ..seat("editor") }
}

#[test]
fn assets_and_permissions_beyond_the_decision_are_told() {
    let more = |shown| with_assets(&[("page", &["post"])], shown).has_more_assets();
    assert!(more(assets(&[("page", &["post"]), ("shop", &["sell"])])));
    assert!(more(assets(&[("page", &["post", "manage"])])));
    assert!(more(assets(&[("page", &["manage"])])));
    assert!(!more(assets(&[])));
    // Somebody who has other roles may have more assets, too.
    let admin = Seat { roles: ["admin".to_owned()].into(), ..assets(&[("page", &["post"])]) };
    let finding = with_assets(&[], admin);
    assert_eq!((finding.kind, finding.has_more_assets()), (DriftKind::OtherRole, true));
    // A list that does not tell assets tells nothing of more.
    let told = Seen { seat: Told::Roles(["admin".to_owned()].into()), ..finding.seen.unwrap() };
    let finding = compare(&seated(), &told, &Catalogue::default(), at(READ)).unwrap();
    assert!(!finding.has_more_assets());
}

#[test]
fn nothing_is_left_to_repair_where_all_that_differs_is_spared() {
    let left = |spared, decided: &[(&str, &[&str])], shown| {
        let Finding { kind, expected, seen, .. } = with_assets(decided, shown);
        let sync = "s1".parse().unwrap();
        Drift { kind, expected, seen, repair: false, spared, sync, found_at: at(READ) }.is_left()
    };
    let more = || assets(&[("page", &["post"]), ("shop", &["sell"])]);
    assert!(left(true, &[("page", &["post"])], more()));
    assert!(!left(false, &[("page", &["post"])], more()));
    // What somebody lacks is given, and a role is put right.
    assert!(!left(true, &[("page", &["post", "manage"])], more()));
    assert!(!left(true, &[("page", &["post"])], Seat { roles: ["admin".to_owned()].into(), ..more() }));
}
