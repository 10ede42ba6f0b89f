//! Manual tasks: jobs that wait for people, listed in a partition of their own. The job's row is the truth; the list holds a
//! copy, written in the transaction of every move of the job.

use usher_domain::{
    activity::Activity,
    id::WorkspaceId,
    job::{Job, Task},
    ports::{Page, StoreResult},
};

use super::{
    Store,
    jobs::moved,
    query::Range,
    row::{Row, document, kind},
    transaction::Transaction,
};
use crate::keys::{Key, tasks as keys};

fn key(job: &Job) -> Key {
    keys::task(&job.workspace, job.task == Task::RemovingUsers, job.created_at, &job.id)
}

impl Store {
    /// Lists a job's task, or takes it off the list, as the job moves.
    pub(super) fn list_task(
        &self,
        transaction: &mut Transaction,
        before: &Job,
        after: &Job,
    ) -> StoreResult<()> {
        match (before.open_task(), after.open_task()) {
            (_, Some(_)) => transaction.put(self, Row::new(key(after), kind::TASK, after)?),
            (Some(_), None) => transaction.delete(self, &key(before)),
            (None, None) => {}
        }
        Ok(())
    }

    pub(crate) async fn task_page(
        &self,
        workspace: &WorkspaceId,
        cursor: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<Job>> {
        let range = Range::of(keys::tasks(workspace)).limit(limit).starting_at(cursor)?;
        let page = self.page(range).await?;
        let items = page.items.iter().map(document).collect::<StoreResult<_>>()?;
        Ok(Page { items, next: page.next })
    }

    /// See [`usher_domain::ports::Admin::move_task`].
    pub(crate) async fn write_task(&self, job: &Job, after: &Job, told: &Activity) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        self.move_job(&mut transaction, job, &moved(after, after.state, told.at))?;
        self.put_activity(&mut transaction, told)?;
        transaction.commit(self, "recording what became of a task").await
    }
}
