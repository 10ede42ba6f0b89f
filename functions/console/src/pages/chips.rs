//! Chips: where something stands, in a word and a tone.

use maud::{Markup, html};
use usher_domain::{
    access::AccessState, activity::Event, automation::AutomationStatus, integration::Status, job::JobState,
    sync::RunState,
};

/// The tone of a chip. The words say it too: colour alone tells nothing to some people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// As wished.
    Good,
    /// Under way.
    Busy,
    /// Waits for something.
    Waits,
    /// Wants somebody's decision.
    Asks,
    /// Went wrong.
    Bad,
    /// Over, or not begun.
    Idle,
}

impl Tone {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Busy => "busy",
            Self::Waits => "waits",
            Self::Asks => "asks",
            Self::Bad => "bad",
            Self::Idle => "idle",
        }
    }
}

/// Something that has a chip.
pub(super) trait Chip {
    /// The words.
    fn words(&self) -> &'static str;
    /// The tone.
    fn tone(&self) -> Tone;
}

impl Chip for AutomationStatus {
    fn words(&self) -> &'static str {
        self.label()
    }

    fn tone(&self) -> Tone {
        match self {
            Self::NotCompleted => Tone::Bad,
            Self::AwaitingApproval => Tone::Asks,
            Self::Retrying | Self::Waiting => Tone::Waits,
            Self::Running | Self::Started => Tone::Busy,
            Self::Completed => Tone::Good,
            Self::Queued => Tone::Idle,
        }
    }
}

impl Chip for JobState {
    fn words(&self) -> &'static str {
        self.label()
    }

    fn tone(&self) -> Tone {
        match self {
            Self::Failed => Tone::Bad,
            Self::Held => Tone::Asks,
            Self::Retrying | Self::Waiting => Tone::Waits,
            Self::Running => Tone::Busy,
            Self::Done => Tone::Good,
            Self::Queued | Self::Superseded | Self::Cancelled => Tone::Idle,
        }
    }
}

impl Chip for AccessState {
    fn words(&self) -> &'static str {
        self.label()
    }

    fn tone(&self) -> Tone {
        match self {
            Self::Failed => Tone::Bad,
            Self::Held | Self::Unmatched => Tone::Asks,
            Self::PendingAcceptance | Self::AwaitingRemoval => Tone::Waits,
            Self::Inviting | Self::Updating | Self::Removing => Tone::Busy,
            Self::Onboarded => Tone::Good,
            Self::None | Self::Queued | Self::Removed | Self::Exempted => Tone::Idle,
        }
    }
}

impl Chip for Event {
    fn words(&self) -> &'static str {
        self.label()
    }

    fn tone(&self) -> Tone {
        match self {
            Self::InviteFailed
            | Self::UpdateFailed
            | Self::RemovalFailed
            | Self::HealthCheckFailed
            | Self::SyncHalted
            | Self::TaskSentBack => Tone::Bad,
            Self::InviteInProgress | Self::UpdateInProgress | Self::RemovalInProgress | Self::SyncStarted => {
                Tone::Busy
            }
            Self::InviteRequested | Self::UpdateRequested | Self::RemovalRequested => Tone::Idle,
            Self::Invited
            | Self::Updated
            | Self::Removed
            | Self::TaskReported
            | Self::TaskConfirmed
            | Self::ServiceAccountCreated
            | Self::ServiceAccountUpdated
            | Self::ServiceAccountRemoved
            | Self::ConnectionCreated
            | Self::ConnectionConnected
            | Self::TokenRotated
            | Self::TokenRevoked
            | Self::ConnectionUpdated
            | Self::SchemasRegistered
            | Self::SchemasRemoved
            | Self::ClientCreated
            | Self::ClientRevoked
            | Self::HealthCheckPassed
            | Self::SyncFinished => Tone::Good,
        }
    }
}

impl Chip for RunState {
    fn words(&self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Finished => "Finished",
            Self::Halted => "Halted",
        }
    }

    fn tone(&self) -> Tone {
        match self {
            Self::Queued => Tone::Idle,
            Self::Running => Tone::Busy,
            Self::Finished => Tone::Good,
            Self::Halted => Tone::Bad,
        }
    }
}

impl Chip for Status {
    fn words(&self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Paused { .. } => "Paused",
        }
    }

    fn tone(&self) -> Tone {
        match self {
            Self::Active => Tone::Good,
            Self::Paused { .. } => Tone::Bad,
        }
    }
}

/// A chip.
pub(super) fn chip(of: &impl Chip) -> Markup {
    html! { span class={ "chip " (of.tone().class()) } { (of.words()) } }
}

/// A chip with words of its own.
pub(super) fn toned(tone: Tone, words: &str) -> Markup {
    html! { span class={ "chip " (tone.class()) } { (words) } }
}

/// Whether somebody may hold seats.
pub(super) fn active(active: bool) -> Markup {
    if active { toned(Tone::Good, "Active") } else { toned(Tone::Idle, "Deactivated") }
}

/// An event: quieter than a chip, since every row has one.
pub(super) fn event(event: Event) -> Markup {
    html! { span class={ "event " (event.tone().class()) } { (event.words()) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chips_say_in_words_what_they_say_in_colour() {
        let failed = chip(&AutomationStatus::NotCompleted).into_string();
        assert_eq!(failed, r#"<span class="chip bad">Not completed</span>"#);
        for state in JobState::ALL {
            assert!(chip(&state).into_string().contains(state.label()));
        }
    }

    #[test]
    fn a_job_and_its_automation_have_one_tone() {
        for (state, tone) in [
            (JobState::Failed, AutomationStatus::NotCompleted),
            (JobState::Held, AutomationStatus::AwaitingApproval),
            (JobState::Retrying, AutomationStatus::Retrying),
            (JobState::Running, AutomationStatus::Running),
            (JobState::Waiting, AutomationStatus::Waiting),
            (JobState::Done, AutomationStatus::Completed),
            (JobState::Queued, AutomationStatus::Queued),
        ] {
            assert_eq!(state.tone(), tone.tone(), "{state:?}");
        }
    }
}
