use proptest::prelude::*;

use super::*;

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn meter(seats: u64, jobs: u64, app_calls: u64) -> Meter {
    Meter { seats, jobs, app_calls }
}

fn reading(day: &str, meters: &[(&str, Meter)]) -> Reading {
    Reading {
        day: day.parse().unwrap(),
        at: format!("{day}T00:01:00Z").parse().unwrap(),
        meters: meters.iter().map(|(id, meter)| (id.parse().unwrap(), *meter)).collect(),
    }
}

#[test]
fn a_month_is_a_year_and_a_month() {
    assert_eq!(Month::of("2026-11-30T23:59:59Z".parse().unwrap()), month("2026-11"));
    assert_eq!((month("2026-12").next(), month("2026-01").previous()), (month("2027-01"), month("2025-12")));
    assert_eq!(month("2026-03").to_string(), "2026-03");
    for wrong in ["2026", "2026-13", "2026-1", "26-01", "2026-11-01", "2026-ab", "+026-01", ""] {
        assert_eq!(wrong.parse::<Month>(), Err(NoMonth), "{wrong}");
    }
}

#[test]
fn a_month_used_the_difference_of_two_readings() {
    let readings = [
        reading("2026-11-01", &[("meta", meter(10, 100, 1_000))]),
        reading("2026-11-02", &[("meta", meter(14, 120, 1_100)), ("git", meter(2, 2, 9))]),
        reading("2026-11-03", &[("meta", meter(12, 125, 1_200)), ("git", meter(5, 6, 20))]),
        reading("2026-12-01", &[("meta", meter(90, 130, 1_250)), ("git", meter(5, 7, 25))]),
    ];
    let usage = Usage::of(month("2026-11"), &readings, None, 77);
    let meta = Used { seats_peak: 14, seats_average: 12.0, jobs: 30, app_calls: 250 };
    assert_eq!(usage.integrations[&"meta".parse().unwrap()], meta, "December's seats are December's");
    // 10, 16 and 17 seats: the peak of the sum, not the sum of the peaks.
    let total = Used { seats_peak: 17, seats_average: 43.0 / 3.0, jobs: 37, app_calls: 275 };
    assert_eq!((usage.scim_requests, usage.total), (77, total));
    // A reading that is missing moves what was used to the month of the next one, and loses none of it.
    let missed = [&readings[..2], &[reading("2026-12-02", &[("meta", meter(1, 140, 1_300))])]].concat();
    assert_eq!(Usage::of(month("2026-11"), &missed[..2], None, 0).total.jobs, 22);
    // One that is gone from the last reading takes nothing from what the others used.
    assert_eq!(Usage::of(month("2026-12"), &missed[1..], None, 0).total.jobs, 140 - 120);
}

#[test]
fn the_present_month_goes_up_to_now() {
    let (first, noon) = (
        reading("2026-11-01", &[("meta", meter(3, 5, 8))]),
        reading("2026-11-01", &[("meta", meter(5, 9, 20))]),
    );
    let usage = Usage::of(month("2026-11"), &[first], Some(&noon), 0);
    // Today counts once, as it is now; its peak is the higher one.
    assert_eq!(usage.total, Used { seats_peak: 5, seats_average: 5.0, jobs: 4, app_calls: 12 });
    let fresh = Usage::of(month("2026-11"), &[], Some(&noon), 0);
    assert_eq!(fresh.total.jobs, 9, "nothing was read before");
}

#[test]
fn before_the_first_reading_nothing_was_used() {
    let first = [reading("2026-11-22", &[("meta", meter(3, 5, 8))])];
    let usage = Usage::of(month("2026-11"), &first, None, 0);
    assert_eq!(usage.total, Used { seats_peak: 3, seats_average: 3.0, jobs: 5, app_calls: 8 });
    assert_eq!(Usage::of(month("2026-11"), &[], None, 4).total, Used::default());
}

#[test]
fn who_may_see_some_integrations_sees_their_usage_alone() {
    let readings = [reading("2026-11-02", &[("meta", meter(3, 5, 8)), ("git", meter(2, 1, 4))])];
    let usage = Usage::of(month("2026-11"), &readings, None, 70).only(|id| id.as_str() == "git");
    assert_eq!((usage.scim_requests, usage.integrations.len()), (0, 1));
    assert_eq!(usage.total, Used { seats_peak: 2, seats_average: 2.0, jobs: 1, app_calls: 4 });
}

#[test]
fn a_bill_has_a_line_for_what_has_a_price() {
    let sheet: PriceSheet = serde_json::from_str(
        r#"{"currency": "EUR", "month": 20, "per_1000_jobs": 2, "seat_on_average": 0.5}"#,
    )
    .unwrap();
    let readings = [reading("2026-11-02", &[("meta", meter(30, 500, 8))])];
    let bill = sheet.bill(&Usage::of(month("2026-11"), &readings, None, 1_000));
    let lines: Vec<_> = bill.lines.iter().map(|line| (line.what, line.amount)).collect();
    assert_eq!(lines, [("Month", 20.0), ("Jobs", 1.0), ("Seats, average", 15.0)]);
    assert_eq!((bill.currency.as_str(), bill.total), ("EUR", 36.0));
    assert!(
        serde_json::from_str::<PriceSheet>(r#"{"currency": "EUR", "seat": 1}"#).is_err(),
        "a typing error"
    );
}

proptest! {
    /// However the days of two months are read or missed, every job is in one month, and in one alone.
    #[test]
    fn nothing_is_lost_or_counted_twice(used in prop::collection::vec(0u64..50, 70), read in prop::collection::vec(any::<bool>(), 70)) {
        let first: Date = "2026-09-20".parse().unwrap();
        let (mut jobs, mut readings) = (0, Vec::new());
        for (number, (used, read)) in used.iter().zip(&read).enumerate() {
            let day = first.saturating_add(i64::try_from(number).unwrap().days());
            if *read || number + 1 == 70 {
                readings.push(Reading {
                    day: if number + 1 == 70 { "2026-12-01".parse().unwrap() } else { day },
                    at: "2026-09-20T00:00:00Z".parse().unwrap(),
                    meters: [("meta".parse().unwrap(), meter(0, jobs, 0))].into(),
                });
            }
            jobs += used;
        }
        let all = readings.last().unwrap().meters.values().next().unwrap().jobs;
        let mut counted = 0;
        for month in ["2026-09", "2026-10", "2026-11"].map(month) {
            counted += Usage::of(month, &relevant(month, &readings), None, 0).total.jobs;
        }
        prop_assert_eq!(counted, all);
    }
}

/// What a store answers for a month.
fn relevant(month: Month, readings: &[Reading]) -> Vec<Reading> {
    let before = readings.iter().rfind(|it| it.day <= month.first_day());
    let rest = readings.iter().filter(|it| it.day > month.first_day() && it.day <= month.next().first_day());
    before.into_iter().chain(rest).cloned().collect()
}
