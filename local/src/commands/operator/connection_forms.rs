//! What `usher connection create` and `set` take.

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::{arguments, body};

/// How far a client may stray from the RFCs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Dialect {
    /// What Okta, Entra ID and the others are known to send
    Tolerant,
    /// RFC 7643 and RFC 7644 to the letter
    Rfc,
    /// The SCIM interoperability profile
    InteropStrict,
}

/// What a group's write does about a member who is no user of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum UnknownMembers {
    /// Refuses the whole write
    Refuse,
    /// Leaves them out and writes the others
    Skip,
}

/// A switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// A word as the API writes it.
fn word(of: &impl ValueEnum) -> Value {
    of.to_possible_value().map_or(Value::Null, |value| value.get_name().into())
}

/// A connection to make.
#[derive(Args)]
pub(crate) struct Create {
    /// The name that people see
    #[arg(long)]
    name: String,
    /// The part of the id after the workspace; drawn where it is left out
    #[arg(long)]
    slug: Option<String>,
    /// Announce no entity tags, for clients that send a wrong `If-Match`
    #[arg(long)]
    no_etags: bool,
    /// How far its client may stray from the RFCs; tolerant where it is left out
    #[arg(long)]
    dialect: Option<Dialect>,
    /// Announce cursors (RFC 9865), which some clients reject; they are served in any case
    #[arg(long)]
    announce_cursors: bool,
    /// What a group's write does about a member who is no user of the connection; refuse where it is left out
    #[arg(long)]
    unknown_members: Option<UnknownMembers>,
    /// How long the token is valid, such as 90d; until it is revoked where it is left out
    #[arg(long, value_name = "SPAN", value_parser = arguments::seconds)]
    valid_for: Option<u32>,
}

/// What to change.
#[derive(Args)]
pub(crate) struct Set {
    /// The connection's id
    #[arg(value_parser = arguments::id)]
    pub(super) connection: String,
    #[command(flatten)]
    change: Change,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct Change {
    /// The name that people see
    #[arg(long)]
    name: Option<String>,
    /// Announce and honour entity tags; off for clients that send a wrong `If-Match`
    #[arg(long)]
    etags: Option<Switch>,
    /// How far its client may stray from the RFCs
    #[arg(long)]
    dialect: Option<Dialect>,
    /// Announce cursors (RFC 9865), which some clients reject; they are served in any case
    #[arg(long)]
    announce_cursors: Option<Switch>,
    /// What a group's write does about a member who is no user of the connection
    #[arg(long)]
    unknown_members: Option<UnknownMembers>,
}

impl Create {
    /// The API's body.
    pub(super) fn body(self) -> Value {
        body([
            ("name", Some(self.name.into())),
            ("slug", self.slug.map(Value::from)),
            ("etags", self.no_etags.then_some(Value::Bool(false))),
            ("dialect", self.dialect.as_ref().map(word)),
            ("announces_cursors", self.announce_cursors.then_some(Value::Bool(true))),
            ("unknown_members", self.unknown_members.as_ref().map(word)),
            ("token_valid_seconds", self.valid_for.map(Value::from)),
        ])
    }
}

impl Set {
    /// The API's body.
    pub(super) fn body(&self) -> Value {
        let Change { name, etags, dialect, announce_cursors, unknown_members } = &self.change;
        let on = |switch: &Option<Switch>| switch.map(|switch| Value::Bool(switch == Switch::On));
        body([
            ("name", name.as_deref().map(Value::from)),
            ("etags", on(etags)),
            ("dialect", dialect.as_ref().map(word)),
            ("announces_cursors", on(announce_cursors)),
            ("unknown_members", unknown_members.as_ref().map(word)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::json;

    use super::*;

    #[derive(Parser)]
    struct CreateLine {
        #[command(flatten)]
        create: Create,
    }

    #[derive(Parser)]
    struct SetLine {
        #[command(flatten)]
        set: Set,
    }

    fn set(line: &str) -> Option<Value> {
        let words = ["set", "main.okta"].into_iter().chain(line.split_whitespace());
        SetLine::try_parse_from(words).ok().map(|line| line.set.body())
    }

    #[test]
    fn what_is_given_is_sent_and_nothing_else() {
        assert_eq!(set("--etags off"), Some(json!({"etags": false})));
        assert_eq!(
            set("--name Okta --dialect interop-strict --announce-cursors on --unknown-members skip"),
            Some(json!({"name": "Okta", "dialect": "interop-strict", "announces_cursors": true,
                "unknown_members": "skip"}))
        );
        for wrong in ["", "--etags", "--etags false", "--dialect strict", "--unknown-members drop"] {
            assert_eq!(set(wrong), None, "{wrong}");
        }
        let line = ["create", "--name", "Okta", "--dialect", "rfc", "--no-etags", "--announce-cursors"];
        let create = CreateLine::try_parse_from(line).unwrap().create.body();
        assert_eq!(
            create,
            json!({"name": "Okta", "dialect": "rfc", "etags": false, "announces_cursors": true})
        );
    }
}
