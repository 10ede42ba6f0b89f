//! `usher token`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Api, Failure, Output, arguments, body, connection};

/// What to do with the tokens of a SCIM connection.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List a connection's tokens, without their texts
    List {
        /// The connection's id
        #[arg(value_parser = arguments::id)]
        connection: String,
    },
    /// Issue a new token and show it once; those before end after an overlap
    Rotate(Rotate),
    /// Lock out whoever uses a token, at once
    Revoke(Revoke),
}

/// How to rotate.
#[derive(Args)]
pub(crate) struct Rotate {
    /// The connection's id
    #[arg(value_parser = arguments::id)]
    connection: String,
    /// How long the tokens before stay valid, such as 0, 1h or 7d; a day where it is left out
    #[arg(long, value_name = "SPAN", value_parser = arguments::seconds)]
    overlap: Option<u32>,
    /// How long the new token is valid, such as 90d; until it is revoked where it is left out
    #[arg(long, value_name = "SPAN", value_parser = arguments::seconds)]
    valid_for: Option<u32>,
}

/// What to revoke.
#[derive(Args)]
pub(crate) struct Revoke {
    /// The connection's id
    #[arg(value_parser = arguments::id)]
    connection: String,
    /// The token's id, as `usher token list` shows it
    #[arg(value_parser = arguments::id, required_unless_present = "all", conflicts_with = "all")]
    token: Option<String>,
    /// Revoke all of the connection's tokens
    #[arg(long)]
    all: bool,
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        match self {
            Self::List { connection } => {
                let connection = api.get(&["connections", &connection]).await?;
                let tokens = json!({ "items": connection["tokens"], "next": null });
                output.show(&tokens, || connection::tokens(&connection))
            }
            Self::Rotate(rotate) => {
                let body = body([
                    ("overlap_seconds", rotate.overlap.map(Value::from)),
                    ("token_valid_seconds", rotate.valid_for.map(Value::from)),
                ]);
                let made = api.post(&["connections", &rotate.connection, "tokens"], Some(&body)).await?;
                output.show(&made, || connection::with_token(&made))
            }
            Self::Revoke(Revoke { connection, token, .. }) => {
                let mut path = vec!["connections", &connection, "tokens"];
                path.extend(token.as_deref());
                api.delete(&path).await?;
                let revoked =
                    json!({ "connection": connection, "revoked": token.as_deref().unwrap_or("all") });
                output.show(&revoked, || match &token {
                    Some(token) => format!("Token {token} of {connection} is not accepted any more."),
                    None => format!(
                        "No token of {connection} is accepted any more. \
                         `usher token rotate {connection}` lets the identity provider in again."
                    ),
                })
            }
        }
    }
}
