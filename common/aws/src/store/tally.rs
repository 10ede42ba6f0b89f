//! The tally of an integration: how many seats it has, what it has used, and what began lately that its guards care
//! about. What begins is counted in one row, on the version that was read. Totals are added to without a condition, in
//! several rows: many jobs end at the same moment, and of transactions that meet in one row all but one are cancelled. The
//! right to take admin roles away is kept here too, and the right to use the app's credentials (`renewing.rs`).

use usher_domain::{
    Timestamp,
    access::Access,
    automation::lane_of,
    guard::Tally,
    id::{IntegrationId, WorkspaceId},
    job::Job,
    ports::{StoreError, StoreResult},
};

use super::{
    Store,
    error::defect,
    query::Range,
    row::{Item, document, kind, number, number_of, text, text_of},
    transaction::{Condition, Otherwise, Transaction, update_of},
};
use crate::keys;

/// The job that may take admin roles away, and until when.
const ADMIN_JOB: &str = "admin_job";
const ADMIN_UNTIL: &str = "admin_until";

impl Store {
    /// Takes the right to take admin roles away in an integration. It ends by itself, should its holder die.
    pub(crate) async fn take_admin_lease(
        &self,
        job: &Job,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreResult<bool> {
        let update = update_of(self, &keys::tally(&job.workspace, &job.integration))
            .update_expression("SET #type = :type, #job = :job, #until = :until")
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#job", ADMIN_JOB)
            .expression_attribute_names("#until", ADMIN_UNTIL)
            .expression_attribute_values(":type", text(kind::TALLY))
            .expression_attribute_values(":job", text(job.id.as_str()))
            .expression_attribute_values(":until", number(until.as_millisecond()));
        let free = Condition::UnsetOrUpTo(ADMIN_UNTIL, number(now.as_millisecond()));
        let mut transaction = Transaction::new();
        transaction.update_if(update, free, Otherwise::Conflict("the right to change admins"));
        unless_refused(transaction.commit(self, "taking the right to change admins").await)
    }

    /// Gives that right back, if the job has it.
    pub(crate) async fn end_admin_lease(&self, job: &Job) -> StoreResult<()> {
        let update = update_of(self, &keys::tally(&job.workspace, &job.integration))
            .update_expression("REMOVE #job, #until")
            .expression_attribute_names("#job", ADMIN_JOB)
            .expression_attribute_names("#until", ADMIN_UNTIL);
        let own = Condition::Equals(ADMIN_JOB, text(job.id.as_str()));
        let mut transaction = Transaction::new();
        transaction.update_if(update, own, Otherwise::Conflict("the right to change admins"));
        unless_refused(transaction.commit(self, "giving the right to change admins back").await).map(|_| ())
    }

    pub(crate) async fn read_tally(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
    ) -> StoreResult<Tally> {
        let rows = self.tally_rows(workspace, integration).await?;
        let seats = rows.iter().map(|row| number_of(row, "seats")).sum();
        let version = rows.iter().map(|row| number_of(row, "version")).max().unwrap_or(0);
        let counted = rows.iter().find(|row| text_of(row, "type") == Some(kind::TALLY));
        let lately = match counted {
            Some(row) if version > 0 => document(row)?,
            Some(_) | None => Vec::new(),
        };
        Ok(Tally { seats, lately, version })
    }

    /// The row of what began lately, and those that totals are added to.
    pub(crate) async fn tally_rows(
        &self,
        workspace: &WorkspaceId,
        integration: &IntegrationId,
    ) -> StoreResult<Vec<Item>> {
        self.all(Range::of(keys::tally(workspace, integration).pk)).await
    }

    /// Counts what begins in this transaction.
    pub(crate) fn put_tally(
        &self,
        transaction: &mut Transaction,
        access: &Access,
        tally: &Tally,
    ) -> StoreResult<()> {
        let lately =
            serde_json::to_string(&tally.lately).map_err(|error| defect("writing the tally", error))?;
        let update = update_of(self, &keys::tally(&access.workspace, &access.integration))
            .update_expression("SET #type = :type, #doc = :doc, #version = :version")
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#doc", "doc")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":type", text(kind::TALLY))
            .expression_attribute_values(":doc", text(lately))
            .expression_attribute_values(":version", number(tally.version));
        let unmoved = match tally.version {
            0 | 1 => Condition::Without("version"),
            version => Condition::Equals("version", number(version - 1)),
        };
        transaction.update_if(update, unmoved, Otherwise::Conflict("the tally"));
        Ok(())
    }

    /// Adds to what is counted in an integration, together with the write that it belongs to: so it is counted once,
    /// however often that is tried. What is counted `of` one person always goes to one row, so that no row's seats are fewer
    /// than none; others end at the same moment, and go to other rows.
    pub(crate) fn add_to_tally(
        &self,
        transaction: &mut Transaction,
        (workspace, integration): (&WorkspaceId, &IntegrationId),
        of: &str,
        more: Counting,
    ) {
        let Counting { seats, jobs, app_calls } = more;
        let all = [("seats", seats), ("jobs", jobs), ("app_calls", app_calls)];
        let moved: Vec<_> = all.into_iter().filter(|(_, change)| *change != 0).collect();
        if moved.is_empty() {
            return;
        }
        let mut update = update_of(self, &keys::tally_lane(workspace, integration, lane_of(of)))
            .expression_attribute_names("#type", "type")
            .expression_attribute_values(":type", text(kind::COUNTS));
        for (name, change) in &moved {
            update = update
                .expression_attribute_names(format!("#{name}"), *name)
                .expression_attribute_values(format!(":{name}"), number(change));
        }
        let additions: Vec<_> = moved.iter().map(|(name, _)| format!("#{name} :{name}")).collect();
        transaction
            .update(update.update_expression(format!("SET #type = :type ADD {}", additions.join(", "))));
    }
}

/// What comes to an integration's running totals.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counting {
    seats: i64,
    jobs: i64,
    app_calls: i64,
}

impl Counting {
    /// The seat that somebody got or lost.
    pub(crate) fn seat(before: &Access, after: &Access) -> Self {
        let seats =
            |access: &Access| i64::from(access.observed.as_ref().is_some_and(|observed| observed.has_seat()));
        Self { seats: seats(after) - seats(before), ..Self::default() }
    }

    /// And what was done for it: a job that is over, and requests to the app.
    pub(crate) fn and(self, job_is_over: bool, app_calls: u64) -> Self {
        let app_calls = i64::try_from(app_calls).unwrap_or(i64::MAX);
        Self { jobs: i64::from(job_is_over), app_calls, ..self }
    }
}

/// Whether a conditional write happened.
pub(super) fn unless_refused(committed: StoreResult<()>) -> StoreResult<bool> {
    match committed {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
