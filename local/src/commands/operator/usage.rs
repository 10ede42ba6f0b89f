//! `usher usage`

use clap::Args;
use serde_json::Value;

use super::{Api, Failure, Output, output, text};

/// What was used in a month.
#[derive(Args)]
pub(crate) struct Usage {
    /// A calendar month (UTC), such as 2026-11; the present one by default
    #[arg(long, value_name = "MONTH")]
    month: Option<String>,
}

impl Usage {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<(), Failure> {
        let usage = api.get_with(&["usage"], &[("month", self.month.as_deref())]).await?;
        output.show(&usage, || {
            let bill = &usage["bill"];
            let total = bill["total"].as_f64();
            let facts = output::fields(&[
                ("Month", text(&usage["month"])),
                ("SCIM requests", text(&usage["scim_requests"])),
                (
                    "Estimated bill",
                    total.map_or_else(String::new, |total| format!("{} {total:.2}", text(&bill["currency"]))),
                ),
            ]);
            let integrations = usage["integrations"].as_array().into_iter().flatten();
            let mut rows: Vec<_> = integrations.map(|one| row(text(&one["name"]), one)).collect();
            rows.push(row("Total".to_owned(), &usage["total"]));
            let headings = ["INTEGRATION", "JOBS", "REQUESTS", "SEATS PEAK", "SEATS AVERAGE"];
            format!("{facts}\n\n{}", output::table(headings, &rows, ""))
        })
    }
}

fn row(name: String, used: &Value) -> [String; 5] {
    let average = used["seats_average"].as_f64().unwrap_or_default();
    let [jobs, requests, peak] = ["jobs", "app_calls", "seats_peak"].map(|count| text(&used[count]));
    [name, jobs, requests, peak, format!("{average:.1}")]
}
