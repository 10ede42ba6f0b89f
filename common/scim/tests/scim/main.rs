//! Tests of the crate through its public API.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test says what failed by panicking")]

mod canonical;
mod custom;
mod patch_model;
mod round_trip;
mod shapes;
mod tolerance;
