use serde_json::json;
use usher_tests::apps::github::{APP, GITHUB, INSTALLATION, INSTALLATION_TOKEN, ORGANIZATION, PRIVATE_KEY};

use super::business::{BusinessFixture, Settings};
use crate::kit::{Grant, Held};

pub(crate) async fn fixture() -> BusinessFixture {
    let credentials =
        |app: &str| json!({"app_id": app, "installation_id": INSTALLATION, "private_key": PRIVATE_KEY});
    BusinessFixture::start(Settings {
        vendor: &GITHUB,
        factory: |transport| Box::new(usher_connector_github::factory(transport)),
        config: |base_url, page_size| json!({"base_url": base_url, "organization": ORGANIZATION, "page_size": page_size}),
        credentials: credentials(APP),
        bad_credentials: credentials("of-last-year"),
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
