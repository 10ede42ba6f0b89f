//! All that an installation holds of a workspace: `usher workspace export` and `delete`.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    time::Duration,
};

use super::{
    Common, Failure, Output,
    tenant::{Table, failed, workspace},
};
use clap::Args;
use serde_json::json;
use usher_aws::{
    store::{Found, Store},
    system::SystemClock,
};
use usher_domain::{
    Timestamp,
    id::WorkspaceId,
    ports::{Admin, Clock, Operating, Readings, Tenancies},
    tenancy::Suspension,
};

/// A workspace to export.
#[derive(Args)]
pub(crate) struct Export {
    /// The workspace
    id: WorkspaceId,
    /// A new file, for its owner only; else standard output
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    #[command(flatten)]
    table: Table,
}

impl Export {
    /// Writes one row a line, as JSON, whether or not programs read the rest.
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let installation = self.table.open(common).await?;
        workspace(&installation, &self.id).await?;
        let mut out: Box<dyn Write> = match &self.to {
            None => Box::new(io::stdout().lock()),
            Some(path) => {
                let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
                Box::new(file.map_err(|error| format!("{} cannot be written: {error}", path.display()))?)
            }
        };
        let mut from = None;
        loop {
            let Found { rows, next } = installation.store.export(&self.id, from).await.map_err(failed)?;
            for row in rows {
                writeln!(out, "{row}").map_err(|error| format!("the export cannot be written: {error}"))?;
            }
            from = next;
            if from.is_none() {
                return out.flush().map_err(|error| format!("the export cannot be written: {error}").into());
            }
        }
    }
}

/// A workspace to delete.
#[derive(Args)]
pub(crate) struct Delete {
    /// The workspace
    id: WorkspaceId,
    /// Its id once more: nothing brings it back but a backup of the table
    #[arg(long, value_name = "ID")]
    confirm: WorkspaceId,
    #[command(flatten)]
    table: Table,
}

impl Delete {
    /// Deletes, or goes on where a deletion was cut short; of a workspace that is gone it proves that nothing is left. What
    /// people have in apps they keep.
    pub(super) async fn run(self, common: &Common, output: Output) -> Result<(), Failure> {
        let Self { id, confirm, table } = self;
        if confirm != id {
            return Err(format!("`--confirm {confirm}` is not `{id}`; nothing was deleted").into());
        }
        let installation = table.open(common).await?;
        let store = &installation.store;
        let still = close(store, &id, installation.busy).await?;
        let seats: u64 = store.meters(&id).await.map_err(failed)?.values().map(|meter| meter.seats).sum();
        let mut rows = erase(store, &id).await?;
        // Whoever was at work when it was closed may have written since.
        tokio::time::sleep(still).await;
        loop {
            match erase(store, &id).await? {
                0 => break,
                late => rows += late,
            }
        }
        store.erase_frame(&id).await.map_err(failed)?;
        let told = json!({ "id": id, "rows": rows, "left": 0, "seats_kept_in_apps": seats });
        output.show(&told, || {
            format!(
                "The workspace `{id}` is deleted: {rows} rows were erased, and a last look at the whole table found \
                 no other. {seats} seats in apps stay as they are."
            )
        })
    }
}

/// Closes the workspace for good. Answers for how long somebody may still be at work who did not notice.
async fn close(store: &Store, id: &WorkspaceId, busy: Duration) -> Result<Duration, Failure> {
    let mut tenancy = store.tenancy(id).await.map_err(failed)?;
    if Admin::workspace(store, id).await.map_err(failed)?.is_none() {
        return Ok(Duration::ZERO);
    }
    if !tenancy.is_ending() {
        let since = SystemClock.now();
        tenancy.suspension = Some(Suspension { since, reason: "it is deleted".into(), for_good: true });
        store.put_tenancy(id, &tenancy).await.map_err(failed)?;
    }
    let closed = tenancy.suspension.map_or(Timestamp::UNIX_EPOCH, |suspension| suspension.since);
    let passed = Duration::try_from(SystemClock.now().duration_since(closed)).unwrap_or_default();
    Ok(busy.saturating_sub(passed))
}

/// One walk through the table. Answers how many rows it erased.
async fn erase(store: &Store, id: &WorkspaceId) -> Result<u64, Failure> {
    let (mut erased, mut from) = (0, None);
    loop {
        let Found { rows, next } = store.erase(id, from).await.map_err(failed)?;
        erased += rows;
        from = next;
        if from.is_none() {
            return Ok(erased);
        }
    }
}
