//! How fast the pages of a large workspace are, and what each asks of the database and the wire: prints it, and never fails
//! on a number.
//!
//! `cargo bench -p usher-tests --bench pages [-- --people N --requests N]` fills a workspace on a database file in a temporary
//! folder: everybody is in one hub, and each got their seat by a job. The pages are asked for in this process, one after the
//! other, so that the times are those of the console and its database.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    dead_code,
    reason = "a benchmark prints, ends where something fails, and shares what it runs with tests that use more of it"
)]

#[path = "../../e2e/page_weight/office.rs"]
mod office;
#[path = "../../e2e/page_weight/parts.rs"]
mod parts;
#[path = "../../e2e/page_weight/weight.rs"]
mod weight;
#[path = "../../e2e/access_patterns/world/mod.rs"]
mod world;

use std::time::{Duration, Instant};

use clap::Parser;
use office::Office;
use parts::Part;
use world::World;

/// Measures pages.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many people the workspace has.
    #[arg(long, default_value_t = 10_000)]
    people: usize,
    /// How many of them joined one by one: so many automations the log has.
    #[arg(long, default_value_t = 300)]
    one_by_one: usize,
    /// How many requests each figure is taken from.
    #[arg(long, default_value_t = 50)]
    requests: usize,
    /// Cargo passes this.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let Arguments { people, one_by_one, requests, .. } = Arguments::parse();
    let began = Instant::now();
    let office = Office::new(people, one_by_one).await;
    println!(
        "{people} people, a job for each; made in {:.0} s. Of {requests} requests:\n",
        began.elapsed().as_secs_f64()
    );
    println!("| Page | p50 ms | p99 ms | round trips | read units | page bytes | first load bytes |");
    println!("|---|---|---|---|---|---|---|");
    for (name, path) in office.pages().await {
        let first = weight::first_load(&office.world, &path).await.bytes;
        let row = measured(&office, requests, || office.world.load(&path)).await;
        println!("| {name} {row} {first} |");
        if let Some(part) = Part::of(&office.world.page(&path).await) {
            let ask = async || part.ask(&office.world, true).await.len();
            let row = measured(&office, requests, ask).await;
            println!("| {name}: a further part {row} |");
        }
    }
}

/// Asks several times: times, what one request asked of the database, and the bytes of its answer.
async fn measured(office: &Office, requests: usize, ask: impl AsyncFn() -> usize) -> String {
    let (bytes, calls) = office.world.costing(ask()).await;
    let mut times = Vec::with_capacity(requests);
    for _ in 0..requests {
        let asked = Instant::now();
        ask().await;
        times.push(asked.elapsed());
    }
    times.sort();
    let at = |percent: usize| -> Duration { times[(times.len() * percent).div_ceil(100).saturating_sub(1)] };
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    let asked = calls.total();
    format!("| {:.1} | {:.1} | {} | {:.1} | {bytes} |", ms(at(50)), ms(at(99)), asked.calls, asked.read_units)
}
