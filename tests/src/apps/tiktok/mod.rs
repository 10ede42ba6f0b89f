//! TikTok's Business API, as far as a Business Center manages its people with it: v1.3, from TikTok's published
//! specification and SDK, whose codes it uses. Every answer has status 200. What those do not say is decided in the
//! strictest way, and listed in the connector's documentation.

mod envelope;
mod http;

use serde_json::json;

use super::business::{FOUNDER, Organisation, Vendor};

/// The Business Center that the simulator has.
pub const BUSINESS_CENTER: &str = "7011223344556677889";
/// The token that an admin gave to the app.
pub const TOKEN: &str = "tiktok-long-term-token";

/// TikTok Business Center.
pub static TIKTOK: Vendor = Vendor {
    key: "tiktok",
    name: "TikTok Business Center (simulated)",
    base_path: "/open_api/v1.3",
    routes: http::routes,
    asks: &[],
    refusal: envelope::refusal,
    list: "/data/list",
    found: || {
        Organisation::new(BUSINESS_CENTER, "Acme Marketing", "ADMIN")
            .with_asset("ADVERTISER", "7100", "Acme Europe")
            .with_asset("ADVERTISER", "7200", "Acme Americas")
            .with_asset("CATALOG", "7300", "Acme Shop")
            .with_asset("TT_ACCOUNT", "7400", "@acme")
            .with_person(FOUNDER, "Fay Founder", "ADMIN")
    },
    settings: |base_url| json!({"base_url": base_url, "bc_id": BUSINESS_CENTER, "acts_as": FOUNDER}),
    credentials: || json!({"access_token": TOKEN}),
};
