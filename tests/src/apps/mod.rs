//! Simulated external apps: servers that behave as a vendor's do, with state of their own.

mod faults;
mod host;
mod page;
pub mod scim;

pub use faults::{Entry, Fault, FaultRule, Faults, Journal};
