//! What a change would do. Worked out by what plans the real one, through a port that can only read.

use std::{collections::BTreeSet, ops::Bound, sync::Arc};

use axum::{Json as Reply, extract::State};
use usher_domain::{
    access::{Hypothesis, Situation, TeamFacts, integrations_of_person, integrations_of_team, preview},
    directory::{GroupRecord, UserRecord},
    id::{IntegrationId, JobId, PersonId, TeamId},
    integration::Integration,
    ports::Page,
    share::{Principal, Share},
};

use super::{
    extract::{Json, Path},
    integrations::read,
    preview_views::{ChangeBody, PreviewAnswer, PreviewBody, PreviewView},
    shares::{check_directory, check_hub, plain_access},
};
use crate::{App, auth::Caller, error::Problem, paging, permission::Action};

/// How many people an answer looks at where the caller does not say.
const DEFAULT_PEOPLE: u32 = 200;
/// How many evaluations, people times integrations, an answer makes at most.
const MAX_EVALUATIONS: u32 = 1_000;
/// How many of the people who are left are counted in one read, and how often.
const COUNTED_AT_ONCE: u32 = 1_000;
const COUNTING_READS: u32 = 10;

/// What a change would do in an integration
///
/// Nothing is written. People added, changed and removed, with what they have and would have; at most 1,000 people in
/// one answer, and a cursor to go on.
#[utoipa::path(post, path = "/integrations/{integration}/preview", tag = "Preview", operation_id = "previewInIntegration",
    params(("integration" = String, Path, description = "The integration's id.")),
    request_body = PreviewBody,
    responses((status = 200, description = "What it would do.", body = PreviewAnswer)))]
pub(crate) async fn in_integration(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Json(body): Json<PreviewBody>,
) -> Result<Reply<PreviewAnswer>, Problem> {
    caller.may_in(&app, Action::Preview, &id).await?;
    let (integration, shares) = read(&app, &caller, &id).await?;
    let preview = Preview { app: &app, caller: &caller };
    let hypothesis = match body.change {
        ChangeBody::PutTeamShare { team, hub_role, app_access } => {
            check_hub(&integration)?;
            check_directory(&app, &preview.team(&team).await?.connection).await?;
            let access = plain_access(app_access);
            Hypothesis::PutShare(preview.share(&integration, Principal::Team(team), hub_role.into(), access))
        }
        ChangeBody::PutPersonShare { person, hub_role, app_access } => {
            check_hub(&integration)?;
            check_directory(&app, &preview.person(&person).await?.connection).await?;
            let access = plain_access(app_access);
            Hypothesis::PutShare(preview.share(
                &integration,
                Principal::Person(person),
                hub_role.into(),
                access,
            ))
        }
        ChangeBody::EndTeamShare { team } => end_share(&shares, Principal::Team(team))?,
        ChangeBody::EndPersonShare { person } => end_share(&shares, Principal::Person(person))?,
        directory => preview.of_directory(directory).await?,
    };
    let (cursor, limit) = (body.cursor, body.limit);
    Ok(Reply(preview.answer(&[id].into(), &hypothesis, cursor.as_deref(), limit).await?))
}

/// What a change of a team or person would do everywhere
///
/// As in one integration, for every integration that the change can touch. A share belongs to one integration and is
/// asked about there.
#[utoipa::path(post, path = "/preview", tag = "Preview", operation_id = "preview",
    request_body = PreviewBody,
    responses((status = 200, description = "What it would do.", body = PreviewAnswer)))]
pub(crate) async fn everywhere(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<PreviewBody>,
) -> Result<Reply<PreviewAnswer>, Problem> {
    let reach = caller.reach(&app, Action::Preview).await?;
    let preview = Preview { app: &app, caller: &caller };
    let hypothesis = preview.of_directory(body.change).await?;
    let mut integrations = preview.integrations(&hypothesis).await?;
    integrations.retain(|integration| reach.covers(integration));
    let (cursor, limit) = (body.cursor, body.limit);
    Ok(Reply(preview.answer(&integrations, &hypothesis, cursor.as_deref(), limit).await?))
}

fn end_share(shares: &[Share], principal: Principal) -> Result<Hypothesis, Problem> {
    if shares.iter().any(|share| share.principal == principal) {
        Ok(Hypothesis::EndShare(principal))
    } else {
        Err(Problem::not_found("the share"))
    }
}

/// One question of one caller.
struct Preview<'a> {
    app: &'a App,
    caller: &'a Caller,
}

impl Preview<'_> {
    async fn team(&self, id: &TeamId) -> Result<GroupRecord, Problem> {
        let found = self.app.store.team(&self.caller.workspace, id).await?;
        found.filter(|team| team.deleted_at.is_none()).ok_or_else(|| Problem::not_found("this team"))
    }

    async fn person(&self, id: &PersonId) -> Result<UserRecord, Problem> {
        let found = self.app.store.person(&self.caller.workspace, id).await?;
        found.filter(|person| person.deleted_at.is_none()).ok_or_else(|| Problem::not_found("this person"))
    }

    fn share(
        &self,
        integration: &Integration,
        principal: Principal,
        hub_role: usher_domain::share::HubRole,
        app_access: usher_domain::share::AppAccess,
    ) -> Share {
        Share {
            id: principal.share_id(),
            integration: integration.id.clone(),
            principal,
            hub_role,
            app_access,
            created_at: self.app.clock.now(),
        }
    }

    /// A change that an identity provider makes.
    async fn of_directory(&self, change: ChangeBody) -> Result<Hypothesis, Problem> {
        Ok(match change {
            ChangeBody::AddMembers { team, people } => {
                let group = self.team(&team).await?;
                let facts = TeamFacts { name: group.display_name().to_owned(), connection: group.connection };
                Hypothesis::Join { team, facts, people }
            }
            ChangeBody::RemoveMembers { team, people } => {
                self.team(&team).await?;
                Hypothesis::Leave { team, people }
            }
            ChangeBody::DeleteTeam { team } => {
                self.team(&team).await?;
                Hypothesis::DeleteTeam(team)
            }
            ChangeBody::DeactivatePerson { person } => {
                self.person(&person).await?;
                Hypothesis::Deactivate(person)
            }
            ChangeBody::DeletePerson { person } => {
                self.person(&person).await?;
                Hypothesis::DeletePerson(person)
            }
            ChangeBody::PutTeamShare { .. }
            | ChangeBody::PutPersonShare { .. }
            | ChangeBody::EndTeamShare { .. }
            | ChangeBody::EndPersonShare { .. } => {
                let detail = "a share belongs to one integration; ask POST /api/v1/integrations/<id>/preview";
                return Err(Problem::invalid("/change/kind", detail));
            }
        })
    }

    /// The integrations that the planner would look at.
    async fn integrations(&self, hypothesis: &Hypothesis) -> Result<BTreeSet<IntegrationId>, Problem> {
        let (facts, workspace) = (self.app.facts.as_ref(), &self.caller.workspace);
        Ok(match hypothesis {
            Hypothesis::Join { team, .. } | Hypothesis::Leave { team, .. } | Hypothesis::DeleteTeam(team) => {
                integrations_of_team(facts, workspace, team).await?
            }
            Hypothesis::Deactivate(person) | Hypothesis::DeletePerson(person) => {
                let known = facts.person(workspace, person).await?;
                integrations_of_person(facts, workspace, person, known.as_ref(), &[]).await?
            }
            Hypothesis::PutShare(share) => [share.integration.clone()].into(),
            Hypothesis::EndShare(_) => BTreeSet::new(),
        })
    }

    async fn answer(
        &self,
        integrations: &BTreeSet<IntegrationId>,
        hypothesis: &Hypothesis,
        cursor: Option<&str>,
        limit: Option<u32>,
    ) -> Result<PreviewAnswer, Problem> {
        let after = paging::cursor(cursor).map(|cursor| cursor.parse::<PersonId>()).transpose();
        let after = after.map_err(|_| {
            Problem::invalid("/cursor", "it is not a `next` of a preview; begin without a cursor")
        })?;
        let concerned = u32::try_from(integrations.len()).unwrap_or(u32::MAX);
        let limit = limit_of(limit, concerned)?;
        let mut people = self.people(hypothesis, after.as_ref(), limit).await?;
        let (left, left_is_exact) = match &people.next {
            Some(_) => self.left(hypothesis, people.items.last()).await?,
            None => (0, true),
        };
        // A page of the store that ends with the last row does not know that it does.
        if left == 0 && left_is_exact {
            people.next = None;
        }
        let (facts, workspace) = (self.app.facts.as_ref(), &self.caller.workspace);
        let mut items = Vec::with_capacity(integrations.len());
        for integration in integrations {
            let Some(before) = Situation::read(facts, workspace, integration, &people.items).await? else {
                continue;
            };
            let jobs: Vec<JobId> = before.accesses.values().filter_map(|access| access.job.clone()).collect();
            let mut jobs = facts.jobs_by_id(workspace, &jobs).await?;
            jobs.retain(|_, job| job.state.is_open());
            let previewed = preview(&before, hypothesis, &people.items, &jobs, self.app.clock.now());
            items.push(PreviewView::new(before.integration, previewed));
        }
        Ok(PreviewAnswer { items, next: people.next, left, left_is_exact })
    }

    /// The people that the planner would look at.
    async fn people(
        &self,
        hypothesis: &Hypothesis,
        after: Option<&PersonId>,
        limit: u32,
    ) -> Result<Page<PersonId>, Problem> {
        match concerned(hypothesis) {
            Concerned::Members(team) => {
                Ok(self.app.facts.team_members(&self.caller.workspace, team, after, limit).await?)
            }
            Concerned::These(people) => Ok(page(&people, after, limit)),
        }
    }

    /// How many people come after `last`, and whether they were counted to the end.
    async fn left(&self, hypothesis: &Hypothesis, last: Option<&PersonId>) -> Result<(u64, bool), Problem> {
        let mut after = last.cloned();
        let mut left = 0;
        for _ in 0..COUNTING_READS {
            let page = self.people(hypothesis, after.as_ref(), COUNTED_AT_ONCE).await?;
            left += u64::try_from(page.items.len()).unwrap_or(u64::MAX);
            match (page.next, page.items.last()) {
                (Some(_), Some(last)) => after = Some(last.clone()),
                _ => return Ok((left, true)),
            }
        }
        Ok((left, false))
    }
}

/// Whom a change is about.
enum Concerned<'a> {
    /// Everybody in a team.
    Members(&'a TeamId),
    /// These.
    These(BTreeSet<&'a PersonId>),
}

fn concerned(hypothesis: &Hypothesis) -> Concerned<'_> {
    match hypothesis {
        Hypothesis::PutShare(share) => of_principal(&share.principal),
        Hypothesis::EndShare(principal) => of_principal(principal),
        Hypothesis::DeleteTeam(team) => Concerned::Members(team),
        Hypothesis::Join { people, .. } | Hypothesis::Leave { people, .. } => {
            Concerned::These(people.iter().collect())
        }
        Hypothesis::Deactivate(person) | Hypothesis::DeletePerson(person) => {
            Concerned::These([person].into())
        }
    }
}

fn of_principal(principal: &Principal) -> Concerned<'_> {
    match principal {
        Principal::Team(team) => Concerned::Members(team),
        Principal::Person(person) => Concerned::These([person].into()),
    }
}

fn page(people: &BTreeSet<&PersonId>, after: Option<&PersonId>, limit: u32) -> Page<PersonId> {
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    let mut rest = people.range::<PersonId, _>((start, Bound::Unbounded));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let items: Vec<PersonId> = rest.by_ref().take(limit).map(|person| (*person).clone()).collect();
    let next = rest.next().and(items.last()).map(ToString::to_string);
    Page { items, next }
}

/// How many people one answer looks at.
fn limit_of(given: Option<u32>, integrations: u32) -> Result<u32, Problem> {
    let asked = given.unwrap_or(DEFAULT_PEOPLE);
    if !(1..=MAX_EVALUATIONS).contains(&asked) {
        return Err(Problem::invalid("/limit", format!("{asked} is not from 1 to {MAX_EVALUATIONS}")));
    }
    Ok(asked.min(MAX_EVALUATIONS / integrations.max(1)).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_paged_in_order_and_none_is_left_out() {
        let people: Vec<PersonId> = ["a", "b", "c"].map(|id| id.parse().unwrap()).into();
        let set: BTreeSet<&PersonId> = people.iter().collect();
        let first = page(&set, None, 2);
        assert_eq!((first.items.as_slice(), first.next.as_deref()), (&people[..2], Some("b")));
        let second = page(&set, first.items.last(), 2);
        assert_eq!((second.items.as_slice(), second.next), (&people[2..], None));
        assert_eq!(page(&set, None, 3).next, None, "a full last page is the last one");
    }

    #[test]
    fn an_answer_is_bounded_also_for_many_integrations() {
        assert_eq!(limit_of(None, 1), Ok(200));
        assert_eq!(limit_of(Some(1_000), 1), Ok(1_000));
        assert_eq!(limit_of(Some(1_000), 20), Ok(50));
        assert_eq!(limit_of(None, 5_000), Ok(1));
        for bad in [0, 1_001] {
            assert_eq!(limit_of(Some(bad), 1).unwrap_err().errors[0].field, "/limit");
        }
    }
}
