//! ministack, an emulator of AWS, with template.yaml deployed to it by CloudFormation.

use std::process::Stdio;

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdin, Command},
};

use super::{free_port, log::Log, programs_folder, tool, usher, workspace};
use crate::Result;

/// A running ministack with the stack.
#[derive(Debug)]
pub struct Ministack {
    stack: Stack,
    log: Log,
    /// The script ends ministack when its input ends, so it must not be killed before.
    _stdin: ChildStdin,
    _child: Child,
    _folder: TempDir,
}

/// What is deployed.
#[derive(Debug, Deserialize)]
struct Stack {
    endpoint: String,
    gateway: String,
    table: String,
}

impl Ministack {
    /// Starts it, deploys the programs, and waits until the stack is there.
    ///
    /// # Errors
    /// When it is not installed, or CloudFormation does not make the stack.
    pub async fn start() -> Result<Self> {
        let folder = TempDir::new()?;
        let log = Log::new("ministack", folder.path());
        let mut child = Command::new(tool("ministack/bin/python")?)
            .arg(workspace()?.join("tests/python/ministack_stack.py"))
            .arg(programs_folder()?)
            .args([free_port()?.to_string(), "AppReach=anywhere".to_owned()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.stdio()?)
            .spawn()?;
        let (stdin, stdout) =
            child.stdin.take().zip(child.stdout.take()).ok_or("the pipes to ministack are missing")?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        let line = line.ok_or_else(|| format!("the stack is not deployed:\n{}", log.tail()))?;
        let stack = serde_json::from_str(&line)?;
        Ok(Self { stack, log, _stdin: stdin, _child: child, _folder: folder })
    }

    /// Where the HTTP API answers.
    #[must_use]
    pub fn gateway(&self) -> &str {
        &self.stack.gateway
    }

    /// Calls one of its services by the JSON protocol; `target` is the `X-Amz-Target`.
    ///
    /// # Errors
    /// When it refuses; the error is what it said.
    pub async fn call(&self, target: &str, request: &Value) -> Result<Value> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let service = if target.starts_with("AmazonSQS") { "sqs" } else { "dynamodb" };
        let signed = format!("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request");
        let call = client.post(&self.stack.endpoint).header("x-amz-target", target);
        let call = call.header("content-type", "application/x-amz-json-1.0").header("authorization", signed);
        let answer = call.body(request.to_string()).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        if !status.is_success() {
            return Err(format!("{target}: {status}: {text}").into());
        }
        Ok(serde_json::from_str(&text)?)
    }

    /// What it and the functions logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Runs a command of whoever operates the installation on the stack's table.
    ///
    /// # Errors
    /// When it fails; the error is what it said.
    pub async fn operate(&self, arguments: &[&str]) -> Result<Value> {
        let arguments = [arguments, &["--table", &self.stack.table]].concat();
        let environment = [
            ("AWS_ENDPOINT_URL", self.stack.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "us-east-1"),
        ];
        Ok(serde_json::from_str(&usher::output(&arguments, &environment).await?)?)
    }
}
