//! Marks: admins put them on and take them off, and whoever is marked keeps what everybody else loses.

use std::collections::BTreeMap;

use usher_domain::{
    access::{Mark, MarkKind, Presence},
    change::{Change, Subject},
    id::PersonId,
    ports::{Admin, Facts, StoreError, StoreResult},
    share::Principal,
};

use super::{
    app::{App, Grants, Seated},
    run::Run,
    workload::Clients,
};

impl Clients {
    /// Somebody is marked, or no longer.
    pub(super) async fn mark(&self) -> StoreResult<()> {
        let Some(person) = self.somebody().await else { return Ok(()) };
        let kinds = [None, None, Some(MarkKind::Exempt), Some(MarkKind::Protected)];
        self.set_mark(&person, kinds[self.chance.below(kinds.len())]).await
    }

    async fn set_mark(&self, person: &PersonId, kind: Option<MarkKind>) -> StoreResult<()> {
        let mark = kind.map(|kind| Mark { kind, reason: "simulated".to_owned(), cause: self.cause() });
        let subject = Subject::Mark { integration: self.hub.clone(), person: person.clone() };
        let change = Change::new(self.change(), self.workspace.clone(), subject, self.cause());
        self.store.set_mark(&self.workspace, &self.hub, person, mark.as_ref(), &change).await?;
        Ok(())
    }

    /// The hub is shared with everybody.
    async fn share_all(&self) {
        for person in &self.known.lock().await.people {
            self.share_with(Principal::Person(person.clone())).await.unwrap();
        }
    }

    /// The hub is shared with nobody any more.
    async fn unshare_all(&self) {
        let known = self.known.lock().await;
        let teams = known.teams.iter().cloned().map(Principal::Team);
        for principal in teams.chain(known.people.iter().cloned().map(Principal::Person)) {
            match self.unshare_with(&principal).await {
                Ok(()) | Err(StoreError::Missing { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    /// Who is in the app as was decided, with nothing left to do.
    async fn settled(&self) -> Vec<(PersonId, String)> {
        let known = self.known.lock().await.people.clone();
        let accesses = Facts::accesses(&self.store, &self.workspace, &self.hub, &known).await.unwrap();
        let settled = accesses.into_values().filter(|access| {
            let settled = access.settled.as_ref().map(|settled| &settled.presence);
            access.job.is_none() && !access.is_rejected() && matches!(settled, Some(Presence::Seated(_)))
        });
        settled.filter_map(|access| Some((access.person, access.desired?.profile.user_name))).collect()
    }
}

/// Takes everybody's grants away: whoever is marked stays with all that they have, until the mark goes.
pub(super) async fn check(run: &mut Run) -> Result<(), String> {
    let all = run.clients.clone();
    for clients in &all {
        clients.share_all().await;
    }
    run.settle().await?;
    let mut marked = Vec::new();
    for clients in &all {
        let kinds = [MarkKind::Exempt, MarkKind::Protected];
        for ((person, name), kind) in clients.settled().await.into_iter().zip(kinds) {
            clients.set_mark(&person, Some(kind)).await.map_err(|error| error.to_string())?;
            marked.push((clients, person, name, kind));
        }
    }
    run.settle().await?;
    let before: Vec<_> = all.iter().map(|clients| held(&clients.app)).collect();
    for clients in &all {
        clients.unshare_all().await;
    }
    run.settle().await?;
    for (clients, person, name, kind) in marked {
        let place = all.iter().position(|other| other.workspace == clients.workspace);
        let (before, after) = (&before[place.unwrap_or_default()], held(&clients.app));
        if before.get(&name) != after.get(&name) {
            let (before, after) = (before.get(&name), after.get(&name));
            return Err(format!("{kind:?} changed from {before:?} to {after:?}"));
        }
        clients.set_mark(&person, None).await.map_err(|error| error.to_string())?;
    }
    run.settle().await
}

/// What each has in an app.
fn held(app: &App) -> BTreeMap<String, (Seated, Grants)> {
    let with_grants = |seat: Seated| (seat.user_name.clone(), (seat.clone(), app.grants_of(&seat.id)));
    app.seats().into_iter().map(with_grants).collect()
}
