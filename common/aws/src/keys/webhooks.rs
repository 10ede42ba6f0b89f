//! Keys of webhooks.

use usher_domain::id::{DeliveryId, EndpointId, WorkspaceId};

use super::{Key, key, workspace_partition};

/// Begins the sort keys of endpoints in the workspace's partition.
pub const ENDPOINT_PREFIX: &str = "WEBHOOK#";

/// An endpoint.
pub fn endpoint(workspace: &WorkspaceId, id: &EndpointId) -> Key {
    key(workspace_partition(workspace), format!("{ENDPOINT_PREFIX}{id}"))
}

/// The partition of what was sent to an endpoint.
pub fn deliveries(workspace: &WorkspaceId, endpoint: &EndpointId) -> String {
    format!("W#{workspace}#WEBHOOK#{endpoint}")
}

/// A delivery: ids are in the order of their events' times.
pub fn delivery(workspace: &WorkspaceId, endpoint: &EndpointId, id: &DeliveryId) -> Key {
    key(deliveries(workspace, endpoint), id.as_str())
}

/// `gsi2`: a workspace's deliveries that are still to be sent, by the time at which somebody should look at them.
pub fn open_deliveries(workspace: &WorkspaceId) -> String {
    format!("W#{workspace}#DELIVERIES")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_starts_with_its_workspace() {
        let workspace: WorkspaceId = "acme".parse().unwrap();
        let id: EndpointId = "e".parse().unwrap();
        for partition in
            [endpoint(&workspace, &id).pk, deliveries(&workspace, &id), open_deliveries(&workspace)]
        {
            assert!(partition == "W#acme" || partition.starts_with("W#acme#"), "{partition}");
        }
    }
}
