//! A sandbox: one process of a function's program, which serves one invocation at a time.

use std::{
    net::SocketAddr,
    os::fd::AsFd,
    path::Path,
    process::Stdio,
    sync::{Arc, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::mpsc,
    task::JoinHandle,
};

use super::runtime_api::{self, Invocation, Slot};
use crate::{
    function::Failure,
    template::{FunctionSettings, REGION},
};

/// How long a program may take until it asks for its first invocation, as on AWS.
const INIT: Duration = Duration::from_secs(10);
/// How long a program has between `SIGTERM` and its end, as on AWS where its only extension is its own.
const SHUTDOWN: Duration = Duration::from_millis(500);

/// A process and its Runtime API.
pub struct Sandbox {
    child: Child,
    pid: Option<u32>,
    invocations: mpsc::UnboundedSender<Invocation>,
    api: JoinHandle<()>,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // The process itself is killed with its handle.
        self.api.abort();
    }
}

/// How an invocation ended.
pub enum Ended {
    /// The program answered, and can serve the next.
    Answered(Result<Value, Failure>),
    /// The sandbox is of no more use.
    Lost(Failure),
}

impl Sandbox {
    /// Starts a program, and comes when it asks for its first invocation.
    ///
    /// # Errors
    /// When it does not come so far.
    pub async fn start(
        name: &str,
        settings: &FunctionSettings,
        program: &Path,
        services: &str,
    ) -> Result<Self, Failure> {
        let failed =
            |problem: String| Failure::Failed(format!("{} did not start: {problem}", settings.binary));
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await;
        let listener = listener.map_err(|error| failed(error.to_string()))?;
        let address = listener.local_addr().map_err(|error| failed(error.to_string()))?.to_string();
        let (slot, invocations) = Slot::new();
        let router = runtime_api::router(slot.clone());
        let api = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "a sandbox's runtime API ended");
            }
        });
        let child = spawn(name, settings, program, services, &address);
        let child = child.map_err(|error| failed(error.to_string()))?;
        let mut sandbox = Self { pid: child.id(), child, invocations, api };
        sandbox.initialised(&slot).await.map_err(failed)?;
        Ok(sandbox)
    }

    async fn initialised(&mut self, slot: &Arc<Slot>) -> Result<(), String> {
        tokio::select! {
            () = slot.ready.notified() => {
                let failed = slot.failed_to_start.lock().unwrap_or_else(PoisonError::into_inner).take();
                failed.map_or(Ok(()), Err)
            }
            status = self.child.wait() => Err(exited(status)),
            () = tokio::time::sleep(INIT) => Err(format!("it was not ready after {INIT:?}")),
        }
    }

    /// The process's id.
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// Whether the process still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends the program in order.
    pub async fn shut_down(mut self) {
        let pid = self.pid.and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid
            && rustix::process::kill_process(pid, rustix::process::Signal::TERM).is_ok()
        {
            // After that it is killed with its handle.
            let _ = tokio::time::timeout(SHUTDOWN, self.child.wait()).await;
        }
    }

    /// Invokes the function.
    pub async fn invoke(&mut self, event: String, settings: &FunctionSettings) -> Ended {
        let lost = |problem: String| Ended::Lost(Failure::Failed(problem));
        let (invocation, answered) = Invocation::new(event, &settings.arn, settings.timeout);
        if self.invocations.send(invocation).is_err() {
            return lost("the runtime API ended".to_owned());
        }
        tokio::select! {
            answer = answered => match answer {
                Ok(answer) => Ended::Answered(answer.map_err(Failure::Failed)),
                Err(_) => lost("the runtime API ended".to_owned()),
            },
            status = self.child.wait() => lost(exited(status)),
            () = tokio::time::sleep(settings.timeout) => {
                lost(format!("Task timed out after {:.2} seconds", settings.timeout.as_secs_f64()))
            }
        }
    }
}

fn exited(status: std::io::Result<std::process::ExitStatus>) -> String {
    match status {
        Ok(status) => format!("Runtime exited without an answer: {status}"),
        Err(error) => format!("the process cannot be watched: {error}"),
    }
}

fn spawn(
    name: &str,
    settings: &FunctionSettings,
    program: &Path,
    services: &str,
    runtime_api: &str,
) -> std::io::Result<Child> {
    // Standard output is where functions log, and where this program says that it is ready.
    let log = std::io::stderr().as_fd().try_clone_to_owned()?;
    Command::new(program)
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", settings.memory.to_string())
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", &settings.log_group)
        .env("AWS_LAMBDA_LOG_STREAM_NAME", format!("local/{name}"))
        .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
        .env("AWS_REGION", REGION)
        .env("AWS_DEFAULT_REGION", REGION)
        // The role: AWS's services here know by it who asks, and nobody checks the signature.
        .env("AWS_ACCESS_KEY_ID", name)
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env("AWS_ENDPOINT_URL", services)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("TZ", ":UTC")
        .envs(&settings.environment)
        .stdin(Stdio::null())
        .stdout(Stdio::from(log))
        .kill_on_drop(true)
        .spawn()
}
