//! Credentials that an app replaces when they are used: who uses them, and where the new ones are kept.

use std::fmt;

use async_trait::async_trait;
use secrecy::SecretString;
use usher_domain::Timestamp;

use crate::error::Result;

/// Stored credentials that somebody uses.
#[derive(Debug, Clone)]
pub struct Taken {
    /// As they are stored.
    pub credentials: SecretString,
    /// How long nobody else uses them, should they not be given back.
    pub until: Timestamp,
}

/// Where an integration's credentials are kept.
#[async_trait]
pub trait Keeper: fmt::Debug + Send + Sync {
    /// The credentials as they are stored now, which may be newer than those that a connector was built from. Nobody else
    /// gets them until they are given back.
    ///
    /// # Errors
    /// `Transient` while somebody else has them, or where they cannot be read for now.
    async fn take(&self) -> Result<Taken>;

    /// Gives them back, and stores what the app gave in their place, unless an admin stored others meanwhile.
    ///
    /// # Errors
    /// `Transient` when they could not be stored: the app may not take the old ones any more.
    async fn give_back(&self, taken: &Taken, replaced: Option<&SecretString>) -> Result<()>;
}
