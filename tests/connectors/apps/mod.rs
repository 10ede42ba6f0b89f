//! The simulated apps, as the kit sees them.

pub(crate) mod adobe;
mod business;
pub(crate) mod github;
pub(crate) mod google;
pub(crate) mod hubspot;
pub(crate) mod meta;
pub(crate) mod pinterest;
pub(crate) mod rest;
pub(crate) mod scim;
pub(crate) mod tiktok;
