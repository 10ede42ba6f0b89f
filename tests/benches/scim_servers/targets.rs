//! What Usher wants to reach, beside what it reaches.

use serde::Serialize;

use crate::{
    arena::Size,
    load::Figure,
    operations::{CREATE, FILTER, GET, PATCH_LARGE, PATCH_SMALL},
    servers::Kind,
};

/// A target and what was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Target {
    pub(crate) people: usize,
    pub(crate) what: String,
    pub(crate) wanted: String,
    pub(crate) measured: String,
    pub(crate) met: bool,
}

/// Whether the targets are met, as far as there are figures for them.
pub(crate) fn judge(sizes: &[Size]) -> Vec<Target> {
    sizes.iter().flat_map(of_size).collect()
}

fn of_size(size: &Size) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut add = |what: String, wanted: String, measured: String, met: bool| {
        targets.push(Target { people: size.people, what, wanted, measured, met });
    };
    let figure = |kind: Kind, operation: &str, clients: usize| figure(size, kind, operation, clients);
    for (operation, least) in [(GET, 8.0), (FILTER, 8.0), (CREATE, 4.0)] {
        for clients in [1, 8] {
            let Some(theirs) = figure(Kind::Scim2, operation, clients) else { continue };
            if let Some(ours) = figure(Kind::Serve, operation, clients) {
                let times = ours.per_second / theirs.per_second;
                add(
                    format!("{operation}, {clients} clients: throughput of usher serve"),
                    format!("≥ {least}× scim2-server's"),
                    format!("{times:.1}×"),
                    times >= least,
                );
                let part = theirs.p99_ms / ours.p99_ms;
                add(
                    format!("{operation}, {clients} clients: p99 of usher serve"),
                    "≤ 1/10 of scim2-server's".to_owned(),
                    format!("1/{part:.1}"),
                    part >= 10.0,
                );
            }
            if let Some(ours) = figure(Kind::Function, operation, clients) {
                let part = theirs.cpu_ms / ours.cpu_ms;
                add(
                    format!("{operation}, {clients} clients: processor time of usher function"),
                    "≤ 1/10 of scim2-server's".to_owned(),
                    format!("1/{part:.1}"),
                    part >= 10.0,
                );
            }
        }
    }
    for kind in [Kind::Serve, Kind::Function] {
        if let (Some(small), Some(large)) = (figure(kind, PATCH_SMALL, 1), figure(kind, PATCH_LARGE, 1)) {
            let times = large.p50_ms / small.p50_ms;
            add(
                format!("60 changes of a group of 10,000, {}", kind.name()),
                "≤ 2× the time of 60 changes of a group of 10".to_owned(),
                format!("{times:.2}×"),
                times <= 2.0,
            );
        }
    }
    for contestant in size.contestants.iter().filter(|c| c.server == Kind::Function.name()) {
        let most = contestant.resident_megabytes_after;
        add(
            "resident memory of usher function".to_owned(),
            "< 60 MB".to_owned(),
            format!("{most:.0} MB"),
            most < 60.0,
        );
    }
    targets
}

/// A figure that says something.
pub(crate) fn figure<'a>(size: &'a Size, kind: Kind, operation: &str, clients: usize) -> Option<&'a Figure> {
    let of = |figure: &&Figure| {
        figure.server == kind.name() && figure.operation == operation && figure.clients == clients
    };
    size.figures.iter().find(of).filter(|figure| figure.requests > 0)
}
