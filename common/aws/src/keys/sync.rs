//! Keys of syncs.

use usher_domain::id::{IntegrationId, SyncId, WorkspaceId};

use super::{Key, fitting, key};

/// The last run of an integration.
pub fn sync_run(workspace: &WorkspaceId, integration: &IntegrationId) -> Key {
    key(format!("W#{workspace}#I#{integration}#SYNC"), "RUN")
}

/// The partition of the pages that one pass of a run keeps.
pub fn sync_pages(workspace: &WorkspaceId, integration: &IntegrationId, run: &SyncId, pass: u32) -> String {
    format!("W#{workspace}#I#{integration}#SYNC#{run}#{pass}")
}

/// A page that a run keeps.
pub fn sync_page(
    workspace: &WorkspaceId,
    integration: &IntegrationId,
    run: &SyncId,
    pass: u32,
    number: u32,
) -> Key {
    key(sync_pages(workspace, integration, run, pass), format!("PAGE#{number:08}"))
}

/// Somebody in the app whom nobody put there.
pub fn stranger(workspace: &WorkspaceId, integration: &IntegrationId, account: &str) -> Key {
    key(format!("W#{workspace}#I#{integration}#STRANGER#{}", fitting(account)), "STRANGER")
}

/// `gsi2`: the differences of an integration; people first.
pub fn drift(workspace: &WorkspaceId, integration: &IntegrationId) -> String {
    format!("W#{workspace}#I#{integration}#DRIFT")
}

/// `gsi2` sort key of somebody's difference.
pub fn drift_of_person(person: &str) -> String {
    format!("A#{person}")
}

/// `gsi2` sort key of a stranger.
pub fn drift_of_stranger(account: &str) -> String {
    format!("S#{}", fitting(account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_starts_with_its_workspace() {
        let (workspace, integration): (WorkspaceId, IntegrationId) =
            ("acme".parse().unwrap(), "i".parse().unwrap());
        let run: SyncId = "s".parse().unwrap();
        for partition in [
            sync_run(&workspace, &integration).pk,
            sync_pages(&workspace, &integration, &run, 0),
            stranger(&workspace, &integration, "a#b").pk,
            drift(&workspace, &integration),
        ] {
            assert!(partition.starts_with("W#acme#"), "{partition}");
        }
    }
}
