//! Whom a change is about, page by page.

use std::{collections::BTreeSet, ops::Bound};

use usher_domain::{
    access::Hypothesis,
    id::{IntegrationId, PersonId, TeamId, WorkspaceId},
    ports::{Facts, Page},
    share::Principal,
};

use super::cursor;
use crate::error::Problem;

/// How many of the people who are left are counted in one read, and how often.
const COUNTED_AT_ONCE: u32 = 1_000;
const COUNTING_READS: u32 = 10;

/// Whom a change is about: those at whom the planner would look, and those whose open jobs it would judge another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Concerned {
    /// Everybody in a team.
    Members(TeamId),
    /// These.
    These(BTreeSet<PersonId>),
    /// Everybody with access in an integration.
    WithAccess(IntegrationId),
}

impl Concerned {
    /// Whom a change is about that is asked about in these integrations.
    pub(super) fn by(hypothesis: &Hypothesis, integrations: &BTreeSet<IntegrationId>) -> Self {
        match hypothesis {
            Hypothesis::PutShare(share) => Self::of_principal(&share.principal),
            Hypothesis::EndShare(principal) => Self::of_principal(principal),
            Hypothesis::DeleteTeam(team) => Self::Members(team.clone()),
            Hypothesis::Join { people, .. } | Hypothesis::Leave { people, .. } => Self::These(people.clone()),
            Hypothesis::Activate(person)
            | Hypothesis::Deactivate(person)
            | Hypothesis::DeletePerson(person)
            | Hypothesis::Assign { person, .. }
            | Hypothesis::SetMark { person, .. } => Self::These([person.clone()].into()),
            Hypothesis::SetGuards(_) | Hypothesis::SetCatalogue(_) | Hypothesis::Disconnect => {
                match integrations.first() {
                    Some(integration) => Self::WithAccess(integration.clone()),
                    None => Self::These(BTreeSet::new()),
                }
            }
        }
    }

    fn of_principal(principal: &Principal) -> Self {
        match principal {
            Principal::Team(team) => Self::Members(team.clone()),
            Principal::Person(person) => Self::These([person.clone()].into()),
        }
    }

    /// A page of them, in order.
    pub(super) async fn page(
        &self,
        facts: &dyn Facts,
        workspace: &WorkspaceId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<PersonId>, Problem> {
        let person = || after.map(|after| after.parse()).transpose().map_err(|_| cursor::unknown());
        match self {
            Self::Members(team) => Ok(facts.team_members(workspace, team, person()?.as_ref(), limit).await?),
            Self::These(people) => Ok(page(people, person()?.as_ref(), limit)),
            Self::WithAccess(integration) => {
                Ok(facts.people_with_access(workspace, integration, after, limit).await?)
            }
        }
    }

    /// How many people come after this place, and whether they were counted to the end.
    pub(super) async fn left(
        &self,
        facts: &dyn Facts,
        workspace: &WorkspaceId,
        after: &str,
    ) -> Result<(u64, bool), Problem> {
        let mut after = after.to_owned();
        let mut left = 0;
        for _ in 0..COUNTING_READS {
            let page = self.page(facts, workspace, Some(&after), COUNTED_AT_ONCE).await?;
            left += u64::try_from(page.items.len()).unwrap_or(u64::MAX);
            match page.next {
                Some(next) => after = next,
                None => return Ok((left, true)),
            }
        }
        Ok((left, false))
    }
}

fn page(people: &BTreeSet<PersonId>, after: Option<&PersonId>, limit: u32) -> Page<PersonId> {
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    let mut rest = people.range::<PersonId, _>((start, Bound::Unbounded));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let items: Vec<PersonId> = rest.by_ref().take(limit).cloned().collect();
    let next = rest.next().and(items.last()).map(ToString::to_string);
    Page { items, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_paged_in_order_and_none_is_left_out() {
        let people: BTreeSet<PersonId> = ["a", "b", "c"].map(|id| id.parse().unwrap()).into();
        let names = |page: &Page<PersonId>| page.items.iter().map(ToString::to_string).collect::<Vec<_>>();
        let first = page(&people, None, 2);
        assert_eq!((names(&first), first.next.as_deref()), (vec!["a".into(), "b".into()], Some("b")));
        let second = page(&people, first.items.last(), 2);
        assert_eq!((names(&second), second.next), (vec!["c".to_owned()], None));
        assert_eq!(page(&people, None, 3).next, None, "a full last page is the last one");
    }
}
