//! What the account gives one person.

use std::collections::BTreeSet;

use usher_connector::{Class, Error, Observation, Result, Subject};
use usher_domain::access::Seat;

use crate::{client::Client, user::User};

/// Everything that the account gives one person.
pub(crate) async fn observe(client: &Client, subject: &Subject) -> Result<Observation> {
    if let Some(id) = &subject.account {
        match client.user("looking for the account", id).await {
            Ok(user) if user.account.id == *id => return seen(subject, user),
            Ok(_) => {
                return Err(Error::invalid(
                    "looking for the account: HubSpot answered with somebody else; this is a defect in Usher or there",
                ));
            }
            // Whether nobody is left the list decides.
            Err(error) if error.class() == Class::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    match by_email(client, subject).await? {
        Some(user) => seen(subject, user),
        None => Ok(Observation::default()),
    }
}

/// The user with the address. A look for one address is not specified to tell "nobody" from "no right to see".
async fn by_email(client: &Client, subject: &Subject) -> Result<Option<User>> {
    let Some(email) = subject.profile.email.as_deref() else {
        return Err(Error::new(
            Class::IdentityUnlinked,
            "looking for the person: HubSpot knows people by e-mail address, and the directory gives none; fill it in, \
             then retry",
        ));
    };
    let everybody = client.all("looking for the person").await?;
    let mut found = everybody.into_iter().filter(|user| user.has_email(email));
    match (found.next(), found.next()) {
        (first, None) => Ok(first),
        _ => Err(Error::new(
            Class::PolicyDenied,
            "looking for the person: the account has more than one user with the person's e-mail address; remove one \
             in HubSpot, then retry",
        )),
    }
}

/// What a user has: that which Usher gives or gave, and the rest.
fn seen(subject: &Subject, user: User) -> Result<Observation> {
    let User { account, roles, teams } = user;
    let mut seat = Seat { roles, ..Seat::default() };
    let mut others = BTreeSet::new();
    for (asset, held) in teams.assets() {
        if subject.known.assets.contains_key(&asset) {
            seat.assets.insert(asset, held);
        } else {
            others.insert(asset);
        }
    }
    Ok(Observation::of_member(account, seat, &others))
}
