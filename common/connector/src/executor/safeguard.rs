//! What is checked before a step takes something away, by what the app shows at that moment: whether it was counted,
//! whether the person is protected, and whether somebody else is left who administers the app. What cannot be proved
//! counts as not so.

use usher_domain::{
    access::{Account, AccountState, Observed},
    guard::{AdminRole, GuardRecord, Guards, Impact, Refusal, admin_roles_lost},
    integration::Catalogue,
    ports::Loaded,
};

use super::attempt::{Attempt, Ending, guarded, stuck};
use crate::error::{Class, Error};

/// What the integration and the job let an attempt take away.
#[derive(Debug, Clone, Copy)]
pub(super) struct Safeguard<'a> {
    /// What exists in the app.
    pub(super) catalogue: &'a Catalogue,
    /// What of the job was counted.
    pub(super) guard: &'a GuardRecord,
    /// The integration's guards.
    pub(super) guards: &'a Guards,
    /// Whether the person is marked as protected.
    pub(super) is_protected: bool,
    /// Whether no other job of the integration takes an admin role away meanwhile.
    pub(super) alone: bool,
}

impl<'a> Safeguard<'a> {
    pub(super) fn of(started: &'a Loaded, alone: bool) -> Self {
        let Loaded { job, access, integration, .. } = started;
        Self {
            catalogue: &integration.catalogue,
            guard: &job.guard,
            guards: &integration.guards,
            is_protected: access.is_protected(),
            alone,
        }
    }
}

impl Attempt<'_> {
    /// Whether the plan may be applied to what was seen.
    ///
    /// # Errors
    /// How the attempt ends, where it may not.
    pub(super) async fn allowed(&self, seen: &Observed) -> Result<(), Ending> {
        let Safeguard { catalogue, guard, alone, .. } = self.safeguard;
        let desired = &self.desired.presence;
        let impact = Impact::of(Some(seen), desired, catalogue);
        let Some(account) = seen.account.as_ref().filter(|_| impact.loss) else {
            return counted(guard, impact);
        };
        self.not_protected(account).await?;
        counted(guard, impact)?;
        let lost = admin_roles_lost(&seen.seat, desired, catalogue);
        // Whoever works by hand sees who else administers the app, and is told to look.
        if lost.is_empty() || account.state != AccountState::Active || self.connector.by_hand() {
            return Ok(());
        }
        if !alone {
            return Err(Ending::NeedsToBeAlone);
        }
        self.others_administer(&account.id, lost).await
    }

    async fn not_protected(&self, account: &Account) -> Result<(), Ending> {
        let Safeguard { is_protected, guards, .. } = self.safeguard;
        if let Some(refusal) = Refusal::to_take_from(is_protected, Some(account), guards) {
            return Err(refused(&refusal.words()));
        }
        let acting = self.connector.acting_account();
        let transient = Class::Transient { after: None };
        match guarded("asking which account Usher acts as", transient, self.step, acting).await {
            Ok(Some(acting)) if acting == account.id => Err(refused(
                "Usher acts as this account; give the integration credentials of another one first",
            )),
            Ok(_) => Ok(()),
            Err(error) => Err(stuck(error)),
        }
    }

    /// Whether for each of these roles the app shows somebody else who holds it, or one as high.
    async fn others_administer(&self, account: &str, mut lost: Vec<AdminRole>) -> Result<(), Ending> {
        if !self.connector.meta().capabilities.list_members {
            return Err(refused("the app cannot tell whether another admin is left; do it in the app"));
        }
        let mut untold = false;
        let mut cursor = None;
        loop {
            self.has_time()?;
            let listing = self.connector.list_members(cursor.as_deref());
            let transient = Class::Transient { after: None };
            let listed = guarded("looking for another admin", transient, self.step, listing).await;
            let page = listed.map_err(stuck)?;
            let others = page.items.iter().filter(|member| {
                member.account.id != account && member.account.state == AccountState::Active
            });
            for other in others {
                match other.seat.roles() {
                    Some(roles) => lost.retain(|admin| roles.is_disjoint(&admin.as_high)),
                    None => untold = true,
                }
            }
            cursor = page.next;
            match (lost.first(), &cursor) {
                (None, _) => return Ok(()),
                (Some(_), Some(_)) => {}
                (Some(_), None) if untold => {
                    return Err(refused(
                        "the app's list does not tell everybody's roles, so whether another admin is left is not \
                         known; do it in the app",
                    ));
                }
                (Some(admin), None) => {
                    return Err(refused(&Refusal::LastAdmin(admin.name.clone()).words()));
                }
            }
        }
    }
}

fn counted(guard: &GuardRecord, impact: Impact) -> Result<(), Ending> {
    if guard.uncounted(impact).is_none() { Ok(()) } else { Err(Ending::Unforeseen) }
}

fn refused(why: &str) -> Ending {
    stuck(Error::new(Class::PolicyDenied, format!("nothing was taken away: {why}")))
}

#[cfg(test)]
pub(super) use tests::unguarded;

#[cfg(test)]
#[path = "safeguard_tests.rs"]
mod tests;
