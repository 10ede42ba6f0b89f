//! Adobe's User Management API, from Adobe's published documentation. What it does not say is decided in the strictest way, and
//! listed in the connector's documentation.

mod answers;
mod command;
mod http;

use serde_json::json;

use super::business::{FOUNDER, Organisation, Vendor};

/// The organisation that the simulator has.
pub const ORGANIZATION: &str = "092DE2D65617B9967F000101@AdobeOrg";
/// The server-to-server client, which is also the API key.
pub const CLIENT: &str = "adobe-client-id";
/// Its secret.
pub const CLIENT_SECRET: &str = "p8e-client-secret";
/// What the client gets for it.
pub const ACCESS_TOKEN: &str = "adobe-access-token";

/// An Adobe organisation.
pub static ADOBE: Vendor = Vendor {
    key: "adobe",
    name: "Adobe (simulated)",
    base_path: "/v2/usermanagement",
    routes: http::routes,
    asks: &["/ims/token/v2", "/action/092DE2D65617B9967F000101@AdobeOrg?testOnly=true"],
    refusal: answers::refusal,
    list: "/users",
    found: || {
        let mut organisation = Organisation::new(ORGANIZATION, "Acme Marketing", "_org_admin")
            .with_asset("PRODUCT_PROFILE", "Creative Cloud 1", "Creative Cloud 1")
            .with_asset("PRODUCT_PROFILE", "Stock 1", "Stock 1")
            .with_asset("USER_GROUP", "Studio", "Studio")
            .with_asset("USER_GROUP", "Print", "Print")
            .with_person(FOUNDER, "Fay Founder", "_org_admin")
            .with_person("lead@acme.example", "Lee Lead", "_support_admin");
        // As many as Adobe tells at once.
        organisation.page_size = 2_000;
        organisation
    },
    settings: |base_url| json!({"base_url": base_url, "login_url": base_url, "organization": ORGANIZATION, "country": "DE"}),
    credentials: || json!({"client_id": CLIENT, "client_secret": CLIENT_SECRET}),
};
