//! The binary `usher`: the whole suite on a laptop, and the operator's commands.

mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run()
}
