//! `usher check`: how well any SCIM server keeps to the RFCs and to what identity providers send.

use std::time::Duration;

use clap::Args;
use serde_json::Value;
use usher_check::{Description, Options, Target};

use super::{Failure, output};

/// Check how well any SCIM server keeps to the RFCs and to what identity providers send
///
/// It makes users and groups under names of its own and removes them again; what was there before stays untouched.
// Not `Debug`: the token is secret.
#[derive(Args)]
pub(super) struct Check {
    /// The SCIM base URL, such as https://example.com/scim/v2
    #[arg(required_unless_present = "list", value_name = "BASE_URL", value_parser = base_url)]
    base_url: Option<String>,
    /// A bearer token that may read and write
    #[arg(long, required_unless_present = "list", value_name = "TOKEN", env = "USHER_CHECK_TOKEN",
        hide_env_values = true, value_parser = token)]
    token: Option<String>,
    /// Only checks of this group (such as "Okta" or "RFC 7644 §3.5.2"), or whose id begins so; repeatable
    #[arg(long, value_name = "GROUP", value_parser = group)]
    only: Vec<String>,
    /// Tell what would be checked, and send nothing
    #[arg(long)]
    list: bool,
    /// How many seconds one answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
}

impl Check {
    pub(super) async fn run(self, json: bool) -> Result<(), Failure> {
        if self.list {
            return tell(&usher_check::list(&self.only), json);
        }
        let (base_url, token) = (self.base_url.unwrap_or_default(), self.token.unwrap_or_default());
        let target = Target::new(&base_url, &token).map_err(|error| error.to_string())?;
        let timeout = Duration::from_secs(self.timeout);
        let report =
            usher_check::run(target, Options { only: self.only, timeout, ..Options::default() }).await;
        output::line(&if json { report.to_json().to_string() } else { report.to_string() })?;
        // The report has told what failed.
        if report.is_success() { Ok(()) } else { Err(Failure::told()) }
    }
}

fn tell(checks: &[Description], json: bool) -> Result<(), Failure> {
    if json {
        let checks = serde_json::to_value(checks).map_err(|error| error.to_string())?;
        return output::line(&Value::to_string(&checks));
    }
    let row = |check: &Description| {
        [check.id.clone(), check.level.word().to_owned(), check.group.to_owned(), check.title.clone()]
    };
    let rows: Vec<_> = checks.iter().map(row).collect();
    let table = output::table(["ID", "LEVEL", "GROUP", "WHAT HOLDS"], &rows, "No checks.");
    output::line(&format!("{table}\n\n{} checks", checks.len()))
}

fn base_url(value: &str) -> Result<String, String> {
    Target::new(value, "any").map(|_| value.to_owned()).map_err(|error| error.to_string())
}

fn token(value: &str) -> Result<String, String> {
    Target::new("http://localhost", value).map(|_| value.to_owned()).map_err(|error| error.to_string())
}

fn group(value: &str) -> Result<String, String> {
    let value = value.to_owned();
    if usher_check::list(std::slice::from_ref(&value)).is_empty() {
        return Err("no check belongs to it; `usher check --list` tells the groups and ids".to_owned());
    }
    Ok(value)
}
