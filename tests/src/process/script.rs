//! Scripts of others' programs: a Python SDK that drives what a test serves.

use std::process::Stdio;

use tokio::process::Command;

use super::{tool, workspace};
use crate::Result;

/// Runs `tests/python/<script>` in the virtual environment `.tools/<environment>`; what it printed is the failure's text.
///
/// # Errors
/// When it is not installed, or ends with a failure.
pub async fn run_python(environment: &str, script: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new(tool(&format!("{environment}/bin/python"))?)
        .arg(workspace()?.join("tests/python").join(script))
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{script} ended with {}:\n{said}", output.status).into())
}
