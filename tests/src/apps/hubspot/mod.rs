//! HubSpot's user provisioning API v3, from HubSpot's published client. What it does not say is decided in the strictest way,
//! and listed in the connector's documentation.

mod http;

use serde_json::json;

use super::business::{FOUNDER, Organisation, Vendor};

/// The access token of the private app.
pub const TOKEN: &str = "pat-eu1-private-app";
/// Permission sets, the first one with less.
pub const PERMISSION_SETS: [(&str, &str); 2] = [("31001", "Marketing"), ("31002", "Marketing leads")];

/// A HubSpot account.
pub static HUBSPOT: Vendor = Vendor {
    key: "hubspot",
    name: "HubSpot (simulated)",
    base_path: "/hubspot",
    routes: http::routes,
    asks: &[],
    refusal: http::refusal,
    list: "/results",
    found: || {
        Organisation::new("hubspot", "Acme Marketing", "super_admin")
            .with_asset("team", "88001", "Europe")
            .with_asset("team", "88002", "Americas")
            .with_person(FOUNDER, "Fay Founder", "super_admin")
            .with_person("lead@acme.example", "Lee Lead", PERMISSION_SETS[1].0)
    },
    settings: |base_url| json!({"base_url": base_url}),
    credentials: || json!({"token": TOKEN}),
};
