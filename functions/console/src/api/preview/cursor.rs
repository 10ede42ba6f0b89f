//! Where a preview goes on: after whom, and what would have been counted for those before.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use usher_domain::{
    access::{Begun, Sides},
    id::IntegrationId,
};

use crate::error::Problem;

/// Where a preview goes on.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cursor {
    /// Where the list of people goes on; `None` at its beginning.
    pub(super) after: Option<String>,
    /// What would have begun in each integration, where anything would: without the change and with it.
    begun: BTreeMap<IntegrationId, (Begun, Begun)>,
}

impl Cursor {
    pub(super) fn read(given: Option<&str>) -> Result<Self, Problem> {
        let Some(text) = given.filter(|text| !text.is_empty()) else { return Ok(Self::default()) };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok();
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(unknown)
    }

    pub(super) fn begun(&self, integration: &IntegrationId) -> Sides<Begun> {
        let (before, after) = self.begun.get(integration).copied().unwrap_or_default();
        Sides { before, after }
    }

    /// The seats that would have been given in other integrations, less those taken away.
    pub(super) fn seats_elsewhere(&self, integration: &IntegrationId) -> Sides<i64> {
        let others = || self.begun.iter().filter(|(other, _)| *other != integration).map(|(_, begun)| begun);
        Sides {
            before: others().map(|(before, _)| before.seats).sum(),
            after: others().map(|(_, after)| after.seats).sum(),
        }
    }

    pub(super) fn has_begun(&mut self, integration: &IntegrationId, begun: Sides<Begun>) {
        if begun != Sides::default() {
            self.begun.insert(integration.clone(), (begun.before, begun.after));
        }
    }

    /// The cursor that goes on from here.
    pub(super) fn at(mut self, after: String) -> String {
        self.after = Some(after);
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self).unwrap_or_default())
    }
}

pub(super) fn unknown() -> Problem {
    Problem::invalid("/cursor", "it is not a `next` of a preview; begin without a cursor")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let hub: IntegrationId = "hub".parse().unwrap();
        let begun = Sides { before: Begun::default(), after: Begun { losses: 5, promotions: 1, seats: 2 } };
        let mut cursor = Cursor::default();
        cursor.has_begun(&hub, begun);
        let read = Cursor::read(Some(&cursor.at("ada".into()))).unwrap();
        assert_eq!((read.after.as_deref(), read.begun(&hub)), (Some("ada"), begun));
        let other = "other".parse().unwrap();
        assert_eq!(read.begun(&other), Sides::default());
        assert_eq!(read.seats_elsewhere(&other), Sides { before: 0, after: 2 });
        assert_eq!(read.seats_elsewhere(&hub), Sides::default());
        assert_eq!(Cursor::read(Some("")), Ok(Cursor::default()));
        for bad in ["ada", "!", "e30x"] {
            assert_eq!(Cursor::read(Some(bad)).unwrap_err().errors[0].field, "/cursor");
        }
    }
}
