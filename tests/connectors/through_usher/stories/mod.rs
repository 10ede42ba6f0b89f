//! What happens, whoever the vendor is.

pub(crate) mod drift;
pub(crate) mod invitations;
pub(crate) mod seats;
pub(crate) mod troubles;

use usher_tests::apps::{Fault, FaultRule, business::Seen};

use super::Granted;

fn has(seen: &Seen, granted: &Granted) -> bool {
    seen.assets.get(granted.in_app).is_some_and(|held| held.contains(granted.permission))
}

/// A fault for requests that the journal shows like this.
fn on(request: &str, fault: Fault, times: u32) -> FaultRule {
    let (method, path) = request.split_once(' ').unwrap();
    FaultRule { fault, times, method: Some(method.to_owned()), path: Some(path.to_owned()) }
}
