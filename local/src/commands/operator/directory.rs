//! `usher person`, and how people and teams are found by name.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{Api, Failure, Output, arguments, arguments::Paging, connection, items, listed, moment, text};

/// How many rows are looked through for names to show; whoever is not found is shown by id. A share that is
/// written must find its principal, and looks through all.
const NAMES_LOOKED_UP: u32 = 1000;

/// What to do with people.
#[derive(Subcommand)]
pub(crate) enum PersonCommand {
    /// List the people
    List(List),
}

/// Which directory.
#[derive(Args)]
pub(crate) struct List {
    /// The connection's id; the workspace's only one where it is left out
    #[arg(value_parser = arguments::id)]
    connection: Option<String>,
    #[command(flatten)]
    paging: Paging,
}

impl PersonCommand {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let Self::List(List { connection, paging }) = self;
        let connection = connection::directory_of(api, connection).await?;
        let list = api.list(&["connections", &connection, "people"], &[], &paging).await?;
        output.show(&list, || {
            listed(&list, ["PERSON", "USER NAME", "NAME", "ACTIVE", "CREATED"], "Nobody.", |person| {
                [
                    text(&person["id"]),
                    text(&person["user_name"]),
                    text(&person["display_name"]),
                    if person["active"] == true { "yes" } else { "no" }.to_owned(),
                    moment(&person["created_at"]),
                ]
            })
        })
    }
}

/// What a share can be with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Team,
    Person,
}

impl Kind {
    /// The collection of a connection.
    fn collection(self) -> &'static str {
        match self {
            Self::Team => "teams",
            Self::Person => "people",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Person => "person",
        }
    }

    /// Every name that leads to the row.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Team => &["id", "display_name"],
            Self::Person => &["id", "user_name", "email"],
        }
    }

    /// The name to show.
    fn name(self, row: &Value) -> String {
        match self {
            Self::Team => text(&row["display_name"]),
            Self::Person => text(&row["user_name"]),
        }
    }
}

/// The id of the team or person that is meant by an id or a name.
pub(super) async fn find(api: &Api, kind: Kind, named: &str) -> Result<String, Failure> {
    // An id needs no search, and may be that of somebody who is gone.
    if named.parse::<uuid::Uuid>().is_ok() {
        return Ok(named.to_owned());
    }
    let mut found = Vec::new();
    for connection in connection::workspace_connections(api).await? {
        let path = ["connections", &connection, kind.collection()];
        let list = api.list(&path, &[], &Paging::all()).await?;
        found.extend(items(&list).filter(|row| is_named(kind, row, named)).map(|row| text(&row["id"])));
    }
    if kind == Kind::Team {
        let by_hand = api.list(&["teams"], &[], &Paging::all()).await?;
        found.extend(items(&by_hand).filter(|row| is_named(kind, row, named)).map(|row| text(&row["id"])));
    }
    one_of(kind, named, found)
}

fn is_named(kind: Kind, row: &Value, named: &str) -> bool {
    let matches =
        |name: &&str| row[*name].as_str().is_some_and(|known| known.to_lowercase() == named.to_lowercase());
    kind.names().iter().any(matches)
}

fn one_of(kind: Kind, named: &str, mut found: Vec<String>) -> Result<String, Failure> {
    let word = kind.word();
    match (found.pop(), found.is_empty()) {
        (Some(id), true) => Ok(id),
        (None, _) => {
            Err(format!("no {word} is called `{named}`; `usher {word} list` shows who there is").into())
        }
        (Some(id), false) => {
            found.push(id);
            let ids = found.join(", ");
            Err(format!("several are called `{named}`; give the id of the {word} meant: {ids}").into())
        }
    }
}

/// The names of teams or people, by id, as far as they are found soon.
pub(super) async fn names(api: &Api, kind: Kind) -> Result<BTreeMap<String, String>, Failure> {
    let mut names = BTreeMap::new();
    for connection in connection::workspace_connections(api).await? {
        let path = ["connections", &connection, kind.collection()];
        let paging = Paging { limit: NAMES_LOOKED_UP, cursor: None };
        let list = api.list(&path, &[], &paging).await?;
        names.extend(items(&list).map(|row| (text(&row["id"]), kind.name(row))));
    }
    if kind == Kind::Team {
        let by_hand = api.list(&["teams"], &[], &Paging { limit: NAMES_LOOKED_UP, cursor: None }).await?;
        names.extend(items(&by_hand).map(|row| (text(&row["id"]), kind.name(row))));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_are_found_by_every_name_whatever_its_case() {
        let row =
            json!({"id": "p1", "user_name": "Ada", "email": "ada@example.com", "display_name": "Countess"});
        for named in ["p1", "ada", "ADA@example.com"] {
            assert!(is_named(Kind::Person, &row, named), "{named}");
        }
        assert!(!is_named(Kind::Person, &row, "Countess"), "display names are not unique");
    }

    #[test]
    fn a_name_must_mean_one() {
        assert_eq!(one_of(Kind::Team, "Brand", vec!["a".into()]), Ok("a".into()));
        assert!(one_of(Kind::Team, "Brand", vec![]).unwrap_err().message().contains("usher team list"));
        let two = one_of(Kind::Team, "Brand", vec!["a".into(), "b".into()]).unwrap_err();
        assert!(two.message().ends_with("a, b"), "{two}");
    }
}
