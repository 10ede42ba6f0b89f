//! End-to-end tests. The judge is always the external app's own listing.
//!
//! Programs that nobody here wrote take part (Canaille, scim2-server); `./test --tools` installs them.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod access_patterns;
mod assets;
mod audit;
mod browser;
mod canaille;
mod connect;
mod cost;
mod demo_apps;
mod deployment;
mod disconnect;
mod explain;
mod guards;
mod idempotency;
mod manual;
mod measured;
mod metering;
mod ministack;
mod onboarding;
mod operator;
mod page_weight;
mod path;
mod permissions;
mod preview;
mod processes;
mod redrive;
mod replan;
mod scim;
mod scim2_server;
mod scim_app;
mod set_aside;
mod sign_in;
mod simulation;
mod store;
mod teams;
mod tenancy;
mod webhooks;
mod work;
