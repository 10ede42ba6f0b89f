//! The simulated apps, as the kit sees them.

pub(crate) mod scim;
