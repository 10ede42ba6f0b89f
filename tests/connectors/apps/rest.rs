use serde_json::json;
use usher_tests::apps::pinboard::{KEY, PINBOARD};

use super::business::{BusinessFixture, Settings};
use crate::kit::{Grant, Held};

pub(crate) async fn fixture() -> BusinessFixture {
    BusinessFixture::start(Settings {
        vendor: &PINBOARD,
        factory: |transport| Box::new(usher_connector_rest::factory(transport)),
        sizes_pages: true,
        bad_credentials: json!({"token": "of-last-year"}),
        secrets: &[KEY],
        roles: ["writer", "owner"],
        grant: Grant {
            asset: "news",
            less: Held { asked: &["read"], held: &["read"] },
            more: Held { asked: &["pin", "read"], held: &["pin", "read"] },
        },
        acting_account: Some("549755800001"),
        after: Some,
        tells_totals: true,
        tells_declined: true,
    })
    .await
}
