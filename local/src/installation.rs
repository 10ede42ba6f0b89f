//! What an operator acts on past the admin API: the table of a deployment, with the operator's own rights in AWS, or the
//! data folder of a laptop on which nothing runs.

use std::{path::Path, time::Duration};

use usher_aws::{config::Aws, store::Store};

use crate::{
    data::{DataError, DataFolder, read_access},
    embedded::{Embedded, EmbeddedError},
};

/// How long a deployment goes on with what it began before it was told to stop: a connection is believed for three seconds,
/// and no function that writes for a workspace runs longer than a minute.
const BUSY: Duration = Duration::from_secs(90);

/// An installation.
pub struct Installation {
    /// Its store.
    pub store: Store,
    /// Where people reach it, where that is known.
    pub origin: Option<String>,
    /// How long somebody may still be at work who did not notice what was decided.
    pub busy: Duration,
    _data: Option<DataFolder>,
}

/// Why a data folder cannot be acted on.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Nothing was ever started in it.
    #[error(
        "{0} holds no data of `usher serve`; name its folder with --data, or a deployment's table with --table"
    )]
    Empty(String),
    /// The folder.
    #[error(transparent)]
    Folder(#[from] DataError),
    /// The database in it.
    #[error(transparent)]
    Database(#[from] EmbeddedError),
}

impl Installation {
    /// The deployment with this table, in the region and with the credentials of the environment.
    pub async fn deployed(table: &str) -> Self {
        let store = Aws::of_operator().await.store_in(table);
        Self { store, origin: None, busy: BUSY, _data: None }
    }

    /// The data folder of a laptop. Nobody else can use it meanwhile.
    ///
    /// # Errors
    /// When it is in use, or holds no data.
    pub async fn on_laptop(folder: &Path) -> Result<Self, Unusable> {
        let access = read_access(folder)?.ok_or_else(|| Unusable::Empty(folder.display().to_string()))?;
        let data = DataFolder::open(folder)?;
        let store = Embedded::open(&data.file("usher.db")).await?.store;
        Ok(Self { store, origin: Some(access.origin), busy: Duration::ZERO, _data: Some(data) })
    }
}
