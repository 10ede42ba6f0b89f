//! So many clients at the same time, each of which waits for its answer.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures::future::join_all;
use serde::Serialize;

use crate::{
    http::{Client, Prepared},
    process::own_cpu,
    servers::Server,
};

/// However slow a server is, a figure is taken from so many requests.
const AT_LEAST: usize = 5;

/// One operation of one server by so many clients.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    pub(crate) server: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) clients: usize,
    /// How many requests it is taken from.
    pub(crate) requests: usize,
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Processor time of the server for each request, what it did after the answers included.
    pub(crate) cpu_ms: f64,
    /// The same of the database, where it has a process of its own.
    pub(crate) database_cpu_ms: Option<f64>,
    /// How much of one processor the clients took while they were sending.
    pub(crate) clients_cpu_share: f64,
    /// What was wrong with the answers, if something was.
    pub(crate) wrong: Option<String>,
}

/// How long and how much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) time: Duration,
    pub(crate) requests: usize,
}

/// Sends the requests in order, and all over again while there is time if they may be `repeated`.
pub(crate) async fn run(
    server: &Server,
    operation: &'static str,
    clients: usize,
    requests: &[Prepared],
    repeated: bool,
    limits: Limits,
) -> Figure {
    server.idle().await;
    let (cpu, database_cpu, own) = (server.process.cpu(), server.database_cpu(), own_cpu());
    let next = AtomicUsize::new(0);
    let most = if repeated { limits.requests } else { requests.len().min(limits.requests) };
    let began = Instant::now();
    let results = join_all((0..clients).map(|_| async {
        let mut client = Client::new(&server.target);
        let (mut each, mut wrong) = (Vec::new(), None);
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= most || (index >= AT_LEAST && began.elapsed() >= limits.time) {
                return (each, wrong);
            }
            let request = requests[index % requests.len()].clone();
            let sent = Instant::now();
            match client.send(request).await {
                Ok(answer) if answer.status.is_success() => each.push(sent.elapsed()),
                Ok(answer) => wrong = Some(format!("{}: {}", answer.status, excerpt(&answer.body))),
                Err(error) => wrong = Some(error),
            }
        }
    }))
    .await;
    let all = began.elapsed();
    let own = own_cpu() - own;
    server.idle().await;
    let (cpu, database_cpu) =
        (server.process.cpu() - cpu, server.database_cpu().zip(database_cpu).map(|(now, then)| now - then));
    let wrong = results.iter().find_map(|(_, wrong)| wrong.clone());
    let mut each: Vec<Duration> = results.into_iter().flat_map(|(each, _)| each).collect();
    each.sort();
    let requests = each.len();
    let at = |percent: usize| {
        let index = (requests * percent).div_ceil(100).saturating_sub(1);
        each.get(index).map_or(f64::NAN, |time| milliseconds(*time))
    };
    Figure {
        server: server.kind.name(),
        operation,
        clients,
        requests,
        per_second: requests as f64 / all.as_secs_f64(),
        p50_ms: at(50),
        p99_ms: at(99),
        cpu_ms: milliseconds(cpu) / requests as f64,
        database_cpu_ms: database_cpu.map(|cpu| milliseconds(cpu) / requests as f64),
        clients_cpu_share: own.as_secs_f64() / all.as_secs_f64(),
        wrong,
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The begin of a body.
pub(crate) fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned()
}
