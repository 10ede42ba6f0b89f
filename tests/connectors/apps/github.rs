use serde_json::json;
use usher_tests::apps::github::{GITHUB, INSTALLATION, INSTALLATION_TOKEN, PRIVATE_KEY};

use super::business::{BusinessFixture, Settings};
use crate::kit::{Grant, Held};

pub(crate) async fn fixture() -> BusinessFixture {
    BusinessFixture::start(Settings {
        vendor: &GITHUB,
        factory: |transport| Box::new(usher_connector_github::factory(transport)),
        sizes_pages: true,
        bad_credentials: json!({"app_id": "of-last-year", "installation_id": INSTALLATION, "private_key": PRIVATE_KEY}),
        secrets: &[INSTALLATION_TOKEN, "PRIVATE KEY"],
        roles: ["member", "admin"],
        grant: Grant {
            asset: "team:design",
            // The kit asks for less of an owner, who maintains the team all the same.
            less: Held { asked: &["member"], held: &["maintainer"] },
            more: Held { asked: &["maintainer"], held: &["maintainer"] },
        },
        acting_account: None,
        after: Some,
        tells_totals: true,
        tells_declined: false,
    })
    .await
}
