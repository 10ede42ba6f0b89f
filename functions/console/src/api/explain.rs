//! Why somebody has the access that they have in an integration, or none, and how it came to be so.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{Json as Reply, extract::State};
use serde::Serialize;
use usher_domain::{
    Timestamp,
    access::{Access, Effect, ExplainedGrant, GrantPath, LostRole, Missing, Presence, explain},
    activity::Activity,
    automation::Automation,
    id::{AutomationId, IntegrationId, JobId, PersonId, TeamId},
    job::Job,
    share::Principal,
};
use utoipa::ToSchema;

use super::{
    access::{AccessView, SeatView},
    activity::{ActivityView, ActorView},
    extract::Path,
    jobs::JobView,
    names::TriggerName,
};
use crate::{App, auth::Caller, error::Problem, permission::Action};

/// How much of an integration's newest activity is looked through for what the person's jobs told.
const ACTIVITY_LOOKED_THROUGH: u32 = 200;

/// A role of a grant that does not count, because of another one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LostRole)]
pub(crate) struct LostRoleView {
    /// The role.
    role: String,
    /// The exclusion group that both are of.
    exclusion_group: String,
    /// The role that is held instead.
    winner: String,
    /// `higher_rank`, or `tie` where both rank the same and the key decided.
    because: &'static str,
    /// The grants that give the winner, in words.
    given_by: Vec<String>,
}

impl From<LostRole> for LostRoleView {
    fn from(lost: LostRole) -> Self {
        Self {
            because: if lost.tie { "tie" } else { "higher_rank" },
            given_by: lost.given_by.iter().map(GrantPath::short).collect(),
            role: lost.role,
            exclusion_group: lost.group,
            winner: lost.winner,
        }
    }
}

/// A grant, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedGrant)]
pub(crate) struct GrantView {
    /// `team_share`, `person_share`, `assignment` or `assignment_group`.
    pub(crate) kind: &'static str,
    /// How it reaches the person.
    pub(crate) path: String,
    /// The share, where it is one.
    #[schema(required)]
    pub(crate) share: Option<String>,
    /// The team, where it comes through one.
    #[schema(required)]
    pub(crate) team: Option<String>,
    /// What it gives.
    pub(crate) seat: SeatView,
    /// `effective`, `shadowed`, `inactive`, `hub_only` or `disconnecting`.
    pub(crate) effect: &'static str,
    /// What became of it.
    pub(crate) detail: String,
    /// Its roles that do not count.
    pub(crate) lost: Vec<LostRoleView>,
}

impl From<ExplainedGrant> for GrantView {
    fn from(grant: ExplainedGrant) -> Self {
        let detail = grant.words();
        let (kind, share, team) = match grant.reason.path {
            GrantPath::TeamShare { share, team, .. } => ("team_share", Some(share), Some(team)),
            GrantPath::PersonShare { share } => ("person_share", Some(share), None),
            GrantPath::Assignment => ("assignment", None, None),
            GrantPath::AssignmentGroup { team, .. } => ("assignment_group", None, Some(team)),
        };
        Self {
            kind,
            path: grant.path,
            share: share.map(Into::into),
            team: team.map(Into::into),
            seat: grant.reason.seat.into(),
            effect: match grant.reason.effect {
                Effect::Effective => "effective",
                Effect::Shadowed => "shadowed",
                Effect::Inactive => "inactive",
                Effect::HubOnly => "hub_only",
                Effect::Disconnecting => "disconnecting",
            },
            detail,
            lost: grant.lost.into_iter().map(Into::into).collect(),
        }
    }
}

/// A team and its name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TeamName)]
pub(crate) struct TeamNameView {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
}

/// Something that stands between the person and a seat.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Missing)]
pub(crate) struct MissingView {
    /// `unknown`, `deleted`, `deactivated`, `other_directory`, `not_shared`, `not_among_shares`, `hub_only` or
    /// `disconnecting`.
    pub(crate) code: &'static str,
    /// What is missing, and what would change it.
    pub(crate) detail: String,
    /// The teams that have a share with a seat, where the person is in none of them.
    pub(crate) teams: Vec<TeamNameView>,
}

impl From<Missing> for MissingView {
    fn from(missing: Missing) -> Self {
        let (code, detail) = (missing.code(), missing.words());
        let teams = match missing {
            Missing::NotAmongShares { teams } => teams,
            _ => Vec::new(),
        };
        let teams = teams.into_iter().map(|team| TeamNameView { id: team.id.into(), name: team.name });
        Self { code, detail, teams: teams.collect() }
    }
}

/// A job of the person here, and what asked for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessHistory)]
pub(crate) struct HistoryView {
    /// The job. Its correlation id is that of the request: of the SCIM call, where one began it.
    pub(crate) job: JobView,
    /// What made Usher act; null where the automation is gone.
    #[schema(required)]
    pub(crate) trigger: Option<TriggerName>,
    /// Who acted.
    #[schema(required)]
    pub(crate) actor: Option<ActorView>,
    /// When the request was accepted.
    #[schema(required)]
    pub(crate) requested_at: Option<Timestamp>,
    /// What was told of it in the Activity tab, newest first; what lies far back there is left out.
    pub(crate) activity: Vec<ActivityView>,
}

/// Why somebody has what they have.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Explanation)]
pub(crate) struct ExplanationView {
    /// The integration's name.
    pub(crate) integration_name: String,
    /// What is recorded: decided, seen in the app, and where it stands.
    pub(crate) access: AccessView,
    /// What the directory and the shares of this moment say; null for no seat.
    #[schema(required)]
    pub(crate) resolved: Option<SeatView>,
    /// Whether that is also what was decided. Otherwise a change is about to be planned.
    pub(crate) is_planned: bool,
    /// Every grant that reaches the person.
    pub(crate) grants: Vec<GrantView>,
    /// What is missing; empty for somebody who should have a seat.
    pub(crate) missing: Vec<MissingView>,
    /// When the removal begins that waits for its grace window. It dissolves if access returns before.
    #[schema(required)]
    pub(crate) removal_begins_at: Option<Timestamp>,
    /// The job that is open.
    #[schema(required)]
    pub(crate) open_job: Option<JobView>,
    /// Until when a connector may act for this person without being disturbed.
    #[schema(required)]
    pub(crate) lease_until: Option<Timestamp>,
    /// The last jobs of this person here, newest first.
    pub(crate) history: Vec<HistoryView>,
}

/// Why somebody has access, or none
///
/// Every grant with its path and what became of it, what is missing for somebody without a seat, what is open now, and
/// the last jobs with the requests that asked for them. Answers for anybody, also for an id that nobody has.
#[utoipa::path(get, path = "/integrations/{integration}/people/{person}/explain", tag = "Integrations",
    operation_id = "explainAccess",
    params(
        ("integration" = String, Path, description = "The integration's id."),
        ("person" = String, Path, description = "The person's id."),
    ),
    responses((status = 200, description = "The explanation.", body = ExplanationView)))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((integration, person)): Path<(IntegrationId, PersonId)>,
) -> Result<Reply<ExplanationView>, Problem> {
    if !caller.is(&person) {
        caller.may_in(&app, Action::ExplainAccess, &integration).await?;
    }
    let workspace = &caller.workspace;
    let now = app.clock.now();
    let people = [person.clone()];
    let recorded = app.facts.accesses(workspace, &integration, &people).await?.remove(&person);
    let found = app.facts.integration(workspace, &integration).await?;
    let (integration, shares) = found.ok_or_else(|| Problem::not_found("this integration"))?;
    let facts = app.facts.person(workspace, &person).await?;
    let mut teams: BTreeSet<TeamId> = facts.iter().flat_map(|facts| facts.teams.iter().cloned()).collect();
    teams.extend(shares.iter().filter_map(|share| match &share.principal {
        Principal::Team(team) => Some(team.clone()),
        Principal::Person(_) => None,
    }));
    let teams = app.facts.teams(workspace, &teams).await?;
    let explanation = explain(&integration, &shares, facts.as_ref(), &teams);

    let access = recorded
        .unwrap_or_else(|| Access::none(workspace.clone(), integration.id.clone(), person.clone(), now));
    let mut jobs = app.facts.jobs_by_id(workspace, &jobs_of(&access)).await?;
    let open_job = access.job.as_ref().and_then(|id| jobs.get(id)).filter(|job| job.state.is_open());
    let open_job = open_job.cloned().map(JobView::from);
    let newest_first = access.job.iter().chain(access.recent_jobs.iter().rev());
    let newest_first = newest_first.filter_map(|id| jobs.remove(id)).collect();
    let history = history(&app, &caller, &integration.id, newest_first).await?;
    let decided = access.desired.as_ref();
    let presence = decided.map_or(&Presence::Absent, |desired| &desired.presence);
    let is_planned = *presence == explanation.presence;
    let removal_begins_at = decided
        .and_then(|desired| desired.not_before)
        .filter(|at| *presence == Presence::Absent && now < *at);
    let lease_until = access.lease.as_ref().map(|lease| lease.until).filter(|until| now < *until);
    let mut view = AccessView::from(access);
    if let Some(facts) = &facts {
        view.name_as(&facts.profile);
    }
    Ok(Reply(ExplanationView {
        integration_name: integration.name,
        access: view,
        resolved: match explanation.presence {
            Presence::Seated(seat) => Some(seat.into()),
            Presence::Absent => None,
        },
        is_planned,
        grants: explanation.grants.into_iter().map(Into::into).collect(),
        missing: explanation.missing.into_iter().map(Into::into).collect(),
        removal_begins_at,
        open_job,
        lease_until,
        history,
    }))
}

/// The remembered jobs, and the open one.
fn jobs_of(access: &Access) -> Vec<JobId> {
    let jobs: BTreeSet<&JobId> = access.recent_jobs.iter().chain(&access.job).collect();
    jobs.into_iter().cloned().collect()
}

/// What asked for these jobs, and what was told of them.
async fn history(
    app: &App,
    caller: &Caller,
    integration: &IntegrationId,
    jobs: Vec<Job>,
) -> Result<Vec<HistoryView>, Problem> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let mut automations: BTreeMap<AutomationId, Automation> = BTreeMap::new();
    for id in jobs.iter().map(|job| &job.automation) {
        if !automations.contains_key(id)
            && let Some(automation) = app.store.automation(&caller.workspace, id).await?
        {
            automations.insert(id.clone(), automation);
        }
    }
    let page = app.store.activity(&caller.workspace, integration, None, ACTIVITY_LOOKED_THROUGH).await?;
    let mut told: BTreeMap<JobId, Vec<Activity>> = BTreeMap::new();
    for activity in page.items {
        if let Some(job) = &activity.job {
            told.entry(job.clone()).or_default().push(activity);
        }
    }
    let view = |job: Job| {
        let cause = automations.get(&job.automation).map(|automation| automation.cause.clone());
        HistoryView {
            trigger: cause.as_ref().map(|cause| cause.trigger.into()),
            requested_at: cause.as_ref().map(|cause| cause.at),
            actor: cause.map(|cause| cause.actor.into()),
            activity: told.remove(&job.id).unwrap_or_default().into_iter().map(Into::into).collect(),
            job: job.into(),
        }
    };
    Ok(jobs.into_iter().map(view).collect())
}
