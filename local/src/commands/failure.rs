//! Why a command fails, in words that say what to do next.

use serde_json::{Value, json};

/// A failure.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Failure {
    message: String,
    problem: Option<Value>,
}

impl Failure {
    /// The failure that the admin API told.
    pub(super) fn of_problem(message: String, problem: Value) -> Self {
        Self { message, problem: Some(problem) }
    }

    /// A failure that the command has told already.
    pub(super) fn told() -> Self {
        Self::default()
    }

    /// Whether nothing is left to tell.
    pub(super) fn is_told(&self) -> bool {
        self.message.is_empty()
    }

    /// The words.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The failure for programs: with the API's problem where there is one.
    pub(super) fn to_json(&self) -> Value {
        match &self.problem {
            Some(problem) => json!({ "error": self.message, "problem": problem }),
            None => json!({ "error": self.message }),
        }
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { message, problem: None }
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        message.to_owned().into()
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
