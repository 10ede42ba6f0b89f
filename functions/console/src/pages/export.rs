//! What pages show, as a file: sheets (CSV, RFC 4180) and the answers of the API.

use axum::response::{IntoResponse, Response};
use http::header;
use serde::Serialize;
use usher_domain::ports::StoreError;

use crate::error::Problem;

/// A sheet that browsers keep as a file.
pub(super) fn sheet<const N: usize>(
    name: &str,
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Response {
    let mut text = line(&head.map(str::to_owned));
    rows.into_iter().for_each(|row| text.push_str(&line(&row)));
    file("text/csv; charset=utf-8", name, text)
}

/// An answer of the API that browsers keep as a file.
pub(super) fn document(name: &str, content: &impl Serialize) -> Result<Response, Problem> {
    let defect = |error| StoreError::Defect { during: "writing a file", source: Box::new(error) };
    Ok(file("application/json", name, serde_json::to_string(content).map_err(defect)?))
}

fn file(media_type: &'static str, name: &str, content: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)], content)
        .into_response()
}

/// A line of CSV (RFC 4180).
fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell. One that begins as a formula does gets an apostrophe: a sheet must not compute what somebody was named.
fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if guard.is_empty() && !cell.contains([',', '"', '\n', '\r']) {
        return cell.to_owned();
    }
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_keep_to_themselves() {
        let cells = ["plain", "a,b", "say \"hi\"", "=HYPERLINK(1)"].map(str::to_owned);
        assert_eq!(line(&cells), "plain,\"a,b\",\"say \"\"hi\"\"\",\"'=HYPERLINK(1)\"\r\n");
    }
}
