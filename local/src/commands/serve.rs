//! `usher serve`: the whole suite on this machine.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tracing_subscriber::EnvFilter;
use usher_local::{
    processes::Programs,
    suite::{Lane, Options, Suite},
};

use super::{Common, Failure};

/// Run the whole suite: SCIM, planner, connectors, console and API on an embedded database.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8700)]
    port: u16,
    /// Begin with an empty workspace `main` instead of the demo
    #[arg(long)]
    no_demo: bool,
    /// Run the deployed programs, each behind the Lambda Runtime API, instead of their handlers in this process
    #[arg(long)]
    processes: bool,
    /// Where those programs are, if not beside this one
    #[arg(long, value_name = "DIR", requires = "processes")]
    programs: Option<PathBuf>,
}

impl Default for Serve {
    fn default() -> Self {
        Self { port: 8700, no_demo: false, processes: false, programs: None }
    }
}

impl Serve {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        start_logging(common.json);
        let lane = match (self.processes, self.programs) {
            (false, _) => Lane::InProcess,
            (true, Some(folder)) => Lane::Processes(Programs::of(folder)),
            (true, None) => Lane::Processes(Programs::beside_this_one().map_err(|error| error.to_string())?),
        };
        let options = Options { port: self.port, data: common.data.clone(), demo: !self.no_demo, lane };
        let suite = Suite::start(&options).await.map_err(|error| error.to_string())?;
        let ending = signal()?;
        announce(&suite, common.json);
        Ok(suite.serve(ending).await.map_err(|error| error.to_string())?)
    }
}

/// Logs go to standard error: standard output is the ready line's.
fn start_logging(json: bool) {
    let level = if json { "info" } else { "warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter).with_target(false).init();
}

/// Comes when the process is asked to end.
fn signal() -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|error| format!("signals cannot be listened to: {error}"));
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[expect(clippy::print_stdout, reason = "the ready line is what standard output is for")]
fn announce(suite: &Suite, json: bool) {
    let Suite { origin, access, sign_in, .. } = suite;
    let scim = format!("{origin}/scim/v2/{}", access.connection);
    let api = format!("{origin}/api/v1");
    if json {
        let ready = json!({
            "origin": origin,
            "console": origin,
            "sign_in": sign_in,
            "workspace": access.workspace,
            "scim": { "base_url": scim, "token": access.scim_token },
            "api": { "base_url": api, "token": access.api_token },
        });
        println!("{ready}");
        return;
    }
    println!("Usher is ready.\n");
    println!("  Console    {sign_in}");
    println!("             (signs in once, within the hour)");
    println!("  SCIM       {scim}");
    println!("  Token      {}", access.scim_token);
    println!("  Admin API  {api}");
    println!("  API key    {}", access.api_token);
    if access.app_token.is_some() {
        println!("  Demo app   {origin}{}/", usher_local::seed::DEMO_APP_PATH);
        println!("  More apps  {origin}{}", usher_local::seed::APPS_PATH);
        println!("\nIn a second terminal, `cargo run -- demo` shows a colleague come, move and go.");
    }
}
