//! Simulated external apps: servers that behave as a vendor's do, with state of their own.

pub mod adobe;
pub mod business;
mod faults;
pub mod github;
pub mod google;
mod host;
pub mod hubspot;
pub mod meta;
mod page;
pub mod pinboard;
pub mod pinterest;
pub mod scim;
pub mod showcase;
mod signed;
pub mod tiktok;

pub use faults::{Entry, Fault, FaultRule, Faults, Journal};
