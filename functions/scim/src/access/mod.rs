//! How callers are let in: how often, and by what they can prove beside the connection's own tokens.

pub(crate) mod rate;
