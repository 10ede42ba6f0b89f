//! Access: what a person should have in an integration, what the app is known to give, and why.

mod explain;
#[cfg(test)]
mod explain_tests;
#[cfg(test)]
mod fixtures;
mod mark;
mod model;
mod plan;
mod preview;
mod resolve;
mod situation;
mod state;

pub use explain::{ExplainedGrant, Explanation, LostRole, Missing, TeamName, explain};
pub use mark::{Mark, MarkKind};
pub use model::{
    Access, Account, AccountState, Desired, Effect, GrantPath, Lease, Observed, Presence, Reason, Seat,
    Settled, Told,
};
pub use plan::{PlanContext, Planned, PlannedJob, plan};
pub use preview::{
    AssetCounts, Begun, Hypothesis, Knowledge, PersonChange, PersonPreview, Preview, Room, Sides, Totals,
    Violation, Work, active_roles, preview,
};
pub use resolve::{Inputs, PersonFacts, Resolution, TeamFacts, resolve};
pub use situation::{Situation, integrations_of_person, integrations_of_team};
pub use state::AccessState;
