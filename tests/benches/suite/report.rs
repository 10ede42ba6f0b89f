//! What is printed.

use std::{fmt::Write, fs, time::Duration};

use serde::Serialize;
use usher_local::embedded::{Calls, Usage};

use crate::{load::Times, measure::Section};

/// Milliseconds that half and 99 of 100 stay below.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Quantiles {
    p50_ms: f64,
    p99_ms: f64,
}

impl Quantiles {
    pub(crate) fn of(times: &Times) -> Self {
        let mut sorted = times.each.clone();
        sorted.sort();
        let at = |percent: usize| {
            let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
            sorted.get(index).copied().unwrap_or(Duration::ZERO).as_secs_f64() * 1_000.0
        };
        Self { p50_ms: at(50), p99_ms: at(99) }
    }
}

/// One operation by so many clients.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    operation: &'static str,
    clients: usize,
    per_second: f64,
    #[serde(flatten)]
    quantiles: Quantiles,
}

impl Figure {
    pub(crate) fn of(operation: &'static str, clients: usize, times: Times) -> Self {
        let per_second = times.each.len() as f64 / times.all.as_secs_f64();
        Self { operation, clients, per_second, quantiles: Quantiles::of(&times) }
    }
}

/// From the answer to the group PATCH to the app.
#[derive(Debug, Serialize)]
pub(crate) struct Seats {
    pub(crate) people: usize,
    pub(crate) first_call: Quantiles,
    pub(crate) last_call: Quantiles,
}

/// What the operations of one function ask of the database.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    title: &'static str,
    rows: Vec<Cost>,
    /// Where the rows are the steps of one thing.
    sum: Option<Usage>,
}

#[derive(Debug, Serialize)]
struct Cost {
    operation: &'static str,
    calls: Calls,
    total: Usage,
}

impl Table {
    pub(crate) fn of(section: &Section) -> Self {
        let rows: Vec<_> = section
            .rows
            .iter()
            .map(|row| Cost { operation: row.operation, calls: row.calls.clone(), total: row.calls.total() })
            .collect();
        Self { title: section.title, rows, sum: section.sum() }
    }
}

/// Everything.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) people: usize,
    pub(crate) operations: usize,
    pub(crate) scim: Vec<Figure>,
    pub(crate) seats: Seats,
    /// Of this process: the suite, its database, the clients and the app.
    pub(crate) resident_megabytes: Option<u64>,
    pub(crate) database: Vec<Table>,
}

impl Report {
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "SCIM over HTTP, {} users at the start, {} requests a figure\n\n{:<44} {:>7} {:>9} {:>9} {:>9}",
            self.people, self.operations, "operation", "clients", "ops/s", "p50 ms", "p99 ms"
        );
        for Figure { operation, clients, per_second, quantiles } in &self.scim {
            let Quantiles { p50_ms, p99_ms } = quantiles;
            let _ =
                writeln!(text, "{operation:<44} {clients:>7} {per_second:>9.0} {p50_ms:>9.2} {p99_ms:>9.2}");
        }
        let Seats { people, first_call, last_call } = &self.seats;
        let _ = writeln!(text, "\nFrom the answer to a group PATCH to the app, {people} people\n");
        for (what, quantiles) in [("first call of the connector", first_call), ("last call", last_call)] {
            let Quantiles { p50_ms, p99_ms } = quantiles;
            let _ = writeln!(text, "{what:<62} {p50_ms:>9.2} {p99_ms:>9.2}");
        }
        if let Some(resident) = self.resident_megabytes {
            let _ = writeln!(
                text,
                "\nResident memory (suite, database, clients and app together): {resident} MB"
            );
        }
        let _ = writeln!(text, "\nAsked of DynamoDB");
        for table in &self.database {
            let head = ["trips", "reads", "writes"];
            let _ = writeln!(text, "\n{:<72} {:>6} {:>6} {:>6}", table.title, head[0], head[1], head[2]);
            for row in &table.rows {
                cost(&mut text, row.operation, row.total);
            }
            if let Some(sum) = table.sum {
                cost(&mut text, "sum", sum);
            }
        }
        text
    }
}

fn cost(text: &mut String, what: &str, total: Usage) {
    let Usage { calls, read_units, write_units, .. } = total;
    let _ = writeln!(text, "  {what:<70} {calls:>6} {read_units:>6} {write_units:>6}");
}

/// The resident memory of this process, where the system tells it.
pub(crate) fn resident_megabytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes / 1024)
}
