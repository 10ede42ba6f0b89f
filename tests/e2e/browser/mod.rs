//! The console in a real browser: the whole story of an admin, and every page as people see it.

mod driver;
mod pages;
mod story;
mod world;
