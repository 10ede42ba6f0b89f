//! Whose access in which integrations a change can touch. Large answers are worked off in pages: each ends
//! by writing the next one as a change of its own, so no invocation is unbounded and a crash loses nothing.

use std::collections::BTreeSet;

use usher_domain::{
    access::{integrations_of_person, integrations_of_team},
    change::{Change, Subject},
    id::{IntegrationId, PersonId, TeamId},
    ports::{Facts, Page, StoreResult},
};

use crate::{PEOPLE_PER_PAGE, Planner};

impl Planner {
    /// Plans a change.
    pub(crate) async fn plan(&self, change: &Change) -> StoreResult<()> {
        tracing::info!(
            change = %change.id,
            workspace = %change.workspace,
            correlation_id = %change.cause.correlation_id,
            "planning a change"
        );
        match &change.subject {
            Subject::Person { person, left } => self.plan_person(change, person, left).await,
            Subject::Members { team, people } => self.plan_members(change, team, people).await,
            Subject::StagedMembers { team, page } => self.plan_staged(change, team, *page).await,
            Subject::TeamDeleted { team, after } => {
                self.plan_deleted_team(change, team, after.as_ref()).await
            }
            Subject::TeamShare { integration, team, after } => {
                let page = self.members_after(change, team, after.as_ref()).await?;
                self.evaluate(change, integration, &page.items).await?;
                self.go_on(change, &page, |after| Subject::TeamShare {
                    integration: integration.clone(),
                    team: team.clone(),
                    after,
                })
                .await
            }
            Subject::Resumed { integration, cursor } => {
                let now = self.clock.now();
                let next = self.store.resume_page(change, integration, cursor, now).await?;
                let Some(cursor) = next else { return Ok(()) };
                let integration = integration.clone();
                self.store.continue_change(&change.next_page(Subject::Resumed { integration, cursor })).await
            }
            Subject::Catalogue { integration, cursor } => {
                self.plan_catalogue(change, integration, cursor.as_deref()).await
            }
            Subject::Disconnecting { integration, cursor, busy } => {
                self.plan_disconnecting(change, integration, cursor.as_deref(), *busy).await
            }
            Subject::Disconnected { integration, name, connection, after } => {
                self.plan_disconnected(change, integration, name, connection.as_ref(), after.as_ref()).await
            }
            Subject::Shared { integration, from } => self.plan_shared(change, integration, from).await,
            Subject::Drift { integration, people } => self.evaluate(change, integration, people).await,
            Subject::PersonShare { integration, person } | Subject::Mark { integration, person } => {
                self.evaluate(change, integration, std::slice::from_ref(person)).await
            }
        }
    }

    async fn plan_person(&self, change: &Change, person: &PersonId, left: &[TeamId]) -> StoreResult<()> {
        let workspace = &change.workspace;
        let facts = self.store.person(workspace, person).await?;
        let store: &dyn Facts = self.store.as_ref();
        let integrations = integrations_of_person(store, workspace, person, facts.as_ref(), left).await?;
        for integration in integrations {
            self.evaluate(change, &integration, std::slice::from_ref(person)).await?;
        }
        // What did not fit the transaction of the deletion, and what was written while it happened.
        if facts.is_some_and(|facts| facts.deleted) {
            self.store.forget_person(workspace, person).await?;
        }
        Ok(())
    }

    async fn plan_members(&self, change: &Change, team: &TeamId, people: &[PersonId]) -> StoreResult<()> {
        for integration in self.integrations_of(change, team).await? {
            self.evaluate(change, &integration, people).await?;
        }
        self.forget_the_gone(change, team, people).await
    }

    async fn plan_staged(&self, change: &Change, team: &TeamId, page: u32) -> StoreResult<()> {
        let Some(people) = self.store.apply_staged(change, team, page).await? else { return Ok(()) };
        self.plan_members(change, team, &people.items).await?;
        match people.next {
            Some(_) => {
                let next = Subject::StagedMembers { team: team.clone(), page: page + 1 };
                self.store.continue_change(&change.next_page(next)).await
            }
            None => Ok(()),
        }
    }

    async fn plan_deleted_team(
        &self,
        change: &Change,
        team: &TeamId,
        after: Option<&PersonId>,
    ) -> StoreResult<()> {
        let page = self.members_after(change, team, after).await?;
        for integration in self.integrations_of(change, team).await? {
            self.evaluate(change, &integration, &page.items).await?;
        }
        self.store.forget_members(&change.workspace, team, &page.items).await?;
        if page.next.is_none() {
            return self.store.forget_team_shares(&change.workspace, team, self.clock.now()).await;
        }
        self.go_on(change, &page, |after| Subject::TeamDeleted { team: team.clone(), after }).await
    }

    pub(crate) async fn members_after(
        &self,
        change: &Change,
        team: &TeamId,
        after: Option<&PersonId>,
    ) -> StoreResult<Page<PersonId>> {
        self.store.team_members(&change.workspace, team, after, PEOPLE_PER_PAGE).await
    }

    /// Writes the next page of a change's fan-out, if there is one.
    async fn go_on(
        &self,
        change: &Change,
        page: &Page<PersonId>,
        subject: impl FnOnce(Option<PersonId>) -> Subject,
    ) -> StoreResult<()> {
        match (&page.next, page.items.last()) {
            (Some(_), Some(last)) => {
                self.store.continue_change(&change.next_page(subject(Some(last.clone())))).await
            }
            _ => Ok(()),
        }
    }

    /// The integrations that a team's members can get access to through it.
    async fn integrations_of(&self, change: &Change, team: &TeamId) -> StoreResult<BTreeSet<IntegrationId>> {
        integrations_of_team(self.store.as_ref(), &change.workspace, team).await
    }

    /// A person who was deleted while somebody put them into a team leaves a membership of nobody.
    async fn forget_the_gone(&self, change: &Change, team: &TeamId, people: &[PersonId]) -> StoreResult<()> {
        let gone = self.store.gone_among(&change.workspace, people).await?;
        if gone.is_empty() { Ok(()) } else { self.store.forget_members(&change.workspace, team, &gone).await }
    }
}
