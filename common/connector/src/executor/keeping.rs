//! An integration's credentials in the store: opened for a connector, and kept anew where the app replaces them.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use usher_domain::{
    Timestamp,
    id::{IntegrationId, WorkspaceId},
    integration::Integration,
    ports::{Clock, Execution, Facts, SealedFor, Sealer, StoreError},
};

use crate::{
    error::{Class, Error, Result},
    keeper::{Keeper, Taken},
};

/// How long somebody uses credentials at most: longer than a call may take.
const USED_FOR: Duration = Duration::from_secs(45);
/// How often an integration that moves is read again.
const ATTEMPTS: u32 = 8;

/// The credentials of one integration.
pub struct StoredCredentials {
    /// Where they are.
    pub store: Arc<dyn Execution>,
    /// Opens and seals them.
    pub sealer: Arc<dyn Sealer>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Whose integration it is.
    pub workspace: WorkspaceId,
    /// The integration.
    pub integration: IntegrationId,
}

impl fmt::Debug for StoredCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredCredentials").field("integration", &self.integration).finish_non_exhaustive()
    }
}

#[async_trait]
impl Keeper for StoredCredentials {
    async fn take(&self) -> Result<Taken> {
        let Self { workspace, integration, .. } = self;
        let now = self.clock.now();
        let until = now + USED_FOR;
        if !self.store.lease_credentials(workspace, integration, now, until).await.map_err(unavailable)? {
            return Err(Error::transient(
                "another worker is fetching an access token of the app; it goes on after that",
            ));
        }
        match self.stored().await {
            Ok((_, credentials)) => Ok(Taken { credentials, until }),
            Err(error) => {
                self.release(until).await;
                Err(error)
            }
        }
    }

    async fn give_back(&self, taken: &Taken, replaced: Option<&SecretString>) -> Result<()> {
        let kept = match replaced {
            Some(replaced) => self.replace(&taken.credentials, replaced).await,
            None => Ok(()),
        };
        self.release(taken.until).await;
        kept
    }
}

impl StoredCredentials {
    async fn stored(&self) -> Result<(Integration, SecretString)> {
        let found = Facts::integration(&*self.store, &self.workspace, &self.integration).await;
        let (integration, _) = found.map_err(unavailable)?.ok_or_else(gone)?;
        let credentials = opened(&*self.sealer, &integration).await?.ok_or_else(missing)?;
        Ok((integration, credentials))
    }

    /// Stores new credentials where the old ones still are: those that an admin stored meanwhile count.
    async fn replace(&self, old: &SecretString, new: &SecretString) -> Result<()> {
        for _ in 0..ATTEMPTS {
            let (integration, stored) = self.stored().await?;
            if stored.expose_secret() != old.expose_secret() {
                return Ok(());
            }
            let purpose = SealedFor::Integration(&self.integration);
            let sealed = self.sealer.seal(purpose, new.expose_secret()).await.map_err(unavailable)?;
            let version = integration.version + 1;
            let renewed = Integration { sealed_credentials: Some(sealed), version, ..integration };
            match self.store.put_credentials(&renewed).await {
                Err(StoreError::Conflict { .. }) => {}
                done => return done.map_err(unavailable),
            }
        }
        Err(unavailable(StoreError::Conflict { what: "the integration" }))
    }

    /// Should this fail, the right ends by itself.
    async fn release(&self, until: Timestamp) {
        let Self { workspace, integration, .. } = self;
        if let Err(error) = self.store.release_credentials(workspace, integration, until).await {
            tracing::warn!(%workspace, %integration, %error, "the right to use an app's credentials ends by itself");
        }
    }
}

/// An integration's credentials, opened.
///
/// # Errors
/// `Transient` where the key service does not answer, `AuthRevoked` where they cannot be opened.
pub(super) async fn opened(sealer: &dyn Sealer, integration: &Integration) -> Result<Option<SecretString>> {
    let Some(sealed) = &integration.sealed_credentials else { return Ok(None) };
    match sealer.open(SealedFor::Integration(&integration.id), sealed).await {
        Ok(opened) => Ok(Some(opened.into())),
        Err(StoreError::Unavailable { .. }) => {
            Err(Error::transient("the key service did not open the app's credentials; it is tried again"))
        }
        Err(_) => Err(Error::new(
            Class::AuthRevoked,
            "the stored credentials of the app cannot be opened; store them again",
        )),
    }
}

fn missing() -> Error {
    Error::new(Class::AuthRevoked, "there are no stored credentials of the app; store them")
}

fn gone() -> Error {
    Error::invalid("the integration was disconnected; there is nothing left to do")
}

fn unavailable(error: StoreError) -> Error {
    if matches!(error, StoreError::Missing { .. }) {
        return gone();
    }
    Error::transient("the app's credentials could not be read or stored for now; it is tried again")
}
