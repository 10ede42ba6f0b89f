//! RabbitMQ with its management API, which nobody here wrote: a real app with users, tags and rights on virtual hosts.

use std::{
    fs,
    path::PathBuf,
    process::{Command as Program, Stdio},
};

use reqwest::{Client, Method};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use super::{free_port, group::Group, log::Log};
use crate::Result;

/// Where Debian's package has the server, whatever its version.
const SERVERS: &str = "/usr/lib/rabbitmq/lib";

/// A running RabbitMQ with an empty database.
#[derive(Debug)]
pub struct RabbitMq {
    base_url: String,
    client: Client,
    // In this order: the processes end before their log is shown and their folder goes.
    _group: Group,
    _names: Names,
    log: Log,
    _folder: TempDir,
}

/// Erlang's name server, which outlives whoever started it.
#[derive(Debug)]
struct Names {
    port: u16,
}

impl Drop for Names {
    fn drop(&mut self) {
        let mut end = Program::new("epmd");
        end.args(["-port", &self.port.to_string(), "-kill"]).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = end.status();
    }
}

impl RabbitMq {
    /// The administrator.
    pub const ADMIN: &str = "admin";
    /// The administrator's password.
    pub const PASSWORD: &str = "rabbit-admin-password";

    /// Starts it on free ports and waits until it answers.
    ///
    /// # Errors
    /// When it is not installed or does not come up.
    pub async fn start() -> Result<Self> {
        let folder = TempDir::new()?;
        let log = Log::new("rabbitmq", folder.path());
        let [messages, management, nodes, names] = [free_port()?, free_port()?, free_port()?, free_port()?];
        let at = |name: &str| folder.path().join(name).display().to_string();
        let settings = format!(
            "listeners.tcp.1 = 127.0.0.1:{messages}\nmanagement.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management}\n\
             default_user = {}\ndefault_pass = {}\n",
            Self::ADMIN,
            Self::PASSWORD
        );
        fs::write(at("rabbitmq.conf"), settings)?;
        fs::write(at("plugins"), "[rabbitmq_management].")?;
        let child = Command::new(server()?)
            .env("HOME", folder.path())
            .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
            .env("RABBITMQ_NODENAME", format!("usher-{messages}@localhost"))
            .env("RABBITMQ_CONFIG_FILE", at("rabbitmq.conf"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", at("plugins"))
            .env("RABBITMQ_MNESIA_BASE", at("mnesia"))
            .env("RABBITMQ_LOG_BASE", at("log"))
            .env("RABBITMQ_PID_FILE", at("pid"))
            .env("RABBITMQ_DIST_PORT", nodes.to_string())
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}")
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("ERL_EPMD_PORT", names.to_string())
            .stdin(Stdio::null())
            .stdout(log.stdio()?)
            .stderr(log.stdio()?)
            .process_group(0)
            .spawn()?;
        let names = Names { port: names };
        let base_url = format!("http://127.0.0.1:{management}");
        let client = Client::new();
        let mut group = Group::new("RabbitMQ", child);
        group.answers(&client, &format!("{base_url}/api/whoami"), &log).await?;
        Ok(Self { base_url, client, _group: group, _names: names, log, _folder: folder })
    }

    /// Where its management API is.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Calls its API as the administrator; what there is not is null.
    ///
    /// # Errors
    /// When it answers with anything but a success or a 404.
    pub async fn call(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let request = self.client.request(method, format!("{}/api{path}", self.base_url));
        let request = request.basic_auth(Self::ADMIN, Some(Self::PASSWORD));
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        match status.as_u16() {
            404 => Ok(Value::Null),
            200..300 if text.is_empty() => Ok(Value::Null),
            200..300 => Ok(serde_json::from_str(&text)?),
            _ => Err(format!("RabbitMQ answered {path} with {status}: {text}\n{}", self.log.tail()).into()),
        }
    }
}

/// The server's own start script: the package's wrapper would change the user.
fn server() -> Result<PathBuf> {
    let versions = fs::read_dir(SERVERS).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let script = versions.map(|version| version.join("sbin/rabbitmq-server")).find(|script| script.exists());
    Ok(script.ok_or("RabbitMQ is missing: run `./test --tools` once, which installs it")?)
}
