//! What a look shows, for apps with members, invitations and assets.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};
use usher_domain::{
    access::{Account, Observed, Seat},
    directory::Profile,
};

use crate::{
    contract::{Invitation, Observation},
    error::{Error, Result},
};

impl Observation {
    /// Somebody who is in: what Usher gives or gave, and beside it (`others`) the assets that came from elsewhere. Those stay
    /// until the person goes.
    pub fn of_member(account: Account, seat: Seat, others: &BTreeSet<String>) -> Self {
        let observed = Observed { account: Some(account), seat, ..Observed::default() };
        Self { observed, detail: json!({ "others": others }) }
    }

    /// Somebody who is or was invited, known by the address that the invitation went to.
    pub fn of_invitation(invitation: Invitation) -> Self {
        let email = Some(invitation.email.clone()).filter(|email| !email.is_empty());
        let profile = Profile { user_name: invitation.email, email, ..Profile::default() };
        let account = Account { id: invitation.id, state: invitation.state, profile };
        let seat = Seat { roles: invitation.roles, ..Seat::default() };
        Self {
            observed: Observed { account: Some(account), seat, ..Observed::default() },
            detail: Value::Null,
        }
    }

    /// The assets that came from elsewhere; none for whoever is not a member.
    ///
    /// # Errors
    /// `Invalid` when [`Self::of_member`] did not make the observation.
    pub fn others(&self) -> Result<BTreeSet<String>> {
        let others = match &self.detail {
            Value::Null => return Ok(BTreeSet::new()),
            detail => detail.get("others").and_then(|others| BTreeSet::deserialize(others).ok()),
        };
        others.ok_or_else(|| {
            Error::invalid("planning: the observation is not this connector's; this is a defect in Usher")
        })
    }
}

#[cfg(test)]
mod tests {
    use usher_domain::access::AccountState;

    use super::*;

    #[test]
    fn what_came_from_elsewhere_is_kept_apart() {
        let account = Account { id: "1".into(), state: AccountState::Active, profile: Profile::default() };
        let others = BTreeSet::from(["page:7".to_owned()]);
        let member = Observation::of_member(account, Seat::default(), &others);
        assert_eq!(member.others().unwrap(), others);
        assert!(member.observed.seat.assets.is_empty());
        assert!(Observation::default().others().unwrap().is_empty());
        let foreign = Observation { detail: json!({"login": "ada"}), ..Observation::default() };
        assert!(foreign.others().is_err());
    }
}
