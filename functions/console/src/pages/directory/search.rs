//! Looking for people and teams: whole values by the store's indexes, parts of names by looking at a bounded number
//! of rows.

use std::collections::BTreeSet;

use usher_domain::{
    directory::{Connection, GroupRecord, IndexedAttribute, IndexedValue, Scope, UserRecord},
    id::ConnectionId,
    ports::{Admin, Page},
};

use crate::{error::Problem, paging::page_of};

/// Rows of a page.
pub(in crate::pages) const ROWS: u32 = 50;
/// Rows that are read at a time where a search leaves some out.
const SCAN: u32 = 200;
/// Most reads for one page of a search.
const MAX_READS: usize = 5;
/// How many rows one page of a search looks at.
pub(in crate::pages) const LOOKED_AT: u64 = SCAN as u64 * MAX_READS as u64;

/// What is looked for: all there are where the text is empty.
pub(in crate::pages) struct Wanted<'a> {
    /// In which directory.
    pub(in crate::pages) connection: &'a ConnectionId,
    /// A whole value, or a part of a name.
    pub(in crate::pages) text: &'a str,
    /// Where to go on.
    pub(in crate::pages) cursor: Option<&'a str>,
}

impl Wanted<'_> {
    fn folded(&self) -> String {
        self.text.trim().to_lowercase()
    }
}

/// Directories whose people and teams hubs can be shared with.
pub(in crate::pages) fn of_workspace(connections: Vec<Connection>) -> Vec<Connection> {
    connections.into_iter().filter(|connection| connection.scope == Scope::Workspace).collect()
}

/// People, in order of creation; those who were found by a whole value come first.
pub(in crate::pages) async fn people(
    store: &dyn Admin,
    wanted: &Wanted<'_>,
) -> Result<Page<UserRecord>, Problem> {
    let text = wanted.folded();
    if text.is_empty() {
        let page = store.people(wanted.connection, wanted.cursor, ROWS).await;
        return page_of(page, wanted.cursor);
    }
    let mut items = Vec::new();
    if wanted.cursor.is_none() {
        let mut seen = BTreeSet::new();
        for attribute in [IndexedAttribute::UserName, IndexedAttribute::Email, IndexedAttribute::DisplayName]
        {
            let found = store.find_people(wanted.connection, &IndexedValue::new(attribute, &text)).await?;
            items.extend(found.into_iter().filter(|user| seen.insert(user.id.clone())));
        }
    }
    let mut next = wanted.cursor.map(str::to_owned);
    for _ in 0..MAX_READS {
        let page = store.people(wanted.connection, next.as_deref(), SCAN).await;
        let page = page_of(page, next.as_deref())?;
        items.extend(page.items.into_iter().filter(|user| person_matches(user, &text) == Match::Part));
        next = page.next;
        if next.is_none() || items.len() >= ROWS as usize {
            break;
        }
    }
    Ok(Page { items, next })
}

/// Teams, in order of creation; one that was found by its whole name comes first.
pub(in crate::pages) async fn teams(
    store: &dyn Admin,
    wanted: &Wanted<'_>,
) -> Result<Page<GroupRecord>, Problem> {
    let text = wanted.folded();
    if text.is_empty() {
        let page = store.teams(wanted.connection, wanted.cursor, ROWS).await;
        return page_of(page, wanted.cursor);
    }
    let mut items = Vec::new();
    if wanted.cursor.is_none() {
        let name = IndexedValue::new(IndexedAttribute::DisplayName, &text);
        items = store.find_teams(wanted.connection, &name).await?;
    }
    let mut next = wanted.cursor.map(str::to_owned);
    for _ in 0..MAX_READS {
        let page = store.teams(wanted.connection, next.as_deref(), SCAN).await;
        let page = page_of(page, next.as_deref())?;
        items.extend(
            page.items.into_iter().filter(|group| matched(group.display_name(), &text) == Match::Part),
        );
        next = page.next;
        if next.is_none() || items.len() >= ROWS as usize {
            break;
        }
    }
    Ok(Page { items, next })
}

/// How a row matches. Whole values are found by the index on the first page, and must not come twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    Whole,
    Part,
    None,
}

fn matched(value: &str, text: &str) -> Match {
    let value = value.to_lowercase();
    if value == text {
        Match::Whole
    } else if value.contains(text) {
        Match::Part
    } else {
        Match::None
    }
}

fn person_matches(user: &UserRecord, text: &str) -> Match {
    if user.indexed().iter().any(|indexed| {
        indexed.value == text
            && matches!(
                indexed.attribute,
                IndexedAttribute::UserName | IndexedAttribute::Email | IndexedAttribute::DisplayName
            )
    }) {
        return Match::Whole;
    }
    let profile = user.profile();
    let values = [Some(profile.user_name), profile.email, profile.display_name];
    let part = values.iter().flatten().any(|value| matched(value, text) != Match::None);
    if part { Match::Part } else { Match::None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> UserRecord {
        serde_json::from_value(json!({
            "id": "ada", "connection": "main.okta", "version": 1, "created_at": "2026-01-01T00:00:00Z",
            "modified_at": "2026-01-01T00:00:00Z", "deleted_at": null,
            "resource": {"userName": "Ada@x.co", "emails": [{"value": "ada.byron@x.co"}],
                "name": {"givenName": "Ada", "familyName": "Byron"}},
        }))
        .unwrap()
    }

    #[test]
    fn a_person_is_found_by_each_name_and_once() {
        for (text, expected) in [
            ("ada@x.co", Match::Whole),
            ("ada.byron@x.co", Match::Whole),
            ("byron", Match::Part),
            ("ada byron", Match::Part),
            ("hopper", Match::None),
        ] {
            assert_eq!(person_matches(&ada(), text), expected, "{text}");
        }
    }
}
