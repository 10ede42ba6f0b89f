//! Whom a change of a catalogue touches. In a hub these are the people whom it is shared with, found by strongly consistent
//! reads: somebody for whom something was decided a moment ago may not be in an index yet. In an integration with its own
//! connection they are found by the index, because there is no other list of them; nobody there has assets by the catalogue.

use std::collections::BTreeSet;

use usher_domain::{
    change::{Change, SharePlace, Subject},
    id::{IntegrationId, PersonId},
    integration::Kind,
    ports::StoreResult,
    share::{AppAccess, Principal, Share},
};

use crate::{PEOPLE_PER_PAGE, Planner};

/// How many shares one page looks at, at most.
const SHARES_PER_PAGE: usize = 50;

/// Some of the people whom a hub is shared with, and where the others begin.
struct Sharers {
    people: BTreeSet<PersonId>,
    next: Option<SharePlace>,
}

impl Planner {
    pub(crate) async fn plan_catalogue(
        &self,
        change: &Change,
        integration: &IntegrationId,
        cursor: Option<&str>,
    ) -> StoreResult<()> {
        let workspace = &change.workspace;
        let Some((found, shares)) = self.store.integration(workspace, integration).await? else {
            return Ok(());
        };
        if found.kind == Kind::BusinessHub {
            return self.plan_shares(change, integration, shares, None).await;
        }
        let page = self.store.people_with_access(workspace, integration, cursor, PEOPLE_PER_PAGE).await?;
        self.evaluate(change, integration, &page.items).await?;
        let Some(next) = page.next else { return Ok(()) };
        let next = Subject::Catalogue { integration: integration.clone(), cursor: Some(next) };
        self.store.continue_change(&change.next_page(next)).await
    }

    pub(crate) async fn plan_shared(
        &self,
        change: &Change,
        integration: &IntegrationId,
        from: &SharePlace,
    ) -> StoreResult<()> {
        match self.store.integration(&change.workspace, integration).await? {
            Some((_, shares)) => self.plan_shares(change, integration, shares, Some(from)).await,
            None => Ok(()),
        }
    }

    async fn plan_shares(
        &self,
        change: &Change,
        integration: &IntegrationId,
        shares: Vec<Share>,
        from: Option<&SharePlace>,
    ) -> StoreResult<()> {
        let Sharers { people, next } = self.sharers(change, shares, from).await?;
        self.evaluate(change, integration, &Vec::from_iter(people)).await?;
        let Some(from) = next else { return Ok(()) };
        let next = Subject::Shared { integration: integration.clone(), from };
        self.store.continue_change(&change.next_page(next)).await
    }

    /// A page of the people with shares that give a seat, in order of the shares. One that is made or ended meanwhile has a
    /// change of its own.
    async fn sharers(
        &self,
        change: &Change,
        mut shares: Vec<Share>,
        from: Option<&SharePlace>,
    ) -> StoreResult<Sharers> {
        shares.retain(|share| {
            matches!(share.app_access, AppAccess::Invite { .. })
                && from.is_none_or(|from| share.id >= from.share)
        });
        shares.sort_by(|one, other| one.id.cmp(&other.id));
        let mut people = BTreeSet::new();
        for (looked_at, share) in shares.into_iter().enumerate() {
            let after = from.filter(|from| from.share == share.id).and_then(|from| from.after.clone());
            if looked_at == SHARES_PER_PAGE || people.len() >= PEOPLE_PER_PAGE as usize {
                return Ok(Sharers { people, next: Some(SharePlace { share: share.id, after: None }) });
            }
            match share.principal {
                Principal::Person(person) => {
                    people.insert(person);
                }
                Principal::Team(team) => {
                    let page = self.members_after(change, &team, after.as_ref()).await?;
                    let last = page.items.last().cloned();
                    people.extend(page.items);
                    if page.next.is_some() {
                        return Ok(Sharers {
                            people,
                            next: Some(SharePlace { share: share.id, after: last }),
                        });
                    }
                }
            }
        }
        Ok(Sharers { people, next: None })
    }
}
