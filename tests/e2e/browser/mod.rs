//! The console in a real browser: the whole story of an admin, and every page as people see it.

mod approval;
mod crowd;
mod driver;
mod furnished;
mod pages;
mod sign_in;
mod story;
mod world;
