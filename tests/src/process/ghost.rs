//! Ghost, which nobody here wrote: a real app with invitations by mail, roles and an owner who stays.

use std::{
    fs,
    path::PathBuf,
    process::{Command as Program, Stdio},
};

use reqwest::{Client, Method, header};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use super::{free_port, group::Group, log::Log, tool};
use crate::Result;

/// A running Ghost with an empty database and its owner.
#[derive(Debug)]
pub struct Ghost {
    base_url: String,
    key: String,
    client: Client,
    session: String,
    database: PathBuf,
    // In this order: the process ends before its log is shown and its folder goes.
    _group: Group,
    log: Log,
    _folder: TempDir,
}

impl Ghost {
    /// The owner.
    pub const OWNER: &str = "owner@example.org";
    const PASSWORD: &str = "quite long, and for this test 42";

    /// Starts it on a free port, waits until it answers, and sets its owner up.
    ///
    /// # Errors
    /// When it is not installed or does not come up.
    pub async fn start() -> Result<Self> {
        let folder = TempDir::new()?;
        let log = Log::new("ghost", folder.path());
        let port = free_port()?;
        let at = |name: &str| folder.path().join(name).display().to_string();
        let program = tool("ghost/package/index.js")?;
        let installed = program.parent().ok_or("Ghost has no folder")?;
        for part in ["data", "files", "images", "logs", "media", "public", "settings"] {
            fs::create_dir_all(folder.path().join("content").join(part))?;
        }
        let base_url = format!("http://127.0.0.1:{port}");
        let child = Command::new("node")
            .arg(&program)
            .env("NODE_ENV", "production")
            .env("url", &base_url)
            .env("server__host", "127.0.0.1")
            .env("server__port", port.to_string())
            .env("database__client", "sqlite3")
            .env("database__connection__filename", at("ghost.db"))
            .env("database__useNullAsDefault", "true")
            .env("mail__transport", "stub")
            .env("logging__level", "error")
            .env("paths__contentPath", at("content"))
            .env("privacy__useUpdateCheck", "false")
            .env("security__staffDeviceVerification", "false")
            .current_dir(installed)
            .stdin(Stdio::null())
            .stdout(log.stdio()?)
            .stderr(log.stdio()?)
            .process_group(0)
            .spawn()?;
        let client = Client::new();
        let mut group = Group::new("Ghost", child);
        group.answers(&client, &format!("{base_url}/ghost/api/admin/site/"), &log).await?;
        let database = folder.path().join("ghost.db");
        let (key, session) = (String::new(), String::new());
        let mut ghost =
            Self { base_url, key, client, session, database, _group: group, log, _folder: folder };
        ghost.set_up().await?;
        Ok(ghost)
    }

    /// Where it is.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The owner's own access key: `ID:SECRET`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Makes the owner, signs them in, and has them get their key.
    async fn set_up(&mut self) -> Result<()> {
        let owner =
            json!({"name": "Owner", "email": Self::OWNER, "password": Self::PASSWORD, "blogTitle": "Blog"});
        self.call(Method::POST, "/authentication/setup/", &json!({"setup": [owner]})).await?;
        let request = self.request(Method::POST, "/session/");
        let answer =
            request.json(&json!({"username": Self::OWNER, "password": Self::PASSWORD})).send().await?;
        let cookie = answer.headers().get(header::SET_COOKIE).cloned().ok_or("Ghost began no session")?;
        // The session is kept before the last byte is sent, not before the first.
        answer.bytes().await?;
        self.session = cookie.to_str()?.split(';').next().unwrap_or_default().to_owned();
        let key = self.call(Method::GET, "/users/me/token/", &Value::Null).await?;
        let text = |name: &str| key["apiKey"][name].as_str().ok_or("Ghost gave no key");
        self.key = match text("secret")? {
            secret if secret.contains(':') => secret.to_owned(),
            secret => format!("{}:{secret}", text("id")?),
        };
        Ok(())
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}/ghost/api/admin{path}", self.base_url));
        request.header(header::ORIGIN, &self.base_url).header(header::COOKIE, &self.session)
    }

    /// Calls its API as the owner.
    ///
    /// # Errors
    /// When it does not answer with a success.
    pub async fn call(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let request = self.request(method, path);
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            return Err(format!("Ghost answered {path} with {status}: {text}\n{}", self.log.tail()).into());
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// The person follows the link of the mail.
    ///
    /// # Errors
    /// When there is no invitation, or Ghost refuses.
    pub async fn accept(&self, email: &str) -> Result<()> {
        let token = self.ask_database("select token from invites where email = ?", email)?;
        let answer = json!({"token": token, "email": email, "name": email, "password": Self::PASSWORD});
        self.call(Method::POST, "/authentication/invitation/", &json!({"invitation": [answer]})).await?;
        Ok(())
    }

    /// Nobody answers for too long.
    ///
    /// # Errors
    /// When the database cannot be changed.
    pub fn expire(&self, email: &str) -> Result<()> {
        self.ask_database("update invites set expires = 1 where email = ? returning id", email).map(|_| ())
    }

    /// What is told to nobody but by mail, and what would take days, is in the database.
    fn ask_database(&self, statement: &str, email: &str) -> Result<String> {
        let script = "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1], timeout=30) as database:\n    \
                      print(database.execute(sys.argv[2], [sys.argv[3]]).fetchall()[0][0])";
        let python = Program::new(tool("scim2/bin/python")?)
            .args(["-c", script])
            .arg(&self.database)
            .args([statement, email])
            .output()?;
        let told = String::from_utf8(python.stdout)?;
        match told.trim() {
            "" => Err(format!("no invitation: {}", String::from_utf8_lossy(&python.stderr)).into()),
            told => Ok(told.to_owned()),
        }
    }
}
