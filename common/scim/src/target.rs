//! Entra ID's feature flag in the request target.
//!
//! An admin chooses Entra's dialect by appending `?aadOptscim062020` to the tenant URL, and Entra then appends paths and
//! queries of its own: the flag, and what follows it, may turn up anywhere.

use std::borrow::Cow;

const FLAGS: [&str; 2] = ["aadOptscim062020", "AzureAdScimPatch2017"];

/// Takes the flag out of a path and query, and with it any path that was glued to the query.
#[must_use]
pub fn without_flag<'a>(path: &'a str, query: Option<&'a str>) -> (Cow<'a, str>, Option<Cow<'a, str>>) {
    let path = path_without_flag(path);
    let Some(query) = query else {
        return (path, None);
    };
    // `/scim/v2/c?aadOptscim062020/Users?filter=…`: the whole rest of the target became the query.
    if let Some(rest) = FLAGS.iter().find_map(|flag| strip_prefix(query, flag)) {
        let (glued, rest) = match rest.split_once('?') {
            Some((glued, rest)) => (glued, rest),
            None if rest.starts_with('/') => rest.split_once('&').unwrap_or((rest, "")),
            None => ("", rest),
        };
        let query = rest.trim_start_matches('&');
        let path = if glued.starts_with('/') {
            Cow::Owned(format!("{}{glued}", path.trim_end_matches('/')))
        } else {
            path
        };
        return (path, Some(Cow::Borrowed(query)));
    }
    (path, Some(Cow::Borrowed(query)))
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// `/scim/v2/c/aadOptscim062020/Users`, `/scim/v2/c%3FaadOptscim062020/Users`.
fn path_without_flag(path: &str) -> Cow<'_, str> {
    let lower = path.to_ascii_lowercase();
    let Some((at, flag)) =
        FLAGS.iter().find_map(|flag| Some((lower.find(&flag.to_ascii_lowercase())?, flag)))
    else {
        return Cow::Borrowed(path);
    };
    let before = &path[..at];
    let before = before
        .strip_suffix("%3F")
        .or_else(|| before.strip_suffix("%3f"))
        .or_else(|| before.strip_suffix('?'))
        .or_else(|| before.strip_suffix('/'))
        .unwrap_or(before);
    Cow::Owned(format!("{before}{}", &path[at + flag.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_is_taken_out_wherever_it_is() {
        for (path, query, wanted_path, wanted_query) in [
            ("/c/Users", None, "/c/Users", None),
            ("/c/Users", Some("filter=a"), "/c/Users", Some("filter=a")),
            ("/c", Some("aadOptscim062020/Users?filter=a"), "/c/Users", Some("filter=a")),
            ("/c", Some("aadOptscim062020/Users/1"), "/c/Users/1", Some("")),
            ("/c/", Some("AADOPTSCIM062020/Users&filter=a"), "/c/Users", Some("filter=a")),
            ("/c/Users", Some("aadOptscim062020&filter=a"), "/c/Users", Some("filter=a")),
            ("/c/Users", Some("aadOptscim062020?filter=a"), "/c/Users", Some("filter=a")),
            ("/c/Users", Some("AzureAdScimPatch2017"), "/c/Users", Some("")),
            ("/c/aadOptscim062020/Users", None, "/c/Users", None),
            ("/c%3FaadOptscim062020/Users", None, "/c/Users", None),
            ("/c/UsersaadOptscim062020", None, "/c/Users", None),
        ] {
            let (path_out, query_out) = without_flag(path, query);
            assert_eq!((&*path_out, query_out.as_deref()), (wanted_path, wanted_query), "{path}?{query:?}");
        }
    }
}
