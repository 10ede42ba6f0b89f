//! `usher connection`

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    Api, Failure, Output, arguments, arguments::Paging, connection_forms as forms, connection_schemas, items,
    listed, moment, output, text,
};

/// What to do with SCIM connections.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the connections
    List,
    /// Show a connection
    Show {
        /// The connection's id
        #[arg(value_parser = arguments::id)]
        connection: String,
    },
    /// Make a connection that feeds the people and teams of the workspace, and show its token once
    Create(forms::Create),
    /// Change a connection: its name, or how its client may speak
    Set(forms::Set),
    /// Schemas and resource types that a connection has beside the built-in ones
    #[command(subcommand)]
    Schemas(connection_schemas::Command),
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        match self {
            Self::List => {
                let list = api.list(&["connections"], &[], &Paging::all()).await?;
                output.show(&list, || {
                    let headings = ["CONNECTION", "NAME", "FEEDS", "TOKENS", "BASE URL"];
                    listed(&list, headings, "No connections.", |connection| {
                        [
                            text(&connection["id"]),
                            text(&connection["name"]),
                            feeds(connection),
                            valid_tokens(connection).to_string(),
                            text(&connection["base_url"]),
                        ]
                    })
                })
            }
            Self::Show { connection } => {
                let connection = api.get(&["connections", &connection]).await?;
                output.show(&connection, || shown(&connection))
            }
            Self::Create(create) => {
                let made = api.post(&["connections"], Some(&create.body())).await?;
                output.show(&made, || with_token(&made))
            }
            Self::Set(set) => {
                let connection = api.patch(&["connections", &set.connection], &set.body()).await?;
                output.show(&connection, || shown(&connection))
            }
            Self::Schemas(command) => command.run(api, output).await,
        }
    }
}

fn feeds(connection: &Value) -> String {
    match connection["integration"].as_str() {
        Some(integration) => format!("integration {integration}"),
        None => "workspace".to_owned(),
    }
}

fn valid_tokens(connection: &Value) -> usize {
    connection["tokens"].as_array().map_or(0, |all| all.iter().filter(|token| token["valid"] == true).count())
}

fn shown(connection: &Value) -> String {
    let fields = output::fields(&[
        ("Connection", text(&connection["id"])),
        ("Name", text(&connection["name"])),
        ("Feeds", feeds(connection)),
        ("Base URL", text(&connection["base_url"])),
        ("Dialect", text(&connection["dialect"])),
        ("Entity tags", yes_or_no(&connection["etags"])),
        ("Announces cursors", yes_or_no(&connection["announces_cursors"])),
        ("Unknown members", text(&connection["unknown_members"])),
        ("Own schemas", texts(&connection["schemas"])),
        ("Own types", texts(&connection["resource_types"])),
        ("Created", moment(&connection["created_at"])),
    ]);
    format!("{fields}\n\n{}", tokens(connection))
}

fn yes_or_no(value: &Value) -> String {
    if *value == true { "yes" } else { "no" }.to_owned()
}

fn texts(list: &Value) -> String {
    list.as_array().into_iter().flatten().map(text).collect::<Vec<_>>().join(", ")
}

/// The tokens of a connection. Their texts are not known to anybody.
pub(super) fn tokens(connection: &Value) -> String {
    let list = json!({ "items": connection["tokens"] });
    listed(&list, ["TOKEN", "ENDS IN", "VALID", "CREATED", "EXPIRES"], "No tokens.", |token| {
        let expires = moment(&token["expires_at"]);
        [
            text(&token["id"]),
            format!("…{}", text(&token["hint"])),
            yes_or_no(&token["valid"]),
            moment(&token["created_at"]),
            if expires.is_empty() { "never".to_owned() } else { expires },
        ]
    })
}

/// What an identity provider is given: this once.
pub(super) fn with_token(made: &Value) -> String {
    let fields = output::fields(&[
        ("Connection", text(&made["connection"]["id"])),
        ("Base URL", text(&made["base_url"])),
        ("Token", text(&made["token"])),
    ]);
    format!("{fields}\n\nCopy the token now: it is not shown again.")
}

/// The connection whose directory is meant: the one that is named, or the workspace's only one.
pub(super) async fn directory_of(api: &Api, named: Option<String>) -> Result<String, Failure> {
    if let Some(named) = named {
        return Ok(named);
    }
    let mut ids = workspace_connections(api).await?;
    match (ids.pop(), ids.is_empty()) {
        (Some(id), true) => Ok(id),
        (None, _) => {
            Err("the workspace has no SCIM connection; make one with `usher connection create`".into())
        }
        (Some(id), false) => {
            ids.push(id);
            Err(format!("the workspace has several SCIM connections; name one of {}", ids.join(", ")).into())
        }
    }
}

/// The connections that feed the people and teams of the workspace.
pub(super) async fn workspace_connections(api: &Api) -> Result<Vec<String>, Failure> {
    let list = api.list(&["connections"], &[], &Paging::all()).await?;
    let ids = items(&list).filter(|connection| connection["integration"].is_null());
    Ok(ids.map(|connection| text(&connection["id"])).collect())
}
