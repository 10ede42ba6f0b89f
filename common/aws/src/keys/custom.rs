//! Keys of resources whose type a connection registered. Connection and type are part of the key, so that nothing but
//! the right ones can be read by an id.

use usher_domain::id::{ConnectionId, ResourceId};

use super::{Key, key};

/// A resource.
pub fn resource(connection: &ConnectionId, resource_type: &str, id: &ResourceId) -> Key {
    key(format!("W#{}#R#{connection}#{id}", connection.workspace()), resource_type)
}

#[cfg(test)]
mod tests {
    use usher_domain::directory::{IndexedAttribute, IndexedValue};

    use super::*;
    use crate::keys::{Resource, guard, index_partition, listing, place};

    #[test]
    fn types_and_connections_stay_apart() {
        let [okta, entra]: [ConnectionId; 2] = ["acme.okta", "acme.entra"].map(|id| id.parse().unwrap());
        let id: ResourceId = "1".parse().unwrap();
        let badge = resource(&okta, "Badge", &id);
        assert!(badge.pk.starts_with("W#acme#"));
        assert_ne!(badge, resource(&okta, "Door", &id));
        assert_ne!(badge, resource(&entra, "Badge", &id));

        let value = IndexedValue::new(IndexedAttribute::Unique, "number=7");
        let partitions = |resource| {
            [index_partition(&okta, resource, &value), listing(&okta, resource), place(&okta, resource, 1).pk]
        };
        // Types that are called as the built-in ones' letters are.
        let resources = [Resource::User, Resource::Group, Resource::Custom("U"), Resource::Custom("G")];
        let mut all: Vec<String> = resources.into_iter().flat_map(partitions).collect();
        assert!(all.iter().all(|partition| partition.starts_with("W#acme#")), "{all:?}");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 12);
        assert_ne!(guard(&okta, Resource::Custom("Badge"), &value), guard(&okta, Resource::User, &value));
    }
}
