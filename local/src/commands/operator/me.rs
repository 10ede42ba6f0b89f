//! `usher me`

use clap::Args;
use usher_domain::access::AccessState;

use super::{Api, Failure, Output, label, output, text};

/// Who you are here.
#[derive(Args)]
pub(crate) struct Me {}

impl Me {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let me = api.get(&["me"]).await?;
        output.show(&me, || {
            let own = me["integrations"].as_array().into_iter().flatten();
            let rows: Vec<_> = own
                .map(|own| {
                    [
                        text(&own["integration"]),
                        text(&own["name"]),
                        text(&own["hub_role"]),
                        label(&own["access"]["state"], AccessState::label),
                    ]
                })
                .collect();
            let who = output::fields(&[
                ("Name", text(&me["name"])),
                ("Role", text(&me["role"])),
                ("Person", text(&me["person"])),
            ]);
            let headings = ["INTEGRATION", "NAME", "HUB ROLE", "ACCESS"];
            format!("{who}\n\n{}", output::table(headings, &rows, "No hubs, and no access."))
        })
    }
}
