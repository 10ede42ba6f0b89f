//! The console and the admin API: one router for the Lambda function and for the laptop.
//!
//! Both sides call the same store through [`Admin`], prove the caller in [`auth`] and ask one table what the
//! caller may do ([`permission`]).

pub mod auth;
pub mod permission;
pub mod provisioning;

mod api;
mod audit;
mod context;
mod error;
mod holding;
mod idempotency;
mod openapi;
mod openid;
mod origin;
mod pages;
mod paging;
mod session;
mod syncing;
mod tasks;
mod work;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get};
use usher_domain::{
    ports::{Admin, Clock, Facts, Ids, Sealer, Web},
    usage::PriceSheet,
};

pub use error::{FieldError, Problem};

/// Largest request body, in bytes. A catalogue is the largest thing that is sent; a stored item may not
/// pass 400 kB.
const MAX_BODY: usize = 256 * 1024;

/// A connector that this installation has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connector {
    /// The key that integrations name; names its queue and function too.
    pub key: String,
    /// The name that people see.
    pub name: String,
}

impl Connector {
    /// Reads `key=Name` pairs with commas between, as in `scim=SCIM 2.0 app,github=GitHub`. A key without a
    /// name is its own name.
    pub fn list(pairs: &str) -> Vec<Self> {
        let pairs = pairs.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| {
                let (key, name) = pair.split_once('=').unwrap_or((pair, pair));
                Self { key: key.trim().to_owned(), name: name.trim().to_owned() }
            })
            .collect()
    }
}

/// Everything that the console works with.
pub struct App {
    /// The store.
    pub store: Arc<dyn Admin>,
    /// What decisions are made from, for explaining and previewing them.
    pub facts: Arc<dyn Facts>,
    /// The identity providers that people sign in with.
    pub web: Arc<dyn Web>,
    /// Seals app credentials, and opens the secrets of signing in.
    pub sealer: Arc<dyn Sealer>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub ids: Arc<dyn Ids>,
    /// Scheme, host and port under which browsers and identity providers reach this installation, without
    /// a slash at the end.
    pub origin: String,
    /// The connectors that integrations may use.
    pub connectors: Vec<Connector>,
    /// What usage costs, where the installation's owner set prices.
    pub prices: Option<PriceSheet>,
}

impl App {
    /// The connector with this key.
    pub fn connector(&self, key: &str) -> Option<&Connector> {
        self.connectors.iter().find(|connector| connector.key == key)
    }

    /// The base URL that an identity provider is pointed at.
    pub fn scim_base_url(&self, connection: &usher_domain::id::ConnectionId) -> String {
        format!("{}/scim/v2/{connection}", self.origin)
    }
}

/// The console's pages, the admin API under `/api`, and `/healthz`.
pub fn router(app: Arc<App>) -> Router {
    let once = middleware::from_fn_with_state(Arc::clone(&app), idempotency::around);
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .nest("/api", api::router().layer(once))
        .merge(pages::router())
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), audit::around))
        .layer(middleware::from_fn_with_state(Arc::clone(&app.ids), context::around))
        .with_state(app)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connectors_are_read_from_one_setting() {
        let connector = |key: &str, name: &str| Connector { key: key.into(), name: name.into() };
        assert_eq!(
            Connector::list("scim=SCIM 2.0 app, github=GitHub,plain,"),
            [connector("scim", "SCIM 2.0 app"), connector("github", "GitHub"), connector("plain", "plain")]
        );
    }
}
