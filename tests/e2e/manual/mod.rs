//! Apps that have no API: people do what is decided, and other people confirm it.

mod commands;
mod office;
mod stories;
mod told;
