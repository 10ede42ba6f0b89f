//! The conformance suite, against every server of an arena.

use std::process::Stdio;

use serde::Serialize;
use serde_json::Value;
use tokio::process::Command;

use crate::{
    arena::Arena,
    servers::{Kind, Server, program},
};

/// How a server did.
#[derive(Debug, Serialize)]
pub(crate) struct Score {
    pub(crate) server: &'static str,
    /// `usher check --json`, without the single checks.
    pub(crate) total: Value,
    pub(crate) groups: Value,
    /// Why there is none.
    pub(crate) stopped: Value,
}

/// Checks every server; Usher once, because both its forms run the same code.
pub(crate) async fn check(arena: &Arena) -> Vec<Score> {
    let mut scores = Vec::new();
    for server in arena.servers.iter().filter(|server| server.kind != Kind::Function) {
        scores.push(score(server).await);
    }
    scores
}

async fn score(server: &Server) -> Score {
    let ran = Command::new(program())
        .args(["check", &server.base_url, "--json"])
        .env("USHER_CHECK_TOKEN", &server.token)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .await
        .expect("usher starts");
    let mut report: Value = serde_json::from_slice(&ran.stdout).unwrap_or_default();
    let mut part = |name: &str| report.get_mut(name).map(Value::take).unwrap_or_default();
    Score {
        server: server.kind.name(),
        total: part("total"),
        groups: part("groups"),
        stopped: part("stopped"),
    }
}
