//! Sync: reading an app page by page, and finding where it differs from what is recorded. A sync writes nothing to
//! the app: what it finds goes through the planner and jobs like any other change.

mod assets;
mod counts;
mod drift;
mod settings;

pub use assets::AssetChanges;
pub use counts::Counts;
pub use drift::{Drift, DriftKind, Finding, Seen, compare, still_applies, unseen};
pub use settings::{Reaction, StrangerReaction, SyncSettings};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    change::Cause,
    id::{IntegrationId, SyncId, WorkspaceId},
    integration::{AppAsset, AppEntitlement, AppRole, Integration, Status},
};

/// After how long an open run that nothing was heard of is looked at; SQS delays no message longer.
const MESSAGE_LOST_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Checks credentials and scopes, then reads everything.
    Sync,
    /// Checks credentials and scopes.
    HealthCheck,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Its message is on the way to the connector.
    Queued,
    /// A connector reads.
    Running,
    /// Everything was read, and what was found is on its way.
    Finished,
    /// It ended without any effect.
    Halted,
}

impl RunState {
    /// Whether work is still to come.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }

    /// The name in rows and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Halted => "halted",
        }
    }
}

/// What a run does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Checks credentials and scopes.
    Health,
    /// Reads the app's roles.
    Roles,
    /// Reads the app's entitlements.
    Entitlements,
    /// Reads the app's assets.
    Assets,
    /// Reads everybody who has a seat.
    Members,
    /// Reads the invitations.
    Invitations,
    /// Looks for those who should have a seat and were not seen.
    Missing,
    /// Decides whether so much may be true.
    Judge,
    /// Makes the catalogue's assets those that were read.
    Catalogue,
    /// Records what was found and has it repaired.
    Apply,
    /// Forgets differences of earlier runs that are gone.
    Sweep,
}

/// What exists in the app and is not in the integration's catalogue. An admin takes it over: what is in the catalogue
/// is managed, and taken away from people who should not have it. Assets are managed all of them, so that the catalogue
/// follows the app; here are only those for which it has no room.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Discovered {
    /// Roles and permissions.
    pub roles: Vec<AppRole>,
    /// Entitlements.
    pub entitlements: Vec<AppEntitlement>,
    /// Assets.
    pub assets: Vec<AppAsset>,
}

impl Discovered {
    /// How many of each are kept.
    pub const MOST: usize = 200;
}

/// One sync of an integration, or one health check. An integration has one at a time; the last one stays readable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRun {
    /// Its id.
    pub id: SyncId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Where.
    pub integration: IntegrationId,
    /// Whose queue it goes to.
    pub connector: String,
    /// What it does.
    pub kind: RunKind,
    /// Who and why.
    pub cause: Cause,
    /// More marked seats than this share of all, in percent, halt it.
    pub safeguard_percent: u8,
    /// Where it stands.
    pub state: RunState,
    /// What it does next.
    pub phase: Phase,
    /// Where in the phase.
    pub cursor: Option<String>,
    /// How often reading people began anew.
    pub pass: u32,
    /// How many pages this pass has kept.
    pub pages: u32,
    /// When reading people began: what was seen of them later is newer than the list.
    pub since: Option<Timestamp>,
    /// The account that Usher acts as.
    pub acting_account: Option<String>,
    /// What was counted.
    pub counts: Counts,
    /// What is not in the catalogue.
    pub discovered: Discovered,
    /// What changes in the catalogue, once everything may be true.
    #[serde(default, skip_serializing_if = "AssetChanges::is_empty")]
    pub assets: AssetChanges,
    /// Why it leaves assets beyond what was decided to the people who have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spares_assets: Option<String>,
    /// Why it halted, waits, compared nobody, or spared assets.
    pub reason: Option<String>,
    /// How often in a row the app did not answer.
    pub failures: u32,
    /// How many requests were sent to the app so far.
    #[serde(default)]
    pub app_calls: u64,
    /// When to go on, where it waits.
    pub due_at: Option<Timestamp>,
    /// Until when its worker has the right to go on.
    pub lease_until: Option<Timestamp>,
    /// When the last sync was begun; a health check is none.
    pub synced_at: Option<Timestamp>,
    /// Moves with every write.
    pub revision: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl SyncRun {
    /// What is sent to the connector's queue.
    pub fn message(&self) -> SyncMessage {
        SyncMessage {
            workspace: self.workspace.clone(),
            integration: self.integration.clone(),
            sync: self.id.clone(),
        }
    }

    /// A run to begin, in the place of the last one.
    pub fn begin(integration: &Integration, kind: RunKind, cause: Cause, last: Option<&Self>) -> Self {
        let at = cause.at;
        let synced_at = match kind {
            RunKind::Sync => Some(at),
            RunKind::HealthCheck => last.and_then(|last| last.synced_at),
        };
        Self {
            id: SyncId::of(&integration.id, at),
            workspace: integration.workspace.clone(),
            integration: integration.id.clone(),
            connector: integration.connector.clone(),
            kind,
            cause,
            safeguard_percent: integration.sync.safeguard_percent,
            state: RunState::Queued,
            phase: Phase::Health,
            cursor: None,
            pass: 0,
            pages: 0,
            since: None,
            acting_account: None,
            counts: Counts::default(),
            discovered: Discovered::default(),
            assets: AssetChanges::default(),
            spares_assets: None,
            reason: None,
            failures: 0,
            app_calls: 0,
            due_at: None,
            lease_until: None,
            synced_at,
            revision: last.map_or(0, |last| last.revision) + 1,
            created_at: at,
            updated_at: at,
        }
    }

    /// Whether the schedule begins a sync now.
    pub fn is_due(integration: &Integration, last: Option<&Self>, now: Timestamp) -> bool {
        let hours = integration.sync.interval_hours;
        let wanted = hours > 0 && integration.disconnecting.is_none();
        if !wanted || integration.status != Status::Active || last.is_some_and(|last| last.state.is_open()) {
            return false;
        }
        let before = last.and_then(|last| last.synced_at).unwrap_or(integration.created_at);
        now >= before + SignedDuration::from_hours(hours.into())
    }

    /// Whether its message or its worker was lost.
    pub fn is_lost(&self, now: Timestamp) -> bool {
        match self.state {
            RunState::Running => self.lease_until.is_none_or(|until| until <= now),
            RunState::Queued => {
                // A message is never on its way for longer.
                let on_its_way = now < self.updated_at + MESSAGE_LOST_AFTER;
                !on_its_way && self.due_at.is_none_or(|due| due <= now + MESSAGE_LOST_AFTER)
            }
            RunState::Finished | RunState::Halted => false,
        }
    }

    /// The run, put on its way again.
    #[must_use]
    pub fn released(&self, now: Timestamp) -> Self {
        Self { state: RunState::Queued, lease_until: None, ..self.moved(now) }
    }

    /// The run as it is after a write.
    #[must_use]
    pub fn moved(&self, now: Timestamp) -> Self {
        Self { revision: self.revision + 1, updated_at: now, ..self.clone() }
    }
}

/// The message of a run: which row to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncMessage {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Where.
    pub integration: IntegrationId,
    /// The run.
    pub sync: SyncId,
}

/// What a page of a run leaves behind until the run ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncPage {
    /// The accounts and invitations that it showed.
    pub accounts: Vec<String>,
    /// The people who were recognised by something other than their account.
    pub recognised: Vec<crate::id::PersonId>,
    /// The assets that it showed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assets: Vec<AppAsset>,
    /// Where the app differs.
    pub findings: Vec<Finding>,
    /// What was counted.
    pub counts: Counts,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn integration() -> Integration {
        serde_json::from_value(serde_json::json!({
            "id": "hub", "workspace": "main", "name": "Hub", "kind": {"kind": "business_hub"},
            "connector": "scim", "config": {}, "version": 1, "created_at": at(0)
        }))
        .unwrap()
    }

    fn begun(kind: RunKind, second: i64, last: Option<&SyncRun>) -> SyncRun {
        let cause = Cause {
            actor: crate::change::Actor::Usher,
            trigger: crate::change::Trigger::Schedule,
            correlation_id: "c".into(),
            at: at(second),
        };
        SyncRun::begin(&integration(), kind, cause, last)
    }

    const DAY: i64 = 24 * 60 * 60;

    #[test]
    fn a_sync_is_due_a_day_after_the_last_one_and_a_health_check_is_none() {
        let integration = integration();
        assert!(!SyncRun::is_due(&integration, None, at(DAY - 1)));
        assert!(SyncRun::is_due(&integration, None, at(DAY)));
        let open = begun(RunKind::Sync, DAY, None);
        assert!(!SyncRun::is_due(&integration, Some(&open), at(9 * DAY)), "one at a time");
        let sync = SyncRun { state: RunState::Halted, ..open };
        let check =
            SyncRun { state: RunState::Finished, ..begun(RunKind::HealthCheck, DAY + 9, Some(&sync)) };
        for last in [&sync, &check] {
            assert!(!SyncRun::is_due(&integration, Some(last), at(2 * DAY - 1)));
            assert!(SyncRun::is_due(&integration, Some(last), at(2 * DAY)));
        }
        let never = SyncSettings { interval_hours: 0, ..SyncSettings::default() };
        assert!(!SyncRun::is_due(&Integration { sync: never, ..integration.clone() }, None, at(9 * DAY)));
        let status = Status::Paused { reason: "mend it".into(), since: at(0) };
        assert!(!SyncRun::is_due(&Integration { status, ..integration }, None, at(9 * DAY)));
    }

    #[test]
    fn a_run_is_lost_when_its_message_or_its_worker_is() {
        let queued = begun(RunKind::Sync, 0, None);
        assert!(!queued.is_lost(at(899)));
        assert!(queued.is_lost(at(900)));
        let waits = SyncRun { due_at: Some(at(9_000)), ..queued.clone() };
        assert!(!waits.is_lost(at(8_000)) && waits.is_lost(at(8_100)), "messages wait 15 minutes at most");
        let running = SyncRun { state: RunState::Running, lease_until: Some(at(300)), ..queued.clone() };
        assert!(!running.is_lost(at(299)) && running.is_lost(at(300)));
        assert!(!SyncRun { state: RunState::Finished, ..queued }.is_lost(at(9 * DAY)));
    }

    #[test]
    fn messages_tell_jobs_and_syncs_apart_also_those_that_were_sent_before_there_were_syncs() {
        use crate::job::Message;
        let job = r#"{"workspace":"main","integration":"hub","person":"ada","job":"j1"}"#;
        assert!(matches!(serde_json::from_str(job).unwrap(), Message::Job(_)));
        let sync = Message::Sync(begun(RunKind::Sync, 0, None).message());
        let text = serde_json::to_string(&sync).unwrap();
        assert_eq!(serde_json::from_str::<Message>(&text).unwrap(), sync);
    }
}
