//! Pinboard: an app that nobody sells, with the plainest REST API that has everything: people, invitations, boards. For the
//! connector of described apps; its document is beside it.

mod http;

use serde_json::{Value, json};

use super::business::{FOUNDER, Organisation, Vendor};

/// The key that an admin made.
pub const KEY: &str = "pinboard-key";
/// How to deal with it.
pub const DOCUMENT: &str = include_str!("document.json");

/// Pinboard.
pub static PINBOARD: Vendor = Vendor {
    key: "rest",
    name: "Pinboard (simulated)",
    base_path: "/api",
    routes: http::routes,
    asks: &[],
    refusal: http::refusal,
    list: "/items",
    found: || {
        Organisation::new("pinboard", "Acme Marketing", "owner")
            .with_asset("board", "news", "News")
            .with_asset("board", "campaigns", "Campaigns")
            .with_person(FOUNDER, "Fay Founder", "owner")
    },
    settings: |base_url| json!({"base_url": base_url, "document": described()}),
    credentials: || json!({"token": KEY}),
};

/// The document, as the connector takes it.
fn described() -> Value {
    serde_json::from_str(DOCUMENT).unwrap_or_default()
}
