use serde_json::{Value, json};
use usher_tests::apps::pinboard::{DOCUMENT, KEY, PINBOARD};

use super::business::{BusinessFixture, Settings};
use crate::kit::{Grant, Held};

pub(crate) async fn fixture() -> BusinessFixture {
    BusinessFixture::start(Settings {
        vendor: &PINBOARD,
        factory: |transport| Box::new(usher_connector_rest::factory(transport)),
        config: |base_url, page_size| json!({"base_url": base_url, "document": document(), "page_size": page_size}),
        credentials: json!({"token": KEY}),
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

fn document() -> Value {
    serde_json::from_str(DOCUMENT).unwrap()
}
