//! The sandboxes of one function: as many as invocations run at the same time, kept warm, and replaced when they end.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use futures::future::join_all;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::sandbox::{Ended, Sandbox};
use crate::{
    function::{Failure, Function},
    template::FunctionSettings,
};

/// How many invocations AWS runs at the same time in an account, where nothing else is said.
const ACCOUNT_CONCURRENCY: usize = 1000;

/// One function.
#[derive(Clone)]
pub(super) struct Pool(Arc<Inner>);

struct Inner {
    name: String,
    settings: FunctionSettings,
    program: PathBuf,
    services: String,
    concurrency: usize,
    slots: Semaphore,
    idle: Mutex<Vec<Sandbox>>,
    running: Mutex<BTreeSet<u32>>,
}

impl Pool {
    pub(super) fn new(name: String, settings: FunctionSettings, program: PathBuf, services: String) -> Self {
        let concurrency = settings.reserved_concurrency.unwrap_or(ACCOUNT_CONCURRENCY);
        let slots = Semaphore::new(concurrency);
        let (idle, running) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { name, settings, program, services, concurrency, slots, idle, running }))
    }

    /// The processes that run now.
    pub(super) fn running(&self) -> Vec<u32> {
        locked(&self.0.running).iter().copied().collect()
    }

    /// Ends the sandboxes that serve nothing, in order.
    pub(super) async fn shut_down(&self) {
        let idle = std::mem::take(&mut *locked(&self.0.idle));
        join_all(idle.into_iter().map(Sandbox::shut_down)).await;
    }

    /// How many invocations run now.
    pub(super) fn under_way(&self) -> usize {
        self.0.concurrency - self.0.slots.available_permits()
    }
}

#[async_trait]
impl Function for Pool {
    async fn invoke(&self, event: &Value) -> Result<Value, Failure> {
        let (inner, event) = (self.0.clone(), event.to_string());
        // A task of its own: whoever asked may go away, the invocation goes on.
        let invocation = tokio::spawn(async move { inner.invoke(event).await });
        invocation.await.map_err(|error| Failure::Failed(error.to_string()))?
    }
}

impl Inner {
    async fn invoke(&self, event: String) -> Result<Value, Failure> {
        let _slot = self.slots.try_acquire().map_err(|_| Failure::Throttled)?;
        let mut sandbox = match self.warm() {
            Some(sandbox) => sandbox,
            None => self.cold().await?,
        };
        match sandbox.invoke(event, &self.settings).await {
            Ended::Answered(answer) => {
                locked(&self.idle).push(sandbox);
                answer
            }
            Ended::Lost(failure) => {
                self.end(sandbox);
                tracing::error!(function = self.name, %failure, "a sandbox was ended");
                Err(failure)
            }
        }
    }

    fn warm(&self) -> Option<Sandbox> {
        loop {
            let mut sandbox = locked(&self.idle).pop()?;
            if sandbox.is_alive() {
                return Some(sandbox);
            }
            self.end(sandbox);
        }
    }

    async fn cold(&self) -> Result<Sandbox, Failure> {
        let sandbox = Sandbox::start(&self.name, &self.settings, &self.program, &self.services).await?;
        locked(&self.running).extend(sandbox.pid());
        Ok(sandbox)
    }

    fn end(&self, sandbox: Sandbox) {
        if let Some(pid) = sandbox.pid() {
            locked(&self.running).remove(&pid);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock only means that another thread panicked; what it holds is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
