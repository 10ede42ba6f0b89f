//! What the business gives one person.

use std::collections::BTreeSet;

use serde_json::Value;
use usher_connector::{Class, Error, Invitation, Observation, Request, Result, Subject};
use usher_domain::access::{AccountState, Seat};

use crate::{
    assets::Kind,
    client::Client,
    user::{self, REQUEST_FIELDS, User},
};

/// Somebody who was found.
enum Found {
    User(User),
    Invited(Invitation),
}

/// Everything that the business gives one person.
pub(crate) async fn observe(client: &Client, subject: &Subject) -> Result<Observation> {
    match find(client, subject).await? {
        None => Ok(Observation::default()),
        Some(Found::Invited(invitation)) => Ok(Observation::of_invitation(invitation)),
        Some(Found::User(user)) => seen(user, &subject.known),
    }
}

/// What a person has: that which Usher gives or gave, and the rest.
fn seen(user: User, known: &Seat) -> Result<Observation> {
    let mut seat = Seat { roles: [user.role].into(), ..Seat::default() };
    let mut others = BTreeSet::new();
    for (asset, tasks) in user.tasks {
        match known.assets.get(&asset) {
            Some(given) => {
                let (kind, _) = Kind::of(&asset)?;
                let held = kind.essential(&tasks);
                // What was given may have been written with tasks that come along anyway.
                let same = !held.is_empty() && kind.essential(given) == held;
                seat.assets.insert(asset, if same { given.clone() } else { held });
            }
            None => {
                others.insert(asset);
            }
        }
    }
    Ok(Observation::of_member(user.account, seat, &others))
}

/// Looks for a person: by the known id, then by the address among the invited and the members.
async fn find(client: &Client, subject: &Subject) -> Result<Option<Found>> {
    if let Some(id) = &subject.account
        && let Some(found) = by_id(client, id).await?
    {
        return Ok(Some(found));
    }
    let Some(email) = subject.profile.email.as_deref() else {
        return Err(Error::new(
            Class::IdentityUnlinked,
            "looking for the person: Meta knows people by e-mail address, and the directory gives none; fill it in, \
             then retry",
        ));
    };
    // The invited first: somebody who accepts meanwhile is then found among the members.
    let invited = invited(client, email).await?;
    match member(client, email).await? {
        Some(user) => Ok(Some(Found::User(user))),
        None => Ok(invited.map(Found::Invited)),
    }
}

/// Who has this id now. Meta does not say of an id whether it is nobody's or may not be seen, and it names members and
/// invitations alike: only the lists can say that somebody is not there.
async fn by_id(client: &Client, id: &str) -> Result<Option<Found>> {
    let request =
        Request::get("looking for the account", [id]).query("fields", user::fields(client.page_size()));
    match client.read(request).await {
        Ok(node) => {
            let ours = node.pointer("/business/id").and_then(Value::as_str) == Some(client.business());
            return if ours { Ok(Some(Found::User(user::user(client, &node).await?))) } else { Ok(None) };
        }
        // 100: it is not there, or it is an invitation, which has no such fields.
        Err(error) if matches!(error.class(), Class::NotFound | Class::Invalid) => {}
        Err(error) => return Err(error),
    }
    let request = Request::get("looking for the invitation", [id]).query("fields", REQUEST_FIELDS);
    match client.read(request).await {
        Ok(node) => Ok(user::invitation(&node)?.map(Found::Invited)),
        Err(error) if matches!(error.class(), Class::NotFound | Class::Invalid) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn invited(client: &Client, email: &str) -> Result<Option<Invitation>> {
    let request = Request::get("looking for the invitation", [client.business(), "pending_users"])
        .query("email", email)
        .query("fields", REQUEST_FIELDS);
    let nodes = client.all(&request, Vec::new(), None).await?;
    if !nodes.iter().all(|node| user::has_email(node, email)) {
        return Err(Error::invalid(
            "looking for the invitation: Meta answered with other people's; this is a defect in Usher or at Meta",
        ));
    }
    let mut invitations = Vec::new();
    for node in &nodes {
        invitations.extend(user::invitation(node)?);
    }
    // One that stands says more than those that are over.
    invitations.sort_by_key(|invitation| invitation.state != AccountState::Invited);
    Ok(invitations.into_iter().next())
}

/// The business's members cannot be searched.
async fn member(client: &Client, email: &str) -> Result<Option<User>> {
    let request = Request::get("looking for the person", [client.business(), "business_users"])
        .query("fields", user::fields(client.page_size()));
    let nodes = client.all(&request, Vec::new(), None).await?;
    let mut found = nodes.iter().filter(|node| user::has_email(node, email));
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(node), None) => Ok(Some(user::user(client, node).await?)),
        (Some(_), Some(_)) => Err(Error::new(
            Class::PolicyDenied,
            "looking for the person: the business has more than one member with the person's e-mail address; remove \
             one in Business settings, then retry",
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use usher_domain::{access::Account, directory::Profile};

    use super::*;

    fn user(asset: &str, tasks: &[&str]) -> User {
        let tasks = tasks.iter().map(|task| (*task).to_owned()).collect();
        User {
            account: Account { id: "1".into(), state: AccountState::Active, profile: Profile::default() },
            role: "EMPLOYEE".into(),
            tasks: BTreeMap::from([(asset.to_owned(), tasks)]),
        }
    }

    #[test]
    fn what_usher_gave_is_seen_as_it_was_given_and_the_rest_is_kept_apart() {
        let account = "ad_account:act_1";
        let given: BTreeSet<String> = ["ADVERTISE".to_owned(), "ANALYZE".to_owned()].into();
        let known = Seat { assets: [(account.to_owned(), given.clone())].into(), ..Seat::default() };
        let observation = seen(user(account, &["ADVERTISE", "ANALYZE", "DRAFT"]), &known).unwrap();
        assert_eq!(observation.observed.seat.assets[account], given);
        let observation = seen(user(account, &["MANAGE", "ADVERTISE", "ANALYZE"]), &known).unwrap();
        assert_eq!(observation.observed.seat.assets[account], ["MANAGE".to_owned()].into());
        let observation = seen(user("page:7", &["ANALYZE"]), &known).unwrap();
        assert!(observation.observed.seat.assets.is_empty());
        assert_eq!(observation.others().unwrap(), ["page:7".to_owned()].into());
    }
}
