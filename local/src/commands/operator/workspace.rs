//! `usher workspace`

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{Api, Common, Failure, Output, arguments, body, moment, output, span, tenant, text};

/// What to do with the workspace.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show the workspace
    Show,
    /// Change its settings
    Set(Set),
    #[command(flatten)]
    Tenant(tenant::Command),
}

/// Settings to change.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Set {
    /// The name that people see
    #[arg(long)]
    name: Option<String>,
    /// How long a removal that comes from losing grants waits, such as 0, 10m or 24h
    #[arg(long, value_name = "SPAN", value_parser = arguments::seconds)]
    grace: Option<u32>,
    /// How long the audit log is kept, in days
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(30..=3650))]
    audit_days: Option<u32>,
}

impl Command {
    pub(super) async fn run(self, common: &Common, output: Output) -> Result<(), Failure> {
        let workspace = match self {
            Self::Tenant(command) => return command.run(common, output).await,
            Self::Show => Api::of(common)?.get(&["workspace"]).await?,
            Self::Set(set) => {
                let body = body([
                    ("name", set.name.map(Value::from)),
                    ("grace_seconds", set.grace.map(Value::from)),
                    ("audit_days", set.audit_days.map(Value::from)),
                ]);
                Api::of(common)?.patch(&["workspace"], &body).await?
            }
        };
        output.show(&workspace, || {
            output::fields(&[
                ("Workspace", text(&workspace["id"])),
                ("Name", text(&workspace["name"])),
                ("Removal grace", span(&workspace["grace_seconds"])),
                ("Audit log kept", format!("{} days", text(&workspace["audit_days"]))),
                ("Created", moment(&workspace["created_at"])),
                ("Suspended", text(&workspace["suspension"]["reason"])),
                ("SCIM requests a second", text(&workspace["quotas"]["requests_per_second"])),
                ("Seats at most", text(&workspace["quotas"]["seats"])),
                ("Integrations at most", text(&workspace["quotas"]["integrations"])),
            ])
        })
    }
}
