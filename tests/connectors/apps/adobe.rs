use serde_json::{Value, json};
use usher_tests::apps::adobe::{ACCESS_TOKEN, ADOBE, CLIENT, CLIENT_SECRET};

use super::business::{BusinessFixture, Settings};
use crate::kit::{Grant, Held};

pub(crate) async fn fixture() -> BusinessFixture {
    const MEMBER: Held = Held { asked: &["member"], held: &["member"] };
    BusinessFixture::start(Settings {
        vendor: &ADOBE,
        factory: |transport| Box::new(usher_connector_adobe::factory(transport)),
        sizes_pages: false,
        bad_credentials: credentials("of-last-year"),
        secrets: &[CLIENT_SECRET, ACCESS_TOKEN],
        roles: ["_deployment_admin", "_support_admin"],
        // There is nothing but being in a group.
        grant: Grant { asset: "user_group:Studio", less: MEMBER, more: MEMBER },
        acting_account: None,
        after: Some,
        tells_totals: false,
        tells_declined: false,
    })
    .await
}

pub(crate) fn credentials(secret: &str) -> Value {
    json!({"client_id": CLIENT, "client_secret": secret})
}
