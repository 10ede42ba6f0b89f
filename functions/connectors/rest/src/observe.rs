//! What the app gives one person.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use usher_connector::{Class, Error, Invitation, Observation, Result, Subject};
use usher_domain::{
    access::{Account, AccountState, Seat},
    directory::Profile,
};

use crate::{
    client::Client,
    document::{Assets, Document, Invitations, KnownBy},
    reading::{text, text_at, time},
    role::{self, Numbers},
    template::Values,
};

/// Where an observation's detail has what the app has to be told again.
pub(crate) const KEPT: &str = "kept";

/// Everything that the app gives one person.
pub(crate) async fn observe(client: &Client, subject: &Subject) -> Result<Observation> {
    if let Some(member) = known(client, subject).await? {
        return seen(client, subject, &member).await;
    }
    let wanted = identity(&client.document, &subject.profile)?;
    // The invited first: somebody who accepts meanwhile is then found among the members.
    let invited = invited(client, subject).await?;
    match matching(client, subject, &wanted).await? {
        Some(member) => seen(client, subject, &member).await,
        None => Ok(invited.map(Observation::of_invitation).unwrap_or_default()),
    }
}

/// By what the person is known to the app.
fn identity(document: &Document, profile: &Profile) -> Result<String> {
    let (value, what) = match document.person.known_by {
        KnownBy::Email => (profile.email.clone(), "e-mail address"),
        KnownBy::UserName => (Some(profile.user_name.clone()).filter(|name| !name.is_empty()), "user name"),
    };
    value.ok_or_else(|| {
        Error::new(
            Class::IdentityUnlinked,
            format!(
                "looking for the person: {} knows people by {what}, and the directory gives none; fill it in, then retry",
                document.name
            ),
        )
    })
}

/// By what the app shows this person to be known.
fn shown_identity(document: &Document, item: &Value) -> Option<String> {
    match document.person.known_by {
        KnownBy::Email => text_at(item, document.person.email.as_ref()),
        KnownBy::UserName => text_at(item, document.person.user_name.as_ref()),
    }
}

/// What placeholders about a person stand for.
pub(crate) fn about(profile: &Profile) -> Values {
    Values::default()
        .with("email", profile.email.as_deref())
        .with("user_name", Some(profile.user_name.as_str()).filter(|name| !name.is_empty()))
        .with("name", Some(profile.label()))
        .with("given_name", profile.given_name.as_deref())
        .with("family_name", profile.family_name.as_deref())
}

/// The member with the known id.
async fn known(client: &Client, subject: &Subject) -> Result<Option<Value>> {
    const DOING: &str = "looking for the account";
    let (Some(id), person) = (&subject.account, &client.document.person) else { return Ok(None) };
    let is = |item: &Value| text(item, &person.id).as_ref() == Some(id);
    let Some(lookup) = &person.by_id else {
        let everybody = client.all(DOING, &client.document.members, &Values::default()).await?;
        return Ok(everybody.into_iter().find(is));
    };
    let found = client.find(DOING, lookup, &Values::default().with("id", Some(id))).await?;
    found.map(|item| if is(&item) { Ok(item) } else { Err(somebody_else(client)) }).transpose()
}

/// The member who is known as the person is.
async fn matching(client: &Client, subject: &Subject, wanted: &str) -> Result<Option<Value>> {
    const DOING: &str = "looking for the person";
    let document = &client.document;
    let is = |item: &Value| {
        shown_identity(document, item).is_some_and(|shown| shown.to_lowercase() == wanted.to_lowercase())
    };
    if let Some(lookup) = &document.person.find {
        let found = client.find(DOING, lookup, &about(&subject.profile)).await?;
        return found.map(|item| if is(&item) { Ok(item) } else { Err(somebody_else(client)) }).transpose();
    }
    let everybody = client.all(DOING, &document.members, &Values::default()).await?;
    let mut found = everybody.into_iter().filter(is);
    match (found.next(), found.next()) {
        (first, None) => Ok(first),
        _ => Err(Error::new(
            Class::PolicyDenied,
            format!(
                "{DOING}: {} has more than one account that fits; remove one there, then retry",
                document.name
            ),
        )),
    }
}

fn somebody_else(client: &Client) -> Error {
    Error::invalid(format!(
        "looking for the person: {} answered with somebody else; correct `person` in the document, then retry",
        client.document.name
    ))
}

/// The account of a member.
pub(crate) fn account(document: &Document, item: &Value) -> Result<Account> {
    let person = &document.person;
    let id = text(item, &person.id).ok_or_else(|| {
        Error::transient(format!(
            "reading a member: {}'s answer lacks the id; it is read again",
            document.name
        ))
    })?;
    let email = text_at(item, person.email.as_ref());
    let user_name = text_at(item, person.user_name.as_ref()).or_else(|| email.clone()).unwrap_or_default();
    let display_name = text_at(item, person.name.as_ref());
    let suspended = person.suspended.as_ref().is_some_and(|suspended| suspended.holds(item));
    let state = if suspended { AccountState::Suspended } else { AccountState::Active };
    Ok(Account { id, state, profile: Profile { user_name, email, display_name, ..Profile::default() } })
}

/// The roles that a member has.
pub(crate) fn roles(document: &Document, item: &Value) -> BTreeSet<String> {
    document.roles.iter().filter(|role| role.held.holds(item)).map(|role| role.key.clone()).collect()
}

/// What a member has: that which Usher gives or gave, and the rest.
async fn seen(client: &Client, subject: &Subject, item: &Value) -> Result<Observation> {
    let account = account(&client.document, item)?;
    let mut seat = Seat { roles: roles(&client.document, item), ..Seat::default() };
    let mut others = BTreeSet::new();
    if let Some(assets) = &client.document.assets {
        for (asset, held) in grants(client, assets, &account.id).await? {
            if subject.known.assets.contains_key(&asset) {
                seat.assets.insert(asset, held);
            } else {
                others.insert(asset);
            }
        }
    }
    let mut observation = Observation::of_member(account, seat, &others);
    let keeps = client.document.person.keeps.iter();
    observation.detail[KEPT] =
        keeps.filter_map(|(name, pointer)| Some((name.clone(), item.pointer(pointer)?.clone()))).collect();
    Ok(observation)
}

/// What a member holds, by asset.
async fn grants(client: &Client, assets: &Assets, id: &str) -> Result<BTreeMap<String, BTreeSet<String>>> {
    const DOING: &str = "reading what a person may do";
    let mut grants = BTreeMap::new();
    for item in client.all(DOING, &assets.held, &Values::default().with("id", Some(id))).await? {
        let asset = text(&item, &assets.held_id).ok_or_else(|| {
            Error::transient(format!("{DOING}: the app's answer lacks an asset's id; it is read again"))
        })?;
        let held = assets.permissions.iter().filter(|permission| permission.held.holds(&item));
        grants.insert(asset, held.map(|permission| permission.key.clone()).collect());
    }
    Ok(grants)
}

/// Looks for an invitation, by the known id or by the address. One that waits says more than one that is over.
async fn invited(client: &Client, subject: &Subject) -> Result<Option<Invitation>> {
    let Some(invitations) = &client.document.invitations else { return Ok(None) };
    let email = subject.profile.email.as_deref().map(str::to_lowercase);
    let mut found = Vec::new();
    let items = client.all("looking for the invitation", &invitations.list, &Values::default()).await?;
    let numbers = if items.is_empty() { None } else { role::numbers(client).await? };
    for item in items {
        let read = invitation(client, invitations, numbers, &item)?;
        if subject.account.as_ref() == Some(&read.id) || email == Some(read.email.to_lowercase()) {
            found.push(read);
        }
    }
    found.sort_by_key(|invitation| invitation.state != AccountState::Invited);
    Ok(found.into_iter().next())
}

/// Reads an invitation.
pub(crate) fn invitation(
    client: &Client,
    invitations: &Invitations,
    numbers: Option<&Numbers>,
    item: &Value,
) -> Result<Invitation> {
    let document = &client.document;
    let told = text(item, &invitations.id).zip(text(item, &invitations.email));
    let (id, email) = told.ok_or_else(|| {
        let name = &document.name;
        Error::transient(format!(
            "reading an invitation: {name}'s answer lacks the id or address; it is read again"
        ))
    })?;
    let is = |condition: &Option<crate::document::Condition>| {
        condition.as_ref().is_some_and(|condition| condition.holds(item))
    };
    let expires_at = invitations.expires.as_ref().and_then(|pointer| time(item.pointer(pointer)?));
    let expired = is(&invitations.expired) || expires_at.is_some_and(|end| end <= client.now());
    let state = match (expired, is(&invitations.declined)) {
        (_, true) => AccountState::Declined,
        (true, false) => AccountState::Expired,
        (false, false) => AccountState::Invited,
    };
    let roles = role::keys(client, numbers, item.pointer(&invitations.role));
    Ok(Invitation { id, email, state, roles, expires_at })
}
