//! What the business gives one person.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use usher_connector::{Class, Error, Invitation, Observation, Result, Subject};
use usher_domain::access::{AccountState, Seat};

use crate::{
    assets::KINDS,
    client::Client,
    member::{self, Member},
    wire::text,
};

/// Everything that the business gives one person.
pub(crate) async fn observe(client: &Client, subject: &Subject) -> Result<Observation> {
    if let Some(member) = known(client, subject).await? {
        return seen(client, subject, member).await;
    }
    // The invited first: somebody who accepts meanwhile is then found among the members.
    let invited = invited(client, subject).await?;
    match by_email(client, subject).await? {
        Some(member) => seen(client, subject, member).await,
        None => Ok(invited.map(Observation::of_invitation).unwrap_or_default()),
    }
}

/// What a member has: that which Usher gives or gave, and the rest.
async fn seen(client: &Client, subject: &Subject, member: Member) -> Result<Observation> {
    let Member { account, role } = member;
    let mut seat = Seat { roles: [role].into(), ..Seat::default() };
    let mut others = BTreeSet::new();
    for (asset, held) in grants(client, &account.id).await? {
        if subject.known.assets.contains_key(&asset) {
            seat.assets.insert(asset, held);
        } else {
            others.insert(asset);
        }
    }
    Ok(Observation::of_member(account, seat, &others))
}

/// The member with the known id.
async fn known(client: &Client, subject: &Subject) -> Result<Option<Member>> {
    let Some(id) = &subject.account else { return Ok(None) };
    let request = client.get("looking for the account", &["members"]).query("member_ids", id.as_str());
    let found = client.all(&request).await?;
    found.iter().find(|item| text(item, "id") == Some(id)).map(member::member).transpose()
}

/// The member with the address. Members cannot be searched by it.
async fn by_email(client: &Client, subject: &Subject) -> Result<Option<Member>> {
    let Some(email) = subject.profile.email.as_deref() else {
        return Err(Error::new(
            Class::IdentityUnlinked,
            "looking for the person: Pinterest knows people by e-mail address, and the directory gives none; fill it in, \
             then retry",
        ));
    };
    let everybody = client.all(&client.get("looking for the person", &["members"])).await?;
    let mut found = everybody.iter().filter(|item| member::has_email(item, email));
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(item), None) => member::member(item).map(Some),
        (Some(_), Some(_)) => Err(Error::new(
            Class::PolicyDenied,
            "looking for the person: the business has more than one member with the person's e-mail address; remove \
             one in Business Access, then retry",
        )),
    }
}

/// Looks for an invitation: by the known id, or by the address. One that is pending says more than one that is over.
async fn invited(client: &Client, subject: &Subject) -> Result<Option<Invitation>> {
    let email = subject.profile.email.as_deref();
    let mut found = Vec::new();
    for item in client.all(&client.invitations("looking for the invitation")).await? {
        let known = subject.account.as_deref().is_some_and(|id| text(&item, "id") == Some(id));
        if known || email.is_some_and(|email| member::has_email(&item, email)) {
            found.extend(member::invitation(&item)?);
        }
    }
    found.sort_by_key(|invitation| invitation.state != AccountState::Invited);
    Ok(found.into_iter().next())
}

/// What a member holds, by asset.
async fn grants(client: &Client, member: &str) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut grants = BTreeMap::new();
    for kind in &KINDS {
        let request = client
            .get("reading what a person may do", &["members", member, "assets"])
            .query("asset_type", kind.name);
        for asset in client.all(&request).await? {
            let told = text(&asset, "asset_id").zip(asset.get("permissions").and_then(Value::as_array));
            let (id, held) = told.ok_or_else(|| {
                Error::transient(
                    "reading what a person may do: Pinterest told an asset without id or permissions",
                )
            })?;
            let held = held.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            grants.insert(kind.asset(id), held);
        }
    }
    Ok(grants)
}
