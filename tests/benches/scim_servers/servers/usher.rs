//! Usher: the whole suite as `usher serve` runs it, and the SCIM function alone with its database in another process.

use std::{
    env,
    fs::File,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{net::TcpStream, process::Command};
use usher_local::{data::read_access, embedded::TABLE};
use usher_tests::process::Usher;

use super::{Started, answers, copy, free_port, seed};
use crate::{arena::Settings, http::Target, process::Process};

const PATIENCE: Duration = Duration::from_secs(60);

/// `usher serve` on a copy of the seeded data.
pub(super) async fn serve(settings: &Settings) -> Started {
    let folder = copy(&seed(settings).await);
    let usher = Usher::options().data(folder.path()).start().await.expect("usher starts");
    let (access, pid) = (usher.ready().scim.clone(), usher.pid().expect("a running process"));
    Started {
        base_url: access.base_url,
        token: access.token,
        process: Process::with_pid(pid),
        database: None,
        keeps: Box::new((usher, folder)),
    }
}

/// The function and its database, each this program started again.
pub(super) async fn function(settings: &Settings) -> Started {
    let folder = copy(&seed(settings).await);
    let access = read_access(folder.path()).expect("a readable file").expect("a seeded folder");
    let (database_port, port) = (free_port(), free_port());
    let database = Process::of(
        itself(&folder, "database.log")
            .arg("database")
            .arg(folder.path().join("usher.db"))
            .arg(database_port.to_string())
            .spawn()
            .expect("it starts"),
    );
    listens(database_port).await;
    let origin = format!("http://127.0.0.1:{port}");
    let function = Process::of(
        itself(&folder, "function.log")
            .args(["function", &port.to_string()])
            // As Lambda and template.yaml set them.
            .env("AWS_REGION", "eu-central-1")
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{database_port}"))
            .env("USHER_TABLE", TABLE)
            .env("USHER_ORIGIN", &origin)
            .spawn()
            .expect("it starts"),
    );
    let base_url = format!("{origin}/scim/v2/{}", access.connection);
    let target = Target::new(&base_url, &access.scim_token);
    answers(&target, "/ServiceProviderConfig", &function, PATIENCE).await;
    Started {
        base_url,
        token: access.scim_token,
        process: function,
        database: Some(database),
        keeps: Box::new(folder),
    }
}

/// This program, started again; it ends with this process.
fn itself(folder: &TempDir, log: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this program"));
    let log: Stdio = File::create(folder.path().join(log)).expect("a file").into();
    command.stdin(Stdio::null()).stdout(log).kill_on_drop(true);
    command
}

async fn listens(port: u16) {
    let end = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(Instant::now() < end, "the database does not come up");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A new data folder, as a first start of `usher serve` leaves it.
pub(super) async fn first_start(folder: &Path) {
    let mut usher = Usher::options().data(folder).start().await.expect("usher starts");
    usher.stop().await.expect("usher ends");
}
