//! What the organisation gives one person.

use serde::{Deserialize, Serialize};
use usher_connector::{Class, Error, Observation, Result, Subject};
use usher_domain::access::{Observed, Seat};

use crate::{client::Client, groups, user::User};

/// What the steps need beside the product's words.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Detail {
    /// The account is the person's own, and is named so in commands.
    pub(crate) own: bool,
}

/// Everything that the organisation gives one person.
pub(crate) async fn observe(client: &Client, subject: &Subject) -> Result<Observation> {
    const DOING: &str = "looking for the person";
    let by_email = match &subject.profile.email {
        Some(email) => client.user(DOING, email).await?,
        None if subject.account.is_some() => None,
        None => {
            return Err(Error::new(
                Class::IdentityUnlinked,
                "looking for the person: Adobe knows people by e-mail address, and the directory gives none; fill it in, \
                 then retry",
            ));
        }
    };
    let is_known = |user: &User| subject.account.as_ref() == Some(&user.account.id);
    // Somebody who is known is that one, whatever address they have now. Adobe looks up addresses only.
    if subject.account.is_some()
        && !by_email.as_ref().is_some_and(is_known)
        && let Some(user) = client.users(DOING).await?.into_iter().find(is_known)
    {
        return seen(subject, user);
    }
    by_email.map_or_else(|| Ok(Observation::default()), |user| seen(subject, user))
}

/// What a user has of that which Usher gives or gave. Everything else ends with the membership.
fn seen(subject: &Subject, user: User) -> Result<Observation> {
    let mut seat = Seat { roles: user.roles(), ..Seat::default() };
    for group in &user.groups {
        let asset = groups::asset(group);
        if subject.known.assets.contains_key(&asset) {
            seat.assets.insert(asset, groups::held());
        } else if subject.known.entitlements.contains(group) {
            seat.entitlements.insert(group.clone());
        }
    }
    let detail = serde_json::to_value(Detail { own: user.own })
        .map_err(|_| Error::invalid("looking for the person: what was seen cannot be kept"))?;
    let observed = Observed { account: Some(user.account), seat, ..Observed::default() };
    Ok(Observation { observed, detail })
}
