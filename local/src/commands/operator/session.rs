//! `usher session`

use clap::Subcommand;
use serde_json::json;

use super::{Api, Failure, Output, arguments, arguments::Paging, listed, moment, text};

/// What to do with sessions.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List signed-in browsers
    List,
    /// Sign a browser out
    End {
        /// The session's id
        #[arg(value_parser = arguments::id)]
        session: String,
    },
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        match self {
            Self::List => {
                let list = api.list(&["sessions"], &[], &Paging::all()).await?;
                output.show(&list, || {
                    let headings = ["SESSION", "WHO", "SIGNED IN", "LAST USED", "FROM"];
                    listed(&list, headings, "Nobody is signed in.", |session| {
                        [
                            text(&session["id"]),
                            text(&session["name"]),
                            moment(&session["begun_at"]),
                            moment(&session["seen_at"]),
                            text(&session["address"]),
                        ]
                    })
                })
            }
            Self::End { session } => {
                api.delete(&["sessions", &session]).await?;
                output.show(&json!({ "ended": session }), || format!("Session {session} has ended."))
            }
        }
    }
}
