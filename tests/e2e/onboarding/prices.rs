//! The one data file that costs are estimated from.

use std::collections::BTreeMap;

use serde::Deserialize;

const PRICES: &str = include_str!("../../prices/aws-us-east-1.json");

#[derive(Debug, Deserialize)]
struct Price {
    usd: f64,
    per: f64,
}

#[derive(Debug, Deserialize)]
struct Assumption {
    value: f64,
}

/// List prices, and what cannot be measured on one machine.
#[derive(Debug, Deserialize)]
pub(crate) struct Prices {
    prices: BTreeMap<String, Price>,
    assumptions: BTreeMap<String, Assumption>,
    /// What seating 1,000 people may cost, in USD.
    pub(crate) target_usd_per_1000: f64,
}

impl Prices {
    /// Reads the file.
    pub(crate) fn load() -> Self {
        serde_json::from_str(PRICES).expect("tests/prices/aws-us-east-1.json is well-formed")
    }

    /// So many of something, in USD.
    pub(crate) fn usd(&self, of: &str, count: f64) -> f64 {
        let price = self.prices.get(of).unwrap_or_else(|| panic!("there is no price of `{of}`"));
        count * price.usd / price.per
    }

    /// What is assumed.
    pub(crate) fn assumed(&self, what: &str) -> f64 {
        self.assumptions.get(what).unwrap_or_else(|| panic!("nothing is assumed of `{what}`")).value
    }
}
