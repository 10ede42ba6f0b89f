use serde_json::{Value, json};
use usher_tests::apps::google::{ACCESS_TOKEN, CLIENT, CLIENT_SECRET, GOOGLE, REFRESH_TOKEN};

use super::business::{BusinessFixture, Settings};
use crate::kit::{Grant, Held};

pub(crate) async fn fixture() -> BusinessFixture {
    BusinessFixture::start(Settings {
        vendor: &GOOGLE,
        factory: |transport| Box::new(usher_connector_google::factory(transport)),
        sizes_pages: false,
        bad_credentials: credentials("of-last-year"),
        secrets: &[CLIENT_SECRET, REFRESH_TOKEN, ACCESS_TOKEN],
        roles: ["STANDARD", "ADMIN"],
        grant: Grant {
            asset: "tag_manager_container:6001/6101",
            less: Held { asked: &["read"], held: &["read"] },
            more: Held { asked: &["publish", "read"], held: &["publish"] },
        },
        // The founder, as the settings say: the app does not tell.
        acting_account: Some("549755800001"),
        after: Some,
        tells_totals: true,
        tells_declined: true,
    })
    .await
}

pub(crate) fn credentials(refresh_token: &str) -> Value {
    json!({"client_id": CLIENT, "client_secret": CLIENT_SECRET, "refresh_token": refresh_token})
}
