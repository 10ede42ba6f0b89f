//! The command line. Every command prints JSON with `--json`, exits 0 on success, 1 on failure and 2 on wrong
//! usage, and each error says what to do next.

mod serve;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

/// Seats people in external apps and shows them out again.
#[derive(Debug, Parser)]
#[command(name = "usher", version, about)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
struct Common {
    /// The data folder
    #[arg(long, global = true, default_value = ".usher", value_name = "DIR")]
    data: PathBuf,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole suite (the default)
    Serve(serve::Serve),
}

/// A failure, in words that say what to do next.
type Failure = String;

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let common = cli.common;
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&common, &format!("no threads can be started: {error}; check the system's limits")),
    };
    let done = runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve(serve::Serve::default())) {
            Command::Serve(serve) => serve.run(&common).await,
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&common, &failure),
    }
}

#[expect(clippy::print_stderr, clippy::print_stdout, reason = "a command's output")]
fn fail(common: &Common, failure: &str) -> ExitCode {
    if common.json {
        println!("{}", serde_json::json!({ "error": failure }));
    } else {
        eprintln!("usher: {failure}");
    }
    ExitCode::FAILURE
}
