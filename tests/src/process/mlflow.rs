//! MLflow with its basic-auth app, which nobody here wrote: a real app with users and rights on experiments.

use std::{fs, process::Stdio, time::Duration};

use reqwest::{Client, Method, StatusCode};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

use super::{free_port, log::Log, tool};
use crate::Result;

/// A running MLflow with empty databases.
#[derive(Debug)]
pub struct Mlflow {
    base_url: String,
    client: Client,
    // In this order: the processes end before their log is shown and their folder goes.
    _group: Group,
    log: Log,
    _folder: TempDir,
}

/// The server and its workers.
#[derive(Debug)]
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        let pid = self.0.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(pid) = pid {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

impl Mlflow {
    /// The administrator.
    pub const ADMIN: &str = "admin";
    /// The administrator's password.
    pub const PASSWORD: &str = "mlflow-admin-password";

    /// Starts it on a free port and waits until it answers.
    ///
    /// # Errors
    /// When it is not installed or does not come up.
    pub async fn start() -> Result<Self> {
        let folder = TempDir::new()?;
        let log = Log::new("mlflow", folder.path());
        let port = free_port()?;
        let at = |name: &str| folder.path().join(name).display().to_string();
        let settings = format!(
            "[mlflow]\ndefault_permission = NO_PERMISSIONS\ndatabase_uri = sqlite:///{}\nadmin_username = {}\n\
             admin_password = {}\nauthorization_function = mlflow.server.auth:authenticate_request_basic_auth\n\
             auth_cache_ttl_seconds = 600\n",
            at("auth.db"),
            Self::ADMIN,
            Self::PASSWORD
        );
        fs::write(at("auth.ini"), settings)?;
        let mut child = Command::new(tool("mlflow/bin/mlflow")?)
            .args(["server", "--app-name", "basic-auth", "--workers", "1", "--host", "127.0.0.1"])
            .args([
                "--port",
                &port.to_string(),
                "--backend-store-uri",
                &format!("sqlite:///{}", at("mlflow.db")),
            ])
            .args(["--artifacts-destination", &at("artifacts")])
            .env("MLFLOW_AUTH_CONFIG_PATH", at("auth.ini"))
            .env("MLFLOW_FLASK_SERVER_SECRET_KEY", "a secret of this test")
            .env("MLFLOW_DISABLE_TELEMETRY", "true")
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.stdio()?)
            .stderr(log.stdio()?)
            .process_group(0)
            .spawn()?;
        let base_url = format!("http://127.0.0.1:{port}");
        let client = Client::new();
        wait_until_it_answers(&mut child, &client, &base_url, &log).await?;
        Ok(Self { base_url, client, _group: Group(child), log, _folder: folder })
    }

    /// Where it is.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Calls its API as the administrator.
    ///
    /// # Errors
    /// When it does not answer with JSON and a success.
    pub async fn call(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let request = self.client.request(method, format!("{}/api{path}", self.base_url));
        let request = request.basic_auth(Self::ADMIN, Some(Self::PASSWORD));
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await?;
        if answer.status() != StatusCode::OK {
            let (status, text) = (answer.status(), answer.text().await?);
            return Err(format!("MLflow answered {path} with {status}: {text}\n{}", self.log.tail()).into());
        }
        Ok(answer.json().await?)
    }

    /// A new experiment; answers its id.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn experiment(&self, name: &str) -> Result<String> {
        let made = self.call(Method::POST, "/2.0/mlflow/experiments/create", &json!({"name": name})).await?;
        Ok(made["experiment_id"].as_str().ok_or("no id of the experiment")?.to_owned())
    }
}

async fn wait_until_it_answers(child: &mut Child, client: &Client, base_url: &str, log: &Log) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(180);
    loop {
        let answered = client.get(format!("{base_url}/health")).send().await;
        // Another program may have taken the port in the meantime: then ours has ended.
        if let Some(status) = child.try_wait()? {
            return Err(format!("MLflow ended with {status}:\n{}", log.tail()).into());
        }
        if answered.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        if Instant::now() >= end {
            return Err(format!("MLflow does not answer:\n{}", log.tail()).into());
        }
        sleep(Duration::from_millis(100)).await;
    }
}
