//! The way to an app: its credentials are opened for as long as an attempt takes, and where they are not good any more the
//! integration is paused.

use std::{sync::Arc, time::Duration};

use usher_domain::{
    Timestamp,
    integration::Integration,
    job::Job,
    ports::{Loaded, StoreError},
};

use super::{
    Executor,
    attempt::{Attempted, Ending, guarded},
    keeping::{StoredCredentials, opened},
};
use crate::{
    action::Action,
    contract::{Connect, Connector},
    error::{Class, Error},
};

/// What the log says when a connector pauses an integration; a deployment's alarm listens for it.
pub const PAUSED: &str = "an integration is paused";

/// How soon a job of a paused integration is looked at again: no message waits for it in the queue, which delays 15 minutes at
/// most.
const SOONEST_LOOK: Duration = Duration::from_secs(20 * 60);
/// How late.
const LATEST_LOOK: Duration = Duration::from_secs(6 * 60 * 60);

impl Executor {
    pub(super) async fn connect(
        &self,
        integration: &Integration,
        correlation_id: &str,
    ) -> Result<Box<dyn Connector>, Error> {
        let credentials = opened(&*self.sealer, integration).await?;
        let keeper = Arc::new(StoredCredentials {
            store: self.store.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            workspace: integration.workspace.clone(),
            integration: integration.id.clone(),
        });
        let connect = Connect { integration, credentials, keeper, correlation_id };
        let building = self.factory.connector(connect);
        guarded("connecting to the app", Class::Transient { after: None }, self.settings.step, building).await
    }

    /// Pauses the integration where the outcome asks for it. Answers when to look again if it is paused.
    pub(super) async fn pause_if_asked(
        &self,
        started: &Loaded,
        attempted: &Attempted,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Ending::Failed { error, action: Action::PauseIntegration } = &attempted.ending else {
            return Ok(None);
        };
        let now = self.clock.now();
        match self.store.pause(&started.integration, error.message(), now).await {
            Ok(()) => {
                let Job { workspace, integration, .. } = &started.job;
                tracing::warn!(%workspace, %integration, class = error.class().name(), "{PAUSED}");
                Ok(Some(look_again(started.job.created_at, now)))
            }
            // Somebody changes the integration right now, perhaps to mend it.
            Err(StoreError::Conflict { .. } | StoreError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// When to look again at a job of a paused integration, should its resumption miss the job: after as long as there has been
/// the job, so that few looks are enough for a long pause, and a short one does not become a long one.
pub(super) fn look_again(created_at: Timestamp, now: Timestamp) -> Timestamp {
    let age = Duration::try_from(now.duration_since(created_at)).unwrap_or_default();
    now + age.clamp(SOONEST_LOOK, LATEST_LOOK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_of_a_paused_integration_is_looked_at_after_as_long_as_there_has_been_the_job() {
        let after = |age: u64| {
            let now = Timestamp::from_second(1_000_000).unwrap();
            look_again(now - Duration::from_secs(age), now).as_second() - now.as_second()
        };
        assert_eq!(after(0), 20 * 60);
        assert_eq!(after(3_600), 3_600);
        assert_eq!(after(7 * 24 * 3_600), 6 * 3_600);
    }
}
