//! A suite whose functions are processes of this test's, with shorter limits than deployed ones.

use std::{fs, sync::Arc, time::Duration};

use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use usher_local::{
    processes::{Processes, Programs},
    suite::{Lane, Options, Suite},
    template::{ACCOUNT, Template},
};
use usher_tests::{
    apps::scim::RunningScimApp,
    client::{AppListing, JsonClient, ScimClient, eventually, eventually_ok},
    process::programs_folder,
};

use crate::path::{PATIENCE, hub};

/// How long an invocation may take that nothing disturbs.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Usher, and a hub in a simulated app that is shared with a team.
pub(super) struct World {
    pub(super) app: RunningScimApp,
    pub(super) scim: ScimClient,
    pub(super) api: JsonClient,
    pub(super) hub: String,
    team: String,
    processes: Arc<Processes>,
    folder: TempDir,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::adjusted(shorten).await
    }

    /// One in which whatever is not handled at once is given up.
    pub(super) async fn impatient() -> Self {
        Self::adjusted(|template| {
            shorten(template);
            template.stream.retries = 0;
        })
        .await
    }

    async fn adjusted(adjust: fn(&mut Template)) -> Self {
        let folder = TempDir::new().unwrap();
        let programs = Programs { folder: programs_folder().unwrap(), adjust };
        let data = folder.path().join("data");
        let options = Options { port: 0, data, demo: false, lane: Lane::Processes(programs) };
        let suite = Suite::start(&options).await.unwrap();
        let (origin, access) = (suite.origin.clone(), suite.access.clone());
        let processes = suite.processes.clone().unwrap();
        tokio::spawn(suite.serve(std::future::pending()));

        let scim = ScimClient::new(&format!("{origin}/scim/v2/{}", access.connection), &access.scim_token);
        let api = JsonClient::new(&format!("{origin}/api/v1"), &access.api_token);
        let app = RunningScimApp::start("app-token").await.unwrap();
        let hub = hub(&api, &app.base_url(), app.token(), 0).await;
        let team = scim.create_group("Marketing", &[]).await.unwrap().id().to_owned();
        let share = json!({"app_access": {"kind": "invite", "roles": ["editor"]}});
        let path = format!("/integrations/{hub}/shares/teams/{team}");
        assert!(api.send(Method::PUT, &path, Some(&share)).await.unwrap().status.is_success());
        Self { app, scim, api, hub, team, processes, folder }
    }

    /// A new person of the shared team.
    pub(super) async fn join(&self, name: &str) -> String {
        let person = self.scim.create_user(name, &json!({})).await.unwrap().id().to_owned();
        let join = json!([{"op": "add", "path": "members", "value": [{"value": person}]}]);
        self.scim.patch("Groups", &self.team, &join).await.unwrap();
        person
    }

    /// Waits until the app seats somebody.
    pub(super) async fn seated(&self, name: &str) {
        let listing = AppListing::new(&self.app.base_url(), self.app.token());
        eventually_ok(PATIENCE, async || match listing.member(name).await {
            Ok(Some(member)) if member.active => Ok(()),
            other => Err(format!("{name} should be seated: {other:?}")),
        })
        .await;
    }

    /// Waits until the app seats somebody no longer.
    pub(super) async fn gone(&self, name: &str) {
        let listing = AppListing::new(&self.app.base_url(), self.app.token());
        eventually_ok(PATIENCE, async || match listing.member(name).await {
            Ok(None) => Ok(()),
            Ok(Some(member)) if !member.active => Ok(()),
            other => Err(format!("{name} should be out: {other:?}")),
        })
        .await;
    }

    /// How many people the app was asked to create.
    pub(super) fn creations(&self) -> usize {
        self.app.app().journal().changes().iter().filter(|it| it.starts_with("POST")).count()
    }

    /// Sends a signal to every process of a function, and answers which they are.
    pub(super) fn signal(&self, function: &str, signal: Signal) -> Vec<u32> {
        let running = self.processes.running(function);
        for pid in &running {
            let pid = Pid::from_raw(i32::try_from(*pid).unwrap()).unwrap();
            // One that ended meanwhile is what the test is after.
            let _ = kill_process(pid, signal);
        }
        running
    }

    /// Waits until a function is invoked.
    pub(super) async fn invoked(&self, function: &str) {
        let what = format!("{function} should be invoked");
        eventually(PATIENCE, &what, async || self.processes.under_way(function) > 0).await;
    }

    /// Waits until a function has other processes than these.
    pub(super) async fn replaced(&self, function: &str, before: &[u32]) {
        eventually_ok(PATIENCE, async || {
            let now = self.processes.running(function);
            let replaced = !now.is_empty() && now.iter().all(|pid| !before.contains(pid));
            replaced.then_some(()).ok_or(format!("{function} has {now:?}, as before: {before:?}"))
        })
        .await;
    }

    /// Calls an AWS service as one of the functions.
    pub(super) async fn aws(&self, function: &str, target: &str, request: &Value) -> (u16, Value) {
        let credential =
            format!("AWS4-HMAC-SHA256 Credential={function}/20260101/us-east-1/any/aws4_request");
        let call = reqwest::Client::new().post(self.processes.services()).header("x-amz-target", target);
        let answer = call.header("authorization", credential).body(request.to_string()).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    /// The address of the connector's queue.
    pub(super) fn queue(&self) -> String {
        format!("{}/{ACCOUNT}/usher-connector-scim", self.processes.services())
    }

    /// What was given up so far.
    pub(super) fn dead_letters(&self) -> Vec<Value> {
        let kept = fs::read_to_string(self.folder.path().join("data/dead-letters.jsonl")).unwrap_or_default();
        kept.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Nobody wants to wait for a minute here.
fn shorten(template: &mut Template) {
    template.stream.retries = 2;
    for name in ["PlannerFunction", "ConnectorScimFunction"] {
        template.functions.get_mut(name).unwrap().timeout = TIMEOUT;
    }
    for queue in template.queues.values_mut() {
        queue.visibility = 2 * TIMEOUT;
    }
    let failures = &mut template.failures;
    (failures.delay, failures.visibility, failures.max_receives) = (Duration::ZERO, 2 * TIMEOUT, 2);
}
