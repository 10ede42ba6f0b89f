//! Public keys of identity providers and clients, fetched from where their owners publish them.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde_json::Value;
use usher_domain::ports::{Clock, KeySource, KeysUnavailable};

use super::{Reach, Request, Transport};
use crate::error::{Error, Result};

/// How long a fetch may take: the request whose token is to be checked waits for it.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How large a set may be. Entra ID's have some 20 KB.
const MAX_SET: usize = 256 * 1024;

/// Fetches key sets. The URL is written by a tenant, so it may lead no further than a connector's (see [`Reach`]): in a
/// deployment by https to public addresses only, and never along a redirect.
#[derive(Debug, Clone)]
pub struct HttpKeys {
    transport: Transport,
}

impl HttpKeys {
    /// A source of the keys within `reach`.
    ///
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub fn new(reach: Reach, clock: Arc<dyn Clock>) -> Result<Self> {
        let transport = Transport::new(reach, clock)?.with_timeout(TIMEOUT).with_max_answer(MAX_SET);
        Ok(Self { transport })
    }

    async fn fetch(&self, url: &str) -> Result<Value> {
        const DOING: &str = "fetching public keys";
        let none: [&str; 0] = [];
        let answer = self.transport.http(url)?.send(&Request::get(DOING, none)).await?;
        if answer.status != 200 {
            return Err(Error::transient(format!(
                "{DOING}: the server answered {}; check the configured URL",
                answer.status
            )));
        }
        answer.expect_json(DOING)
    }
}

#[async_trait]
impl KeySource for HttpKeys {
    async fn key_set(&self, url: &str) -> std::result::Result<Value, KeysUnavailable> {
        self.fetch(url).await.map_err(|error| KeysUnavailable(error.message().to_owned()))
    }
}
