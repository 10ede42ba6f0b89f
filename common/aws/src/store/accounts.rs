//! Whose an account of an app is: one row each, written under a condition, so that two people never have the same.

use usher_domain::{
    Timestamp,
    access::{Access, Presence},
    id::PersonId,
    ports::{Claim, StoreError, StoreResult},
};

use super::{
    Store,
    row::{Item, Row, document, kind, number, text, text_of},
    transaction::{Condition, Otherwise, Transaction, put_alone},
};
use crate::keys;

/// How often a claim is tried again because the account or its owner moved.
const CLAIM_ATTEMPTS: u32 = 8;

/// What a claim does, for errors.
const DURING: &str = "claiming an account";

/// The attribute that names the owner.
const PERSON: &str = "person";

impl Store {
    /// See [`usher_domain::ports::Execution::claim`].
    pub(crate) async fn claim_account(
        &self,
        access: &Access,
        account: &str,
        now: Timestamp,
    ) -> StoreResult<Claim> {
        let key = keys::account_owner(&access.workspace, &access.integration, account);
        for _ in 0..CLAIM_ATTEMPTS {
            let row = self.get(&key).await?;
            let owner = row.as_ref().and_then(owner_of);
            let mine = Row::bare(key.clone(), kind::ACCOUNT).with(PERSON, text(access.person.as_str()));
            let moved = Otherwise::Conflict("the account's owner");
            let claimed = match owner {
                Some(owner) if owner == access.person => return Ok(Claim::Granted),
                None => put_alone(self, mine, Condition::Absent, moved, DURING).await,
                Some(owner) => {
                    let theirs = keys::access(&access.workspace, &owner, &access.integration);
                    let row = self.get(&theirs).await?;
                    let other: Option<Access> = row.as_ref().map(document).transpose()?;
                    if let Some(claim) = other.as_ref().and_then(|other| defended(other, account, now)) {
                        return Ok(claim);
                    }
                    let unmoved = Condition::Equals(PERSON, text(owner.as_str()));
                    let mut transaction = Transaction::new();
                    transaction.put_if(self, mine, unmoved, moved.clone());
                    let still = match &other {
                        Some(other) => Condition::Equals("evaluation", number(other.evaluation)),
                        None => Condition::Absent,
                    };
                    // Whoever begins to act for the owner now reads whose the account is after this.
                    transaction.check(self, &theirs, still, moved);
                    transaction.commit(self, DURING).await
                }
            };
            match claimed {
                Ok(()) => return Ok(Claim::Granted),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict { what: "the account's owner" })
    }

    /// Forgets whose a gone account was.
    pub(crate) fn release_account(&self, transaction: &mut Transaction, access: &Access, account: &str) {
        let key = keys::account_owner(&access.workspace, &access.integration, account);
        let mine = Condition::Equals(PERSON, text(access.person.as_str()));
        transaction.delete_if(self, &key, mine, Otherwise::Conflict("the account's owner"));
    }
}

/// The owner that a row names.
pub(crate) fn owner_of(row: &Item) -> Option<PersonId> {
    text_of(row, PERSON)?.parse().ok()
}

/// Why the owner keeps the account, if they do.
fn defended(owner: &Access, account: &str, now: Timestamp) -> Option<Claim> {
    if let Some(lease) = owner.lease.as_ref().filter(|lease| now < lease.until) {
        return Some(Claim::Busy { until: lease.until });
    }
    let wanted = owner.desired.as_ref().is_some_and(|desired| desired.presence != Presence::Absent);
    let recorded = owner.observed.as_ref().and_then(|observed| observed.account.as_ref());
    (wanted && recorded.is_some_and(|recorded| recorded.id == account)).then_some(Claim::Taken)
}
