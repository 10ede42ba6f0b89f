//! What a change would do. Worked out by what plans and admits the real one, through a port that can only read.

mod answer;
mod cursor;
mod people;

use std::{collections::BTreeSet, sync::Arc};

use axum::{Json as Reply, extract::State};
use usher_domain::{
    access::{Hypothesis, Mark, MarkKind, TeamFacts, integrations_of_person, integrations_of_team},
    directory::{GroupRecord, UserRecord},
    id::{IntegrationId, PersonId, TeamId},
    integration::Integration,
    share::{AppAccess, HubRole, Principal, Share},
};

use self::{answer::Left, people::Concerned};
use super::{
    extract::{Json, Path},
    integrations::read,
    preview_views::{ChangeBody, PreviewAnswer, PreviewBody},
    shares::{check_directory, check_hub, plain_access},
};
use crate::{App, auth::Caller, error::Problem, permission::Action};

/// What a change would do in an integration
///
/// Nothing is written. People added, changed and removed, with what they have and would have, and what would become of
/// the work for it: done, held by the guards, or refused. At most 1,000 people in one answer, and a cursor to go on.
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
    let PreviewBody { change, cursor, limit } = body;
    let asked = about_integration(&app, &caller, &id, change).await?;
    Ok(Reply(asked.answer(cursor.as_deref(), limit).await?))
}

/// What a change of a team or person would do everywhere
///
/// As in one integration, for every integration that the change can touch. Shares, marks, guards and catalogues belong to
/// one integration and are asked about there.
#[utoipa::path(post, path = "/preview", tag = "Preview", operation_id = "preview",
    request_body = PreviewBody,
    responses((status = 200, description = "What it would do.", body = PreviewAnswer)))]
pub(crate) async fn everywhere(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<PreviewBody>,
) -> Result<Reply<PreviewAnswer>, Problem> {
    let PreviewBody { change, cursor, limit } = body;
    let asked = about_directory(&app, &caller, change).await?;
    Ok(Reply(asked.answer(cursor.as_deref(), limit).await?))
}

/// A change that is asked about, and where.
pub(crate) struct Asked<'a> {
    question: Question<'a>,
    integrations: BTreeSet<IntegrationId>,
    hypothesis: Hypothesis,
}

impl Asked<'_> {
    /// What it would do for these people, and how many are left.
    async fn answer(&self, cursor: Option<&str>, limit: Option<u32>) -> Result<PreviewAnswer, Problem> {
        self.question.answer(&self.integrations, &self.hypothesis, cursor, limit, Left::Counted).await
    }

    /// About how many people it is about, where that is known without counting them.
    pub(crate) async fn about(&self) -> Result<Option<u64>, Problem> {
        match Concerned::by(&self.hypothesis, &self.integrations) {
            Concerned::WithAccess(integration) => {
                let Question { app, caller } = self.question;
                Ok(Some(app.facts.counted(&caller.workspace, &integration).await?.seats))
            }
            Concerned::These(people) => Ok(Some(u64::try_from(people.len()).unwrap_or(u64::MAX))),
            Concerned::Members(_) => Ok(None),
        }
    }

    /// As much of what it would do as makes at most so many evaluations, without saying how many people are left.
    pub(crate) async fn part(
        &self,
        cursor: Option<&str>,
        evaluations: u32,
    ) -> Result<PreviewAnswer, Problem> {
        let integrations = u32::try_from(self.integrations.len()).unwrap_or(u32::MAX);
        let people = (evaluations / integrations.max(1)).max(1);
        self.question.answer(&self.integrations, &self.hypothesis, cursor, Some(people), Left::Untold).await
    }
}

/// Asks about a change in one integration.
pub(crate) async fn about_integration<'a>(
    app: &'a App,
    caller: &'a Caller,
    id: &IntegrationId,
    change: ChangeBody,
) -> Result<Asked<'a>, Problem> {
    caller.may_in(app, Action::Preview, id).await?;
    let (integration, shares) = read(app, caller, id).await?;
    let question = Question { app, caller };
    let hypothesis = match change {
        ChangeBody::PutTeamShare { team, hub_role, app_access } => {
            check_hub(&integration)?;
            check_directory(app, &question.team(&team).await?.connection).await?;
            let access = plain_access(app_access);
            Hypothesis::PutShare(question.share(&integration, Principal::Team(team), hub_role.into(), access))
        }
        ChangeBody::PutPersonShare { person, hub_role, app_access } => {
            check_hub(&integration)?;
            check_directory(app, &question.person(&person).await?.connection).await?;
            let access = plain_access(app_access);
            Hypothesis::PutShare(question.share(
                &integration,
                Principal::Person(person),
                hub_role.into(),
                access,
            ))
        }
        ChangeBody::EndTeamShare { team } => end_share(&shares, Principal::Team(team))?,
        ChangeBody::EndPersonShare { person } => end_share(&shares, Principal::Person(person))?,
        ChangeBody::SetMark { person, mark } => question.mark(person, Some(mark.into())).await?,
        ChangeBody::TakeMark { person } => question.mark(person, None).await?,
        ChangeBody::SetGuards { guards } => Hypothesis::SetGuards(guards.check()?),
        ChangeBody::Disconnect {} => Hypothesis::Disconnect,
        ChangeBody::SetCatalogue { catalogue } => Hypothesis::SetCatalogue(catalogue.check()?),
        directory => question.of_directory(directory).await?,
    };
    Ok(Asked { question, integrations: [id.clone()].into(), hypothesis })
}

/// Asks about a change of a team or person everywhere.
pub(crate) async fn about_directory<'a>(
    app: &'a App,
    caller: &'a Caller,
    change: ChangeBody,
) -> Result<Asked<'a>, Problem> {
    let reach = caller.reach(app, Action::Preview).await?;
    let question = Question { app, caller };
    let hypothesis = question.of_directory(change).await?;
    let mut integrations = question.integrations(&hypothesis).await?;
    integrations.retain(|integration| reach.covers(integration));
    Ok(Asked { question, integrations, hypothesis })
}

fn end_share(shares: &[Share], principal: Principal) -> Result<Hypothesis, Problem> {
    if shares.iter().any(|share| share.principal == principal) {
        Ok(Hypothesis::EndShare(principal))
    } else {
        Err(Problem::not_found("the share"))
    }
}

/// One question of one caller.
#[derive(Clone, Copy)]
struct Question<'a> {
    app: &'a App,
    caller: &'a Caller,
}

impl Question<'_> {
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
        hub_role: HubRole,
        app_access: AppAccess,
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

    /// Also somebody whom the directory has deleted may be marked.
    async fn mark(&self, person: PersonId, kind: Option<MarkKind>) -> Result<Hypothesis, Problem> {
        let found = self.app.store.person(&self.caller.workspace, &person).await?;
        found.ok_or_else(|| Problem::not_found("this person"))?;
        let cause = self.caller.cause(self.app.clock.now());
        let mark = kind.map(|kind| Mark { kind, reason: String::new(), cause });
        Ok(Hypothesis::SetMark { person, mark })
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
            ChangeBody::ActivatePerson { person } => {
                self.person(&person).await?;
                Hypothesis::Activate(person)
            }
            ChangeBody::DeactivatePerson { person } => {
                self.person(&person).await?;
                Hypothesis::Deactivate(person)
            }
            ChangeBody::DeletePerson { person } => {
                self.person(&person).await?;
                Hypothesis::DeletePerson(person)
            }
            ChangeBody::AssignPerson { person, roles, entitlements } => {
                self.person(&person).await?;
                Hypothesis::Assign { person, roles, entitlements }
            }
            ChangeBody::PutTeamShare { .. }
            | ChangeBody::PutPersonShare { .. }
            | ChangeBody::EndTeamShare { .. }
            | ChangeBody::EndPersonShare { .. }
            | ChangeBody::SetMark { .. }
            | ChangeBody::TakeMark { .. }
            | ChangeBody::SetGuards { .. }
            | ChangeBody::SetCatalogue { .. }
            | ChangeBody::Disconnect {} => {
                let detail = "this belongs to one integration; ask POST /api/v1/integrations/<id>/preview";
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
            Hypothesis::Activate(person)
            | Hypothesis::Deactivate(person)
            | Hypothesis::DeletePerson(person)
            | Hypothesis::Assign { person, .. } => {
                let known = facts.person(workspace, person).await?;
                integrations_of_person(facts, workspace, person, known.as_ref(), &[]).await?
            }
            Hypothesis::PutShare(_)
            | Hypothesis::EndShare(_)
            | Hypothesis::SetMark { .. }
            | Hypothesis::SetGuards(_)
            | Hypothesis::SetCatalogue(_)
            | Hypothesis::Disconnect => BTreeSet::new(),
        })
    }
}
