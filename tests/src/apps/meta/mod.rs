//! Meta's Graph API, as far as a business manages its people with it: v26.0, from Meta's published API specification
//! and SDKs. What those do not say is decided in the strictest way, and listed in the connector's documentation.

mod assets;
mod graph;
mod http;

use serde_json::json;

use super::business::{FOUNDER, Organisation, Vendor};

/// The business that the simulator has.
pub const BUSINESS: &str = "111222333444555";
/// The token of the system user that works for Usher.
pub const TOKEN: &str = "meta-system-user-token";
/// The secret of the app that the token belongs to.
pub const APP_SECRET: &str = "meta-app-secret";
/// The system user itself.
pub const SYSTEM_USER: &str = "100088877766655";
/// `HMAC-SHA256(TOKEN, key APP_SECRET)`, worked out elsewhere (Python's hmac), so that a mistake is not made twice.
const APP_SECRET_PROOF: &str = "dec885b8a6820be1d1fd82dc6f1800b6c753111fd9be6375626c7627995b66b2";

/// Meta Business.
pub static META: Vendor = Vendor {
    key: "meta",
    name: "Meta Business (simulated)",
    base_path: "/v26.0",
    routes: http::routes,
    asks: &[],
    refusal: graph::refusal,
    list: "/data",
    found: || {
        Organisation::new(BUSINESS, "Acme Marketing", "ADMIN")
            .with_asset("ad_account", "act_901", "Acme Europe")
            .with_asset("ad_account", "act_902", "Acme Americas")
            .with_asset("page", "701", "Acme")
            .with_asset("product_catalog", "501", "Acme Shop")
            .with_asset("whatsapp_business_account", "301", "Acme Support")
            .with_person(FOUNDER, "Fay Founder", "ADMIN")
    },
    settings: |base_url| json!({"base_url": base_url, "business_id": BUSINESS}),
    credentials: || json!({"access_token": TOKEN, "app_secret": APP_SECRET}),
};
