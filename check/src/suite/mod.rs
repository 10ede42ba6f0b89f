//! The checks, a file per area.
//!
//! Where identity providers and testers contradict each other or the RFCs, a check accepts every answer that one of them
//! needs: PATCH answers 200 or 204, a wrong value path is refused only where no identity provider sends it, and so on;
//! the source of the check says so.

mod auth;
mod body;
mod bulk;
mod conversations;
mod cursors;
mod discovery;
mod errors;
mod etag;
mod filters;
mod groups;
mod media;
mod paging;
mod patch;
mod projection;
mod put;
mod schemas;
mod search;
mod sorting;
mod tolerance;
mod users;

use crate::core::Check;

/// Every check, in the order in which they run.
pub(crate) fn all() -> Vec<Check> {
    let areas = [
        discovery::checks(),
        schemas::checks(),
        auth::checks(),
        media::checks(),
        errors::checks(),
        users::checks(),
        groups::checks(),
        put::checks(),
        patch::checks(),
        filters::checks(),
        projection::checks(),
        sorting::checks(),
        paging::checks(),
        cursors::checks(),
        search::checks(),
        etag::checks(),
        bulk::checks(),
        tolerance::checks(),
        conversations::checks(),
    ];
    areas.into_iter().flatten().collect()
}
