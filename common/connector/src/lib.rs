//! The connector contract, and the executor that every connector function runs.
//!
//! A connector knows one app: how to see a person there, which steps bring the person from what is seen to
//! what is desired, and how to do one step. Everything else is here, once: leases, order, retries, waiting,
//! recording. See `docs/CONNECTOR-CONTRACT.md` for how to add one.

mod acting;
mod action;
mod backoff;
mod contract;
mod error;
mod executor;
mod http;
mod keeper;
mod planning;
mod seeing;
mod setup;
mod step;
mod subject;
mod together;

pub use acting::acting_member;
pub use action::{Action, Wait, action, when_unhelped};
pub use backoff::{Backoff, retry_after};
pub use contract::{
    Capabilities, Connect, Connector, Factory, Health, IdentityKey, Invitation, Member, Meta, Observation,
    StepContext,
};
pub use error::{Class, Error, Result};
pub use executor::{Executor, PAUSED, Settings, StoredCredentials, Verdict};
pub use http::{
    AccessToken, AccessTokens, Body, ClientGrant, ClientSent, Grant, Http, HttpKeys, HttpWeb, Method, Reach,
    RefreshGrant, Request, Response, Transport, hs256, rs256,
};
pub use keeper::{Keeper, Taken};
pub use planning::{leave, one_role_by_email, the_one_role};
pub use setup::{Field, FieldKind, Setup};
pub use step::{Op, Outcome, PendingKind, Step};
pub use subject::Subject;
pub use together::Together;
pub use usher_domain::integration::AppAsset;
