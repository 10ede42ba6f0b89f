//! What a workspace's quota of seats does not leave room for.

use usher_domain::{
    access::Presence,
    ports::{Loaded, StoreError},
    tenancy::Resource,
};

use super::Executor;
use crate::error::{Class, Error};

impl Executor {
    /// Why a job may not give somebody a seat, if it would and may not. What is counted are the seats that are recorded:
    /// jobs that run at the same moment do not see each other, so that a quota is passed by at most as many as those.
    pub(super) async fn over_quota(&self, started: &Loaded) -> Result<Option<Error>, StoreError> {
        let Loaded { job, access, tenancy, .. } = started;
        // An attempt before this one may have sent the invitation and not known it: this one has to look.
        if job.attempts > 1 {
            return Ok(None);
        }
        let has_seat = access.observed.as_ref().is_some_and(|observed| observed.has_seat());
        let desired = access.desired.as_ref().map(|desired| &desired.presence);
        if tenancy.quotas.seats.is_none() || has_seat || !matches!(desired, Some(Presence::Seated(_))) {
            return Ok(None);
        }
        let used = self.store.seats(&access.workspace).await?;
        let refused = tenancy.quotas.allow(Resource::Seats, used).err();
        Ok(refused.map(|why| Error::new(Class::SeatLimit, format!("{why}, then retry"))))
    }
}
