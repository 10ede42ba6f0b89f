//! Google Ads' user access (REST form of the API v26), Tag Manager's user permissions (API v2) and Google Analytics' access
//! bindings (Admin API v1alpha), from Google's published protocol buffers and discovery documents. What they do not say is
//! decided in the strictest way, and listed in the connector's documentation.
//!
//! Tag Manager and Analytics know people by their address, whether Google Ads knows them or not: who is in those alone is a
//! person without a role.

mod ads;
mod analytics;
mod answers;
mod people;
mod tag_manager;
mod token;

use axum::{Router, middleware};
use serde_json::json;

use super::business::{FOUNDER, Organisation, Vendor};
pub use people::Approval;

/// The account that the simulator has.
pub const CUSTOMER: &str = "1234567890";
/// The manager account through which it is reached.
pub const MANAGER: &str = "9876543210";
/// The OAuth client.
pub const CLIENT: &str = "31415.apps.googleusercontent.com";
/// Its secret.
pub const CLIENT_SECRET: &str = "GOCSPX-client-secret";
/// What an admin's consent gave.
pub const REFRESH_TOKEN: &str = "1//refresh-token";
/// What the refresh token gives.
pub const ACCESS_TOKEN: &str = "ya29.access-token";
/// A service account that is a user of the account.
pub const SERVICE_ACCOUNT: &str = "usher@acme-ads.iam.gserviceaccount.com";
/// Its key. Nothing but the simulators takes it.
pub const SERVICE_KEY: &str = super::github::PRIVATE_KEY;
/// The Tag Manager account that the simulator has.
pub const TAG_MANAGER_ACCOUNT: &str = "6001";
/// The Analytics properties that the simulator has.
pub const PROPERTIES: [&str; 2] = ["7001", "7002"];

/// A Google Ads account, with what is managed beside it.
pub static GOOGLE: Vendor = Vendor {
    key: "google",
    name: "Google Ads (simulated)",
    base_path: "/google",
    routes: || {
        let apis = Router::new().merge(ads::routes()).merge(tag_manager::routes()).merge(analytics::routes());
        token::routes().merge(apis.layer(middleware::from_fn(token::authentic)))
    },
    asks: &["/v26/customers/1234567890/googleAds:search", "/token"],
    refusal: answers::refusal,
    list: "/results",
    found: || {
        let mut account = Organisation::new(CUSTOMER, "Acme Marketing", "ADMIN")
            .with_consent(REFRESH_TOKEN)
            .with_asset("tag_manager_account", TAG_MANAGER_ACCOUNT, "Acme web")
            .with_asset("tag_manager_container", "6101", "acme.example")
            .with_asset("tag_manager_container", "6102", "shop.acme.example")
            .with_asset("analytics_property", PROPERTIES[0], "Acme web")
            .with_asset("analytics_property", PROPERTIES[1], "Acme shop")
            .with_person(FOUNDER, "Fay Founder", "ADMIN");
        account.own = json!({"reviews": []});
        // As many rows as Google tells at once.
        account.page_size = 10_000;
        account
    },
    settings: |base_url| {
        json!({"base_url": base_url, "customer_id": CUSTOMER, "login_customer_id": MANAGER,
            "tag_manager_accounts": [TAG_MANAGER_ACCOUNT], "analytics_properties": PROPERTIES, "acts_as": FOUNDER})
    },
    credentials: || json!({"client_id": CLIENT, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}),
};
