//! Tests of the crate through its public API.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed test says what failed by panicking")]

mod bulk_order;
mod canonical;
mod custom;
mod evaluation;
mod oracle;
mod patch_elements;
mod patch_model;
mod projection_model;
mod round_trip;
mod shapes;
mod sorting;
mod tolerance;
mod tree;
