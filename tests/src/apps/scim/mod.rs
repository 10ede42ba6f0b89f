//! An external app whose members are provisioned by SCIM 2.0.
//!
//! It is written from the RFCs as a vendor would, and shares no code with Usher's own SCIM implementation: a
//! misunderstanding there must not be repeated here. SCIM is served under `/scim/v2`, a page for people under `/`, and
//! the controls of a test under `/_control`.

mod directory;
mod discovery;
mod error;
mod filter;
mod habits;
mod http;
mod oauth;
mod page;
mod patch;
mod schema;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use super::faults::{Entry, Fault, FaultRule, Faults, Journal};
use axum::http::StatusCode;
use directory::Directory;
pub use habits::Habits;
pub use http::router;
pub use oauth::{ACCOUNT, CLIENT, CLIENT_SECRET, TOKEN_PATH};
use schema::Kind;
use serde_json::{Map, Value};

use super::host::Listening;
use crate::Result;

/// The app's state.
#[derive(Debug)]
pub struct ScimApp {
    name: String,
    token: String,
    path: Option<PathBuf>,
    directory: Mutex<Directory>,
    faults: Faults,
    journal: Journal,
}

impl ScimApp {
    /// Opens the app whose members are kept in the file at `path`, or in memory only, and which accepts `token`.
    ///
    /// # Errors
    /// When the file exists and cannot be read.
    pub fn open(path: Option<PathBuf>, token: String) -> Result<Self> {
        let directory = match &path {
            Some(path) if path.exists() => Directory::read(path)?,
            _ => Directory::default(),
        };
        Ok(Self {
            name: "SCIM app".to_owned(),
            token,
            path,
            directory: Mutex::new(directory),
            faults: Faults::default(),
            journal: Journal::default(),
        })
    }

    /// The name that the app's page shows.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// What the app takes otherwise than the RFCs have it.
    #[must_use]
    pub fn with_habits(self, habits: Habits) -> Self {
        self.directory().habits = habits;
        self
    }

    /// There is no more room, which the app says with this status; none: there is room again.
    pub fn refuse_more_users(&self, with: Option<StatusCode>) {
        self.directory().habits.no_room = with;
    }

    /// Somebody whom a new app has from the beginning: whoever set it up.
    ///
    /// # Errors
    /// When the app does not take such a user, or cannot keep it.
    pub fn set_up_by(self, user: Map<String, Value>) -> Result<Self> {
        if self.directory().all(Kind::User).next().is_none() {
            let made = self.change(|directory| directory.create(Kind::User, user));
            made.map_err(|error| format!("{error:?}"))?;
        }
        Ok(self)
    }

    /// What the app does wrong next.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The SCIM requests that reached the app.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    fn directory(&self) -> MutexGuard<'_, Directory> {
        self.directory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the directory as a whole or not at all: what cannot be stored did not happen.
    fn change<T>(&self, edit: impl FnOnce(&mut Directory) -> error::Answer<T>) -> error::Answer<T> {
        let mut directory = self.directory();
        let Some(path) = &self.path else {
            return edit(&mut directory);
        };
        let mut changed = directory.clone();
        let answer = edit(&mut changed)?;
        changed.write(path).map_err(|cause| error::ScimError::internal(&cause))?;
        *directory = changed;
        Ok(answer)
    }
}

/// An app that listens on a loopback port until dropped.
#[derive(Debug)]
pub struct RunningScimApp {
    app: Arc<ScimApp>,
    listening: Listening,
}

impl RunningScimApp {
    /// Starts a new, empty app on a free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(token: &str) -> Result<Self> {
        Self::serve(ScimApp::open(None, token.to_owned())?).await
    }

    /// Serves `app` on a free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn serve(app: ScimApp) -> Result<Self> {
        let app = Arc::new(app);
        let listening = Listening::start(router(Arc::clone(&app))).await?;
        Ok(Self { app, listening })
    }

    /// The app, to set faults and read its journal.
    pub fn app(&self) -> &ScimApp {
        &self.app
    }

    /// Where its page is.
    pub fn origin(&self) -> String {
        self.listening.origin()
    }

    /// Its SCIM base URL.
    pub fn base_url(&self) -> String {
        format!("{}/scim/v2", self.origin())
    }

    /// The token that it accepts.
    pub fn token(&self) -> &str {
        &self.app.token
    }
}
