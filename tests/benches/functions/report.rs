//! What is printed.

use std::{fmt::Write, time::Duration};

use crate::{
    measure::Figures,
    programs::{BUDGET, Program},
};

/// How large the programs are.
pub(crate) fn sizes(programs: &[Program]) -> String {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let mut text = format!("{:<24} {:>9} {:>9}\n", "program", "MB", "zipped MB");
    for program in programs {
        let verdict = if program.fits() { "" } else { "  over the budget" };
        let (bytes, zipped) = (megabytes(program.bytes), megabytes(program.zipped));
        let _ = writeln!(text, "{:<24} {bytes:>9.2} {zipped:>9.2}{verdict}", program.name);
    }
    let _ = writeln!(text, "{:<24} {:>9} {:>9.2}", "budget of each", "", megabytes(BUDGET));
    text
}

/// How fast they start and serve.
pub(crate) fn times(share: &str, figures: &[Figures]) -> String {
    let title = format!("Milliseconds with {share}");
    let [init, first, warm] = ["init p50", "first p50", "warm p50"];
    let mut text =
        format!("{title:<34} {init:>9} {:>7} {first:>9} {:>7} {warm:>9} {:>7}\n", "p90", "p90", "p90");
    for it in figures {
        let _ = write!(text, "{:<34}", it.name);
        for times in [&it.init, &it.first, &it.warm] {
            let _ = write!(text, " {:>9.1} {:>7.1}", at(times, 0.5), at(times, 0.9));
        }
        text.push('\n');
    }
    for rival in figures.iter().filter(|it| it.rival) {
        let Some(own) = figures.iter().find(|it| it.name == "scim") else { continue };
        let times = |of: fn(&Figures) -> &Vec<Duration>| at(of(rival), 0.5) / at(of(own), 0.5);
        let cold =
            (at(&rival.init, 0.5) + at(&rival.first, 0.5)) / (at(&own.init, 0.5) + at(&own.first, 0.5));
        let _ = writeln!(
            text,
            "scim beside {:<22} {:>8.1}x {:>7} {:>8.1}x {:>7} {:>8.1}x   init and first together {cold:.1}x",
            rival.name,
            times(|it| &it.init),
            "",
            times(|it| &it.first),
            "",
            times(|it| &it.warm),
        );
    }
    text
}

/// Milliseconds that this part of them stay below; they are sorted.
fn at(times: &[Duration], part: f64) -> f64 {
    let index = (times.len() as f64 * part).ceil() as usize;
    times.get(index.saturating_sub(1)).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
}
