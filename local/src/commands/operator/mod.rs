//! What an operator does from the command line, all through the admin API.

mod audit;
mod automation;
mod connection;
mod connection_forms;
mod connection_schemas;
mod directory;
mod explain;
mod integration;
mod integration_forms;
mod job;
mod key;
mod me;
mod member;
mod preview;
mod session;
mod share;
mod share_preview;
mod sign_in;
mod sync;
mod task;
mod team;
mod tenant;
mod tenant_data;
mod tenant_replan;
mod token;
mod usage;
mod webhook;
mod workspace;

use clap::Subcommand;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Api, Common, Failure, Output, arguments, output};

/// The nouns.
#[derive(Subcommand)]
pub(super) enum Operator {
    /// The workspace and its settings
    #[command(subcommand)]
    Workspace(workspace::Command),
    /// Who you are here, your hubs and your own access
    Me(me::Me),
    /// Who may do what in the workspace
    #[command(subcommand)]
    Member(member::Command),
    /// The keys of the admin API
    #[command(subcommand)]
    Key(key::Command),
    /// Servers of yours that are told of events
    #[command(subcommand)]
    Webhook(webhook::Command),
    /// The identity provider that people sign in with
    #[command(subcommand)]
    SignIn(sign_in::Command),
    /// Signed-in browsers
    #[command(subcommand)]
    Session(session::Command),
    /// Who did what in the workspace's administration
    #[command(subcommand)]
    Audit(audit::Command),
    /// SCIM connections that identity providers push to
    #[command(subcommand)]
    Connection(connection::Command),
    /// The tokens of a SCIM connection
    #[command(subcommand)]
    Token(token::Command),
    /// Teams that a SCIM connection pushed, and those that were made by hand
    #[command(subcommand)]
    Team(team::Command),
    /// People that a SCIM connection pushed
    #[command(subcommand)]
    Person(directory::PersonCommand),
    /// Organisations in external apps
    #[command(subcommand)]
    Integration(integration::Command),
    /// Reading apps, and where they differ from what was decided
    #[command(subcommand)]
    Sync(sync::Command),
    /// Who a business hub is shared with, and as what
    #[command(subcommand)]
    Share(share::Command),
    /// Say what a change of a person, team or integration would do, and change nothing
    Preview(preview::Preview),
    /// Say why somebody has the access that they have in an integration, or none
    Explain(explain::Explain),
    /// The Automation Log
    #[command(subcommand)]
    Automation(automation::Command),
    /// What was used in a month, and what it comes to
    Usage(usage::Usage),
    /// Units of work for one person in one integration
    #[command(subcommand)]
    Job(job::Command),
    /// What people do by hand in apps that have no API
    #[command(subcommand)]
    Task(task::Command),
}

impl Operator {
    pub(super) async fn run(self, common: &Common, output: Output) -> Result<(), Failure> {
        let api = || Api::of(common);
        match self {
            // Some of them go past the API.
            Self::Workspace(command) => command.run(common, output).await,
            Self::Me(command) => command.run(&api()?, output).await,
            Self::Member(command) => command.run(&api()?, output).await,
            Self::Key(command) => command.run(&api()?, output).await,
            Self::Webhook(command) => command.run(&api()?, output).await,
            Self::SignIn(command) => command.run(&api()?, output).await,
            Self::Session(command) => command.run(&api()?, output).await,
            Self::Audit(command) => command.run(&api()?, output).await,
            Self::Connection(command) => command.run(&api()?, output).await,
            Self::Token(command) => command.run(&api()?, output).await,
            Self::Team(command) => command.run(&api()?, output).await,
            Self::Person(command) => command.run(&api()?, output).await,
            Self::Integration(command) => command.run(&api()?, output).await,
            Self::Sync(command) => command.run(&api()?, output).await,
            Self::Share(command) => command.run(&api()?, output).await,
            Self::Preview(command) => command.run(&api()?, output).await,
            Self::Explain(command) => command.run(&api()?, output).await,
            Self::Automation(command) => command.run(&api()?, output).await,
            Self::Job(command) => command.run(&api()?, output).await,
            Self::Task(command) => command.run(&api()?, output).await,
            Self::Usage(command) => command.run(&api()?, output).await,
        }
    }
}

/// A text of an answer; empty where it is null or missing.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A moment, to the second.
fn moment(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let Ok(at) = text.parse::<jiff::Timestamp>() else { return text.to_owned() };
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// A word of the domain as people read it. A newer stack's word that is not known here stays as it is.
pub(super) fn label<T: DeserializeOwned>(value: &Value, label: impl FnOnce(T) -> &'static str) -> String {
    serde_json::from_value(value.clone()).map_or_else(|_| text(value), |word| label(word).to_owned())
}

/// A span of seconds, in its largest whole unit.
fn span(value: &Value) -> String {
    let Some(seconds) = value.as_u64() else { return String::new() };
    for (unit, size) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
        if seconds >= size && seconds.is_multiple_of(size) {
            return format!("{}{unit}", seconds / size);
        }
    }
    format!("{seconds}s")
}

/// The rows of a list.
fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list["items"].as_array().into_iter().flatten()
}

/// A list as a table, and how to go on where there is more.
fn listed<const N: usize>(
    list: &Value,
    headings: [&str; N],
    none: &str,
    row: impl FnMut(&Value) -> [String; N],
) -> String {
    let rows: Vec<_> = items(list).map(row).collect();
    let mut shown = output::table(headings, &rows, none);
    if let Some(next) = list["next"].as_str() {
        shown.push_str(&format!("\nThere is more: --cursor {}", output::plain(next)));
    }
    shown
}

/// The parts of a body that are given.
fn body<const N: usize>(parts: [(&str, Option<Value>); N]) -> Value {
    let given = parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect())
}

/// What a seat carries, in one line.
fn seat(seat: &Value) -> String {
    let texts = |list: &Value| -> Vec<String> { list.as_array().into_iter().flatten().map(text).collect() };
    let mut parts = texts(&seat["roles"]);
    parts.extend(texts(&seat["entitlements"]));
    for (asset, permissions) in seat["assets"].as_object().into_iter().flatten() {
        parts.push(format!("{asset}={}", texts(permissions).join("+")));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use usher_domain::job::Task;

    use super::*;

    #[test]
    fn values_are_shown_as_people_read_them() {
        assert_eq!(moment(&json!("2026-03-01T12:00:00.123456Z")), "2026-03-01 12:00:00Z");
        assert_eq!(label(&json!("adding_users"), Task::label), "Adding users");
        assert_eq!(label(&json!("juggling"), Task::label), "juggling");
        assert_eq!(
            (span(&json!(600)), span(&json!(90)), span(&json!(0))),
            ("10m".into(), "90s".into(), "0s".into())
        );
        let carried =
            json!({"roles": ["editor"], "entitlements": ["ads"], "assets": {"page": ["read", "post"]}});
        assert_eq!(seat(&carried), "editor, ads, page=read+post");
    }
}
