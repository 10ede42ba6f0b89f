//! Arguments that several commands take. What is wrong with them is wrong usage, told before anything is sent.

use std::{fs, io::Read};

use clap::Args;
use reqwest::Url;
use serde_json::{Map, Value};

/// Which part of a list.
#[derive(Debug, Clone, Args)]
pub(super) struct Paging {
    /// Most rows to show
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) limit: u32,
    /// Where to go on: `next` of an earlier answer
    #[arg(long)]
    pub(super) cursor: Option<String>,
}

impl Paging {
    /// Everything.
    pub(super) fn all() -> Self {
        Self { limit: u32::MAX, cursor: None }
    }
}

/// An id as it may stand in an address. Dots alone would lead to another one.
pub(super) fn id(text: &str) -> Result<String, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if plain && (1..=128).contains(&text.len()) && text.bytes().any(|byte| byte != b'.') {
        return Ok(text.to_owned());
    }
    Err("an id has 1 to 128 letters, digits, `-`, `_` or `.`".to_owned())
}

/// A time span in seconds, such as `90`, `90s`, `10m`, `24h` or `30d`.
pub(super) fn seconds(text: &str) -> Result<u32, String> {
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit: u32 = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err("write a time span as 90s, 10m, 24h or 30d".to_owned()),
    };
    let number: u32 = digits.parse().map_err(|_| "write a time span as 90s, 10m, 24h or 30d".to_owned())?;
    number.checked_mul(unit).ok_or_else(|| "that is too long".to_owned())
}

/// A JSON object, or `@` and the file that holds it.
pub(super) fn json_object(text: &str) -> Result<Map<String, Value>, String> {
    let from_file;
    let text = match text.strip_prefix('@') {
        Some(path) => {
            from_file =
                fs::read_to_string(path).map_err(|error| format!("{path} cannot be read: {error}"))?;
            &from_file
        }
        None => text,
    };
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("it is JSON, but no object; write {…}".to_owned()),
        Err(error) => Err(format!("it is no JSON: {error}")),
    }
}

/// A secret from a file, or from standard input for `-`: an argument would show in the list of processes.
pub(super) fn secret(path: &str) -> Result<Value, String> {
    let mut text = String::new();
    let read = match path {
        "-" => std::io::stdin().read_to_string(&mut text),
        path => fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.map_err(|error| format!("{path} cannot be read: {error}"))?;
    let text = text.trim();
    if text.is_empty() {
        return Err(format!("{path} is empty"));
    }
    // A connector may want several parts: then the file holds an object.
    Ok(match serde_json::from_str(text) {
        Ok(fields @ Value::Object(_)) => fields,
        _ => Value::String(text.to_owned()),
    })
}

/// An address of Usher, with or without the admin API's path.
pub(super) fn origin(text: &str) -> Result<String, String> {
    let url: Url = text.parse().map_err(|_| "write it as https://usher.example.com".to_owned())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || url.query().is_some() {
        return Err("write it as https://usher.example.com".to_owned());
    }
    let text = url.as_str().trim_end_matches('/');
    Ok(text.strip_suffix("/api/v1").unwrap_or(text).to_owned())
}

/// Grants of one asset: `ID=permission,permission`.
pub(super) fn asset(text: &str) -> Result<(String, Vec<String>), String> {
    let wrong = || "write it as ASSET=permission,permission".to_owned();
    let (id, permissions) = text.split_once('=').ok_or_else(wrong)?;
    let permissions: Vec<_> = permissions.split(',').map(|permission| permission.trim().to_owned()).collect();
    if id.is_empty() || permissions.iter().any(String::is_empty) {
        return Err(wrong());
    }
    Ok((id.to_owned(), permissions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_lead_to_another_address() {
        assert!(id("main.okta").is_ok());
        for bad in ["", ".", "..", "a/b", "a b", "ü"] {
            assert!(id(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn time_spans_have_units() {
        assert_eq!(seconds("90"), Ok(90));
        assert_eq!(seconds("10m"), Ok(600));
        assert_eq!(seconds("30d"), Ok(2_592_000));
        for bad in ["", "m", "-1s", "5 weeks", "5w", "99999999d", "1ü"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_may_name_the_api() {
        assert_eq!(origin("http://127.0.0.1:8700/api/v1/"), Ok("http://127.0.0.1:8700".into()));
        assert_eq!(origin("https://usher.example.com"), Ok("https://usher.example.com".into()));
        for bad in ["usher.example.com", "localhost:8700", "file:///etc/hosts", "https://a?b"] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn assets_have_permissions() {
        assert_eq!(asset("page=read,post"), Ok(("page".into(), vec!["read".into(), "post".into()])));
        for bad in ["page", "page=", "=read", "page=read,"] {
            assert!(asset(bad).is_err(), "{bad}");
        }
    }
}
