//! What Usher's end-to-end tests and the laptop's demo share: a simulated external app, the processes of a real identity
//! provider and a real SCIM server, and small HTTP clients to watch them from outside.
//!
//! Nothing here knows Usher's own code. It sees Usher as an administrator does: a process with a ready line, a SCIM base
//! URL, an admin API; and it judges by what the external app itself reports.

pub mod apps;
pub mod client;
pub mod process;

/// The error of the wrappers: they are called by tests and the demo, which only show it.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The result of the wrappers.
pub type Result<T> = std::result::Result<T, Error>;
