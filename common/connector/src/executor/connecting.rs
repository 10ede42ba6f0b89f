//! The way to an app: its credentials are opened for as long as an attempt takes, and where they are not good any more the
//! integration is paused.

use usher_domain::{
    integration::Integration,
    job::Job,
    ports::{Loaded, SealedFor, StoreError},
};

use super::{
    Executor,
    attempt::{Attempted, Ending, guarded},
};
use crate::{
    action::Action,
    contract::{Connect, Connector},
    error::{Class, Error},
};

/// What the log says when a connector pauses an integration; a deployment's alarm listens for it.
pub const PAUSED: &str = "an integration is paused";

impl Executor {
    pub(super) async fn connect(
        &self,
        integration: &Integration,
        correlation_id: &str,
    ) -> Result<Box<dyn Connector>, Error> {
        let credentials = match &integration.sealed_credentials {
            None => None,
            Some(sealed) => match self.sealer.open(SealedFor::Integration(&integration.id), sealed).await {
                Ok(opened) => Some(opened.into()),
                Err(StoreError::Unavailable { .. }) => {
                    return Err(Error::transient(
                        "the key service did not open the app's credentials; it is tried again",
                    ));
                }
                Err(_) => {
                    return Err(Error::new(
                        Class::AuthRevoked,
                        "the stored credentials of the app cannot be opened; store them again",
                    ));
                }
            },
        };
        let connect = Connect { integration, credentials, correlation_id };
        let building = self.factory.connector(connect);
        guarded("connecting to the app", Class::Transient { after: None }, self.settings.step, building).await
    }

    /// Pauses the integration where the outcome asks for it. Answers whether it is paused.
    pub(super) async fn pause_if_asked(
        &self,
        started: &Loaded,
        attempted: &Attempted,
    ) -> Result<bool, StoreError> {
        let Ending::Failed { error, action: Action::PauseIntegration } = &attempted.ending else {
            return Ok(false);
        };
        match self.store.pause(&started.integration, error.message(), self.clock.now()).await {
            Ok(()) => {
                let Job { workspace, integration, .. } = &started.job;
                tracing::warn!(%workspace, %integration, class = error.class().name(), "{PAUSED}");
                Ok(true)
            }
            // Somebody changes the integration right now, perhaps to mend it.
            Err(StoreError::Conflict { .. } | StoreError::Missing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
