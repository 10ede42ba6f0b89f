//! The connectors of this build: the one place on the laptop that knows them all.

use std::sync::Arc;

use usher_connector::{Factory, Transport};

/// A connector.
pub struct Connector {
    /// Names its queue and function.
    pub key: &'static str,
    /// The name that people see.
    pub name: &'static str,
    /// Builds it over shared connections.
    pub factory: fn(Transport) -> Arc<dyn Factory>,
}

/// Every connector, as people choose from them.
pub const ALL: [Connector; 7] = [
    Connector {
        key: usher_connector_github::KEY,
        name: usher_connector_github::NAME,
        factory: |transport| Arc::new(usher_connector_github::factory(transport)),
    },
    Connector {
        key: usher_connector_hubspot::KEY,
        name: usher_connector_hubspot::NAME,
        factory: |transport| Arc::new(usher_connector_hubspot::factory(transport)),
    },
    Connector {
        key: usher_connector_meta::KEY,
        name: usher_connector_meta::NAME,
        factory: |transport| Arc::new(usher_connector_meta::factory(transport)),
    },
    Connector {
        key: usher_connector_pinterest::KEY,
        name: usher_connector_pinterest::NAME,
        factory: |transport| Arc::new(usher_connector_pinterest::factory(transport)),
    },
    Connector {
        key: usher_connector_rest::KEY,
        name: usher_connector_rest::NAME,
        factory: |transport| Arc::new(usher_connector_rest::factory(transport)),
    },
    Connector {
        key: usher_connector_scim::KEY,
        name: usher_connector_scim::NAME,
        factory: |transport| Arc::new(usher_connector_scim::factory(transport)),
    },
    Connector {
        key: usher_connector_tiktok::KEY,
        name: usher_connector_tiktok::NAME,
        factory: |transport| Arc::new(usher_connector_tiktok::factory(transport)),
    },
];
