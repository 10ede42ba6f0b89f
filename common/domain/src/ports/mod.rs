//! What the rules need from outside, as traits in the product's words. Each function takes just the ports it
//! uses, and template.yaml grants it just what they need.

mod admin;
mod audit;
mod directory;
mod disconnection;
mod execution;
mod grants;
mod idempotency;
mod members;
mod planning;
mod sign_in;
mod sync;
mod teams;
mod tenancy;
mod upkeep;
mod usage;
mod web;
mod webhooks;

pub use admin::{Admin, AdminWrite, FOUND_AT_ONCE, JobFilter};
pub use audit::Audit;
pub use directory::{Directory, GroupAndPeople, Listing, PEOPLE_AT_ONCE};
pub use disconnection::{Disconnection, Erased, Erasure};
pub use execution::{Claim, Counted, Execution, Finish, Holding, Loaded};
pub use grants::{Clients, Grants, KeySource, KeysUnavailable};
pub use idempotency::Idempotency;
pub use members::Members;
pub use planning::{Commit, Decision, Facts, Planning};
pub use sign_in::{SignIn, Window};
pub use sync::{ListedDrift, Runs, Syncing};
pub use teams::Teams;
pub use tenancy::{Operating, Tenancies};
pub use upkeep::Upkeep;
pub use usage::{Readings, RequestMeter};
pub use web::{Web, WebAnswer, WebRequest, WebUnavailable};
pub use webhooks::{Delivering, OpenDeliveries, Telling, Webhooks};

use std::borrow::Cow;

use crate::{
    Timestamp,
    id::{EndpointId, IntegrationId, WorkspaceId},
    job::Message,
    webhook::DeliveryMessage,
};

/// The time. Passed in, so that every run can be replayed.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Randomness. Passed in, so that every run can be replayed.
pub trait Ids: Send + Sync {
    /// A new unique id.
    fn uuid(&self) -> uuid::Uuid;
    /// 256 unpredictable bits.
    fn secret(&self) -> [u8; 32];
}

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed the row since it was read. Read again and decide again.
    #[error("{what} was changed by somebody else at the same moment; read it again and retry")]
    Conflict {
        /// Which row.
        what: &'static str,
    },
    /// A value that must be unique is taken.
    #[error(
        "{attribute} is already taken in this directory; choose another value or update the one that has it"
    )]
    Taken {
        /// Which attribute.
        attribute: Cow<'static, str>,
    },
    /// It is not there.
    #[error("{what} does not exist; check its id")]
    Missing {
        /// What was looked for.
        what: &'static str,
    },
    /// The store is busy or out of reach: the same call may succeed later.
    #[error("the store is unavailable ({during}); retry")]
    Unavailable {
        /// What was being done.
        during: &'static str,
        /// The store's own error, for the log.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A row or an answer that makes no sense: a defect, never retried.
    #[error("the store refused or returned something unexpected ({during}); this is a defect in Usher")]
    Defect {
        /// What was being done.
        during: &'static str,
        /// The cause, for the log.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What the store answers.
pub type StoreResult<T> = Result<T, StoreError>;

/// One page of a longer list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// Sends messages to the queues of connectors and of deliveries.
#[async_trait::async_trait]
pub trait JobQueue: Send + Sync {
    /// Sends a message to the queue of the connector named `connector`, to be delivered after `delay_seconds`
    /// (at most 900, SQS's longest).
    ///
    /// # Errors
    /// When the queue does not take it; the caller's own event is then delivered again.
    async fn send(&self, connector: &str, message: &Message, delay_seconds: u32) -> StoreResult<()>;

    /// Sends the message of a delivery to an endpoint of a workspace, as [`JobQueue::send`] does.
    ///
    /// # Errors
    /// As for [`JobQueue::send`].
    async fn send_delivery(&self, message: &DeliveryMessage, delay_seconds: u32) -> StoreResult<()>;
}

/// What a secret is for. A seal opens for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedFor<'a> {
    /// An app's credentials: only connectors open them.
    Integration(&'a IntegrationId),
    /// Usher's secret at the provider that a workspace signs in with: only the console opens it.
    SignIn(&'a WorkspaceId),
    /// What events for an endpoint are signed with: only the function that delivers them opens it.
    Webhook(&'a EndpointId),
    /// An answer that is kept under its idempotency key: only the console opens it.
    Answer(&'a WorkspaceId),
}

/// Seals secrets (KMS envelope encryption): only the function that needs one can open it.
#[async_trait::async_trait]
pub trait Sealer: Send + Sync {
    /// Seals a secret for one purpose; the seal opens for no other.
    ///
    /// # Errors
    /// When the key service does not answer.
    async fn seal(&self, purpose: SealedFor<'_>, secret: &str) -> StoreResult<String>;

    /// Opens what [`Sealer::seal`] made.
    ///
    /// # Errors
    /// When the seal was made for another purpose, was changed, or the key service does not answer.
    async fn open(&self, purpose: SealedFor<'_>, sealed: &str) -> StoreResult<String>;
}
