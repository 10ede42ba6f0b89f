use serde_json::json;
use usher_tests::apps::tiktok::{TIKTOK, TOKEN};

use super::business::{BusinessFixture, Settings};
use crate::kit::{Grant, Held};

pub(crate) async fn fixture() -> BusinessFixture {
    BusinessFixture::start(Settings {
        vendor: &TIKTOK,
        factory: |transport| Box::new(usher_connector_tiktok::factory(transport)),
        sizes_pages: true,
        bad_credentials: json!({"access_token": "of last year"}),
        secrets: &[TOKEN],
        roles: ["STANDARD", "ADMIN"],
        grant: Grant {
            asset: "ADVERTISER:7100",
            less: Held { asked: &["ANALYST"], held: &["ANALYST"] },
            more: Held { asked: &["ADMIN", "ANALYST"], held: &["ADMIN"] },
        },
        // The founder, as the settings say: the app does not tell.
        acting_account: Some("549755800001"),
        after: |_| None,
        tells_totals: true,
        tells_declined: true,
    })
    .await
}
