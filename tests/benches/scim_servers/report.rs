//! What is printed.

use std::fmt::Write;

use serde::Serialize;

use crate::{
    arena::Size,
    conformance::Score,
    costs::Cost,
    servers::Kind,
    targets::{Target, figure},
};

/// Everything.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) sizes: Vec<Size>,
    pub(crate) costs: Vec<Cost>,
    pub(crate) conformance: Vec<Score>,
    pub(crate) targets: Vec<Target>,
    /// How long the run took.
    pub(crate) seconds: u64,
}

impl Report {
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for size in &self.sizes {
            of_size(&mut text, size);
            ratios(&mut text, size);
        }
        if !self.costs.is_empty() {
            let _ = writeln!(text, "\nAsked of DynamoDB by Usher\n");
            let _ = writeln!(text, "{:<24} {:>6} {:>8} {:>8}", "operation", "trips", "reads", "writes");
            for Cost { operation, usage } in &self.costs {
                let (trips, reads, writes) = (usage.calls, usage.read_units, usage.write_units);
                let _ = writeln!(text, "{operation:<24} {trips:>6} {reads:>8} {writes:>8}");
            }
        }
        if !self.conformance.is_empty() {
            let _ = writeln!(text, "\nusher check\n");
            for Score { server, total, stopped, .. } in &self.conformance {
                let (passed, failed) = (&total["passed"], &total["failed"]);
                let (blocked, skipped) = (&total["blocked"], &total["skipped"]);
                let _ = write!(
                    text,
                    "{server:<16} {passed} passed, {failed} failed, {blocked} blocked, {skipped} skipped"
                );
                let _ = match stopped.as_str() {
                    Some(reason) => writeln!(text, "; stopped: {reason}"),
                    None => writeln!(text),
                };
            }
        }
        if !self.targets.is_empty() {
            let _ = writeln!(text, "\nTargets\n");
        }
        for Target { people, what, wanted, measured, met } in &self.targets {
            let verdict = if *met { "met" } else { "MISSED" };
            let _ = writeln!(text, "{verdict:<7} {people:>7} people  {what:<62} {wanted:<45} {measured}");
        }
        let _ = writeln!(text, "\n{} s in all", self.seconds);
        text
    }
}

fn of_size(text: &mut String, size: &Size) {
    let _ = writeln!(text, "\n{} people\n", size.people);
    let _ = writeln!(
        text,
        "{:<16} {:>8} {:>9} {:>10} {:>10}",
        "server", "holds", "loaded s", "MB before", "MB after"
    );
    for contestant in &size.contestants {
        let (holds, loaded) = (contestant.holds, contestant.loaded_seconds);
        let (before, after) = (contestant.resident_megabytes, contestant.resident_megabytes_after);
        let _ =
            write!(text, "{:<16} {holds:>8} {loaded:>9.1} {before:>10.0} {after:>10.0}", contestant.server);
        let _ = match contestant.database_megabytes {
            Some(database) => writeln!(text, "   and its database {database:.0} MB"),
            None => writeln!(text),
        };
    }
    let _ = writeln!(
        text,
        "\n{:<22} {:>7}  {:<15} {:>7} {:>9} {:>9} {:>9} {:>9} {:>9} {:>8}",
        "operation", "clients", "server", "sent", "ops/s", "p50 ms", "p99 ms", "cpu ms", "db cpu", "load %"
    );
    let mut last = ("", 0);
    for figure in &size.figures {
        let this = (figure.operation, figure.clients);
        if std::mem::replace(&mut last, this) != this {
            let _ = writeln!(text);
        }
        let database = figure.database_cpu_ms.map_or_else(String::new, |cpu| format!("{cpu:.3}"));
        let _ = writeln!(
            text,
            "{:<22} {:>7}  {:<15} {:>7} {:>9.1} {:>9.3} {:>9.3} {:>9.3} {database:>9} {:>8.0}{}",
            figure.operation,
            figure.clients,
            figure.server,
            figure.requests,
            figure.per_second,
            figure.p50_ms,
            figure.p99_ms,
            figure.cpu_ms,
            figure.clients_cpu_share * 100.0,
            figure.wrong.as_ref().map_or_else(String::new, |wrong| format!("  WRONG: {wrong}")),
        );
    }
    for wrong in &size.wrong {
        let _ = writeln!(text, "\nWRONG: {wrong}");
    }
}

/// How many times faster Usher is, and how many times less processor time it takes.
fn ratios(text: &mut String, size: &Size) {
    let others = [Kind::Scim2, Kind::Scimmy];
    let _ = writeln!(
        text,
        "\n{:<22} {:>7}  {:<15} {:>27} {:>27}",
        "times better", "clients", "", "than scim2-server", "than SCIMMY"
    );
    let heads = ["ops/s", "p99", "cpu"];
    let heads = format!("{:>9}{:>9}{:>9}", heads[0], heads[1], heads[2]);
    let _ = writeln!(text, "{:<22} {:>7}  {:<15} {heads} {heads}", "", "", "");
    let ours =
        size.figures.iter().filter(|f| f.server == Kind::Serve.name() || f.server == Kind::Function.name());
    for ours in ours {
        let _ = write!(text, "{:<22} {:>7}  {:<15}", ours.operation, ours.clients, ours.server);
        for other in others {
            let _ = match figure(size, other, ours.operation, ours.clients) {
                Some(theirs) => write!(
                    text,
                    " {:>9.1}{:>9.1}{:>9.1}",
                    ours.per_second / theirs.per_second,
                    theirs.p99_ms / ours.p99_ms,
                    theirs.cpu_ms / ours.cpu_ms
                ),
                None => write!(text, " {:>9}{:>9}{:>9}", "", "", ""),
            };
        }
        let _ = writeln!(text);
    }
}
