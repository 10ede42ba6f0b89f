//! What to do about a failure: one action per class.

use std::time::Duration;

use crate::error::Class;

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The person accepts the invitation.
    Acceptance,
    /// The app takes invitations again.
    Capacity,
}

impl Wait {
    /// When to look again, if nothing tells us earlier.
    pub fn look_again(self) -> Duration {
        match self {
            Self::Acceptance => Duration::from_secs(6 * 60 * 60),
            Self::Capacity => Duration::from_secs(60 * 60),
        }
    }
}

/// What to do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See what the app has now, and plan anew.
    Observe,
    /// Try the job again: after the time the app asks for, else with backoff.
    Retry {
        /// What the app asks for.
        after: Option<Duration>,
    },
    /// Let the job wait for something outside.
    WaitFor(Wait),
    /// No job of this integration can succeed: stop all until somebody mends it.
    PauseIntegration,
    /// The job ends as not completed.
    NeedsPerson,
}

/// The action of a class.
pub fn action(class: Class) -> Action {
    match class {
        // What a step asks for may be so already, or not any more: the next plan knows. A removal that
        // finds nobody ends as done that way.
        Class::AlreadyExists | Class::NotFound | Class::Conflict | Class::Ambiguous => Action::Observe,
        Class::RateLimited { after } | Class::Transient { after } => Action::Retry { after },
        Class::PendingLimit => Action::WaitFor(Wait::Capacity),
        Class::NotAcceptedYet => Action::WaitFor(Wait::Acceptance),
        Class::AuthExpired | Class::AuthRevoked | Class::ScopeMissing => Action::PauseIntegration,
        Class::SeatLimit
        | Class::InvitationOver
        | Class::IdentityUnlinked
        | Class::PolicyDenied
        | Class::Invalid => Action::NeedsPerson,
    }
}

/// The action when the app was observed after a failure and the same step is still needed.
pub fn when_unhelped(class: Class) -> Action {
    match class {
        // The request may still be on its way through the app. Sending it again now could do it twice; a
        // later look shows how it ended.
        Class::Ambiguous => Action::Retry { after: Some(Duration::from_secs(15)) },
        Class::Conflict => Action::Retry { after: None },
        // The app says that it is there and does not show it, or the reverse: no retry changes that.
        Class::AlreadyExists | Class::NotFound => Action::NeedsPerson,
        other => action(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_one_action() {
        let hours = Some(Duration::from_secs(40_591));
        let expected = [
            Action::Observe,
            Action::Observe,
            Action::NeedsPerson,
            Action::WaitFor(Wait::Capacity),
            Action::WaitFor(Wait::Acceptance),
            Action::NeedsPerson,
            Action::NeedsPerson,
            Action::NeedsPerson,
            Action::Retry { after: None },
            Action::PauseIntegration,
            Action::PauseIntegration,
            Action::PauseIntegration,
            Action::NeedsPerson,
            Action::Observe,
            Action::Retry { after: None },
            Action::Observe,
        ];
        for (class, expected) in Class::ALL.into_iter().zip(expected) {
            assert_eq!(action(class), expected, "{}", class.name());
        }
        assert_eq!(action(Class::RateLimited { after: hours }), Action::Retry { after: hours });
        assert_eq!(action(Class::Transient { after: hours }), Action::Retry { after: hours });
    }

    #[test]
    fn observing_is_tried_once_per_step() {
        for class in Class::ALL {
            assert_ne!(when_unhelped(class), Action::Observe, "{} would go round for ever", class.name());
            if action(class) != Action::Observe {
                assert_eq!(when_unhelped(class), action(class), "{}", class.name());
            }
        }
        assert!(matches!(when_unhelped(Class::Ambiguous), Action::Retry { after: Some(_) }));
    }

    #[test]
    fn names_are_unique() {
        let names: std::collections::BTreeSet<_> = Class::ALL.into_iter().map(Class::name).collect();
        assert_eq!(names.len(), Class::ALL.len());
    }
}
