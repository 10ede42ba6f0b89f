//! An account of the app has one owner, and nobody else is looked for or made under the same name meanwhile. Somebody who was
//! deleted and came back under the same name is somebody new, who is matched to the account that is there; the removal of
//! the old person, when it comes late, leaves it alone.

use std::time::Duration;

use async_trait::async_trait;
use usher_domain::{
    Timestamp,
    access::{Access, Desired, Presence},
    ports::{Claim, Clock, Execution, Holding, StoreResult},
};

use super::attempt::Ending;
use crate::{
    action::Action,
    error::{Class, Error},
};

/// Makes accounts and names the person's own.
#[async_trait]
pub(super) trait Holdings: Send + Sync {
    /// Claims it for the person who is acted for.
    async fn claim(&self, holding: Holding<'_>) -> StoreResult<Claim>;
}

/// Those of the store, for whoever holds the lease on this access.
pub(super) struct Claiming<'a> {
    pub(super) store: &'a dyn Execution,
    pub(super) access: &'a Access,
    pub(super) clock: &'a dyn Clock,
}

#[async_trait]
impl Holdings for Claiming<'_> {
    async fn claim(&self, holding: Holding<'_>) -> StoreResult<Claim> {
        self.store.claim(self.access, holding, self.clock.now()).await
    }
}

/// What to do about an account that was seen, or a name.
pub(super) enum Owned {
    /// It is the person's: go on.
    Yes,
    /// It is somebody else's, and this person has none: there is nothing to take away.
    Spared,
    /// It cannot be touched now.
    No(Ending),
}

/// Makes an account that was seen the person's own before anything is done to it, or a name before anybody is looked for
/// under it.
pub(super) async fn own(
    holdings: &dyn Holdings,
    desired: &Desired,
    holding: Holding<'_>,
    now: Timestamp,
) -> Owned {
    let later = |after: Option<Duration>, message: &str| {
        let error = Error::new(Class::Transient { after }, message);
        Owned::No(Ending::Failed { error, action: Action::Retry { after } })
    };
    match (holdings.claim(holding).await, &desired.presence) {
        (Ok(Claim::Granted), _) => Owned::Yes,
        (Ok(Claim::Busy { until }), _) => {
            let after = Duration::try_from(until.duration_since(now)).ok();
            later(
                after,
                "somebody else's work on the same account is under way; it is tried again after that",
            )
        }
        (Ok(Claim::Taken), Presence::Absent) => Owned::Spared,
        (Ok(Claim::Taken), Presence::Seated(_)) => {
            let message = match holding {
                Holding::Account(_) => {
                    "the account in the app that fits this person is another person's; correct the e-mail address or user \
                     name of one of them, then retry"
                }
                Holding::Name(_) => {
                    "another person is to be seated under the same name; correct the e-mail address or user name of one of \
                     them, then retry"
                }
            };
            // The other may be gone from the directory already, and the removal not decided yet.
            let error = Error::new(Class::Conflict, message);
            Owned::No(Ending::Failed { error, action: Action::Retry { after: None } })
        }
        (Err(_), _) => later(None, "whose account it is could not be read; it is tried again"),
    }
}

#[cfg(test)]
#[path = "ownership_tests.rs"]
pub(super) mod tests;
