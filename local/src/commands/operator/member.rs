//! `usher member`

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Api, Failure, Output, arguments, arguments::Paging, listed, moment, output, text};

/// The roles that can be given.
pub(super) const ROLES: [&str; 5] = ["owner", "super_admin", "admin", "user", "guest"];

/// What to do with members.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List everybody who was given a role; other people of the directory are Users
    List,
    /// Give a person a role; `owner` hands the workspace over
    Set {
        /// The person's id
        #[arg(value_parser = arguments::id)]
        person: String,
        /// What they may do from now on
        #[arg(value_parser = ROLES)]
        role: String,
    },
    /// Take a person's role away; they stay in the directory
    Remove {
        /// The person's id
        #[arg(value_parser = arguments::id)]
        person: String,
    },
    /// Make a link that signs a person in, once
    SignIn {
        /// The person's id
        #[arg(value_parser = arguments::id)]
        person: String,
    },
    /// Sign a person out everywhere
    SignOut {
        /// The person's id
        #[arg(value_parser = arguments::id)]
        person: String,
    },
    /// Forget a person's account at the identity provider; their next sign-in finds them by their e-mail address again
    Forget {
        /// The person's id
        #[arg(value_parser = arguments::id)]
        person: String,
    },
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        match self {
            Self::List => {
                let list = api.list(&["members"], &[], &Paging::all()).await?;
                output.show(&list, || {
                    listed(&list, ["PERSON", "NAME", "ROLE", "SINCE"], "No members.", |member| {
                        [
                            text(&member["person"]),
                            text(&member["name"]),
                            text(&member["role"]),
                            moment(&member["since"]),
                        ]
                    })
                })
            }
            Self::Set { person, role } => {
                let member = api.put(&["members", &person], &json!({ "role": role })).await?;
                output.show(&member, || fields(&member))
            }
            Self::Remove { person } => {
                api.delete(&["members", &person]).await?;
                output.show(&json!({ "removed": person }), || format!("{person} has no role any more."))
            }
            Self::SignOut { person } => {
                api.delete(&["members", &person, "sessions"]).await?;
                output
                    .show(&json!({ "signed_out": person }), || format!("{person} is signed out everywhere."))
            }
            Self::Forget { person } => {
                api.delete(&["members", &person, "identity"]).await?;
                output.show(&json!({ "forgotten": person }), || {
                    format!("{person} is found by e-mail address at the next sign-in.")
                })
            }
            Self::SignIn { person } => {
                let link = api.post(&["members", &person, "sign-in-links"], None).await?;
                output.show(&link, || {
                    output::fields(&[("Link", text(&link["url"])), ("Ends", moment(&link["expires_at"]))])
                })
            }
        }
    }
}

fn fields(member: &Value) -> String {
    output::fields(&[
        ("Person", text(&member["person"])),
        ("Name", text(&member["name"])),
        ("Role", text(&member["role"])),
        ("Since", moment(&member["since"])),
    ])
}
