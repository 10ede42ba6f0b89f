//! How an integration is kept in sync.

use serde::{Deserialize, Serialize};

use super::DriftKind;

/// What to do about a difference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// Show it.
    Report,
    /// Show it, and bring the app back to what was decided.
    #[default]
    Repair,
}

/// What to do about somebody in the app whom nobody put there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StrangerReaction {
    /// Show them.
    #[default]
    Report,
    /// Take those in who are people of the directory, as they are; nothing is taken away from them.
    Adopt,
}

/// How an integration is kept in sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncSettings {
    /// Hours between syncs by schedule; 0 for none.
    pub interval_hours: u32,
    /// A sync halts when more than this share of the seats, in percent, is missing or left behind.
    pub safeguard_percent: u8,
    /// In the app, and nobody put them there.
    pub unmatched: StrangerReaction,
    /// Should have a seat, and is not in the app.
    pub missing: Reaction,
    /// Holds other roles.
    pub other_role: Reaction,
    /// Holds other assets.
    pub other_assets: Reaction,
    /// Holds other entitlements.
    pub other_entitlements: Reaction,
    /// Should not be in the app, and is.
    pub left_behind: Reaction,
    /// The invitation expired or was declined.
    pub invitation_over: Reaction,
}

impl Default for SyncSettings {
    fn default() -> Self {
        Self {
            interval_hours: 24,
            safeguard_percent: 20,
            unmatched: StrangerReaction::default(),
            missing: Reaction::default(),
            other_role: Reaction::default(),
            other_assets: Reaction::default(),
            other_entitlements: Reaction::default(),
            left_behind: Reaction::default(),
            invitation_over: Reaction::default(),
        }
    }
}

impl SyncSettings {
    /// Whether a difference of this kind is repaired.
    pub fn repairs(&self, kind: DriftKind) -> bool {
        let reaction = match kind {
            DriftKind::Unmatched => return false,
            DriftKind::Missing => self.missing,
            DriftKind::OtherRole => self.other_role,
            DriftKind::OtherAssets => self.other_assets,
            DriftKind::OtherEntitlements => self.other_entitlements,
            DriftKind::LeftBehind => self.left_behind,
            DriftKind::InvitationOver => self.invitation_over,
        };
        reaction == Reaction::Repair
    }
}
