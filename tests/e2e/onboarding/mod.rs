//! What onboarding costs: counted in every run, so that nobody makes it dearer without noticing.
//!
//! `cargo bench -p usher-tests --bench onboarding` prints the same figures with times and prices.

mod bill;
pub(crate) mod drive;
pub(crate) mod prices;
mod stopwatch;

use bill::Bill;
use prices::Prices;
use serde::Deserialize;

use crate::access_patterns::world::{self, World};

const BUDGET: &str = include_str!("../../prices/onboarding.json");
/// Enough that what is paid once for all of them does not count.
const PEOPLE: usize = 10;

#[derive(Deserialize)]
struct Budget {
    write_units: f64,
    read_units: f64,
}

#[tokio::test]
async fn onboarding_stays_within_its_budget() {
    let budget: Budget = serde_json::from_str(BUDGET).unwrap();
    let world = World::new().await;
    let onboarded = drive::onboard(&world, PEOPLE).await;
    let (write, read) = onboarded.units_per_person();
    let steps: Vec<_> = onboarded.steps.iter().map(|step| (step.name, step.usage)).collect();
    assert!(
        write <= budget.write_units && read <= budget.read_units,
        "one person takes {write} write and {read} read units; tests/prices/onboarding.json allows {} and {}: {steps:#?}",
        budget.write_units,
        budget.read_units,
    );
    let prices = Prices::load();
    let bill = Bill::of(&onboarded, &prices);
    assert!(bill.counted < prices.target_usd_per_1000, "{:?}", bill.lines);
    // A budget with room would let the path get dearer unnoticed.
    assert!(
        budget.write_units - write < 1.0 && budget.read_units - read < 1.0,
        "one person takes {write} write and {read} read units: lower the figures of tests/prices/onboarding.json"
    );
}

#[test]
fn every_price_says_where_it_is_from() {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../../prices/aws-us-east-1.json")).unwrap();
    for (name, price) in file["prices"].as_object().unwrap() {
        assert!(price["source"].as_str().is_some_and(|source| source.starts_with("https://")), "{name}");
    }
    for (name, assumption) in file["assumptions"].as_object().unwrap() {
        assert!(assumption["why"].is_string(), "{name}");
    }
    let prices = Prices::load();
    assert!(prices.usd("dynamodb_write_unit", 1_000_000.0) > 0.0);
}
