//! The suite under test, and the app that it provisions.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};
use usher_local::suite::{Lane, Options, Suite};
use usher_tests::client::{JsonClient, ScimClient};

use crate::app::RecordingApp;

/// How long a seat may take before the benchmark gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// The running suite, with a hub that is shared with one team.
pub(crate) struct Stand {
    pub(crate) scim: ScimClient,
    pub(crate) app: RecordingApp,
    /// The team that the hub is shared with.
    pub(crate) team: String,
    end: oneshot::Sender<()>,
    served: JoinHandle<()>,
    _folder: TempDir,
}

impl Stand {
    /// Starts it.
    pub(crate) async fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let options =
            Options { port: 0, data: folder.path().join("data"), demo: false, lane: Lane::InProcess };
        let suite = Suite::start(&options).await.expect("the suite starts");
        let access = suite.access.clone();
        let scim =
            ScimClient::new(&format!("{}/scim/v2/{}", suite.origin, access.connection), &access.scim_token);
        let api = JsonClient::new(&format!("{}/api/v1", suite.origin), &access.api_token);
        let (end, ending) = oneshot::channel::<()>();
        let served = tokio::spawn(async move {
            let ended = async { drop(ending.await) };
            suite.serve(ended).await.expect("the suite serves");
        });
        let app = RecordingApp::start().await;
        let team = scim.create_group("Seats", &[]).await.expect("an answer").id().to_owned();
        let stand = Self { scim, app, team, end, served, _folder: folder };
        stand.make_hub(&api).await;
        stand
    }

    async fn make_hub(&self, api: &JsonClient) {
        let hub = json!({
            "name": "The hub",
            "kind": "business_hub",
            "connector": "scim",
            "config": {"base_url": self.app.base_url(), "roles": {"as": "roles_attribute"}},
            "credentials": {"bearer_token": self.app.token()},
            "catalogue": {"roles": [{"key": "editor", "name": "Editor", "rank": 1}]},
            "grace_seconds": 0,
        });
        let made = api.send(Method::POST, "/integrations", Some(&hub)).await.expect("an answer");
        let made = made.ok().expect("a hub");
        let hub = made["integration"]["id"].as_str().expect("its id");
        let share = json!({"app_access": {"kind": "invite", "roles": ["editor"]}});
        let path = format!("/integrations/{hub}/shares/teams/{}", self.team);
        api.send(Method::PUT, &path, Some(&share)).await.expect("an answer").ok().expect("a share");
    }

    /// Waits until the planner is through with everything that was written so far: the stream is handled in order,
    /// so a seat that was asked for last is given last.
    pub(crate) async fn settle(&self, name: &str) {
        let marker = self.scim.create_user(name, &json!({})).await.expect("an answer").ok().expect("a user");
        let marker = marker["id"].as_str().expect("its id").to_owned();
        let seen = self.app.calls();
        self.join(&marker).await;
        tokio::time::timeout(PATIENCE, self.app.quiet_after(seen))
            .await
            .expect("the suite works its changes off");
    }

    /// Puts a person into the shared team.
    pub(crate) async fn join(&self, person: &str) {
        let add = json!([{"op": "add", "path": "members", "value": [{"value": person}]}]);
        let path = format!("/Groups/{}?excludedAttributes=members", self.team);
        let body = usher_tests::client::patch_op(&add);
        self.scim.send(Method::PATCH, &path, Some(&body)).await.expect("an answer").ok().expect("a member");
    }

    /// Ends the suite.
    pub(crate) async fn end(self) {
        drop(self.end);
        self.served.await.expect("the suite ends");
    }
}
