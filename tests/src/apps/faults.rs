//! What a test can make a simulated app do wrong, and what the app saw.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

/// One way to treat a request badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Too many requests, in the vendor's own form, with the time to wait where it can say one; nothing is done.
    TooManyRequests {
        /// Seconds.
        retry_after: u64,
    },
    /// A broken server, in the vendor's own form; nothing is done.
    ServerError,
    /// The token ran out or was revoked, in the vendor's own form; nothing is done.
    BadToken,
    /// The token may not do this, in the vendor's own form; nothing is done.
    Forbidden,
    /// An answer whose second half is missing, under its success status; the request was carried out.
    HalfAnswer,
    /// A list whose last item is missing, with everything that the vendor says about lists unchanged.
    ShortList,
    /// The connection is cut without an answer; nothing is done.
    CutBeforeEffect,
    /// The connection is cut without an answer, after the request was carried out.
    CutAfterEffect,
    /// The request is never answered and nothing is done; the client has to give up by itself.
    NoAnswer,
}

/// A fault for the next requests, or the next requests of one sort.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FaultRule {
    /// What happens to them.
    pub fault: Fault,
    /// How many requests it happens to.
    #[serde(default = "once")]
    pub times: u32,
    /// Only requests with this method. A `POST` that only reads counts as a `GET`.
    #[serde(default)]
    pub method: Option<String>,
    /// Only requests whose path contains this.
    #[serde(default)]
    pub path: Option<String>,
}

fn once() -> u32 {
    1
}

impl FaultRule {
    fn applies(&self, method: &str, path: &str) -> bool {
        self.times > 0
            && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|part| path.contains(part))
    }
}

/// The faults still to come: the first rule that applies to a request is used up by one.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<FaultRule>>);

impl Faults {
    /// The next `times` requests meet `fault`.
    pub fn next(&self, times: u32, fault: Fault) {
        self.add(FaultRule { fault, times, method: None, path: None });
    }

    /// The next request with this method meets `fault`; reads before it go through.
    pub fn next_method(&self, method: &str, fault: Fault) {
        self.add(FaultRule { fault, times: 1, method: Some(method.to_owned()), path: None });
    }

    /// Adds a rule behind those already set.
    pub fn add(&self, rule: FaultRule) {
        self.rules().push(rule);
    }

    /// From now on every request meets `fault`, and nothing else.
    pub(crate) fn always(&self, fault: Fault) {
        *self.rules() = vec![FaultRule { fault, times: u32::MAX, method: None, path: None }];
    }

    /// Whether requests are still to meet `fault`.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.rules().iter().any(|rule| rule.fault == fault)
    }

    /// The app behaves again.
    pub fn clear(&self) {
        self.rules().clear();
    }

    pub(crate) fn take(&self, method: &str, path: &str) -> Option<Fault> {
        let mut rules = self.rules();
        let rule = rules.iter_mut().find(|rule| rule.applies(method, path))?;
        rule.times -= 1;
        let fault = rule.fault;
        rules.retain(|rule| rule.times > 0);
        Some(fault)
    }

    fn rules(&self) -> MutexGuard<'_, Vec<FaultRule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that reached the app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The HTTP method.
    pub method: String,
    /// Path and query below the API's base URL, decoded no further than it was sent.
    pub path: String,
    /// The status of the answer; none where the connection was cut.
    pub status: Option<u16>,
    /// Whether it only read.
    pub reads: bool,
}

/// The requests that reached the app, oldest first; the oldest are forgotten.
#[derive(Debug, Default)]
pub struct Journal(Mutex<VecDeque<Entry>>);

impl Journal {
    const LONGEST: usize = 100_000;

    /// Every request.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().iter().cloned().collect()
    }

    /// The requests that asked for a change, as `METHOD path`.
    pub fn changes(&self) -> Vec<String> {
        let lock = self.lock();
        lock.iter()
            .filter(|entry| !entry.reads)
            .map(|entry| format!("{} {}", entry.method, entry.path))
            .collect()
    }

    /// Starts anew.
    pub fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn record(&self, entry: Entry) {
        let mut entries = self.lock();
        if entries.len() == Self::LONGEST {
            entries.pop_front();
        }
        entries.push_back(entry);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
