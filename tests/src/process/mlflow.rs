//! MLflow with its basic-auth app, which nobody here wrote: a real app with users and rights on experiments.

use std::{fs, process::Stdio};

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use super::{free_port, group::Group, log::Log, tool};
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
        let child = Command::new(tool("mlflow/bin/mlflow")?)
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
        let mut group = Group::new("MLflow", child);
        group.answers(&client, &format!("{base_url}/health"), &log).await?;
        Ok(Self { base_url, client, _group: group, log, _folder: folder })
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
