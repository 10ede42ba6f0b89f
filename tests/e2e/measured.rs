//! Pages of the documentation that hold what is measured: a test compares them, so that they cannot go stale.

use std::{env, fs};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../");
const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";
const UPDATE: &str = "USHER_UPDATE_DOCS";

/// Compares what a page says between its marks with what was measured, or writes it there where that is asked for.
pub(crate) fn compare(page: &str, measured: &str, test: &str) {
    let path = format!("{ROOT}{page}");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the page has a begin mark");
    let (block, after) = rest.split_once(END).expect("the page has an end mark");
    if block == measured {
        return;
    }
    if env::var_os(UPDATE).is_some() {
        fs::write(&path, format!("{before}{BEGIN}{measured}{END}{after}")).unwrap();
        return;
    }
    panic!(
        "what is measured differs from {page}:\n{}\nif that is meant, update the page:\n  {UPDATE}=1 cargo test -p \
         usher-tests --test e2e {test}\n",
        differences(block, measured)
    );
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
