//! Home: what needs somebody first, then how the last days went.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use jiff::SignedDuration;
use usher_domain::{
    Timestamp,
    automation::Automation,
    directory::Connection,
    integration::{Integration, Status},
    job::JobState,
};

use super::{
    frame,
    home_view::{self as view, Home},
    layout::{self, Section},
    series::Series,
};
use crate::{App, auth::Caller, error::Problem, permission::Action, tasks};

/// How much of the log is looked through.
pub(super) const LOOKED_THROUGH: u32 = 300;
/// How many tasks are counted.
pub(super) const COUNTED_TASKS: u32 = 100;
/// How long before its end a token is told of.
const TOKEN_NOTICE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A token whose identity provider will be locked out.
pub(super) struct Expiring {
    pub(super) connection: Connection,
    /// When its last token ends.
    pub(super) at: Timestamp,
}

/// `GET /`
pub(super) async fn page(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    let reach = match (caller.reach(&app, Action::ReadAutomations).await, &caller.person) {
        (Ok(reach), _) => reach,
        // Whoever manages nothing sees their own access.
        (Err(_), Some(person)) => return Ok(Redirect::to(&format!("/people/{}", person.id)).into_response()),
        (Err(refused), None) => return Err(refused),
    };
    let workspace = &caller.workspace;
    let mut automations = app.store.automations(workspace, None, LOOKED_THROUGH).await?;
    // Before others' are left out: a day is whole where all of it was read.
    let read_back_to =
        automations.next.as_ref().and(automations.items.last()).map(|oldest| oldest.created_at);
    automations.items.retain(|automation| reach.covers(&automation.integration));
    let mut integrations = app.store.integrations(workspace).await?;
    integrations.retain(|integration| reach.covers(&integration.id));
    let may_manage_connections = caller.may(Action::ManageConnections).is_ok();
    let connections =
        if may_manage_connections { app.store.connections(workspace).await? } else { Vec::new() };
    let mut webhooks = if caller.may(Action::ManageWebhooks).is_ok() {
        app.store.endpoints(workspace).await?
    } else {
        Vec::new()
    };
    webhooks.retain(|webhook| !webhook.is_enabled());
    let now = app.clock.now();
    let tasks = tasks::page(&app, &caller, None, COUNTED_TASKS).await?;
    let home = Home {
        tasks: &tasks.items,
        more_tasks: tasks.next.is_some(),
        paused: integrations.iter().filter(|one| matches!(one.status, Status::Paused { .. })).collect(),
        failed: with_jobs(&automations.items, JobState::Failed),
        held: with_jobs(&automations.items, JobState::Held),
        expiring: expiring(&connections, now),
        webhooks: &webhooks,
        series: Series::of(&automations.items, read_back_to, now),
        newest: &automations.items,
        is_new: may_manage_connections && (integrations.is_empty() || connections.is_empty()),
        now,
    };
    let frame = frame(&app, &caller, Section::Home).await?;
    Ok(layout::page("Home", &frame, view::page(&home)).into_response())
}

/// Automations with jobs in a state, with how many.
pub(super) fn with_jobs(automations: &[Automation], state: JobState) -> Vec<(&Automation, u64)> {
    let count = |automation: &Automation| automation.counts.get(&state).copied().unwrap_or_default();
    automations.iter().map(|one| (one, count(one))).filter(|(_, count)| *count > 0).collect()
}

/// Connections that nobody can use soon: with tokens, of which the last one ends.
pub(super) fn expiring(connections: &[Connection], now: Timestamp) -> Vec<Expiring> {
    let last = |connection: &Connection| {
        let ends = connection.tokens.iter().map(|token| token.expires_at);
        ends.collect::<Option<Vec<Timestamp>>>()?.into_iter().max()
    };
    connections
        .iter()
        .filter_map(|connection| Some((connection, last(connection)?)))
        .filter(|(_, at)| *at < now + TOKEN_NOTICE)
        .map(|(connection, at)| Expiring { connection: connection.clone(), at })
        .collect()
}

/// Everything that is paused, by name.
pub(super) fn reason(integration: &Integration) -> &str {
    match &integration.status {
        Status::Paused { reason, .. } => reason,
        Status::Active => "",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use usher_domain::token::IssuedToken;

    use super::*;

    fn connection(ends: &[Option<&str>]) -> Connection {
        let made = "2026-01-01T00:00:00Z";
        let mut connection: Connection = serde_json::from_value(json!({
            "id": "main.okta", "name": "Okta", "scope": {"kind": "workspace"}, "tokens": [], "etags": true,
            "created_at": made,
        }))
        .unwrap();
        let issue = |end: &Option<&str>| {
            IssuedToken::issue("t", made.parse().unwrap(), end.map(|end| end.parse().unwrap()))
        };
        connection.tokens = ends.iter().map(issue).collect();
        connection
    }

    #[test]
    fn the_last_token_decides() {
        let now = "2026-03-01T00:00:00Z".parse().unwrap();
        let told = |ends: &[Option<&str>]| !expiring(&[connection(ends)], now).is_empty();
        assert!(told(&[Some("2026-03-10T00:00:00Z")]));
        assert!(told(&[Some("2026-02-10T00:00:00Z")]), "one that ended is told too");
        assert!(!told(&[Some("2026-03-02T00:00:00Z"), Some("2027-01-01T00:00:00Z")]), "a rotation overlaps");
        assert!(!told(&[Some("2026-03-02T00:00:00Z"), None]));
        assert!(!told(&[]), "clients with keys of their own need no token");
    }
}
