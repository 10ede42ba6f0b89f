//! What `usher integration create` and `set` take.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::{arguments, body};

/// How access is decided.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// By shares with teams and people
    BusinessHub,
    /// By its own SCIM connection: each active user there is a seat
    IdLcm,
}

/// An integration to make.
#[derive(Args)]
pub(crate) struct Create {
    /// The name that people see
    #[arg(long)]
    name: String,
    /// How access to it is decided
    #[arg(long)]
    kind: Kind,
    /// The connector that reaches the app
    #[arg(long, default_value = "scim")]
    connector: String,
    /// The connector's settings: a JSON object, or @FILE
    #[arg(long, value_name = "JSON", value_parser = arguments::json_object)]
    config: Option<Map<String, Value>>,
    /// The file with the app's credentials, a text or a JSON object; `-` for standard input
    #[arg(long, value_name = "FILE", value_parser = arguments::secret)]
    credentials: Option<Value>,
    /// What exists in the app: a JSON object with `roles` and `entitlements`, or @FILE
    #[arg(long, value_name = "JSON", value_parser = arguments::json_object)]
    catalogue: Option<Map<String, Value>>,
    /// How long a removal that comes from losing grants waits, where it differs from the workspace's
    #[arg(long, value_name = "SPAN", value_parser = arguments::seconds)]
    grace: Option<u32>,
    /// What holds work back: a JSON object with `losses`, `promotions` and `hold_seconds`, or @FILE
    #[arg(long, value_name = "JSON", value_parser = arguments::json_object)]
    guards: Option<Map<String, Value>>,
    /// For `id-lcm`: the part of its connection's id after the workspace; drawn where it is left out
    #[arg(long, value_name = "SLUG")]
    connection_slug: Option<String>,
    /// For `id-lcm`: announce no entity tags, for clients that send a wrong `If-Match`
    #[arg(long)]
    no_etags: bool,
}

/// What to change.
#[derive(Args)]
pub(crate) struct Set {
    /// The integration's id
    #[arg(value_parser = arguments::id)]
    pub(super) integration: String,
    #[command(flatten)]
    change: Change,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct Change {
    /// The name that people see
    #[arg(long)]
    name: Option<String>,
    /// The connector's settings, all of them: a JSON object, or @FILE
    #[arg(long, value_name = "JSON", value_parser = arguments::json_object)]
    config: Option<Map<String, Value>>,
    /// The file with the app's new credentials, a text or a JSON object; `-` for standard input
    #[arg(long, value_name = "FILE", value_parser = arguments::secret)]
    credentials: Option<Value>,
    /// What exists in the app, all of it: a JSON object with `roles` and `entitlements`, or @FILE
    #[arg(long, value_name = "JSON", value_parser = arguments::json_object)]
    catalogue: Option<Map<String, Value>>,
    /// How long a removal that comes from losing grants waits, or `workspace` for the workspace's window
    #[arg(long, value_name = "SPAN", value_parser = grace)]
    grace: Option<Grace>,
    /// What holds work back, all of it: a JSON object with `losses`, `promotions` and `hold_seconds`, or @FILE
    #[arg(long, value_name = "JSON", value_parser = arguments::json_object)]
    guards: Option<Map<String, Value>>,
}

/// A window of its own, or the workspace's.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Grace(Option<u32>);

fn grace(text: &str) -> Result<Grace, String> {
    match text {
        "workspace" => Ok(Grace(None)),
        span => arguments::seconds(span).map(|seconds| Grace(Some(seconds))),
    }
}

impl Create {
    /// The API's body.
    pub(super) fn body(self) -> Value {
        let (kind, gateway) = match self.kind {
            Kind::BusinessHub => ("business_hub", self.connection_slug.is_some() || self.no_etags),
            Kind::IdLcm => ("id_lcm", true),
        };
        // For a hub the API refuses what is only for the other kind, with its reason.
        let connection = gateway.then(|| {
            body([("slug", self.connection_slug.map(Value::from)), ("etags", Some(json!(!self.no_etags)))])
        });
        body([
            ("name", Some(self.name.into())),
            ("kind", Some(kind.into())),
            ("connector", Some(self.connector.into())),
            ("config", self.config.map(Value::Object)),
            ("credentials", self.credentials),
            ("catalogue", self.catalogue.map(Value::Object)),
            ("grace_seconds", self.grace.map(Value::from)),
            ("guards", self.guards.map(Value::Object)),
            ("connection", connection),
        ])
    }
}

impl Set {
    /// The API's body.
    pub(super) fn body(self) -> Value {
        let Change { name, config, credentials, catalogue, grace, guards } = self.change;
        body([
            ("name", name.map(Value::from)),
            ("config", config.map(Value::Object)),
            ("credentials", credentials),
            ("catalogue", catalogue.map(Value::Object)),
            ("grace_seconds", grace.map(|Grace(seconds)| json!(seconds))),
            ("guards", guards.map(Value::Object)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspaces_window_is_null() {
        assert_eq!(grace("workspace"), Ok(Grace(None)));
        assert_eq!(grace("5m"), Ok(Grace(Some(300))));
        let change = Change {
            name: None,
            config: None,
            credentials: None,
            catalogue: None,
            grace: Some(Grace(None)),
            guards: None,
        };
        let set = Set { integration: "hub".into(), change };
        assert_eq!(set.body(), json!({"grace_seconds": null}));
    }
}
