//! Weak entity tags from resource versions (RFC 7644 §3.14).

/// The tag of a version, as it stands in `ETag` and `meta.version`.
#[must_use]
pub fn weak(version: u64) -> String {
    format!("W/\"{version}\"")
}

/// Whether a write guarded by this `If-Match` header may go ahead.
#[must_use]
pub fn if_match(header: &str, version: u64) -> bool {
    names(header, version)
}

/// Whether a read guarded by this `If-None-Match` header needs a body. RFC 7644 §3.14: "the service provider MAY simply
/// return an HTTP status code of 304".
#[must_use]
pub fn if_none_match(header: &str, version: u64) -> bool {
    !names(header, version)
}

/// Tags compare weakly: clients drop the `W/`, and with it nothing that matters for a version number.
fn names(header: &str, version: u64) -> bool {
    let version = version.to_string();
    header.split(',').map(str::trim).any(|tag| {
        let opaque = tag.strip_prefix("W/").unwrap_or(tag);
        tag == "*" || opaque.trim_matches('"') == version
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_lists_and_stars() {
        assert_eq!(weak(7), "W/\"7\"");
        for header in ["W/\"7\"", "\"7\"", "*", "W/\"6\", W/\"7\""] {
            assert!(if_match(header, 7), "{header}");
            assert!(!if_none_match(header, 7), "{header}");
        }
        assert!(!if_match("W/\"77\"", 7));
        assert!(if_none_match("", 7));
    }
}
