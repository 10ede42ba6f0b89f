//! `usher team`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Api, Failure, Output, arguments,
    arguments::Paging,
    connection,
    directory::{self, Kind},
    listed, moment, output, text,
};

/// What to do with teams. Those that a SCIM connection pushed are changed in the identity provider.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the teams that a SCIM connection pushed, or with `--by-hand` those that were made here
    List {
        /// The connection's id; the workspace's only one where it is left out
        #[arg(value_parser = arguments::id)]
        connection: Option<String>,
        /// Those that were made by hand
        #[arg(long, conflicts_with = "connection")]
        by_hand: bool,
        #[command(flatten)]
        paging: Paging,
    },
    /// Make a team
    Create {
        /// Its name
        name: String,
    },
    /// Show a team
    Show(Which),
    /// List who is in a team
    Members {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        paging: Paging,
    },
    /// Give a team another name
    Rename {
        #[command(flatten)]
        which: Which,
        /// The new name
        name: String,
    },
    /// Put people into a team; `usher preview join` tells what that would do
    Add(People),
    /// Take people out of a team; `usher preview leave` tells what that would do
    Remove(People),
    /// Delete a team; `usher preview delete-team` tells what that would do
    Delete(Which),
}

/// Which team.
#[derive(Args)]
pub(crate) struct Which {
    /// The team, by name or id
    team: String,
}

/// People of a team.
#[derive(Args)]
pub(crate) struct People {
    #[command(flatten)]
    which: Which,
    /// Who, by user name, e-mail address or id
    #[arg(required = true)]
    people: Vec<String>,
}

impl Which {
    async fn find(&self, api: &Api) -> Result<String, Failure> {
        directory::find(api, Kind::Team, &self.team).await
    }
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let team = match self {
            Self::List { connection, by_hand, paging } => {
                let list = if by_hand {
                    api.list(&["teams"], &[], &paging).await?
                } else {
                    let connection = connection::directory_of(api, connection).await?;
                    api.list(&["connections", &connection, "teams"], &[], &paging).await?
                };
                return output.show(&list, || table(&list));
            }
            Self::Members { which, paging } => {
                let team = which.find(api).await?;
                let list = api.list(&["teams", &team, "members"], &[], &paging).await?;
                return output.show(&list, || members(&list));
            }
            Self::Delete(which) => {
                let team = which.find(api).await?;
                api.delete(&["teams", &team]).await?;
                return output.show(&json!({ "deleted": team }), || {
                    format!("{} is deleted; what it gave is being taken away.", which.team)
                });
            }
            Self::Create { name } => api.post(&["teams"], Some(&json!({ "name": name }))).await?,
            Self::Show(which) => api.get(&["teams", &which.find(api).await?]).await?,
            Self::Rename { which, name } => {
                let team = which.find(api).await?;
                api.patch(&["teams", &team], &json!({ "name": name })).await?
            }
            Self::Add(people) => people.change(api, "add").await?,
            Self::Remove(people) => people.change(api, "remove").await?,
        };
        output.show(&team, || fields(&team))
    }
}

impl People {
    async fn change(self, api: &Api, how: &str) -> Result<Value, Failure> {
        let team = self.which.find(api).await?;
        let mut people = Vec::with_capacity(self.people.len());
        for person in &self.people {
            people.push(directory::find(api, Kind::Person, person).await?);
        }
        api.patch(&["teams", &team], &json!({ how: people })).await
    }
}

fn table(list: &Value) -> String {
    listed(list, ["TEAM", "NAME", "CREATED"], "No teams.", |team| {
        [text(&team["id"]), text(&team["display_name"]), moment(&team["created_at"])]
    })
}

fn members(list: &Value) -> String {
    listed(list, ["PERSON", "USER NAME", "NAME", "ACTIVE"], "Nobody.", |person| {
        let active = if person["active"] == true { "yes" } else { "no" };
        [text(&person["person"]), text(&person["user_name"]), text(&person["name"]), active.to_owned()]
    })
}

fn fields(team: &Value) -> String {
    let manager = match team["connection"].as_str() {
        Some(connection) => format!("SCIM connection {connection}"),
        None => "made by hand".to_owned(),
    };
    output::fields(&[
        ("Team", text(&team["id"])),
        ("Name", text(&team["display_name"])),
        ("Managed by", manager),
        ("Created", moment(&team["created_at"])),
        ("Changed", moment(&team["modified_at"])),
    ])
}
