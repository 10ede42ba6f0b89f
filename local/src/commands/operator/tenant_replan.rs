//! What the planner missed: `usher workspace replan`.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use usher_aws::{store::CHANGE_DAYS, system::SystemClock};
use usher_domain::{id::WorkspaceId, ports::Clock};
use usher_local::replan::{Report, replan};

use super::{
    Common, Failure, Output,
    tenant::{Table, failed, workspace},
};

/// The time whose changes are planned again.
#[derive(Args)]
pub(crate) struct Replan {
    /// The workspace; else all
    id: Option<WorkspaceId>,
    /// The first moment, such as 2026-03-01T12:00:00Z: an hour before what was missed, as long work goes on under the time at
    /// which it was asked for
    #[arg(long, value_name = "TIME")]
    since: Timestamp,
    /// The first moment that no longer counts; else now
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    #[command(flatten)]
    table: Table,
}

impl Replan {
    pub(super) async fn run(self, common: &Common, output: Output) -> Result<(), Failure> {
        let now = SystemClock.now();
        let (since, until) = (self.since, self.until.unwrap_or(now));
        if since >= until {
            return Err(
                format!("no time lies between {since} and {until}; --since names the earlier one").into()
            );
        }
        let installation = self.table.open(common).await?;
        if let Some(id) = &self.id {
            workspace(&installation, id).await?;
        }
        let made = since..until;
        let report = replan(&installation.store, &made, self.id.as_ref(), now).await.map_err(failed)?;
        let kept_since = now.checked_sub(SignedDuration::from_hours(24 * CHANGE_DAYS)).map_err(failed)?;
        let told =
            json!({ "since": since, "until": until, "changes": report, "complete": since >= kept_since });
        output.show(&told, || text(&report, since, kept_since))
    }
}

fn text(report: &Report, since: Timestamp, kept_since: Timestamp) -> String {
    let Report { found, planned, skipped, unreadable } = report;
    let mut text = format!("{found} changes were made in that time; {planned} of them are planned again.");
    if *skipped > 0 {
        text += &format!(" {skipped} are of workspaces that are deleted, or went meanwhile.");
    }
    if *unreadable > 0 {
        text += &format!(
            "\n{unreadable} changes, of whatever time, cannot be read and were left: have the identity provider send its \
             people and groups again."
        );
    }
    if since < kept_since {
        text += &format!(
            "\nChanges are kept for {CHANGE_DAYS} days: of what was made before {kept_since:.0} nothing was found. Have the \
             identity provider send its people and groups again."
        );
    }
    text
}
