use serde_json::{Value, json};
use usher_tests::apps::adobe::{ACCESS_TOKEN, ADOBE, CLIENT, CLIENT_SECRET, ORGANIZATION};

use super::business::{BusinessFixture, Settings};
use crate::kit::{Grant, Held};

pub(crate) async fn fixture() -> BusinessFixture {
    const MEMBER: Held = Held { asked: &["member"], held: &["member"] };
    BusinessFixture::start(Settings {
        vendor: &ADOBE,
        factory: |transport| Box::new(usher_connector_adobe::factory(transport)),
        config: |base_url, _| config(base_url),
        credentials: credentials(CLIENT_SECRET),
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

pub(crate) fn config(base_url: &str) -> Value {
    json!({"base_url": base_url, "login_url": base_url, "organization": ORGANIZATION, "country": "DE"})
}

pub(crate) fn credentials(secret: &str) -> Value {
    json!({"client_id": CLIENT, "client_secret": secret})
}
