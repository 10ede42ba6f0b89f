use serde_json::json;
use usher_tests::apps::meta::{APP_SECRET, META, SYSTEM_USER, TOKEN};

use super::business::{BusinessFixture, Settings};
use crate::kit::{Grant, Held};

pub(crate) async fn fixture() -> BusinessFixture {
    BusinessFixture::start(Settings {
        vendor: &META,
        factory: |transport| Box::new(usher_connector_meta::factory(transport)),
        sizes_pages: true,
        bad_credentials: json!({"access_token": "of last year", "app_secret": APP_SECRET}),
        secrets: &[TOKEN, APP_SECRET],
        roles: ["EMPLOYEE", "ADMIN"],
        grant: Grant {
            asset: "ad_account:act_901",
            less: Held { asked: &["ANALYZE"], held: &["ANALYZE"] },
            more: Held { asked: &["MANAGE"], held: &["ADVERTISE", "ANALYZE", "DRAFT", "MANAGE"] },
        },
        acting_account: Some(SYSTEM_USER),
        // Minutes are all that Meta tells.
        after: |seconds| Some(seconds.div_ceil(60) * 60),
        tells_totals: true,
        tells_declined: true,
    })
    .await
}
