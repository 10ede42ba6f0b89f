//! Just enough of Rust to read from the sources which functions call which.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The workspace's folder.
pub(super) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The Rust files of a folder of the workspace, without tests.
pub(super) fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(ROOT).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match path.is_dir() {
                true => folders.push(path),
                false if name.ends_with(".rs") && !name.ends_with("tests.rs") => found.push(path),
                false => {}
            }
        }
    }
    found
}

/// The words and marks of a file up to its tests, without comments and texts.
pub(super) fn tokens(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => text_length(rest),
            // A quoted character, which may be a bracket; a lifetime has no second quote so near.
            '\'' if rest[1..].chars().nth(1) == Some('\'') => {
                2 + rest[1..].chars().next().unwrap().len_utf8()
            }
            first if first.is_alphanumeric() || first == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                tokens.push(rest[..end].to_owned());
                end
            }
            first => {
                if !first.is_whitespace() {
                    tokens.push(first.to_string());
                }
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    tokens
}

fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (place, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return place + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// A function that has a body.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    /// The trait that it implements for the store, if it does.
    pub(super) port: Option<String>,
    pub(super) body: Vec<String>,
}

/// The functions of a file.
pub(super) fn functions(tokens: &[String]) -> Vec<Function> {
    let at = |place: usize| tokens.get(place).map_or("", String::as_str);
    let (mut found, mut port, mut port_ends) = (Vec::new(), None, 0);
    let mut place = 0;
    while place < tokens.len() {
        if place >= port_ends {
            port = None;
        }
        if at(place) == "impl" && at(place + 2) == "for" && at(place + 3) == "Store" {
            port = Some(at(place + 1).to_owned());
            port_ends = matching(tokens, place + 4);
        } else if at(place) == "fn" {
            let name = at(place + 1).to_owned();
            let begin = (place..tokens.len()).find(|it| matches!(at(*it), "{" | ";")).unwrap_or(tokens.len());
            if at(begin) == "{" {
                let end = matching(tokens, begin);
                found.push(Function { name, port: port.clone(), body: tokens[begin..end].to_vec() });
                place = end;
                continue;
            }
        }
        place += 1;
    }
    found
}

/// The place after the bracket that closes the one that opens here.
fn matching(tokens: &[String], opening: usize) -> usize {
    let mut depth = 0;
    for (place, token) in tokens.iter().enumerate().skip(opening) {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return place + 1;
        }
    }
    tokens.len()
}

/// A call in a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    /// What stands before: `self` for `self.get(…)`, `Range` for `Range::of(…)`, nothing for `get(…)`.
    pub(super) on: &'a str,
    pub(super) name: &'a str,
    /// The first word of the first argument.
    pub(super) first: &'a str,
    pub(super) method: bool,
}

/// The calls in a body.
pub(super) fn calls(body: &[String]) -> Vec<Call<'_>> {
    let at = |place: Option<usize>| place.and_then(|place| body.get(place)).map_or("", String::as_str);
    let opened = (1..body.len()).filter(|place| body[*place] == "(");
    opened
        .map(|open| {
            let before = at(open.checked_sub(2));
            let method = before == ".";
            let on = match before {
                "." => at(open.checked_sub(3)),
                ":" => at(open.checked_sub(4)),
                _ => "",
            };
            let first = at(Some(open + 1));
            let first = if first == "&" { at(Some(open + 2)) } else { first };
            Call { on, name: &body[open - 1], first, method }
        })
        .collect()
}

#[test]
fn calls_are_read() {
    let body: Vec<String> = ["self", ".", "get", "(", "&", "key", ")", "keys", ":", ":", "job", "(", ")"]
        .map(str::to_owned)
        .into();
    let expected = [
        Call { on: "self", name: "get", first: "key", method: true },
        Call { on: "keys", name: "job", first: ")", method: false },
    ];
    assert_eq!(calls(&body), expected);
}
