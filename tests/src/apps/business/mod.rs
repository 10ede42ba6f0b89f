//! What simulated business apps have in common: an organisation with people, invitations and assets. How it speaks is
//! each vendor's own ([`Vendor`]).
//!
//! The vendor's API is served where the vendor has it, a page for people under `/`, the controls of a test under
//! `/_control`.

mod consent;
mod host;
mod organisation;
mod page;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{Router, response::Response};
pub use consent::Consent;
pub(super) use consent::Redeemed;
pub use host::router;
pub use organisation::{Asset, Invitation, InvitationState, Organisation, Person, Refused, Seen};
use serde_json::Value;

use super::{
    faults::{Fault, Faults, Journal},
    host::Listening,
};
use crate::Result;

/// Who made an organisation, and gave consent where a vendor wants somebody's.
pub const FOUNDER: &str = "founder@acme.example";

/// How a vendor speaks.
#[derive(Debug)]
pub struct Vendor {
    /// The key of the connector that reaches it.
    pub key: &'static str,
    /// The name that the app's page shows.
    pub name: &'static str,
    /// Where the API begins.
    pub base_path: &'static str,
    /// The API below it.
    pub routes: fn() -> Router<Arc<BusinessApp>>,
    /// Where a `POST` changes nothing: questions too long for a URL, tokens.
    pub asks: &'static [&'static str],
    /// How it says that it does not answer as it should. Only for the faults that have a form of the vendor's.
    pub refusal: fn(Fault) -> Response,
    /// Where in an answer a list is, as a JSON pointer.
    pub list: &'static str,
    /// A new organisation, with its administrator and its assets.
    pub found: fn() -> Organisation,
    /// With which settings it is connected in Usher, if its API is at this base URL.
    pub settings: fn(&str) -> Value,
    /// With which credentials.
    pub credentials: fn() -> Value,
}

/// An app of a vendor's.
#[derive(Debug)]
pub struct BusinessApp {
    vendor: &'static Vendor,
    state: Mutex<State>,
    faults: Faults,
    journal: Journal,
}

#[derive(Debug)]
struct State {
    now: Organisation,
    /// As it was before the last change.
    before: Organisation,
    /// How many reads are still answered from before the last change.
    stale_reads: u32,
}

impl BusinessApp {
    /// A new app.
    pub fn new(vendor: &'static Vendor) -> Self {
        let now = (vendor.found)();
        let state = State { before: now.clone(), now, stale_reads: 0 };
        Self { vendor, state: Mutex::new(state), faults: Faults::default(), journal: Journal::default() }
    }

    /// How it speaks.
    pub fn vendor(&self) -> &'static Vendor {
        self.vendor
    }

    /// What the app does wrong next.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The requests that reached the API.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The organisation as it is.
    pub fn organisation(&self) -> Organisation {
        self.state().now.clone()
    }

    /// Changes the organisation, as its people do.
    pub fn change<T>(&self, edit: impl FnOnce(&mut Organisation) -> T) -> T {
        let mut state = self.state();
        let before = state.now.clone();
        let answer = edit(&mut state.now);
        if state.now != before {
            state.before = before;
        }
        answer
    }

    /// The next `reads` do not show the last change yet: the app is eventually consistent.
    pub fn lag(&self, reads: u32) {
        self.state().stale_reads = reads;
    }

    /// The organisation as a read is shown it.
    pub(super) fn shown(&self) -> Organisation {
        let mut state = self.state();
        if state.stale_reads == 0 {
            return state.now.clone();
        }
        state.stale_reads -= 1;
        state.before.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An app that listens on a loopback port until dropped.
#[derive(Debug)]
pub struct RunningBusinessApp {
    app: Arc<BusinessApp>,
    listening: Listening,
}

impl RunningBusinessApp {
    /// Starts a new app on a free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(vendor: &'static Vendor) -> Result<Self> {
        let app = Arc::new(BusinessApp::new(vendor));
        let listening = Listening::start(router(Arc::clone(&app))).await?;
        Ok(Self { app, listening })
    }

    /// The app, to act as its people and to see what it has.
    pub fn app(&self) -> &BusinessApp {
        &self.app
    }

    /// Where its page is.
    pub fn origin(&self) -> String {
        self.listening.origin()
    }

    /// Where its API is.
    pub fn base_url(&self) -> String {
        format!("{}{}", self.origin(), self.app.vendor.base_path)
    }
}
