//! The connectors of this build: the one place on the laptop that knows them all.

use std::sync::Arc;

use usher_connector::{Factory, Setup, Transport};

/// A connector.
pub struct Connector {
    /// Names its queue and function.
    pub key: &'static str,
    /// The name that people see.
    pub name: &'static str,
    /// What an admin fills in to connect an app.
    pub setup: Setup,
    /// Builds it over shared connections.
    pub factory: fn(Transport) -> Arc<dyn Factory>,
}

/// What the form that connects an app calls a field: `setting.…` or `credential.…`.
pub fn label(connector: &str, field: &str) -> Option<&'static str> {
    let setup = ALL.iter().find(|it| it.key == connector)?.setup;
    let (part, key) = field.split_once('.')?;
    let fields = if part == "setting" { setup.settings } else { setup.credentials };
    Some(fields.iter().find(|field| field.key == key)?.label)
}

/// Every connector, as people choose from them.
pub const ALL: [Connector; 10] = [
    Connector {
        key: usher_connector_adobe::KEY,
        name: usher_connector_adobe::NAME,
        setup: usher_connector_adobe::SETUP,
        factory: |transport| Arc::new(usher_connector_adobe::factory(transport)),
    },
    Connector {
        key: usher_connector_github::KEY,
        name: usher_connector_github::NAME,
        setup: usher_connector_github::SETUP,
        factory: |transport| Arc::new(usher_connector_github::factory(transport)),
    },
    Connector {
        key: usher_connector_google::KEY,
        name: usher_connector_google::NAME,
        setup: usher_connector_google::SETUP,
        factory: |transport| Arc::new(usher_connector_google::factory(transport)),
    },
    Connector {
        key: usher_connector_hubspot::KEY,
        name: usher_connector_hubspot::NAME,
        setup: usher_connector_hubspot::SETUP,
        factory: |transport| Arc::new(usher_connector_hubspot::factory(transport)),
    },
    Connector {
        key: usher_connector_manual::KEY,
        name: usher_connector_manual::NAME,
        setup: usher_connector_manual::SETUP,
        factory: |_| Arc::new(usher_connector_manual::factory()),
    },
    Connector {
        key: usher_connector_meta::KEY,
        name: usher_connector_meta::NAME,
        setup: usher_connector_meta::SETUP,
        factory: |transport| Arc::new(usher_connector_meta::factory(transport)),
    },
    Connector {
        key: usher_connector_pinterest::KEY,
        name: usher_connector_pinterest::NAME,
        setup: usher_connector_pinterest::SETUP,
        factory: |transport| Arc::new(usher_connector_pinterest::factory(transport)),
    },
    Connector {
        key: usher_connector_rest::KEY,
        name: usher_connector_rest::NAME,
        setup: usher_connector_rest::SETUP,
        factory: |transport| Arc::new(usher_connector_rest::factory(transport)),
    },
    Connector {
        key: usher_connector_scim::KEY,
        name: usher_connector_scim::NAME,
        setup: usher_connector_scim::SETUP,
        factory: |transport| Arc::new(usher_connector_scim::factory(transport)),
    },
    Connector {
        key: usher_connector_tiktok::KEY,
        name: usher_connector_tiktok::NAME,
        setup: usher_connector_tiktok::SETUP,
        factory: |transport| Arc::new(usher_connector_tiktok::factory(transport)),
    },
];
