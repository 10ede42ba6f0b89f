//! The tables of docs/ACCESS-PATTERNS.md: measured here, so that they cannot go stale.

mod directory;
mod measure;
mod scim;
pub(crate) mod world;

use std::fmt::Write;

use measure::Section;
use usher_local::embedded::Usage;

use crate::measured;

#[tokio::test]
async fn the_page_of_access_patterns_says_what_is_measured() {
    measured::compare("docs/ACCESS-PATTERNS.md", &render(&measure::all().await), "access_patterns");
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
