//! What usage costs: a price sheet, and the estimate that it makes.

use serde::{Deserialize, Serialize};

use super::Usage;

/// Prices, as the owner of an installation sets them. What is left out costs nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceSheet {
    /// The currency of all prices, such as `EUR`.
    pub currency: String,
    /// For a month, whatever was used.
    #[serde(default)]
    pub month: f64,
    /// For 1,000 SCIM requests.
    #[serde(default)]
    pub per_1000_scim_requests: f64,
    /// For 1,000 executed jobs.
    #[serde(default)]
    pub per_1000_jobs: f64,
    /// For 1,000 requests to apps.
    #[serde(default)]
    pub per_1000_app_calls: f64,
    /// For a seat, by the month's peak.
    #[serde(default)]
    pub seat_at_peak: f64,
    /// For a seat, by the month's average.
    #[serde(default)]
    pub seat_on_average: f64,
}

/// One line of an estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What is paid for.
    pub what: &'static str,
    /// How much of it there was.
    pub quantity: f64,
    /// The price of one.
    pub price: f64,
    /// What it comes to.
    pub amount: f64,
}

/// An estimated bill. Nothing is rounded: whoever writes the real one has rules for that.
#[derive(Debug, Clone, PartialEq)]
pub struct Bill {
    /// The currency.
    pub currency: String,
    /// What has a price.
    pub lines: Vec<Line>,
    /// Their sum.
    pub total: f64,
}

impl PriceSheet {
    /// The estimate for what was used.
    pub fn bill(&self, usage: &Usage) -> Bill {
        let quantities = [
            ("Month", 1.0, self.month),
            ("SCIM requests", usage.scim_requests as f64, self.per_1000_scim_requests / 1_000.0),
            ("Jobs", usage.total.jobs as f64, self.per_1000_jobs / 1_000.0),
            ("Requests to apps", usage.total.app_calls as f64, self.per_1000_app_calls / 1_000.0),
            ("Seats, peak", usage.total.seats_peak as f64, self.seat_at_peak),
            ("Seats, average", usage.total.seats_average, self.seat_on_average),
        ];
        let priced = quantities.into_iter().filter(|(_, _, price)| *price != 0.0);
        let lines: Vec<Line> = priced
            .map(|(what, quantity, price)| Line { what, quantity, price, amount: quantity * price })
            .collect();
        Bill { currency: self.currency.clone(), total: lines.iter().map(|line| line.amount).sum(), lines }
    }
}
