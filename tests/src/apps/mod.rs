//! Simulated external apps: servers that behave as a vendor's do, with state of their own.

pub mod scim;
