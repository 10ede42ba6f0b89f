use serde_json::json;
use usher_tests::apps::hubspot::{HUBSPOT, PERMISSION_SETS, TOKEN};

use super::business::{BusinessFixture, Settings};
use crate::kit::{Grant, Held};

pub(crate) async fn fixture() -> BusinessFixture {
    BusinessFixture::start(Settings {
        vendor: &HUBSPOT,
        factory: |transport| Box::new(usher_connector_hubspot::factory(transport)),
        sizes_pages: true,
        bad_credentials: json!({"token": "of-last-year"}),
        secrets: &[TOKEN],
        roles: [PERMISSION_SETS[0].0, PERMISSION_SETS[1].0],
        grant: Grant {
            asset: "team:88001",
            less: Held { asked: &["secondary"], held: &["secondary"] },
            more: Held { asked: &["primary"], held: &["primary"] },
        },
        acting_account: None,
        after: |_| None,
        tells_totals: false,
        tells_declined: false,
    })
    .await
}
