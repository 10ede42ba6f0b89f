//! `usher audit`

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::{Api, Failure, Output, arguments, arguments::Paging, listed, moment, text};

/// What to do with the audit log.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List acts, newest first; with --json what was before and after too
    List(List),
}

/// Which acts.
#[derive(Args)]
pub(crate) struct List {
    /// Part of the actor's name, or a person's id
    #[arg(long)]
    actor: Option<String>,
    /// The operation, as in the OpenAPI document, such as putTeamShare
    #[arg(long)]
    act: Option<String>,
    /// What became of it
    #[arg(long, value_parser = ["done", "refused", "failed", "begun"])]
    outcome: Option<String>,
    /// The integration that it is about
    #[arg(long, value_parser = arguments::id)]
    integration: Option<String>,
    /// From when, such as 2026-11-22T00:00:00Z
    #[arg(long)]
    since: Option<Timestamp>,
    /// Until when
    #[arg(long)]
    until: Option<Timestamp>,
    #[command(flatten)]
    paging: Paging,
}

impl Command {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let Self::List(list) = self;
        let (since, until) = (list.since.map(|at| at.to_string()), list.until.map(|at| at.to_string()));
        let filters = [
            ("actor", &list.actor),
            ("act", &list.act),
            ("outcome", &list.outcome),
            ("integration", &list.integration),
            ("since", &since),
            ("until", &until),
        ];
        let given: Vec<_> =
            filters.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect();
        let acts = api.list(&["audit"], &given, &list.paging).await?;
        output.show(&acts, || {
            let headings = ["AT", "WHO", "WHAT", "TARGET", "OUTCOME", "FROM"];
            listed(&acts, headings, "No act.", |act| {
                [
                    moment(&act["at"]),
                    text(&act["actor"]["name"]),
                    text(&act["label"]),
                    text(&act["target"]),
                    text(&act["outcome"]),
                    text(&act["actor"]["address"]),
                ]
            })
        })
    }
}
