//! The answer to a question: the people whom the change is about, in every integration that it concerns.

use std::collections::{BTreeMap, BTreeSet};

use usher_domain::{
    access::{Hypothesis, Knowledge, Preview, Room, Sides, Situation, active_roles, preview},
    id::{IntegrationId, JobId, PersonId},
};

use super::{Question, cursor::Cursor, people::Concerned};
use crate::{
    api::preview_views::{PreviewAnswer, PreviewView},
    error::Problem,
};

/// How many people an answer looks at where the caller does not say.
const DEFAULT_PEOPLE: u32 = 200;
/// How many evaluations, people times integrations, an answer makes at most.
const MAX_EVALUATIONS: u32 = 1_000;
/// How many accesses are read at once, and how often, to find others who administer an app.
const HOLDERS_AT_ONCE: u32 = 500;
const HOLDER_READS: u32 = 20;

/// Whether it is told how many people are left. They are counted one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    Counted,
    Untold,
}

impl Question<'_> {
    pub(super) async fn answer(
        &self,
        integrations: &BTreeSet<IntegrationId>,
        hypothesis: &Hypothesis,
        cursor: Option<&str>,
        limit: Option<u32>,
        told: Left,
    ) -> Result<PreviewAnswer, Problem> {
        let mut cursor = Cursor::read(cursor)?;
        let limit = limit_of(limit, u32::try_from(integrations.len()).unwrap_or(u32::MAX))?;
        let (facts, workspace) = (self.app.facts.as_ref(), &self.caller.workspace);
        let concerned = Concerned::by(hypothesis, integrations);
        let mut people = concerned.page(facts, workspace, cursor.after.as_deref(), limit).await?;
        let (left, left_is_exact) = match (&people.next, told) {
            (Some(next), Left::Counted) => concerned.left(facts, workspace, next).await?,
            (Some(_), Left::Untold) => (0, false),
            (None, _) => (0, true),
        };
        // A page of the store that ends with the last row does not know that it does.
        if left == 0 && left_is_exact {
            people.next = None;
        }
        let room = self.room().await?;
        let mut items = Vec::with_capacity(integrations.len());
        for integration in integrations {
            let Some(before) = Situation::read(facts, workspace, integration, &people.items).await? else {
                continue;
            };
            let previewed = self.preview(&before, hypothesis, &people.items, &cursor, room).await?;
            cursor.has_begun(integration, previewed.begun);
            let open_jobs = before.accesses.values().filter(|access| access.job.is_some()).count();
            items.push(PreviewView::new(before.integration, previewed, open_jobs));
        }
        let next = people.next.map(|next| cursor.at(next));
        Ok(PreviewAnswer { items, next, left, left_is_exact })
    }

    async fn preview(
        &self,
        before: &Situation,
        hypothesis: &Hypothesis,
        people: &[PersonId],
        cursor: &Cursor,
        room: Room,
    ) -> Result<Preview, Problem> {
        let (facts, workspace) = (self.app.facts.as_ref(), &self.caller.workspace);
        let integration = &before.integration.id;
        let jobs: Vec<JobId> = before.accesses.values().filter_map(|access| access.job.clone()).collect();
        let mut jobs = facts.jobs_by_id(workspace, &jobs).await?;
        jobs.retain(|_, job| job.state.is_open());
        let tally = facts.counted(workspace, integration).await?;
        let (begun, now) = (cursor.begun(integration), self.app.clock.now());
        let elsewhere = cursor.seats_elsewhere(integration);
        let with = |seats| Room { used: room.used.saturating_add_signed(seats), ..room };
        let room = Sides { before: with(elsewhere.before), after: with(elsewhere.after) };
        let ask = |holders: &BTreeMap<_, _>| {
            let knowledge = Knowledge { jobs: &jobs, tally: &tally, begun, room, holders, now };
            preview(before, hypothesis, people, &knowledge)
        };
        let alone = ask(&BTreeMap::new());
        // Only then the others matter.
        if alone.asks_for_admins() { Ok(ask(&self.holders(integration).await?)) } else { Ok(alone) }
    }

    /// What the workspace's quota of seats leaves now; seats are only counted where there is one.
    async fn room(&self) -> Result<Room, Problem> {
        let (store, workspace) = (&self.app.store, &self.caller.workspace);
        let quotas = store.tenancy(workspace).await?.quotas;
        if quotas.seats.is_none() {
            return Ok(Room::default());
        }
        let used = store.meters(workspace).await?.values().map(|meter| meter.seats).sum();
        Ok(Room { quotas, used })
    }

    /// The roles of those who are seen active in the app, among the first 10,000 who have or had access.
    async fn holders(
        &self,
        integration: &IntegrationId,
    ) -> Result<BTreeMap<PersonId, BTreeSet<String>>, Problem> {
        let mut holders = BTreeMap::new();
        let mut cursor = None;
        for _ in 0..HOLDER_READS {
            let (store, workspace) = (&self.app.store, &self.caller.workspace);
            let page = store.access(workspace, integration, cursor.as_deref(), HOLDERS_AT_ONCE).await?;
            let active = page.items.into_iter().filter_map(|access| {
                let roles = active_roles(&access).filter(|roles| !roles.is_empty())?.clone();
                Some((access.person, roles))
            });
            holders.extend(active);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        Ok(holders)
    }
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
