//! GitHub's REST and GraphQL API of an organisation, from GitHub's published descriptions. What they do not say is decided
//! in the strictest way, and listed in the connector's documentation.

mod answers;
mod http;
mod shapes;

use serde_json::json;

use super::business::{FOUNDER, Organisation, Vendor};

/// The organisation that the simulator has.
pub const ORGANIZATION: &str = "acme-marketing";
/// The App that is installed there.
pub const APP: &str = "271828";
/// Its installation.
pub const INSTALLATION: &str = "31415926";
/// The App's key. Nothing but the simulator takes it.
pub const PRIVATE_KEY: &str = include_str!("app.private-key.pem");
/// What the installation gets for it.
pub const INSTALLATION_TOKEN: &str = "ghs_installation-token";
/// A token of the organisation's first owner.
pub const OWNER_TOKEN: &str = "ghp_owner-token";

/// A GitHub organisation.
pub static GITHUB: Vendor = Vendor {
    key: "github",
    name: "GitHub (simulated)",
    base_path: "/api",
    routes: http::routes,
    asks: &["/graphql", "/app/installations/"],
    refusal: answers::refusal,
    list: "/data/organization/membersWithRole/edges",
    found: || {
        Organisation::new(ORGANIZATION, "Acme Marketing", "admin")
            // GraphQL's numbers have 32 bits.
            .numbered_from(583_230)
            .with_asset("team", "design", "Design")
            .with_asset("team", "legal", "Legal")
            .with_asset("team", "social-media", "Social Media")
            .with_person(FOUNDER, "Fay Founder", "admin")
    },
    settings: |base_url| json!({"base_url": base_url, "organization": ORGANIZATION}),
    credentials: || json!({"app_id": APP, "installation_id": INSTALLATION, "private_key": PRIVATE_KEY}),
};
