//! What a check is.

use futures::future::BoxFuture;
use serde::Serialize;

use super::{Failure, Session, Stop};
use crate::{Description, Verdict};

/// How binding a check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// An RFC says MUST or SHALL, or leaves no other reading.
    Must,
    /// An RFC says SHOULD.
    Should,
    /// Identity providers rely on it.
    Interop,
}

impl Level {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Interop => "interop",
        }
    }
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Outcome {
    /// The server did what was expected.
    Passed,
    /// It did not.
    Failed {
        /// What it did instead.
        failure: Box<Failure>,
    },
    /// The server says that it does not support what is checked.
    Skipped {
        /// Why.
        reason: String,
    },
    /// What the check needs could not be made; it counts as not passed.
    Blocked {
        /// What was in the way.
        failure: Box<Failure>,
    },
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Ok(()) => Self::Passed,
            Err(Stop::Failed(failure)) => Self::Failed { failure },
            Err(Stop::Skipped(reason)) => Self::Skipped { reason },
            Err(Stop::Blocked(failure)) => Self::Blocked { failure },
        }
    }
}

/// What the server has to support, or the check does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// `patch.supported`
    Patch,
    /// `bulk.supported`
    Bulk,
    /// `filter.supported`
    Filter,
    /// `sort.supported`
    Sort,
    /// `etag.supported`
    Etag,
    /// `pagination.cursor`
    Cursor,
    /// Anything but `pagination.index: false`
    Index,
    /// A resource type at `/Groups`
    Groups,
    /// The Enterprise User extension on `/Users`
    Enterprise,
    /// A server that does not announce the interop profile, which forbids the tolerance that is checked.
    Tolerance,
    /// An attribute of the user schema, by its core name
    User(&'static str),
}

type Body = Box<dyn for<'a> Fn(&'a Session) -> BoxFuture<'a, Verdict> + Send + Sync>;

/// One check.
pub(crate) struct Check {
    id: String,
    group: &'static str,
    title: String,
    source: &'static str,
    level: Level,
    needs: Vec<Need>,
    body: Body,
}

impl Check {
    pub(crate) fn new<F>(level: Level, id: impl Into<String>, title: impl Into<String>, body: F) -> Self
    where
        F: for<'a> Fn(&'a Session) -> BoxFuture<'a, Verdict> + Send + Sync + 'static,
    {
        let (id, title) = (id.into(), title.into());
        Self { id, group: "", title, source: "", level, needs: Vec::new(), body: Box::new(body) }
    }

    /// The line or the source that it is traced to.
    pub(crate) fn source(mut self, source: &'static str) -> Self {
        self.source = source;
        self
    }

    /// What else the server has to support.
    pub(crate) fn needs(mut self, needs: &[Need]) -> Self {
        self.needs.extend_from_slice(needs);
        self
    }

    /// The group, and the area that its id begins with.
    pub(crate) fn of(mut self, area: &str, group: &'static str) -> Self {
        self.group = group;
        self.id = format!("{area}.{}", self.id);
        self
    }

    pub(crate) fn is_of(&self, wanted: &str) -> bool {
        let group = self.group.to_lowercase();
        group.contains(&wanted.to_lowercase()) || self.id.starts_with(wanted)
    }

    pub(crate) fn describe(self) -> Description {
        let Self { id, group, title, source, level, .. } = self;
        Description { id, group, title, source, level }
    }

    pub(crate) async fn judge(&self, session: &Session) -> Verdict {
        for need in &self.needs {
            session.support().meets(*need).map_err(Stop::Skipped)?;
        }
        (self.body)(session).await
    }
}

/// The checks of a group: the area begins their ids, and each has these needs.
pub(crate) fn group(area: &str, name: &'static str, needs: &[Need], checks: Vec<Check>) -> Vec<Check> {
    checks.into_iter().map(|check| check.of(area, name).needs(needs)).collect()
}

/// A check with code of its own: `check!(Must, "id", "title", "source", |s| { … })`, where `s` is the session. What the
/// code takes from outside stands in brackets before it.
macro_rules! check {
    ($level:ident, $id:expr, $title:expr, $source:expr, |$session:ident| $body:block) => {
        $crate::core::check!($level, $id, $title, $source, [], |$session| $body)
    };
    ($level:ident, $id:expr, $title:expr, $source:expr, [$($taken:ident),*], |$session:ident| $body:block) => {
        $crate::core::Check::new($crate::core::Level::$level, $id, $title, move |$session| {
            $(let $taken = $taken.clone();)*
            Box::pin(async move {
                $body
                Ok(())
            })
        })
        .source($source)
    };
}
pub(crate) use check;
