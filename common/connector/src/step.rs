//! Steps: the smallest things that a connector does in an app, and how each ended.

use std::collections::BTreeSet;

use usher_domain::{Timestamp, access::Seat, directory::Profile};

/// What a step does, in words that all connectors share. A connector uses those that its app needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Make an account that is usable at once, with as much of the seat as the app takes in that call.
    Create {
        /// Who.
        profile: Profile,
        /// What it carries.
        seat: Seat,
    },
    /// Invite the person, with as much of the seat as the app assigns beforehand.
    Invite {
        /// Who.
        profile: Profile,
        /// What it carries.
        seat: Seat,
    },
    /// Send a pending or ended invitation again.
    ResendInvitation,
    /// Take an invitation back.
    CancelInvitation,
    /// Switch the account on.
    Activate,
    /// Switch the account off, and keep it.
    Deactivate,
    /// Change the seat of somebody who is in to exactly this, roles, entitlements and assets together.
    SetSeat {
        /// Who.
        profile: Profile,
        /// What it carries then.
        seat: Seat,
    },
    /// Bring names and addresses up to date.
    UpdateProfile {
        /// As they should be.
        profile: Profile,
    },
    /// Hold exactly these roles and permissions.
    SetRoles {
        /// Their keys.
        roles: BTreeSet<String>,
    },
    /// Hold exactly these entitlements.
    SetEntitlements {
        /// Their value strings.
        entitlements: BTreeSet<String>,
    },
    /// Join a group of the app that carries a role or an entitlement.
    JoinGroup {
        /// Its name.
        name: String,
    },
    /// Leave a group of the app.
    LeaveGroup {
        /// Its name.
        name: String,
        /// The app's id.
        id: String,
        /// Whether Usher gave the membership: where it did not, the app may refuse and the removal goes on.
        ours: bool,
    },
    /// Hold exactly these permissions on an asset.
    GrantAsset {
        /// The asset.
        asset: String,
        /// The permissions.
        permissions: BTreeSet<String>,
    },
    /// Hold nothing on an asset.
    RevokeAsset {
        /// The asset.
        asset: String,
    },
    /// Delete the account or end the membership.
    Remove,
}

impl Op {
    /// What was done, for the job's log. Says nothing about who the person is.
    pub fn sentence(&self) -> String {
        match self {
            Self::Create { .. } => "Created the account".into(),
            Self::Invite { .. } => "Sent the invitation".into(),
            Self::ResendInvitation => "Sent the invitation again".into(),
            Self::CancelInvitation => "Cancelled the invitation".into(),
            Self::Activate => "Activated the account".into(),
            Self::Deactivate => "Deactivated the account".into(),
            Self::SetSeat { .. } => "Changed roles and assets".into(),
            Self::UpdateProfile { .. } => "Brought the profile up to date".into(),
            Self::SetRoles { roles } if roles.is_empty() => "Took all roles away".into(),
            Self::SetRoles { roles } => format!("Set the roles to {}", list(roles)),
            Self::SetEntitlements { entitlements } if entitlements.is_empty() => {
                "Took all entitlements away".into()
            }
            Self::SetEntitlements { entitlements } => {
                format!("Set the entitlements to {}", list(entitlements))
            }
            Self::JoinGroup { name } => format!("Added to the group {name}"),
            Self::LeaveGroup { name, .. } => format!("Removed from the group {name}"),
            Self::GrantAsset { asset, permissions } => {
                format!("Granted {} on the asset {asset}", list(permissions))
            }
            Self::RevokeAsset { asset } => format!("Revoked the asset {asset}"),
            Self::Remove => "Removed the account".into(),
        }
    }

    /// Whether somebody is in the app afterwards who was not before.
    pub fn seats(&self) -> bool {
        matches!(self, Self::Create { .. } | Self::Invite { .. })
    }

    /// Whether the person gets an invitation.
    pub fn invites(&self) -> bool {
        matches!(self, Self::Invite { .. } | Self::ResendInvitation)
    }

    /// Whether the person's access stays the same: an app that keeps its own idea of a name does not make a
    /// job fail.
    pub fn is_cosmetic(&self) -> bool {
        matches!(self, Self::UpdateProfile { .. })
    }
}

fn list(values: &BTreeSet<String>) -> String {
    values.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it does.
    pub op: Op,
    /// What to write into the job's log when it is done.
    pub sentence: String,
}

impl From<Op> for Step {
    fn from(op: Op) -> Self {
        Self { sentence: op.sentence(), op }
    }
}

/// What has to happen outside before a step has its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingKind {
    /// The person accepts the invitation.
    InviteAcceptance,
    /// The vendor approves.
    VendorApproval,
    /// The app works on it.
    AsyncJob,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The app did it.
    Done {
        /// The app's id of an account that the step made.
        account: Option<String>,
    },
    /// It was so already.
    NoChange,
    /// The app took it, and something has to happen before it has its effect.
    Pending {
        /// What.
        kind: PendingKind,
        /// The app's name for it.
        reference: Option<String>,
        /// When the app gives up waiting.
        expires_at: Option<Timestamp>,
    },
    /// A person has to do it in the app. The job waits until somebody reported it and somebody else confirmed that; nothing
    /// of the plan is done before.
    Manual {
        /// What to do, step by step. Says nothing of who the person is: that is told beside.
        steps: Vec<String>,
        /// Whose task it is: e-mail addresses or user names.
        assignees: Vec<String>,
    },
}
