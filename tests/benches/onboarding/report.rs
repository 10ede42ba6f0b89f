//! What is printed.

use std::fmt::Write;

use serde::Serialize;

use crate::{bill::Bill, drive::Onboarded, prices::Prices, throughput::Throughput};

/// One step of the path, for one person.
#[derive(Debug, Serialize)]
struct Row {
    step: &'static str,
    write_units: f64,
    read_units: f64,
    round_trips: f64,
    invocations: f64,
    worked_ms: f64,
}

/// A line of the bill.
#[derive(Debug, Serialize)]
struct Line {
    what: &'static str,
    usd_per_1000: f64,
}

/// Everything.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    throughput: Throughput,
    planned_per_second: f64,
    executed_per_second: f64,
    steps: Vec<Row>,
    bill: Vec<Line>,
    usd_per_1000: f64,
    target_usd_per_1000: f64,
}

impl Report {
    pub(crate) fn of(onboarded: &Onboarded, prices: &Prices, throughput: Throughput) -> Self {
        let people = onboarded.people as f64;
        let row = |step: &crate::drive::Step| Row {
            step: step.name,
            write_units: step.usage.write_units / people,
            read_units: step.usage.read_units / people,
            round_trips: step.usage.calls as f64 / people,
            invocations: step.invocations as f64 / people,
            worked_ms: step.worked.as_secs_f64() * 1_000.0 / people,
        };
        let bill = Bill::of(onboarded, prices);
        let line = |(what, usd_per_1000): &(&'static str, f64)| Line { what, usd_per_1000: *usd_per_1000 };
        Self {
            planned_per_second: throughput.planned_per_second(),
            executed_per_second: throughput.executed_per_second(),
            throughput,
            steps: onboarded.steps.iter().map(row).collect(),
            bill: bill.lines.iter().map(line).collect(),
            usd_per_1000: bill.lines.iter().map(|(_, usd)| usd).sum(),
            target_usd_per_1000: prices.target_usd_per_1000,
        }
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let Throughput { people, planning_seconds, jobs, executing_seconds, at_once, .. } = &self.throughput;
        let planning_ms = self.throughput.planning_cpu_seconds * 1_000.0 / *people as f64;
        let executing_ms = self.throughput.executing_cpu_seconds * 1_000.0 / *jobs as f64;
        let _ = writeln!(
            text,
            "A team of {people} people is shared\n  planned   {planning_seconds:>8.1} s {:>8.0} people/s, \
             {planning_ms:.2} ms of CPU each\n  executed  {executing_seconds:>8.1} s {:>8.0} jobs/s, \
             {executing_ms:.2} ms of CPU each, {jobs} jobs, {at_once} at the same time\n",
            self.planned_per_second, self.executed_per_second
        );
        let [writes, reads, trips, calls, ms] = ["writes", "reads", "trips", "calls", "ms"];
        let _ = writeln!(
            text,
            "{:<48} {writes:>7} {reads:>7} {trips:>7} {calls:>7} {ms:>7}",
            "One person, step by step"
        );
        let total = |of: fn(&Row) -> f64| self.steps.iter().map(of).sum::<f64>();
        let sum = Row {
            step: "sum",
            write_units: total(|row| row.write_units),
            read_units: total(|row| row.read_units),
            round_trips: total(|row| row.round_trips),
            invocations: total(|row| row.invocations),
            worked_ms: total(|row| row.worked_ms),
        };
        for row in self.steps.iter().chain([&sum]) {
            let Row { step, write_units, read_units, round_trips, invocations, worked_ms } = row;
            let _ = writeln!(
                text,
                "  {step:<46} {write_units:>7.1} {read_units:>7.1} {round_trips:>7.1} {invocations:>7.1} {worked_ms:>7.2}"
            );
        }
        let _ = writeln!(text, "\n1,000 people, USD at us-east-1 list prices");
        for Line { what, usd_per_1000 } in &self.bill {
            let _ = writeln!(text, "  {what:<46} {usd_per_1000:>9.5}");
        }
        let (sum, target) = (self.usd_per_1000, self.target_usd_per_1000);
        let _ = writeln!(text, "  {:<46} {sum:>9.5}  (target: below {target})", "sum");
        text
    }
}
