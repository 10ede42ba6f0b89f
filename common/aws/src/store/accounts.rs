//! Whose an account of an app is, and who is looked for under a name: one row each, written under a condition, so that two
//! people never have the same.

use usher_domain::{
    Timestamp,
    access::{Access, Presence},
    id::PersonId,
    ports::{Claim, Holding, StoreError, StoreResult},
};

use super::{
    Store,
    row::{Item, Row, document, kind, number, text, text_of},
    transaction::{Condition, Otherwise, Transaction, put_alone},
    users::days_after,
};
use crate::keys::{self, Key};

/// How often a claim is tried again because the row or its owner moved.
const CLAIM_ATTEMPTS: u32 = 8;

/// For how many days a name is held: longer than any attempt and what an app does late, and no longer, because the account
/// that is made under it has an owner of its own.
const NAME_DAYS: i64 = 1;

/// What a claim does, for errors.
const DURING: &str = "claiming an account";

/// The attribute that names the owner.
const PERSON: &str = "person";

/// What it means that the row or its owner moved.
const MOVED: Otherwise = Otherwise::Conflict("the account's owner");

impl Store {
    /// See [`usher_domain::ports::Execution::claim`].
    pub(crate) async fn claim_holding(
        &self,
        access: &Access,
        holding: Holding<'_>,
        now: Timestamp,
    ) -> StoreResult<Claim> {
        let (key, mine) = claimed(access, holding, now);
        // To read costs less than to write what is written already.
        if is_recorded(access, holding) && self.owner(&key).await?.as_ref() == Some(&access.person) {
            return Ok(Claim::Granted);
        }
        for _ in 0..CLAIM_ATTEMPTS {
            let free = Condition::UnsetOrEquals(PERSON, text(access.person.as_str()));
            match put_alone(self, mine.clone(), free, MOVED, DURING).await {
                Ok(()) => return Ok(Claim::Granted),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
            let Some(owner) = self.owner(&key).await?.filter(|owner| *owner != access.person) else {
                continue;
            };
            match self.take_over(access, holding, &owner, mine.clone(), now).await {
                Err(StoreError::Conflict { .. }) => {}
                answer => return answer,
            }
        }
        Err(StoreError::Conflict { what: "the account's owner" })
    }

    /// Takes what somebody else has, unless they keep it.
    async fn take_over(
        &self,
        access: &Access,
        holding: Holding<'_>,
        owner: &PersonId,
        mine: Row,
        now: Timestamp,
    ) -> StoreResult<Claim> {
        let theirs = keys::access(&access.workspace, owner, &access.integration);
        let row = self.get(&theirs).await?;
        let other: Option<Access> = row.as_ref().map(document).transpose()?;
        if let Some(claim) = other.as_ref().and_then(|other| defended(other, holding, now)) {
            return Ok(claim);
        }
        let mut transaction = Transaction::new();
        transaction.put_if(self, mine, Condition::Equals(PERSON, text(owner.as_str())), MOVED);
        let still = match &other {
            Some(other) => Condition::Equals("evaluation", number(other.evaluation)),
            None => Condition::Absent,
        };
        // Whoever begins to act for the owner now claims after this.
        transaction.check(self, &theirs, still, MOVED);
        transaction.commit(self, DURING).await?;
        Ok(Claim::Granted)
    }

    async fn owner(&self, key: &Key) -> StoreResult<Option<PersonId>> {
        Ok(self.get(key).await?.as_ref().and_then(owner_of))
    }

    /// Forgets whose a gone account was.
    pub(crate) fn release_account(&self, transaction: &mut Transaction, access: &Access, account: &str) {
        let key = keys::account_owner(&access.workspace, &access.integration, account);
        let mine = Condition::Equals(PERSON, text(access.person.as_str()));
        transaction.delete_if(self, &key, mine, MOVED);
    }
}

/// The row of a claim, and where it stands.
fn claimed(access: &Access, holding: Holding<'_>, now: Timestamp) -> (Key, Row) {
    let Access { workspace, integration, .. } = access;
    let (key, row) = match holding {
        Holding::Account(account) => {
            let key = keys::account_owner(workspace, integration, account);
            (key.clone(), Row::bare(key, kind::ACCOUNT))
        }
        Holding::Name(name) => {
            let key = keys::name_holder(workspace, integration, name);
            (key.clone(), Row::bare(key, kind::NAME).expiring(days_after(now, NAME_DAYS)))
        }
    };
    (key, row.with(PERSON, text(access.person.as_str())))
}

/// The owner that a row names.
pub(crate) fn owner_of(row: &Item) -> Option<PersonId> {
    text_of(row, PERSON)?.parse().ok()
}

/// Whether somebody was seen to have an account.
fn is_recorded(access: &Access, holding: Holding<'_>) -> bool {
    let recorded = access.observed.as_ref().and_then(|observed| observed.account.as_ref());
    matches!((holding, recorded), (Holding::Account(id), Some(recorded)) if recorded.id == id)
}

/// Why the owner keeps what they have, if they do.
fn defended(owner: &Access, holding: Holding<'_>, now: Timestamp) -> Option<Claim> {
    if let Some(lease) = owner.lease.as_ref().filter(|lease| now < lease.until) {
        return Some(Claim::Busy { until: lease.until });
    }
    let desired = owner.desired.as_ref().filter(|desired| desired.presence != Presence::Absent)?;
    let keeps = match holding {
        Holding::Account(_) => is_recorded(owner, holding),
        Holding::Name(name) => desired.profile.is_called(name),
    };
    keeps.then_some(Claim::Taken)
}
