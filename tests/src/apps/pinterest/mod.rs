//! Pinterest's Business Access API v5, from Pinterest's published specification. What it does not say is decided in the
//! strictest way, and listed in the connector's documentation.

mod answers;
mod http;

use serde_json::json;

use super::business::{FOUNDER, Organisation, Vendor};

/// The business that the simulator has.
pub const BUSINESS: &str = "729090764583391194";
/// The app.
pub const CLIENT: &str = "1432567";
/// The app's secret.
pub const CLIENT_SECRET: &str = "pinterest-client-secret";
/// What an admin's consent gave.
pub const REFRESH_TOKEN: &str = "pinr.refresh-token";
/// What the refresh token gives.
pub const ACCESS_TOKEN: &str = "pina_access-token";

/// Pinterest Business.
pub static PINTEREST: Vendor = Vendor {
    key: "pinterest",
    name: "Pinterest Business (simulated)",
    base_path: "/v5",
    routes: http::routes,
    asks: &["/oauth/token"],
    refusal: answers::refusal,
    list: "/items",
    found: || {
        Organisation::new(BUSINESS, "Acme Marketing", "BIZ_ADMIN")
            .with_consent(REFRESH_TOKEN)
            .with_asset("AD_ACCOUNT", "549755885175", "Acme Europe")
            .with_asset("AD_ACCOUNT", "549755885176", "Acme Americas")
            .with_asset("PROFILE", "809944451643622187", "acme")
            .with_person(FOUNDER, "Fay Founder", "BIZ_ADMIN")
    },
    settings: |base_url| json!({"base_url": base_url, "business_id": BUSINESS, "acts_as": FOUNDER}),
    credentials: || json!({"client_id": CLIENT, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}),
};
