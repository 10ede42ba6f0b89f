//! The Overview tab: what the integration is, and how it is doing.

use std::{collections::BTreeMap, sync::Arc};

use axum::{extract::State, response::Response};
use http::HeaderMap;
use maud::{Markup, html};
use serde::Deserialize;
use usher_domain::{
    access::AccessState,
    automation::Automation,
    id::IntegrationId,
    integration::{Integration, Kind},
    job::JobState,
    share::Share,
};

use super::{Live, Tab, enter, held, live};
use crate::{
    App,
    api::{Path, Query},
    auth::Caller,
    error::Problem,
    pages::{
        automations_view::automation_path,
        chips::chip,
        connector_name,
        live::address,
        log_query::word,
        parts::{number, plural, progress, time, time_head},
    },
    permission::Action,
};

/// How many people are counted by their state: each is a row that is read.
const COUNTED: u32 = 250;
/// How much of the log is looked through for the integration's newest automations.
const LOOKED_THROUGH: u32 = 100;
/// How many of them are shown.
const SHOWN: usize = 5;

/// The address of the tab.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::pages) struct OverviewQuery {
    seen: Option<String>,
}

/// What the tab shows.
pub(in crate::pages) struct Overview<'a> {
    pub(in crate::pages) integration: &'a Integration,
    pub(in crate::pages) connector: &'a str,
    pub(in crate::pages) shares: &'a [Share],
    /// People by state.
    pub(in crate::pages) states: &'a [(AccessState, u64)],
    /// How many seats there are.
    pub(in crate::pages) seats: u64,
    /// Whether there are more people than were counted.
    pub(in crate::pages) more: bool,
    /// Whether work is held.
    pub(in crate::pages) held: bool,
    /// Whether the caller may decide about held work.
    pub(in crate::pages) may_decide: bool,
    /// The newest automations, where they may be seen.
    pub(in crate::pages) automations: &'a [Automation],
}

/// `GET /integrations/{integration}`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<IntegrationId>,
    Query(query): Query<OverviewQuery>,
) -> Result<Response, Problem> {
    let entered = enter(&app, &caller, Action::ReadIntegrations, &id).await?;
    let people = app.store.access(&caller.workspace, &id, None, COUNTED).await?;
    let mut states: BTreeMap<&str, (AccessState, u64)> = BTreeMap::new();
    for access in &people.items {
        states.entry(access.state.label()).or_insert((access.state, 0)).1 += 1;
    }
    let states: Vec<_> = states.into_values().collect();
    let mut automations = Vec::new();
    if entered.permits(Action::ReadAutomations) {
        automations = app.store.automations(&caller.workspace, None, LOOKED_THROUGH).await?.items;
        automations.retain(|automation| automation.integration == id);
    }
    let held = anything_held(&states, &automations);
    automations.truncate(SHOWN);
    let overview = Overview {
        integration: &entered.integration,
        connector: connector_name(&app, &entered.integration),
        shares: &entered.shares,
        states: &states,
        seats: app.facts.counted(&caller.workspace, &id).await?.seats,
        more: people.next.is_some(),
        held,
        may_decide: entered.permits(Action::ManageIntegrations),
        automations: &automations,
    };
    let tab = Live {
        entered: &entered,
        tab: Tab::Overview,
        url: Tab::Overview.path(&id),
        seen: query.seen.as_deref(),
        controls: html! {},
        content: view(&overview),
    };
    live(&app, &caller, &headers, tab).await
}

/// Whether work is held. Of many people not all are counted by state; then the log tells.
fn anything_held(states: &[(AccessState, u64)], automations: &[Automation]) -> bool {
    let waits =
        |automation: &Automation| automation.counts.get(&JobState::Held).is_some_and(|jobs| *jobs > 0);
    states.iter().any(|(state, _)| *state == AccessState::Held) || automations.iter().any(waits)
}

/// The tab.
pub(in crate::pages) fn view(overview: &Overview<'_>) -> Markup {
    let integration = overview.integration;
    let id = &integration.id;
    let catalogue = &integration.catalogue;
    html! {
        div.summary {
            div.state { (chip(&integration.status)) }
            dl.facts {
                div { dt { "App" } dd { (overview.connector) } }
                @match &integration.kind {
                    Kind::BusinessHub => div {
                        dt { "Shared with" }
                        dd { a href=(Tab::Shares.path(id)) { (plural(overview.shares.len(), "team or person", "teams and people")) } }
                    },
                    Kind::IdLcm { connection } => div {
                        dt { "SCIM connection" }
                        dd { a href={ "/connections/" (connection) } { code { (connection) } } }
                    },
                }
                div { dt { "Seats" } dd { a href=(Tab::Access.path(id)) { (number(overview.seats)) } } }
                div { dt { "Roles in the app" } dd { (number_of(catalogue.roles.len())) } }
                div {
                    dt { "Entitlements" }
                    dd { a href=(Tab::Entitlements.path(id)) { (number_of(catalogue.entitlements.len())) } }
                }
                div { dt { (time_head("Created at")) } dd { (time(integration.created_at)) } }
            }
        }
        h2 { "People" }
        @if overview.states.is_empty() {
            p.none { "Nobody yet." }
        } @else {
            @if overview.more { p.fine { "The first " (number(u64::from(COUNTED))) " of them, by state." } }
            ul.tiles {
                @for (state, count) in overview.states {
                    li {
                        a href=(address(&Tab::Access.path(id), &[("state", Some(&word(*state)))])) {
                            span.figure { (number(*count)) }
                            (chip(state))
                        }
                    }
                }
            }
            @if overview.held && overview.may_decide {
                p.actions { a.button href=(held::path(id)) { "Decide about held work" } }
            }
        }
        @if !overview.automations.is_empty() {
            h2 { "Newest automations" }
            (newest(overview.automations, false))
        }
    }
}

/// A short list of automations.
pub(in crate::pages) fn newest(automations: &[Automation], with_target: bool) -> Markup {
    html! {
        ul.lines {
            @for automation in automations {
                li {
                    (chip(&automation.status()))
                    a href=(automation_path(&automation.id)) {
                        (automation.task.label()) @if with_target { " in " (automation.target) }
                    }
                    span.progress { (progress(&automation.counts)) }
                    span.date { (time(automation.created_at)) " UTC" }
                }
            }
        }
    }
}

fn number_of(count: usize) -> String {
    number(u64::try_from(count).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn automation(counts: serde_json::Value) -> Automation {
        let at = "2026-03-02T09:00:00Z";
        serde_json::from_value(json!({
            "id": "a", "workspace": "main", "integration": "hub", "target": "Hub", "task": "removing_users", "counts": counts,
            "cause": {"actor": {"kind": "usher"}, "trigger": "scim", "correlation_id": "c", "at": at},
            "created_at": at, "updated_at": at,
        }))
        .unwrap()
    }

    #[test]
    fn held_work_is_seen_among_the_people_and_in_the_log() {
        let (held, onboarded) = ((AccessState::Held, 1), (AccessState::Onboarded, 249));
        let (waiting, decided) = (automation(json!({"held": 3})), automation(json!({"held": 0, "done": 3})));
        assert!(anything_held(&[onboarded, held], &[]));
        assert!(anything_held(&[onboarded], &[decided.clone(), waiting]), "nobody who was counted waits");
        assert!(!anything_held(&[onboarded], &[decided]));
    }
}
