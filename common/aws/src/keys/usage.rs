//! Keys of metering. Days are written so that text order is time order.

use jiff::civil::Date;
use usher_domain::{id::WorkspaceId, usage::Month};

use super::{Key, key};

/// The partition of what was read of a workspace's meters, and of what its processes counted.
pub fn usage_partition(workspace: &WorkspaceId) -> String {
    format!("W#{workspace}#USAGE")
}

/// The reading of a day.
pub fn reading(workspace: &WorkspaceId, day: Date) -> Key {
    key(usage_partition(workspace), format!("DAY#{day}"))
}

/// How many SCIM requests a process let in on a day.
pub fn requests(workspace: &WorkspaceId, day: Date, process: &str) -> Key {
    key(usage_partition(workspace), format!("SCIM#{day}#{process}"))
}

/// Begins the sort keys of a month's SCIM requests.
pub fn requests_prefix(month: Month) -> String {
    format!("SCIM#{month}-")
}
