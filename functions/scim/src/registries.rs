//! The schemas of each connection, in its dialect.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use usher_domain::directory::Connection;
use usher_domain::id::ConnectionId;
use usher_scim::schema::SchemaError;
use usher_scim::{Dialect, Registry, ScimError};

/// Registries of connections with schemas of their own that are kept at most; beyond that all are made anew.
const KEPT: usize = 200;

/// Registries, made once: those without schemas of a connection's own at the start, the others when they are first met.
pub(crate) struct Registries {
    core: Vec<Arc<Registry>>,
    custom: Mutex<HashMap<ConnectionId, Made>>,
}

/// A registry, and the connection as it was when it was made.
struct Made {
    of: Arc<Connection>,
    registry: Arc<Registry>,
}

impl Registries {
    /// The built-in schemas, in every dialect.
    pub(crate) fn core() -> Result<Self, SchemaError> {
        let core = Registry::core()?;
        let core =
            Dialect::ALL.into_iter().map(|dialect| Arc::new(core.clone().in_dialect(dialect))).collect();
        Ok(Self { core, custom: Mutex::default() })
    }

    /// The registry of a connection.
    pub(crate) fn of(&self, connection: &Arc<Connection>) -> Result<Arc<Registry>, ScimError> {
        let protocol = &connection.protocol;
        let core = self.core.iter().find(|registry| registry.dialect() == protocol.dialect);
        let core = core.ok_or_else(|| unusable(&"its dialect is unknown"))?;
        if protocol.custom.is_empty() {
            return Ok(Arc::clone(core));
        }
        // A poisoned lock only means that another request panicked; the map itself is whole.
        let mut kept = self.custom.lock().unwrap_or_else(PoisonError::into_inner);
        // The connection is read anew every few seconds, and mostly says what it said before.
        if let Some(made) = kept.get_mut(&connection.id)
            && (Arc::ptr_eq(&made.of, connection) || made.of.protocol == *protocol)
        {
            made.of = Arc::clone(connection);
            return Ok(Arc::clone(&made.registry));
        }
        let registry = core.with_custom(&protocol.custom).map_err(|error| unusable(&error))?;
        let registry = Arc::new(registry.in_dialect(protocol.dialect));
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(
            connection.id.clone(),
            Made { of: Arc::clone(connection), registry: Arc::clone(&registry) },
        );
        Ok(registry)
    }
}

/// Schemas are checked when they are registered; a row that cannot be used all the same was not written by us.
fn unusable(error: &dyn std::fmt::Display) -> ScimError {
    tracing::error!(%error, "a connection's schemas cannot be used");
    ScimError::new(500, "the connection's registered schemas cannot be used; register them again")
}
