//! What a run found.

mod text;

use serde::Serialize;
use serde_json::{Value, json};

use crate::{Description, Outcome, core::Server};

/// A check and how it ended.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    /// The check.
    #[serde(flatten)]
    pub check: Description,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl CheckReport {
    pub(crate) fn new(check: Description, outcome: Outcome) -> Self {
        Self { check, outcome }
    }
}

/// How many checks ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// The server did what was expected.
    pub passed: usize,
    /// It did not.
    pub failed: usize,
    /// What the check needs could not be made.
    pub blocked: usize,
    /// It does not apply.
    pub skipped: usize,
}

impl Score {
    fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed { .. } => self.failed += 1,
            Outcome::Blocked { .. } => self.blocked += 1,
            Outcome::Skipped { .. } => self.skipped += 1,
        }
    }

    /// How many checks apply.
    #[must_use]
    pub fn applied(self) -> usize {
        self.passed + self.failed + self.blocked
    }

    /// Passed of those that apply, in percent, rounded down: 100 only when all passed.
    #[must_use]
    pub fn percent(self) -> usize {
        (self.passed * 100).checked_div(self.applied()).unwrap_or(0)
    }
}

/// The score of one RFC section or identity provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupScore {
    /// Its name.
    pub group: &'static str,
    /// Its score.
    #[serde(flatten)]
    pub score: Score,
}

/// The report of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The base URL.
    pub target: String,
    /// Why nothing could be checked.
    pub stopped: Option<String>,
    /// Every check that ran, in order.
    pub checks: Vec<CheckReport>,
    /// What the run made and could not remove.
    pub leftovers: Vec<String>,
    /// How many requests were sent.
    pub requests: usize,
}

impl Report {
    pub(crate) fn new(server: &Server, checks: Vec<CheckReport>, leftovers: Vec<String>) -> Self {
        let target = server.target.base_url().to_owned();
        Self { target, stopped: None, checks, leftovers, requests: server.wire.sent() }
    }

    pub(crate) fn stopped(target: String, reason: String) -> Self {
        Self { target, stopped: Some(reason), checks: Vec::new(), leftovers: Vec::new(), requests: 0 }
    }

    /// Whether everything that applies passed, and something did apply.
    #[must_use]
    pub fn is_success(&self) -> bool {
        let total = self.total();
        self.stopped.is_none() && total.passed > 0 && total.passed == total.applied()
    }

    /// The score of all checks.
    #[must_use]
    pub fn total(&self) -> Score {
        let mut total = Score::default();
        for check in &self.checks {
            total.add(&check.outcome);
        }
        total
    }

    /// The score of each group, in the order in which they ran.
    #[must_use]
    pub fn groups(&self) -> Vec<GroupScore> {
        let mut groups: Vec<GroupScore> = Vec::new();
        for CheckReport { check, outcome } in &self.checks {
            let at = groups.iter().position(|known| known.group == check.group).unwrap_or_else(|| {
                groups.push(GroupScore { group: check.group, score: Score::default() });
                groups.len() - 1
            });
            groups[at].score.add(outcome);
        }
        groups
    }

    /// The ids of the checks that ended with this outcome: `passed`, `failed`, `blocked` or `skipped`.
    #[must_use]
    pub fn ids(&self, outcome: &str) -> Vec<&str> {
        let ended = self.checks.iter().filter(|check| word(&check.outcome) == outcome);
        ended.map(|check| check.check.id.as_str()).collect()
    }

    /// The report for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let total = self.total();
        json!({
            "target": self.target,
            "success": self.is_success(),
            "stopped": self.stopped,
            "total": total,
            "percent": total.percent(),
            "groups": self.groups(),
            "checks": self.checks,
            "leftovers": self.leftovers,
            "requests": self.requests,
        })
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed { .. } => "failed",
        Outcome::Blocked { .. } => "blocked",
        Outcome::Skipped { .. } => "skipped",
    }
}
