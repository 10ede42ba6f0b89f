//! Cursors (RFC 9865): where a walk through a list goes on.
//!
//! A cursor holds a position and a fingerprint of the question it belongs to. It is no secret and needs none: what it points
//! at is read with the authority of whoever sends it, and a made-up one comes to nothing but another page of the same list.

use std::fmt::Write;

use crate::error::ScimError;

/// How long a cursor is good for, in seconds; announced as `cursorTimeout`.
pub const TIMEOUT_SECONDS: i64 = 3_600;
/// A cursor is read only up to this length.
const LONGEST: usize = 4_096;
/// The form of cursors that are made now.
const VERSION: &str = "1";

/// Where a walk goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The page of the store, in its own words; `None` for the first.
    pub page: Option<String>,
    /// How many resources of that page, or of a sorted list, are behind.
    pub skip: usize,
}

/// What a question is: two with the same fingerprint may go on with each other's cursors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Of the parts of a question: RFC 9865 §2 wants all parameters but the cursor to be "identical to the initial query".
    #[must_use]
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Fnv::new();
        for part in parts {
            hash.add(part.as_bytes());
            hash.add(&[0]);
        }
        Self(hash.0)
    }
}

/// Writes a cursor. RFC 9865 §2: "This value may only contain characters from the unreserved characters set".
#[must_use]
pub fn write(position: &Position, question: Fingerprint, now_seconds: i64) -> String {
    let page = position.page.as_deref().map_or_else(String::new, |p| format!("p{}", escaped(p)));
    let body = format!("{VERSION}.{now_seconds:x}.{:016x}.{:x}.{page}", question.0, position.skip);
    format!("{body}.{:08x}", checksum(&body))
}

/// Reads a cursor that was written for this question.
///
/// # Errors
/// 400 `invalidCursor` for any other text, 400 `expiredCursor` when it is too old.
pub fn read(text: &str, question: Fingerprint, now_seconds: i64) -> Result<Position, ScimError> {
    let (position, made_for, made_at) = parse(text).ok_or_else(invalid)?;
    if made_for != question.0 {
        return Err(invalid());
    }
    if now_seconds.saturating_sub(made_at) > TIMEOUT_SECONDS {
        return Err(ScimError::expired_cursor(format!(
            "the cursor is older than {TIMEOUT_SECONDS} seconds; start again with an empty cursor"
        )));
    }
    Ok(position)
}

fn invalid() -> ScimError {
    ScimError::invalid_cursor(
        "the cursor is none of this query; send nextCursor of the page before with the same parameters, or an empty one to start",
    )
}

fn parse(text: &str) -> Option<(Position, u64, i64)> {
    if text.len() > LONGEST {
        return None;
    }
    let (body, sum) = text.rsplit_once('.')?;
    if u32::from_str_radix(sum, 16).ok()? != checksum(body) {
        return None;
    }
    let mut parts = body.split('.');
    let mut next = || parts.next();
    if next()? != VERSION {
        return None;
    }
    let made_at = i64::from_str_radix(next()?, 16).ok()?;
    let question = u64::from_str_radix(next()?, 16).ok()?;
    let skip = usize::from_str_radix(next()?, 16).ok()?;
    let page = match next()? {
        "" => None,
        page => Some(unescaped(page.strip_prefix('p')?)?),
    };
    parts.next().is_none().then_some((Position { page, skip }, question, made_at))
}

/// Letters, digits, `-` and `_` as they are, other bytes as `~` and two digits. A store's own cursor mostly is plain.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "~{byte:02x}");
        }
    }
    out
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'~' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = rest.get(2..)?;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Tells a mistyped or cut-off cursor from a whole one.
fn checksum(text: &str) -> u32 {
    let mut hash = Fnv::new();
    hash.add(text.as_bytes());
    #[expect(clippy::cast_possible_truncation, reason = "the lower half of the hash is meant")]
    let low = (hash.0 ^ (hash.0 >> 32)) as u32;
    low
}

/// FNV-1a: the same on every machine and in every version, which the standard library's hasher does not promise.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ScimType;

    const NOW: i64 = 1_790_000_000;

    fn position(page: Option<&str>, skip: usize) -> Position {
        Position { page: page.map(str::to_owned), skip }
    }

    #[test]
    fn a_cursor_reads_back_and_is_unreserved() {
        let question = Fingerprint::of(["Users", "title pr"]);
        for page in [None, Some(""), Some("eyJwayI6Ilcj"), Some("a.b/ü=~")] {
            let text = write(&position(page, 250), question, NOW);
            assert!(
                text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~')),
                "{text}"
            );
            assert_eq!(read(&text, question, NOW + 10), Ok(position(page, 250)));
        }
    }

    #[test]
    fn any_other_text_is_invalid_and_an_old_cursor_expired() {
        let question = Fingerprint::of(["Users", "", "title"]);
        let text = write(&position(Some("page"), 1), question, NOW);
        let kind = |text: &str, question, now| read(text, question, now).unwrap_err().scim_type;
        let other = Fingerprint::of(["Users", "title", ""]);
        assert_eq!(kind(&text, other, NOW), Some(ScimType::InvalidCursor));
        assert_eq!(kind(&text, question, NOW + TIMEOUT_SECONDS + 1), Some(ScimType::ExpiredCursor));
        assert!(read(&text, question, NOW - 5).is_ok(), "clocks differ");
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(kind(&changed, question, NOW), Some(ScimType::InvalidCursor), "{changed}");
            assert_eq!(kind(&text[..at], question, NOW), Some(ScimType::InvalidCursor));
        }
        for text in ["x", "....", "1.0.0.0..0", &"a".repeat(10_000), "ü.ü"] {
            assert_eq!(kind(text, question, NOW), Some(ScimType::InvalidCursor), "{text}");
        }
    }
}
