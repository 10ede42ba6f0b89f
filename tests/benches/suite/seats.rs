//! How long it takes from the identity provider's answer to the app.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    load::Times,
    report::{Quantiles, Seats},
    stand::Stand,
};

/// Seats people one after the other: each joins the shared team, and the next one waits until the app is quiet.
pub(crate) async fn measure(stand: &Stand, seats: usize) -> Seats {
    let mut people = Vec::new();
    for number in 0..seats {
        let made = stand.scim.create_user(&format!("seat-{number:04}@example.com"), &json!({})).await;
        people.push(made.expect("an answer").id().to_owned());
    }
    stand.settle("settle-seats@example.com").await;
    let (mut first, mut last): (Vec<Duration>, Vec<Duration>) = Default::default();
    for person in &people {
        let seen = stand.app.calls();
        stand.join(person).await;
        let answered = Instant::now();
        first.push(stand.app.call(seen).await.saturating_duration_since(answered));
        last.push(stand.app.quiet_after(seen).await.saturating_duration_since(answered));
    }
    let quantiles = |each: Vec<Duration>| Quantiles::of(&Times { each, all: Duration::ZERO });
    Seats { people: seats, first_call: quantiles(first), last_call: quantiles(last) }
}
