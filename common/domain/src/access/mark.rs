//! Marks: people of an integration whom Usher leaves alone, or never takes anything away from.

use serde::{Deserialize, Serialize};

use super::model::Access;
use crate::change::Cause;

/// What a mark means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// Left alone on purpose: no job is made for this person.
    Exempt,
    /// Never removed or demoted: a job that would ends as not completed.
    Protected,
}

/// A person of an integration who is marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What it means.
    pub kind: MarkKind,
    /// Why, in the words of whoever set it.
    pub reason: String,
    /// Who set it, when, and in which request.
    pub cause: Cause,
}

impl Access {
    /// Whether the person is left alone on purpose.
    pub fn is_exempt(&self) -> bool {
        self.is_marked(MarkKind::Exempt)
    }

    /// Whether the person is never removed or demoted.
    pub fn is_protected(&self) -> bool {
        self.is_marked(MarkKind::Protected)
    }

    fn is_marked(&self, kind: MarkKind) -> bool {
        self.mark.as_ref().is_some_and(|mark| mark.kind == kind)
    }

    /// The access with another mark, or with none. What was not done because of a mark is decided anew when it is
    /// taken away.
    #[must_use]
    pub fn with_mark(self, mark: Option<Mark>) -> Self {
        let becomes_exempt = mark.as_ref().is_some_and(|mark| mark.kind == MarkKind::Exempt);
        let decide_anew = self.decide_anew || self.is_exempt() || becomes_exempt || mark.is_none();
        Self { mark, decide_anew, ..self }
    }
}
