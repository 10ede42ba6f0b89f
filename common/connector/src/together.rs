//! Several connectors behind one queue: for those whose own would stay empty most of the time, and cost money.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;

use crate::{
    contract::{Connect, Connector, Factory},
    error::{Error, Result},
};

/// The factories of the connectors of one queue, by key.
#[derive(Clone)]
pub struct Together(BTreeMap<String, Arc<dyn Factory>>);

impl FromIterator<(String, Arc<dyn Factory>)> for Together {
    fn from_iter<I: IntoIterator<Item = (String, Arc<dyn Factory>)>>(factories: I) -> Self {
        Self(factories.into_iter().collect())
    }
}

#[async_trait]
impl Factory for Together {
    async fn connector(&self, connect: Connect<'_>) -> Result<Box<dyn Connector>> {
        let key = &connect.integration.connector;
        let factory = self.0.get(key).ok_or_else(|| {
            Error::invalid(format!(
                "the connector `{key}` is not behind this queue; mend the deployment's queues"
            ))
        })?;
        factory.connector(connect).await
    }
}
