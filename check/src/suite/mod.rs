//! The checks, a file per area.
//!
//! Where identity providers and testers contradict each other or the RFCs, a check accepts every answer that one of them
//! needs: PATCH answers 200 or 204, a wrong value path is refused only where no identity provider sends it, and so on;
//! the source of the check says so.

mod body;
mod discovery;
mod filters;
mod groups;
mod users;

use crate::core::Check;

/// Every check, in the order in which they run.
pub(crate) fn all() -> Vec<Check> {
    let areas = [discovery::checks(), users::checks(), groups::checks(), filters::checks()];
    areas.into_iter().flatten().collect()
}
