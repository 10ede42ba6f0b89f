//! `usher key`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Api, Failure, Output, arguments, arguments::Paging, body, listed, member, moment, output, text};

/// What to do with API keys.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the keys, without their texts
    List,
    /// Make a key and show its text once
    Create(Create),
    /// Lock out whoever uses a key, at once
    Revoke {
        /// The key's id
        #[arg(value_parser = arguments::id)]
        key: String,
    },
}

/// A key to make.
#[derive(Args)]
pub(crate) struct Create {
    /// What it is for
    name: String,
    /// The role that it acts with, no higher than your own
    #[arg(long, value_parser = member::ROLES)]
    role: String,
    /// The id of the person that it stands for: it then has this person's hubs, and ends with the person
    #[arg(long, value_parser = arguments::id)]
    person: Option<String>,
    /// How long it is valid, such as 90d; until it is revoked where it is left out
    #[arg(long, value_name = "SPAN", value_parser = arguments::seconds)]
    valid_for: Option<u32>,
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        match self {
            Self::List => {
                let list = api.list(&["api-keys"], &[], &Paging::all()).await?;
                let headings = ["KEY", "NAME", "ROLE", "PERSON", "ENDS WITH", "CREATED", "ENDS"];
                output.show(&list, || {
                    listed(&list, headings, "No keys.", |key| {
                        [
                            text(&key["id"]),
                            text(&key["name"]),
                            text(&key["role"]),
                            text(&key["person"]),
                            text(&key["hint"]),
                            moment(&key["created_at"]),
                            moment(&key["expires_at"]),
                        ]
                    })
                })
            }
            Self::Create(Create { name, role, person, valid_for }) => {
                let body = body([
                    ("name", Some(Value::from(name))),
                    ("role", Some(Value::from(role))),
                    ("person", person.map(Value::from)),
                    ("token_valid_seconds", valid_for.map(Value::from)),
                ]);
                let made = api.post(&["api-keys"], Some(&body)).await?;
                output.show(&made, || {
                    output::fields(&[
                        ("Key", text(&made["key"]["id"])),
                        ("Name", text(&made["key"]["name"])),
                        ("Role", text(&made["key"]["role"])),
                        ("Token", format!("{} (shown only now)", text(&made["token"]))),
                    ])
                })
            }
            Self::Revoke { key } => {
                api.delete(&["api-keys", &key]).await?;
                output.show(&json!({ "revoked": key }), || format!("Key {key} is not accepted any more."))
            }
        }
    }
}
