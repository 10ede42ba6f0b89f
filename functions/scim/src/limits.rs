//! What one resource may hold, as much as its row and the transaction that writes it can carry; and how much is read for
//! one answer.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use usher_domain::directory::IndexedValue;
use usher_scim::ScimError;

/// A row holds 400 KB; the rest is room for what the store adds.
const BYTES: usize = 256 * 1024;
/// A change of every indexed value (e-mail addresses, values that a schema declares unique) deletes and puts one index row
/// each, in a transaction of 100.
const INDEXED_VALUES: usize = 43;
/// Resources that are looked at for one question that no index answers, or that must be sorted. They are some 10 MB in the
/// store, and are read in the time that a client waits.
pub(crate) const EXAMINED: usize = 10_000;
/// Resources that are read one by one for one question, after an index or for their memberships.
pub(crate) const LOOKED_UP: usize = 500;
/// Members that one answer shows: a function may return 6 MB, and each takes 49 bytes.
pub(crate) const MEMBERS_SHOWN: usize = 100_000;

/// Refuses a resource that could not be stored.
pub(crate) fn check(tree: &Map<String, Value>, indexed: &BTreeSet<IndexedValue>) -> Result<(), ScimError> {
    if serde_json::to_string(tree).map_or(usize::MAX, |text| text.len()) > BYTES {
        return Err(ScimError::new(
            413,
            "the resource is larger than 256 KiB; leave out attributes, such as photos",
        ));
    }
    if indexed.len() > INDEXED_VALUES {
        return Err(ScimError::invalid_value(
            "the resource has more than 40 e-mail addresses and unique values; send those that are in use",
        ));
    }
    Ok(())
}

/// RFC 7644 §3.4.2: too many to answer is said, not cut off.
pub(crate) fn check_examined(count: u64) -> Result<(), ScimError> {
    if count > EXAMINED as u64 {
        return Err(ScimError::too_many(format!(
            "more than {EXAMINED} resources would have to be looked at; add an 'eq' on id, userName, externalId, displayName, emails.value or members.value, leave sortBy out, or walk through all with cursor"
        )));
    }
    Ok(())
}

/// The same where each resource is a read of its own.
pub(crate) fn check_looked_up(count: usize) -> Result<(), ScimError> {
    if count > LOOKED_UP {
        return Err(ScimError::too_many(format!(
            "more than {LOOKED_UP} resources have this value or membership and would have to be read one by one; add an 'eq' on another attribute to the filter"
        )));
    }
    Ok(())
}

/// Refuses to show more members than one answer holds.
pub(crate) fn check_members_shown(count: usize) -> Result<(), ScimError> {
    if count > MEMBERS_SHOWN { Err(too_many_members()) } else { Ok(()) }
}

/// The refusal of an answer with too many members.
pub(crate) fn too_many_members() -> ScimError {
    ScimError::too_many(format!(
        "the answer would have more than {MEMBERS_SHOWN} members; ask with excludedAttributes=members, or with a smaller count"
    ))
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
            let tree = tree.as_object().unwrap();
            check(tree, &IndexedValue::of_user(tree, &BTreeSet::new()))
        };
        assert!(user(40, 100_000).is_ok());
        assert_eq!(user(41, 0).unwrap_err().status, 400);
        assert_eq!(user(0, 300_000).unwrap_err().status, 413);
        assert!(check_examined(10_000).is_ok() && check_examined(10_001).is_err());
        assert!(check_looked_up(500).is_ok() && check_looked_up(501).is_err());
        assert!(check_members_shown(100_000).is_ok() && check_members_shown(100_001).is_err());
    }
}
