//! People and teams.

pub(super) mod list;
pub(super) mod manage;
mod manage_view;
pub(super) mod mark;
pub(super) mod people_view;
pub(super) mod person;
pub(super) mod person_view;
pub(super) mod search;
pub(super) mod team;
pub(super) mod teams_view;

use serde::Deserialize;
use usher_domain::{
    directory::Connection,
    id::{ConnectionId, WorkspaceId},
};

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
    fn of<'a>(&self, directories: &'a [Directory]) -> Option<&'a Directory> {
        let named = directories.iter().find(|directory| directory.id.as_str() == self.directory);
        named.or_else(|| directories.iter().find(|_| self.directory.is_empty()))
    }
}

/// A directory of people or teams.
pub(super) struct Directory {
    pub(super) id: ConnectionId,
    pub(super) name: String,
}

impl From<Connection> for Directory {
    fn from(connection: Connection) -> Self {
        Self { id: connection.id, name: connection.name }
    }
}

impl Directory {
    /// The one of the teams that are made by hand.
    fn user_managed(workspace: &WorkspaceId) -> Self {
        Self { id: ConnectionId::user_managed(workspace), name: "Made in Usher".to_owned() }
    }
}

/// A list of people or teams, whatever its rows are.
pub(super) struct Listing<'a, T> {
    /// Where the list is.
    pub(super) path: &'static str,
    /// What is looked for.
    pub(super) text: &'a str,
    /// Every directory: all that feed the workspace, those of IdLCM integrations, and where teams are made by hand.
    pub(super) directories: &'a [Directory],
    /// The one that is shown; `None` where there are none.
    pub(super) directory: Option<&'a ConnectionId>,
    /// Whether the caller may make teams.
    pub(super) may_make: bool,
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
