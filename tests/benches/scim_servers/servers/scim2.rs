//! scim2-server, as its own command starts it.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::process::Command;

use super::{Started, answers, free_port, workspace};
use crate::{arena::Settings, http::Target, process::Process};

const TOKEN: &str = "scim2-server-token";

/// Starts it with the people of the file, as many as it takes within the budget.
pub(super) async fn start(settings: &Settings, people: &Path) -> Started {
    let python = workspace().join(".tools/scim2/bin/python");
    assert!(python.exists(), "scim2-server is not installed: run `./test --tools` once");
    let port = free_port();
    let child = Command::new(python)
        .arg(workspace().join("tests/python/scim2_preloaded.py"))
        .arg(people)
        .arg(settings.budget.as_secs().to_string())
        .args(["--port", &port.to_string(), "--bearer-token", TOKEN])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        // It tells every request there.
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("Python starts");
    let process = Process::of(child);
    let base_url = format!("http://127.0.0.1:{port}/v2");
    let patience = settings.budget + Duration::from_secs(60);
    answers(&Target::new(&base_url, TOKEN), "/ServiceProviderConfig", &process, patience).await;
    Started { base_url, token: TOKEN.to_owned(), process, database: None, keeps: Box::new(()) }
}
