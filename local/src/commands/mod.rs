//! The command line. Every command prints JSON with `--json`, exits 0 on success, 1 on failure and 2 on wrong
//! usage, and each error says what to do next.

mod arguments;
mod check;
mod client;
mod demo;
mod failure;
mod operator;
mod output;
mod serve;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use client::Api;
use failure::Failure;
use output::Output;

/// The data folder where none is named.
const DEFAULT_DATA: &str = ".usher";

/// Seats people in external apps and shows them out again.
#[derive(Parser)]
#[command(name = "usher", version, about, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Where the options of every command stand in the help of each.
const COMMON: &str = "Options of every command";

/// Options of every command. Not `Debug`: one is secret.
#[derive(Clone, Args)]
struct Common {
    /// The data folder of `usher serve`
    #[arg(long, global = true, help_heading = COMMON, default_value = DEFAULT_DATA, value_name = "DIR")]
    data: PathBuf,
    /// The address of a deployed stack, in place of the data folder's `usher serve`
    #[arg(long, global = true, help_heading = COMMON, value_name = "URL", env = "USHER_API", hide_env_values = true,
        value_parser = arguments::origin)]
    api: Option<String>,
    /// An API key for it
    #[arg(long, global = true, help_heading = COMMON, value_name = "TOKEN", env = "USHER_API_TOKEN", hide_env_values = true)]
    api_token: Option<String>,
    /// Print JSON
    #[arg(long, global = true, help_heading = COMMON)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Run the whole suite (the default)
    Serve(serve::Serve),
    /// Play an identity provider against a running `usher serve`, and tell what happens in the app
    Demo(demo::Demo),
    /// Check how well any SCIM server keeps to the RFCs and to what identity providers send
    Check(check::Check),
    #[command(flatten)]
    Operator(operator::Operator),
}

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let common = cli.common;
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = format!("no threads can be started: {error}; check the system's limits").into();
            return fail(&common, &failure);
        }
    };
    let done = runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve(serve::Serve::default())) {
            Command::Serve(serve) => serve.run(&common).await,
            Command::Demo(demo) => demo.run(&common).await,
            Command::Check(check) => check.run(common.json).await,
            Command::Operator(command) => {
                let output = Output { json: common.json };
                command.run(&common, output).await
            }
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&common, &failure),
    }
}

fn fail(common: &Common, failure: &Failure) -> ExitCode {
    if !failure.is_told() {
        if common.json {
            // Standard output is where a program reads; should it be closed, the exit code still tells.
            drop(output::line(&failure.to_json().to_string()));
        } else {
            output::complain(&format!("usher: {failure}"));
        }
    }
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_noun_of_an_operator_is_there() {
        let command = Cli::command();
        let nouns = ["workspace", "connection", "token", "integration", "share", "job", "automation"];
        for noun in nouns.into_iter().chain(["serve", "demo", "team", "person", "explain"]) {
            assert!(command.find_subcommand(noun).is_some(), "{noun}");
        }
    }

    #[test]
    fn wrong_usage_is_found_before_anything_is_sent() {
        for wrong in [
            &["usher", "workspace", "set"][..],
            &["usher", "workspace", "set", "--grace", "soon"],
            &["usher", "workspace", "limit", "acme"],
            &["usher", "workspace", "limit", "acme", "--seats", "many"],
            &["usher", "workspace", "limit", "acme", "--requests-per-second", "24"],
            &["usher", "workspace", "suspend", "acme"],
            &["usher", "workspace", "create", "Acme!", "--name", "Acme"],
            &["usher", "workspace", "replan"],
            &["usher", "workspace", "replan", "--since", "yesterday"],
            &["usher", "token", "revoke", "main.okta"],
            &["usher", "token", "revoke", "main.okta", "abc", "--all"],
            &["usher", "token", "revoke", "main.okta", ".."],
            &["usher", "share", "put", "hub", "--role", "admin"],
            &["usher", "share", "put", "hub", "--team", "a", "--person", "b"],
            &["usher", "share", "put", "hub", "--team", "a", "--hub-only", "--role", "admin"],
            &["usher", "share", "preview", "hub"],
            &["usher", "share", "preview", "hub", "--team", "a", "--end", "--role", "admin"],
            &["usher", "explain", "hub"],
            &["usher", "integration", "create", "--name", "x", "--kind", "business-hub", "--config", "[]"],
            &["usher", "job", "list", "--state", "asleep"],
            &["usher", "--api", "nowhere", "workspace", "show"],
            &["usher", "check", "http://localhost:1/scim"],
            &["usher", "check", "nowhere", "--token", "t"],
            &["usher", "check", "http://localhost:1/scim", "--token", "t", "--only", "unicorns"],
        ] {
            let error = Cli::try_parse_from(wrong).err();
            assert_eq!(error.map(|error| error.exit_code()), Some(2), "{wrong:?}");
        }
    }
}
