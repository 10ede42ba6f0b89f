//! `usher demo`: plays an identity provider over real HTTP against a running suite, and tells what is then
//! seen in the external app.

mod app;
mod idp;
mod log;
mod narrator;
mod story;

use std::{path::Path, time::Duration};

use clap::Args;
use tokio::time::{Instant, sleep};
use usher_local::{
    data::{Access, read_access},
    seed::DEMO_HUB,
};

use super::{Api, Common, Failure, client::serve_command};
use story::Story;

/// Long enough not to disturb what is waited for, too short to be felt.
const PAUSE: Duration = Duration::from_millis(50);

/// Play an identity provider.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// How long `usher serve` and each step may take, in seconds
    #[arg(long, default_value_t = 20, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    deadline: u64,
}

impl Demo {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let deadline = Duration::from_secs(self.deadline);
        let suite = Suite::find(&common.data, deadline).await?;
        Story::new(suite, deadline, common.json).tell().await
    }
}

/// A running suite with the simulated app.
struct Suite {
    access: Access,
    app_token: String,
    api: Api,
}

impl Suite {
    /// Waits for the folder's suite to answer.
    async fn find(data: &Path, deadline: Duration) -> Result<Self, Failure> {
        let end = Instant::now() + deadline;
        loop {
            let access = read_access(data).map_err(|error| error.to_string())?;
            let missing = match access {
                None => format!("no `usher serve` has used {} yet", data.display()),
                Some(access) => {
                    let Some(app_token) = access.app_token.clone() else { return Err(no_demo(data)) };
                    let advice = format!("start it with `{}`", serve_command(data));
                    let api = Api::new(&access.origin, &access.api_token, advice)?;
                    if api.is_healthy().await {
                        return Ok(Self { access, app_token, api });
                    }
                    format!("Usher does not answer at {}", access.origin)
                }
            };
            if Instant::now() >= end {
                return Err(format!(
                    "{missing} (waited {} s); start it with `{}` and run the demo again beside it",
                    deadline.as_secs(),
                    serve_command(data)
                )
                .into());
            }
            sleep(PAUSE).await;
        }
    }

    /// The base URL of the workspace's SCIM connection.
    fn scim_url(&self) -> String {
        format!("{}/scim/v2/{}", self.access.origin, self.access.connection)
    }

    /// Where the simulated app is.
    fn app_url(&self) -> String {
        format!("{}{}", self.access.origin, usher_local::seed::DEMO_APP_PATH)
    }

    /// The Automation Log.
    fn log_page(&self) -> String {
        format!("{}/automations", self.access.origin)
    }

    /// The hub's Activity tab.
    fn activity_page(&self) -> String {
        format!("{}/integrations/{DEMO_HUB}/activity", self.access.origin)
    }
}

fn no_demo(data: &Path) -> Failure {
    format!(
        "{} was begun with --no-demo, so there is no simulated app to watch; begin another folder with \
         `usher serve --data DIR` and run `usher demo --data DIR`",
        data.display()
    )
    .into()
}
