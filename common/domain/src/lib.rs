//! The product's rules, pure: who should have which seat, in words of the field.
//!
//! Nothing here reads a clock, draws a random number, opens a socket or knows a database: time and ids are
//! passed in, and everything outside is a trait in [`ports`].

pub mod access;
pub mod activity;
pub mod admission;
pub mod audit;
pub mod automation;
pub mod change;
pub mod directory;
pub mod guard;
pub mod id;
pub mod idempotency;
pub mod integration;
pub mod job;
pub mod manual;
pub mod oauth;
pub mod ports;
pub mod protocol;
pub mod share;
pub mod sign_in;
pub mod sync;
pub mod tenancy;
pub mod token;
pub mod usage;
pub mod wake;
pub mod webhook;
pub mod words;
pub mod workspace;

pub use jiff::Timestamp;
