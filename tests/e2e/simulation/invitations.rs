//! What clients do about invitations.

use usher_domain::{
    change::{Cause, Trigger},
    job::{Job, JobState},
    ports::{Admin, Clock, Facts, StoreResult},
};

use super::workload::Clients;

impl Clients {
    /// Somebody answers an invitation, or an admin sends one again.
    pub(super) async fn about_invitations(&self) -> StoreResult<()> {
        if self.chance.in_thousand(750) {
            self.app.answer();
            return Ok(());
        }
        self.send_again().await
    }

    /// As the console does: where somebody's job waits for an answer, or did not complete for want of one.
    async fn send_again(&self) -> StoreResult<()> {
        let Some(person) = self.somebody().await else { return Ok(()) };
        let one = std::slice::from_ref(&person);
        let mut accesses = Facts::accesses(&self.store, &self.workspace, &self.hub, one).await?;
        let Some(access) = accesses.remove(&person) else { return Ok(()) };
        let Some(id) = access.job.or_else(|| access.recent_jobs.last().cloned()) else { return Ok(()) };
        let Some(job) = Facts::job(&self.store, &self.workspace, &id).await? else { return Ok(()) };
        let class = job.error.as_ref().map(|error| error.class.as_str());
        match (job.state, class) {
            (JobState::Failed, Some("invitation_over")) | (JobState::Waiting, Some("not_accepted_yet")) => {
                let cause = Cause { trigger: Trigger::Retry, ..self.cause() };
                self.store.requeue(&Job { resend: true, ..job }, self.chance.now(), &cause).await
            }
            _ => Ok(()),
        }
    }
}
