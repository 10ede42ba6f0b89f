//! What one resource may hold: as much as its row and the transaction that writes it can carry.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use usher_domain::directory::IndexedValue;
use usher_scim::ScimError;

/// A row holds 400 KB; the rest is room for what the store adds.
const BYTES: usize = 256 * 1024;
/// A change of every e-mail address deletes and puts one index row each, in a transaction of 100; and so it is with
/// the values that a schema declares unique, which count in.
const INDEXED_VALUES: usize = 43;
/// Resources that are looked through for one filter.
const CANDIDATES: usize = 500;

/// Refuses a resource that could not be stored.
pub(crate) fn check(tree: &Map<String, Value>) -> Result<(), ScimError> {
    if serde_json::to_string(tree).map_or(usize::MAX, |text| text.len()) > BYTES {
        return Err(ScimError::new(
            413,
            "the resource is larger than 256 KiB; leave out attributes, such as photos",
        ));
    }
    if IndexedValue::of_user(tree, &BTreeSet::new()).len() > INDEXED_VALUES {
        return Err(ScimError::invalid_value(
            "emails has more than 40 addresses; send those that are in use",
        ));
    }
    Ok(())
}

/// RFC 7644 §3.4.2: too many to answer is said, not cut off.
pub(crate) fn check_candidates(count: usize) -> Result<(), ScimError> {
    if count > CANDIDATES {
        return Err(ScimError::too_many(format!(
            "more than {CANDIDATES} resources have this value; add another 'eq' to the filter"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_fits_is_accepted_and_what_does_not_is_refused() {
        let user = |emails: usize, title: usize| {
            let emails: Vec<Value> =
                (0..emails).map(|n| json!({"value": format!("{n}@example.com")})).collect();
            let tree = json!({"userName": "a", "externalId": "x", "displayName": "d", "emails": emails,
                "title": "t".repeat(title)});
            check(tree.as_object().unwrap())
        };
        assert!(user(40, 100_000).is_ok());
        assert_eq!(user(41, 0).unwrap_err().status, 400);
        assert_eq!(user(0, 300_000).unwrap_err().status, 413);
        assert!(check_candidates(500).is_ok() && check_candidates(501).is_err());
    }
}
