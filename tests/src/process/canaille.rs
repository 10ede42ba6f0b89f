//! Canaille, a real identity provider that pushes its people and groups by SCIM.

use std::{process::Stdio, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use super::{log::Log, tool, workspace};
use crate::Result;

/// A running Canaille. Every command returns when the push that it caused has ended.
///
/// Two habits to know: a group is announced only while it has a member, so the leaving of the last one is never told;
/// and every change after the first is a whole PUT.
#[derive(Debug)]
pub struct Canaille {
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
    _child: Child,
    log: Log,
    _folder: TempDir,
}

/// A change that Canaille made and delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The id in Canaille, which it sends as `externalId`.
    pub id: String,
}

/// Canaille as an OpenID provider.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct OpenId {
    /// Its issuer identifier, which is where its pages are.
    pub issuer: String,
    /// What it knows the application as.
    pub client_id: String,
    /// The application's secret there.
    pub client_secret: String,
}

impl Canaille {
    /// The password of everybody.
    pub const PASSWORD: &str = "correct horse battery staple";

    /// Starts it; it pushes to `base_url` with `token`.
    ///
    /// # Errors
    /// When it is not installed or does not come up.
    pub async fn start(base_url: &str, token: &str) -> Result<Self> {
        let folder = TempDir::new()?;
        let log = Log::new("canaille", folder.path());
        let mut child = Command::new(tool("canaille/bin/python")?)
            .arg(workspace()?.join("tests/python/canaille_idp.py"))
            .args([base_url, token])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.stdio()?)
            .kill_on_drop(true)
            .spawn()?;
        let (stdin, stdout) =
            child.stdin.take().zip(child.stdout.take()).ok_or("the pipes to Canaille are missing")?;
        let stdout = BufReader::new(stdout).lines();
        let mut canaille = Self { stdin, stdout, _child: child, log, _folder: folder };
        canaille.answer().await?;
        Ok(canaille)
    }

    /// A new person with `<user_name>@example.com`; `attributes` are Canaille's own (`given_name`, `emails`, `title`, …).
    ///
    /// # Errors
    /// When Canaille refuses, or the push did not arrive; so with all commands but [`Self::command`].
    pub async fn create_user(&mut self, user_name: &str, attributes: Value) -> Result<Pushed> {
        self.push(json!({"do": "create_user", "user_name": user_name, "set": attributes})).await
    }

    /// Changes a person; without attributes, the person is only pushed again.
    ///
    /// # Errors
    /// See [`Self::create_user`].
    pub async fn update_user(&mut self, user_name: &str, attributes: Value) -> Result<Pushed> {
        self.push(json!({"do": "update_user", "user_name": user_name, "set": attributes})).await
    }

    /// Deactivates a person: pushed with `active: false`.
    ///
    /// # Errors
    /// See [`Self::create_user`].
    pub async fn lock_user(&mut self, user_name: &str) -> Result<Pushed> {
        self.push(json!({"do": "lock_user", "user_name": user_name})).await
    }

    /// Activates a person again.
    ///
    /// # Errors
    /// See [`Self::create_user`].
    pub async fn unlock_user(&mut self, user_name: &str) -> Result<Pushed> {
        self.push(json!({"do": "unlock_user", "user_name": user_name})).await
    }

    /// Deletes a person.
    ///
    /// # Errors
    /// See [`Self::create_user`].
    pub async fn delete_user(&mut self, user_name: &str) -> Result<Pushed> {
        self.push(json!({"do": "delete_user", "user_name": user_name})).await
    }

    /// A new group of these people. Without a member, nothing is pushed.
    ///
    /// # Errors
    /// See [`Self::create_user`].
    pub async fn create_group(&mut self, name: &str, members: &[&str]) -> Result<Pushed> {
        self.push(json!({"do": "create_group", "name": name, "members": members})).await
    }

    /// Replaces the people of a group. Without a member, nothing is pushed.
    ///
    /// # Errors
    /// See [`Self::create_user`].
    pub async fn set_group_members(&mut self, name: &str, members: &[&str]) -> Result<Pushed> {
        self.push(json!({"do": "set_group_members", "name": name, "members": members})).await
    }

    /// Renames a group.
    ///
    /// # Errors
    /// See [`Self::create_user`].
    pub async fn rename_group(&mut self, name: &str, to: &str) -> Result<Pushed> {
        self.push(json!({"do": "rename_group", "name": name, "to": to})).await
    }

    /// Deletes a group. Without a member, nothing is pushed.
    ///
    /// # Errors
    /// See [`Self::create_user`].
    pub async fn delete_group(&mut self, name: &str) -> Result<Pushed> {
        self.push(json!({"do": "delete_group", "name": name})).await
    }

    /// Serves its pages and is the OpenID provider of an application.
    ///
    /// # Errors
    /// When no port is free, or Canaille ended.
    pub async fn serve_openid(&mut self, redirect_uri: &str, after_sign_out: &str) -> Result<OpenId> {
        let command =
            json!({"do": "serve_openid", "redirect_uri": redirect_uri, "after_sign_out": after_sign_out});
        Ok(serde_json::from_value(self.command(command).await?)?)
    }

    /// What Canaille itself holds: `{"users": {name: {"id", "active"}}, "groups": {name: [user names]}}`.
    ///
    /// # Errors
    /// When Canaille ended.
    pub async fn directory(&mut self) -> Result<Value> {
        self.command(json!({"do": "directory"})).await
    }

    /// Any command; a push that did not arrive is told in `complaints` and is no error. Canaille does not
    /// repeat it by itself.
    ///
    /// # Errors
    /// When Canaille refuses the command or ended.
    pub async fn command(&mut self, command: Value) -> Result<Value> {
        self.stdin.write_all(format!("{command}\n").as_bytes()).await?;
        self.stdin.flush().await?;
        self.answer().await.map_err(|error| format!("{command}: {error}").into())
    }

    async fn push(&mut self, command: Value) -> Result<Pushed> {
        let answer = self.command(command).await?;
        let complaints: Vec<String> = serde_json::from_value(answer["complaints"].clone())?;
        if !complaints.is_empty() {
            return Err(format!("the push did not arrive: {}", complaints.join("; ")).into());
        }
        Ok(Pushed { id: answer["id"].as_str().unwrap_or_default().to_owned() })
    }

    async fn answer(&mut self) -> Result<Value> {
        let line = timeout(Duration::from_secs(60), self.stdout.next_line())
            .await
            .map_err(|_| "Canaille is silent")??;
        let line = line.ok_or_else(|| format!("Canaille ended:\n{}", self.log.tail()))?;
        let answer: Value = serde_json::from_str(&line)?;
        if answer["ok"] == true { Ok(answer) } else { Err(answer["error"].as_str().unwrap_or(&line).into()) }
    }
}
