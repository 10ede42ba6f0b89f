//! Who somebody in the app is: by the account that is recorded, then by e-mail address, then by user name. An account is
//! nobody's or one person's.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};
use usher_domain::{
    Timestamp,
    access::{Access, AccountState, Presence, Told},
    id::{ConnectionId, PersonId},
    ports::StoreResult,
    sync::{DriftKind, Finding, Seen, SyncPage, compare},
};

use super::{Session, Trouble};

/// How many people are looked for at the same time.
const AT_ONCE: usize = 8;

/// Somebody as a list shows them, with their e-mail address and user name.
pub(super) type Shown = (Seen, Option<String>, String);

impl Session<'_> {
    /// Compares a page of the app with what is recorded.
    pub(super) async fn recognise(&self, shown: Vec<Shown>, since: Timestamp) -> Result<SyncPage, Trouble> {
        let store = &self.executor.store;
        let (workspace, integration) = (&self.run.workspace, &self.run.integration);
        let accounts: Vec<String> = shown.iter().map(|(seen, ..)| seen.account.clone()).collect();
        let owners = store.account_owners(workspace, integration, &accounts).await?;
        let unowned: Vec<&Shown> =
            shown.iter().filter(|(seen, ..)| !owners.contains_key(&seen.account)).collect();
        let alike = self.alike(&unowned).await?;
        let people: BTreeSet<PersonId> = owners.values().chain(alike.values()).cloned().collect();
        let people: Vec<PersonId> = people.into_iter().collect();
        let accesses = store.accesses(workspace, integration, &people).await?;

        let mut page = SyncPage { accounts, ..SyncPage::default() };
        for (seen, ..) in &shown {
            if self.run.acting_account.as_ref() == Some(&seen.account) {
                continue;
            }
            let person = owners.get(&seen.account).or_else(|| alike.get(&seen.account));
            let access = person.and_then(|person| accesses.get(person)).filter(|access| is_known(access));
            let finding = match access {
                Some(access) => {
                    page.counts.matched += 1;
                    if !owners.contains_key(&seen.account) {
                        page.recognised.push(access.person.clone());
                    }
                    compare(access, &self.as_decided(access, seen), &self.integration.catalogue, since)
                }
                // Whoever cannot get in is no stranger there.
                None if !matches!(seen.state, AccountState::Active | AccountState::Invited) => None,
                None => Some(Finding {
                    person: person.cloned(),
                    kind: DriftKind::Unmatched,
                    expected: None,
                    seen: Some(seen.clone()),
                }),
            };
            if let Some(finding) = finding {
                page.counts.found(&finding);
                page.findings.push(finding);
            }
        }
        Ok(page)
    }

    /// What was seen, with grants as they were decided where they come to the same.
    fn as_decided(&self, access: &Access, seen: &Seen) -> Seen {
        let mut seen = seen.clone();
        let decided = access.desired.as_ref().map(|desired| &desired.presence);
        if let (Some(Presence::Seated(decided)), Told::Whole(seat)) = (decided, &mut seen.seat) {
            for (asset, listed) in &mut seat.assets {
                let given = decided.assets.get(asset);
                if let Some(given) = given.filter(|given| self.connector.same_grant(asset, given, listed)) {
                    listed.clone_from(given);
                }
            }
        }
        seen
    }

    /// For those whose account is nobody's: the one person of the directory who they can be.
    async fn alike(&self, shown: &[&Shown]) -> StoreResult<BTreeMap<String, PersonId>> {
        if shown.is_empty() {
            return Ok(BTreeMap::new());
        }
        let feeds = self.executor.store.feeds(&self.integration).await?;
        let looked = shown.iter().map(|shown| self.who(&feeds, shown));
        let found: Vec<_> = stream::iter(looked.collect::<Vec<_>>()).buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn who(
        &self,
        feeds: &[ConnectionId],
        (seen, email, user_name): &Shown,
    ) -> StoreResult<Option<(String, PersonId)>> {
        let mut found = BTreeSet::new();
        for feed in feeds {
            found.extend(self.executor.store.people_like(feed, email.as_deref(), user_name).await?);
        }
        // Two people of the same name are a guess, and a guess could take somebody's seat away.
        let one = if found.len() == 1 { found.pop_first() } else { None };
        Ok(one.map(|person| (seen.account.clone(), person)))
    }
}

/// Whether Usher put the person into the app, took them out, or took them in.
fn is_known(access: &Access) -> bool {
    access.desired.is_some() || access.observed.is_some()
}
