//! SCIMMY behind express: installed where it is missing, and started.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::Command;

use super::{Started, answers, free_port, workspace};
use crate::{http::Target, process::Process};

const TOKEN: &str = "scimmy-token";
/// How long it may take to read the people.
const PATIENCE: Duration = Duration::from_secs(120);

/// Starts it with all people of the file.
pub(super) async fn start(people: &Path) -> Started {
    let folder = installed().await;
    let port = free_port();
    let child = Command::new("node")
        .arg(folder.join("server.js"))
        .args([&port.to_string(), TOKEN])
        .arg(people)
        // Express answers faster, and tells less of errors.
        .env("NODE_ENV", "production")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        // It tells its own failures there.
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("Node.js 18 or later is needed");
    let process = Process::of(child);
    let base_url = format!("http://127.0.0.1:{port}/scim/v2");
    answers(&Target::new(&base_url, TOKEN), "/ServiceProviderConfig", &process, PATIENCE).await;
    Started { base_url, token: TOKEN.to_owned(), process, database: None, keeps: Box::new(()) }
}

/// The folder with the server and what it needs, at the versions of the lock file.
async fn installed() -> PathBuf {
    let source = workspace().join("tests/benches/scim_servers/scimmy");
    let folder = workspace().join(".tools/scimmy");
    fs::create_dir_all(&folder).expect("a folder for tools");
    let lock = fs::read(source.join("package-lock.json")).expect("the lock file");
    for name in ["package.json", "package-lock.json", "server.js"] {
        fs::copy(source.join(name), folder.join(name)).expect("a copy");
    }
    // What was installed is what the lock file said then.
    let marker = folder.join("installed");
    if fs::read(&marker).is_ok_and(|installed| installed == lock) {
        return folder;
    }
    eprintln!("Installing SCIMMY");
    let arguments = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
    let status = Command::new("npm").args(arguments).current_dir(&folder).stdin(Stdio::null()).status().await;
    assert!(status.is_ok_and(|status| status.success()), "npm could not install SCIMMY");
    fs::write(marker, lock).expect("a marker");
    folder
}
