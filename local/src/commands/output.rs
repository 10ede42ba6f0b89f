//! What commands print: JSON for programs, aligned text for people.

use std::io::{self, Write};

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::Failure;

/// How this call prints.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    /// Whether programs read it.
    pub(super) json: bool,
}

impl Output {
    /// Prints an answer: as it is for programs, as `human` puts it for people.
    pub(super) fn show(self, answer: &Value, human: impl FnOnce() -> String) -> Result<(), Failure> {
        line(&if self.json { answer.to_string() } else { human() })
    }
}

/// Writes to standard output. A reader that has seen enough, such as `head`, is no failure.
pub(super) fn line(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("standard output cannot be written: {error}").into())
        }
        _ => Ok(()),
    }
}

/// Writes to standard error. When even that is closed, nobody is left to be told.
pub(super) fn complain(text: &str) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Rows below aligned headings; `none` says it where there are none.
pub(super) fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]], none: &str) -> String {
    if rows.is_empty() {
        return none.to_owned();
    }
    let headings = headings.map(str::to_owned);
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(|cell| plain(cell))).collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        std::iter::once(&headings).chain(&rows).map(|row| row[column].width()).max().unwrap_or(0)
    });
    let lines = std::iter::once(&headings).chain(&rows).map(|row| {
        let cells = row.iter().zip(widths).map(|(cell, width)| pad(cell, width));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Aligned names and values.
pub(super) fn fields(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    let lines = pairs.iter().map(|(name, value)| format!("{}  {}", pad(name, width), plain(value)));
    lines.collect::<Vec<_>>().join("\n")
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// Names come from outside: nothing in them may steer the terminal or break the row.
pub(super) fn plain(text: &str) -> String {
    if text.is_empty() {
        return "-".to_owned();
    }
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_also_with_wide_letters() {
        let rows = [["東京".to_owned(), "x".to_owned()], ["Brand".to_owned(), String::new()]];
        assert_eq!(table(["TEAM", "ID"], &rows, "none"), "TEAM   ID\n東京   x\nBrand  -");
        assert_eq!(table(["TEAM"], &[], "No teams."), "No teams.");
    }

    #[test]
    fn names_do_not_steer_the_terminal() {
        assert_eq!(fields(&[("Name", "a\u{1b}[31m\nb".to_owned())]), "Name  a [31m b");
    }
}
