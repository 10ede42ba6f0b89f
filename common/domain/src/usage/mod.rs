//! Metering (the domain page's section of that name): what a workspace used in a calendar month (UTC). Pure.
//!
//! Counters only ever grow, and are read once a day. What a month used is the difference of two readings, so nothing is
//! counted twice, and a reading that was missed loses nothing: what it would have shown comes with the next one. What a
//! month that is over used no longer changes.

mod price;

use std::{collections::BTreeMap, fmt, str::FromStr};

use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{Timestamp, id::IntegrationId};

pub use price::{Bill, Line, PriceSheet};

/// The day of a moment. Days and months are UTC's.
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(Date);

/// Why a text is no month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a month is written as 2026-11")]
pub struct NoMonth;

impl Month {
    /// The month of a moment.
    pub fn of(at: Timestamp) -> Self {
        Self(day_of(at).first_of_month())
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        self.0
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1.month()))
    }

    /// The month before it.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.saturating_sub(1.month()))
    }
}

impl FromStr for Month {
    type Err = NoMonth;

    fn from_str(text: &str) -> Result<Self, NoMonth> {
        let digits = |part: &str, long: usize| part.len() == long && part.bytes().all(|b| b.is_ascii_digit());
        let (year, month) = text.split_once('-').ok_or(NoMonth)?;
        if !digits(year, 4) || !digits(month, 2) {
            return Err(NoMonth);
        }
        let parts = (year.parse().map_err(|_| NoMonth)?, month.parse().map_err(|_| NoMonth)?);
        Date::new(parts.0, parts.1, 1).map(Self).map_err(|_| NoMonth)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

/// What an integration has used since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meter {
    /// How many people have a seat in the app, as recorded.
    pub seats: u64,
    /// Jobs that were executed to an end: done, or failed.
    pub jobs: u64,
    /// Requests to the app, those of syncs and of attempts that failed included.
    pub app_calls: u64,
}

/// The meters of a workspace at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The day that had just begun.
    pub day: Date,
    /// When they were read.
    pub at: Timestamp,
    /// Each integration's.
    pub meters: BTreeMap<IntegrationId, Meter>,
}

/// An integration that was disconnected: what it used stays counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// Its id.
    pub integration: IntegrationId,
    /// Its name.
    pub name: String,
    /// What it had used; `None` while its tally still tells.
    pub meter: Option<Meter>,
}

/// What an integration used in a month, or all of them together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Used {
    /// The most seats of a reading.
    pub seats_peak: u64,
    /// The mean of the month's readings.
    pub seats_average: f64,
    /// Jobs that were executed.
    pub jobs: u64,
    /// Requests to apps.
    pub app_calls: u64,
}

/// What a workspace used in a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Usage {
    /// Which month.
    pub month: Month,
    /// Requests of identity providers that were let in, whatever came of them.
    pub scim_requests: u64,
    /// All integrations together: the peak is that of the sum.
    pub total: Used,
    /// Each integration.
    pub integrations: BTreeMap<IntegrationId, Used>,
}

impl Usage {
    /// The usage of a month.
    ///
    /// `readings` are in order, up to the first day of the next month, and begin with the last one up to the month's own
    /// first day, where there is one: before the first reading of all nothing was used. `now` is the present one, for the
    /// present month.
    pub fn of(month: Month, readings: &[Reading], now: Option<&Reading>, scim_requests: u64) -> Self {
        let began = readings.iter().rfind(|reading| reading.day <= month.first_day());
        let ended = now.or(readings.last());
        let seats = Seats::of(month, readings, now);
        let ids = ended.map(|ended| ended.meters.keys()).into_iter().flatten();
        let integrations: BTreeMap<IntegrationId, Used> = ids
            .map(|id| {
                let of = |reading: &Reading| reading.meters.get(id).copied().unwrap_or_default();
                (id.clone(), used(began.map(of), ended.map(of), &seats, |reading| of(reading).seats))
            })
            .collect();
        // Each for itself, because one of the first reading may be forgotten in the last.
        let add = |of: fn(&Used) -> u64| integrations.values().map(of).sum();
        let total = Used {
            jobs: add(|used| used.jobs),
            app_calls: add(|used| used.app_calls),
            ..used(None, None, &seats, all_seats)
        };
        Self { month, scim_requests, total, integrations }
    }

    /// The same without the integrations that somebody may not see, and without what belongs to none of them.
    #[must_use]
    pub fn only(self, may: impl Fn(&IntegrationId) -> bool) -> Self {
        let integrations: BTreeMap<_, _> = self.integrations.into_iter().filter(|(id, _)| may(id)).collect();
        let total = integrations.values().fold(Used::default(), |sum, used| Used {
            // Nobody knows whether they had their peaks on one day.
            seats_peak: sum.seats_peak + used.seats_peak,
            seats_average: sum.seats_average + used.seats_average,
            jobs: sum.jobs + used.jobs,
            app_calls: sum.app_calls + used.app_calls,
        });
        Self { scim_requests: 0, total, integrations, ..self }
    }
}

impl Month {
    fn covers(self, day: Date) -> bool {
        day >= self.first_day() && day < self.next().first_day()
    }
}

fn all_seats(reading: &Reading) -> u64 {
    reading.meters.values().map(|meter| meter.seats).sum()
}

/// The readings that a month's seats are taken from.
struct Seats<'a> {
    all: Vec<&'a Reading>,
    /// One of each day: today is read twice, in the morning and now.
    daily: BTreeMap<Date, &'a Reading>,
}

impl<'a> Seats<'a> {
    fn of(month: Month, readings: &'a [Reading], now: Option<&'a Reading>) -> Self {
        let own = readings.iter().filter(|reading| month.covers(reading.day));
        let mut all: Vec<&Reading> = own.chain(now).collect();
        // Of a month that was not read it is only known what it began with.
        if all.is_empty() {
            all.extend(readings.last());
        }
        Self { daily: all.iter().map(|reading| (reading.day, *reading)).collect(), all }
    }
}

fn used(
    began: Option<Meter>,
    ended: Option<Meter>,
    read: &Seats<'_>,
    seats: impl Fn(&Reading) -> u64,
) -> Used {
    let (began, ended) = (began.unwrap_or_default(), ended.unwrap_or_default());
    let days = read.daily.len().max(1);
    Used {
        seats_peak: read.all.iter().map(|reading| seats(reading)).max().unwrap_or_default(),
        seats_average: read.daily.values().map(|reading| seats(reading)).sum::<u64>() as f64 / days as f64,
        jobs: ended.jobs.saturating_sub(began.jobs),
        app_calls: ended.app_calls.saturating_sub(began.app_calls),
    }
}

#[cfg(test)]
mod tests;
