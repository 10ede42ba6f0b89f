//! What whoever operates an installation decides about its workspaces: `usher workspace create`, `limit`, `suspend` and so
//! on. They act on the table itself, so that no key of a workspace can do what they do.

use clap::{Args, Subcommand};
use jiff::SignedDuration;
use serde_json::{Value, json};
use usher_aws::system::{SystemClock, SystemIds};
use usher_domain::{
    admission::LEAST_REQUESTS_PER_SECOND,
    id::WorkspaceId,
    ports::{Admin, Clock, Operating, Tenancies, Upkeep},
    tenancy::{Suspension, Tenancy},
    workspace::{Workspace, WorkspaceRole},
};
use usher_fn_console::provisioning::{self, Desk};
use usher_local::installation::Installation;

use super::{
    Common, Failure, Output, listed, moment, output,
    tenant_data::{Delete, Export},
    tenant_replan::Replan,
    text,
};

/// What to do with the workspaces of an installation.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a workspace, and a link that signs its Owner in (needs the installation's table)
    Create(Create),
    /// List the installation's workspaces (needs the installation's table)
    List(List),
    /// Set how much a workspace may use (needs the installation's table)
    Limit(Limit),
    /// Serve a workspace no longer; what it acknowledged is still done (needs the installation's table)
    Suspend(Suspend),
    /// Serve a suspended workspace again (needs the installation's table)
    Resume(Resume),
    /// Write all that is held of a workspace, without secrets, one JSON row a line (needs the installation's table)
    Export(Export),
    /// Plan again what was changed in a time in which the planner was broken (needs the installation's table)
    Replan(Replan),
    /// Delete a workspace and all that is held of it; what people have in apps they keep (needs the installation's table)
    Delete(Delete),
}

/// Where the workspaces are.
#[derive(Args)]
pub(crate) struct Table {
    /// The table of a deployment, in the region and with the credentials of the environment; else the data folder of an
    /// `usher serve` that does not run
    #[arg(long, value_name = "NAME", env = "USHER_TABLE")]
    table: Option<String>,
}

impl Table {
    pub(super) async fn open(&self, common: &Common) -> Result<Installation, Failure> {
        match &self.table {
            Some(table) => Ok(Installation::deployed(table).await),
            None => Installation::on_laptop(&common.data).await.map_err(|error| error.to_string().into()),
        }
    }
}

/// A workspace to make.
#[derive(Args)]
pub(crate) struct Create {
    /// Its id, the first part of every address: it cannot be changed
    id: WorkspaceId,
    /// The name that people see
    #[arg(long)]
    name: String,
    /// Where people reach the installation, such as https://usher.example.com; needed with --table
    #[arg(long, value_name = "URL", value_parser = super::arguments::origin)]
    origin: Option<String>,
    /// How long the Owner's link is good for
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = super::arguments::seconds)]
    link_valid_for: u32,
    #[command(flatten)]
    table: Table,
}

/// The installation whose workspaces are listed.
#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    table: Table,
}

/// Quotas to change; what is left out stays.
#[derive(Args)]
pub(crate) struct Limit {
    /// The workspace
    id: WorkspaceId,
    #[command(flatten)]
    quotas: NewQuotas,
    #[command(flatten)]
    table: Table,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct NewQuotas {
    /// SCIM requests a second, of all its connections together: 25 or more, or `none`
    #[arg(long, value_name = "NUMBER", value_parser = rate)]
    requests_per_second: Option<Quota>,
    /// Seats in apps, of all its integrations together, or `none`
    #[arg(long, value_name = "NUMBER", value_parser = quota)]
    seats: Option<Quota>,
    /// Integrations, or `none`
    #[arg(long, value_name = "NUMBER", value_parser = quota)]
    integrations: Option<Quota>,
}

/// A quota as it is written: a number, or none.
#[derive(Debug, Clone, Copy)]
struct Quota(Option<u32>);

fn quota(text: &str) -> Result<Quota, String> {
    if text == "none" {
        return Ok(Quota(None));
    }
    text.parse().map(|number| Quota(Some(number))).map_err(|_| "write a number, or `none`".to_owned())
}

fn rate(text: &str) -> Result<Quota, String> {
    match quota(text)? {
        Quota(Some(rate)) if rate < LEAST_REQUESTS_PER_SECOND => {
            Err(format!("every identity provider may send {LEAST_REQUESTS_PER_SECOND}; write that or more"))
        }
        quota => Ok(quota),
    }
}

/// A workspace to suspend.
#[derive(Args)]
pub(crate) struct Suspend {
    /// The workspace
    id: WorkspaceId,
    /// Why; its people and its identity provider are told
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    table: Table,
}

/// A workspace to resume.
#[derive(Args)]
pub(crate) struct Resume {
    /// The workspace
    id: WorkspaceId,
    #[command(flatten)]
    table: Table,
}

impl Command {
    pub(super) async fn run(self, common: &Common, output: Output) -> Result<(), Failure> {
        match self {
            Self::Create(create) => create.run(common, output).await,
            Self::List(list) => list.run(common, output).await,
            Self::Limit(Limit { id, quotas, table }) => {
                let installation = table.open(common).await?;
                decide(&installation, &id, output, |tenancy| {
                    let NewQuotas { requests_per_second, seats, integrations } = quotas;
                    let now = &mut tenancy.quotas;
                    now.requests_per_second = requests_per_second.map_or(now.requests_per_second, |it| it.0);
                    now.seats = seats.map_or(now.seats, |it| it.0.map(u64::from));
                    now.integrations = integrations.map_or(now.integrations, |it| it.0.map(u64::from));
                })
                .await
            }
            Self::Suspend(Suspend { id, reason, table }) => {
                let installation = table.open(common).await?;
                let suspension = Suspension { since: SystemClock.now(), reason, for_good: false };
                decide(&installation, &id, output, |tenancy| tenancy.suspension = Some(suspension)).await
            }
            Self::Export(export) => export.run(common).await,
            Self::Replan(replan) => replan.run(common, output).await,
            Self::Delete(delete) => delete.run(common, output).await,
            Self::Resume(Resume { id, table }) => {
                let installation = table.open(common).await?;
                decide(&installation, &id, output, |tenancy| tenancy.suspension = None).await
            }
        }
    }
}

impl Create {
    async fn run(self, common: &Common, output: Output) -> Result<(), Failure> {
        let installation = self.table.open(common).await?;
        let origin = self.origin.as_deref().or(installation.origin.as_deref());
        let origin = origin.ok_or("say with --origin where people reach the installation")?;
        let store = &installation.store;
        let desk = || Desk { store, clock: &SystemClock, ids: &SystemIds, origin };
        let made = provisioning::create_workspace(desk(), &self.id, &self.name).await.map_err(failed)?;
        let valid_for = SignedDuration::from_secs(self.link_valid_for.into());
        let owner = WorkspaceRole::Owner;
        let link = provisioning::create_sign_in_link(desk(), &self.id, "Owner", owner, valid_for).await;
        let link = link.map_err(failed)?;
        let mut told = view(&made, &Tenancy::default());
        told["sign_in"] = link.into();
        output.show(&told, || {
            format!("{}\nThe Owner signs in once with {}", fields(&told), text(&told["sign_in"]))
        })
    }
}

impl List {
    async fn run(self, common: &Common, output: Output) -> Result<(), Failure> {
        let store = self.table.open(common).await?.store;
        let (mut items, mut cursor) = (Vec::new(), None);
        loop {
            let page = Upkeep::workspaces(&store, cursor.as_deref()).await.map_err(failed)?;
            for id in &page.items {
                if let Some(workspace) = Admin::workspace(&store, id).await.map_err(failed)? {
                    items.push(view(&workspace, &store.tenancy(id).await.map_err(failed)?));
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let list = json!({ "items": items, "next": null });
        output.show(&list, || {
            listed(&list, ["WORKSPACE", "NAME", "CREATED", "SUSPENDED"], "No workspaces.", |it| {
                [
                    text(&it["id"]),
                    text(&it["name"]),
                    moment(&it["created_at"]),
                    text(&it["suspension"]["reason"]),
                ]
            })
        })
    }
}

/// Changes what was decided about a workspace, and shows it.
async fn decide(
    installation: &Installation,
    id: &WorkspaceId,
    output: Output,
    change: impl FnOnce(&mut Tenancy),
) -> Result<(), Failure> {
    let store = &installation.store;
    let workspace = workspace(installation, id).await?;
    let mut tenancy = store.tenancy(id).await.map_err(failed)?;
    if tenancy.is_ending() {
        return Err(format!(
            "the workspace `{id}` is being deleted; finish it with `usher workspace delete`"
        )
        .into());
    }
    change(&mut tenancy);
    store.put_tenancy(id, &tenancy).await.map_err(failed)?;
    let told = view(&workspace, &tenancy);
    output.show(&told, || fields(&told))
}

pub(super) async fn workspace(installation: &Installation, id: &WorkspaceId) -> Result<Workspace, Failure> {
    let read = Admin::workspace(&installation.store, id).await.map_err(failed)?;
    read.ok_or_else(|| {
        format!("there is no workspace `{id}`; `usher workspace list` shows those that there are").into()
    })
}

/// A failure of the store with its cause: operators have the rights to mend it.
pub(super) fn failed(error: impl std::error::Error) -> Failure {
    usher_aws::events::chain(&error).into()
}

fn view(workspace: &Workspace, tenancy: &Tenancy) -> Value {
    json!({
        "id": workspace.id,
        "name": workspace.name,
        "created_at": workspace.created_at,
        "suspension": tenancy.suspension,
        "quotas": {
            "requests_per_second": tenancy.quotas.requests_per_second,
            "seats": tenancy.quotas.seats,
            "integrations": tenancy.quotas.integrations,
        },
    })
}

fn fields(workspace: &Value) -> String {
    let quota = |name: &str| text(&workspace["quotas"][name]);
    output::fields(&[
        ("Workspace", text(&workspace["id"])),
        ("Name", text(&workspace["name"])),
        ("Created", moment(&workspace["created_at"])),
        ("Suspended", text(&workspace["suspension"]["reason"])),
        ("SCIM requests a second", quota("requests_per_second")),
        ("Seats at most", quota("seats")),
        ("Integrations at most", quota("integrations")),
    ])
}
