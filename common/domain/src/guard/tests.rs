use std::collections::BTreeSet;

use super::*;
use crate::{
    access::{Account, AccountState, Seat},
    directory::Profile,
    integration::AppRole,
};

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + minutes * 60).unwrap()
}

fn catalogue() -> Catalogue {
    let role = |key: &str, group: Option<&str>, rank| AppRole {
        key: key.into(),
        name: key.into(),
        exclusion_group: group.map(Into::into),
        rank,
    };
    Catalogue {
        roles: vec![
            role("viewer", Some("role"), 1),
            role("editor", Some("role"), 2),
            role("writer", Some("role"), 2),
            role("admin", Some("role"), 3),
            role("only", Some("alone"), 1),
            role("billing", None, 0),
        ],
        ..Catalogue::default()
    }
}

fn seat(roles: &[&str]) -> Seat {
    let roles: BTreeSet<String> = roles.iter().map(ToString::to_string).collect();
    Seat { roles, ..Seat::default() }
}

fn impact(from: Option<&[&str]>, to: Option<&[&str]>) -> Impact {
    let account = Account { id: "a".into(), state: AccountState::Active, profile: Profile::default() };
    let observed =
        from.map(|roles| Observed { account: Some(account), seat: seat(roles), ..Observed::default() });
    let desired = to.map_or(Presence::Absent, |roles| Presence::Seated(seat(roles)));
    Impact::of(observed.as_ref(), &desired, &catalogue())
}

/// The roles that somebody has, those desired, and what that is; `None` is to be not there.
type Row<'a> = (Option<&'a [&'a str]>, Option<&'a [&'a str]>, Impact);

#[test]
fn what_a_job_does_is_found_from_what_was_seen_and_what_is_desired() {
    let (none, loss) = (Impact::default(), Impact { loss: true, promotion: false });
    let promotion = Impact { loss: false, promotion: true };
    let rows: [Row; 13] = [
        (None, None, none),
        (None, Some(&["admin"]), none),
        (Some(&["viewer"]), None, loss),
        (Some(&[]), None, loss),
        (Some(&["admin"]), Some(&["viewer"]), loss),
        (Some(&["editor"]), Some(&[]), loss),
        (Some(&["editor"]), Some(&["writer"]), none),
        (Some(&["viewer"]), Some(&["editor"]), none),
        (Some(&["viewer"]), Some(&["admin"]), promotion),
        (Some(&[]), Some(&["admin"]), promotion),
        (Some(&["billing", "viewer"]), Some(&["viewer"]), none),
        // A group of one role has no highest.
        (Some(&[]), Some(&["only"]), none),
        (Some(&["viewer", "only"]), Some(&["admin"]), Impact { loss: true, promotion: true }),
    ];
    for (from, to, expected) in rows {
        assert_eq!(impact(from, to), expected, "{from:?} to {to:?}");
    }
}

const LOSS: Impact = Impact { loss: true, promotion: false };
const PROMOTION: Impact = Impact { loss: false, promotion: true };

fn seats(seats: u64) -> Tally {
    Tally { seats, ..Tally::default() }
}

/// Counts jobs that begin in these minutes, and answers how many did.
fn begin(tally: &mut Tally, guards: &Guards, minutes: impl IntoIterator<Item = i64>) -> usize {
    let mut begun = 0;
    for minute in minutes {
        if let Ok(next) = tally.count(guards, LOSS, at(minute)) {
            *tally = next;
            begun += 1;
        }
    }
    begun
}

#[test]
fn work_is_held_beyond_both_the_count_and_the_share() {
    let guards = Guards::default();
    assert_eq!(begin(&mut seats(10), &guards, [0; 20]), 5, "20 % of 10 are fewer than 5");
    assert_eq!(begin(&mut seats(100), &guards, [0; 50]), 20);
    assert_eq!(begin(&mut seats(0), &guards, [0; 50]), 5);
    let none = Guards { losses: Limit { count: 0, percent: 0 }, ..Guards::default() };
    assert_eq!(begin(&mut seats(10), &none, [0]), 0);
    let all = Guards { losses: Limit { count: 0, percent: 100 }, ..Guards::default() };
    assert_eq!(begin(&mut seats(10), &all, [0; 20]), 10);
}

#[test]
fn slow_drips_add_up_and_the_hour_rolls() {
    let (mut tally, guards) = (seats(10), Guards::default());
    assert_eq!(begin(&mut tally, &guards, (0..=6).map(|index| index * 10)), 5, "every 10 minutes");
    // The first began at minute 0.
    assert_eq!(begin(&mut tally, &guards, [64, 65]), 1);
    for begins in 0..600 {
        let _ = begin(&mut tally, &guards, [105 + begins]);
        assert!(tally.lately.len() <= 14, "what is too old is dropped");
    }
}

#[test]
fn no_hour_has_more_than_the_limit() {
    let (mut tally, guards) = (seats(10), Guards::default());
    let mut begun = Vec::new();
    for minute in 0..400 {
        if begin(&mut tally, &guards, [minute]) == 1 {
            begun.push(minute);
        }
    }
    assert!(begun.len() > 20, "{begun:?}");
    for first in 0..400 {
        let within = begun.iter().filter(|minute| (first..first + 60).contains(*minute)).count();
        assert!(within <= 5, "{within} from minute {first}");
    }
}

#[test]
fn removals_do_not_lower_the_limit_for_the_next() {
    let mut tally = seats(100);
    for _ in 0..20 {
        tally = tally.count(&Guards::default(), LOSS, at(0)).unwrap();
        tally.seats -= 1;
    }
    assert!(tally.count(&Guards::default(), LOSS, at(1)).is_err());
}

#[test]
fn promotions_are_counted_apart() {
    let mut tally = seats(10);
    assert_eq!(begin(&mut tally, &Guards::default(), [0; 9]), 5);
    for _ in 0..5 {
        tally = tally.count(&Guards::default(), PROMOTION, at(1)).unwrap();
    }
    let held = tally.count(&Guards::default(), PROMOTION, at(1)).unwrap_err();
    assert_eq!(held.class, BLAST_RADIUS);
    assert!(held.message.contains("6 promotions"), "{}", held.message);
}

#[test]
fn a_job_is_counted_once_and_an_approval_covers_all_of_it() {
    let both = LOSS.and(PROMOTION);
    let counted = GuardRecord { passed: LOSS, ruling: None };
    assert_eq!(counted.uncounted(both), PROMOTION);
    let ruling = Ruling::expired("c", at(0));
    let approved = Ruling { verdict: Verdict::Approved, ..ruling.clone() };
    assert!(GuardRecord { passed: Impact::default(), ruling: Some(approved) }.uncounted(both).is_none());
    assert_eq!(GuardRecord { passed: Impact::default(), ruling: Some(ruling) }.uncounted(both), both);
}
