//! The tables of docs/ACCESS-PATTERNS.md: measured here, so that they cannot go stale.

mod directory;
mod measure;
pub(crate) mod world;

use std::{env, fmt::Write, fs, path::Path};

use measure::Section;
use usher_local::embedded::Usage;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ACCESS-PATTERNS.md");
const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";
const UPDATE: &str = "USHER_UPDATE_DOCS";

#[tokio::test]
async fn the_page_of_access_patterns_says_what_is_measured() {
    let page = fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the page has a begin marker");
    let (block, after) = rest.split_once(END).expect("the page has an end marker");
    let measured = render(&measure::all().await);
    if block == measured {
        return;
    }
    if env::var_os(UPDATE).is_some() {
        fs::write(Path::new(PAGE), format!("{before}{BEGIN}{measured}{END}{after}")).unwrap();
        return;
    }
    panic!(
        "what operations ask of the database differs from docs/ACCESS-PATTERNS.md:\n{}\nif that is meant, update the \
         page:\n  {UPDATE}=1 cargo test -p usher-tests --test e2e access_patterns\n",
        differences(block, &measured)
    );
}

/// One table for each function.
fn render(sections: &[Section]) -> String {
    let mut text = String::from("\n");
    for section in sections {
        let head = "| Operation | Calls | Round trips | Read units | Write units |\n|---|---|--:|--:|--:|\n";
        let _ = write!(text, "\n### {}\n\n{head}", section.title);
        for row in &section.rows {
            let calls: Vec<String> =
                row.calls.iter().map(|(name, usage)| format!("{name} {}", usage.calls)).collect();
            line(&mut text, row.operation, &calls.join(", "), row.calls.total());
        }
        if let Some(sum) = section.sum() {
            line(&mut text, "**sum**", "", sum);
        }
    }
    text.push('\n');
    text
}

fn line(text: &mut String, operation: &str, calls: &str, total: Usage) {
    let refused = if total.refused > 0 { " (refused)" } else { "" };
    let Usage { calls: trips, read_units, write_units, .. } = total;
    let _ = writeln!(text, "| {operation} | {calls}{refused} | {trips} | {read_units} | {write_units} |");
}

/// The lines that only one of the two has.
fn differences(page: &str, measured: &str) -> String {
    let gone = page.lines().filter(|line| !measured.lines().any(|other| other == *line));
    let new = measured.lines().filter(|line| !page.lines().any(|other| other == *line));
    let lines: Vec<String> = gone
        .map(|line| format!("  page:     {line}"))
        .chain(new.map(|line| format!("  measured: {line}")))
        .collect();
    lines.join("\n")
}
