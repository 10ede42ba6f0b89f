//! People and teams.

pub(super) mod list;
pub(super) mod mark;
pub(super) mod people_view;
pub(super) mod person;
pub(super) mod person_view;
pub(super) mod search;
pub(super) mod team;
pub(super) mod teams_view;

use serde::Deserialize;
use usher_domain::{directory::Connection, id::ConnectionId};

use super::live::address;

/// The address of a list of people or teams.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListQuery {
    /// What is looked for.
    q: String,
    /// In which directory; the first one where it is empty.
    directory: String,
    cursor: String,
}

impl ListQuery {
    fn cursor(&self) -> Option<&str> {
        Some(self.cursor.as_str()).filter(|cursor| !cursor.is_empty())
    }

    /// The directory that is asked for, or the first one.
    fn of<'a>(&self, connections: &'a [Connection]) -> Option<&'a Connection> {
        let named = connections.iter().find(|connection| connection.id.as_str() == self.directory);
        named.or_else(|| connections.iter().find(|_| self.directory.is_empty()))
    }
}

/// A list of people or teams, whatever its rows are.
pub(super) struct Listing<'a, T> {
    /// Where the list is.
    pub(super) path: &'static str,
    /// What is looked for.
    pub(super) text: &'a str,
    /// Every directory: all that feed the workspace, and those of IdLCM integrations.
    pub(super) directories: &'a [Connection],
    /// The one that is shown; `None` where there are none.
    pub(super) directory: Option<&'a ConnectionId>,
    /// Whether this is not the first page.
    pub(super) later: bool,
    /// The rows.
    pub(super) rows: &'a [T],
    /// The cursor of the next page.
    pub(super) next: Option<&'a str>,
}

impl<T> Listing<'_, T> {
    fn page(&self, cursor: Option<&str>) -> String {
        let directory = self.directory.map(ConnectionId::as_str);
        address(self.path, &[("q", Some(self.text)), ("directory", directory), ("cursor", cursor)])
    }

    /// The first page, where this is a later one.
    pub(super) fn first(&self) -> Option<String> {
        self.later.then(|| self.page(None))
    }

    /// The next page.
    pub(super) fn following(&self) -> Option<String> {
        self.next.map(|next| self.page(Some(next)))
    }
}
