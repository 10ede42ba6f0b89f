use serde_json::json;
use usher_tests::apps::pinterest::{ACCESS_TOKEN, CLIENT, CLIENT_SECRET, PINTEREST, REFRESH_TOKEN};

use super::business::{BusinessFixture, Settings};
use crate::kit::{Grant, Held};

pub(crate) async fn fixture() -> BusinessFixture {
    BusinessFixture::start(Settings {
        vendor: &PINTEREST,
        factory: |transport| Box::new(usher_connector_pinterest::factory(transport)),
        sizes_pages: true,
        bad_credentials: json!({"client_id": CLIENT, "client_secret": CLIENT_SECRET, "refresh_token": "of last year"}),
        secrets: &[CLIENT_SECRET, REFRESH_TOKEN, ACCESS_TOKEN],
        roles: ["EMPLOYEE", "BIZ_ADMIN"],
        grant: Grant {
            asset: "AD_ACCOUNT:549755885175",
            less: Held { asked: &["ANALYST"], held: &["ANALYST"] },
            more: Held { asked: &["ADMIN", "ANALYST"], held: &["ADMIN", "ANALYST"] },
        },
        // The founder, as the settings say: the app does not tell.
        acting_account: Some("549755800001"),
        after: |_| None,
        tells_totals: false,
        tells_declined: false,
    })
    .await
}
