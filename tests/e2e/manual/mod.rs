//! Apps that have no API: people do what is decided, and other people confirm it.

mod commands;
mod office;
mod pages;
mod stories;
mod told;
