//! What the Business Center gives one person.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use usher_connector::{Class, Error, Observation, Result, Subject};
use usher_domain::access::{AccountState, Seat};

use crate::{
    assets::{KINDS, Kind},
    client::Client,
    member::{self, Member},
    wire::text,
};

/// Everything that the Business Center gives one person.
pub(crate) async fn observe(client: &Client, subject: &Subject) -> Result<Observation> {
    let Some(Member { account, role }) = find(client, subject).await? else {
        return Ok(Observation::default());
    };
    let mut seat = Seat { roles: [role].into(), ..Seat::default() };
    let mut others = BTreeSet::new();
    if account.state == AccountState::Active {
        for (asset, held) in grants(client, &account.id).await? {
            match subject.known.assets.get(&asset) {
                Some(given) => {
                    // What was given may have been written with roles that a higher one covers.
                    let same = Kind::of(&asset)?.0.effective(given) == held;
                    seat.assets.insert(asset, if same { given.clone() } else { held });
                }
                None => {
                    others.insert(asset);
                }
            }
        }
    }
    Ok(Observation::of_member(account, seat, &others))
}

/// What a member holds, by asset.
async fn grants(client: &Client, user: &str) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut grants = BTreeMap::new();
    for kind in &KINDS {
        let request = client
            .get("reading what a person may do", &["asset", "get"])
            .query("asset_type", kind.name)
            .query("filtering", json!({"user_id": user}).to_string());
        for asset in client.all(&request).await? {
            let id = text(&asset, "asset_id").ok_or_else(|| {
                Error::transient("reading what a person may do: TikTok told an asset without an id")
            })?;
            grants.insert(kind.asset(id), kind.held(&asset));
        }
    }
    Ok(grants)
}

/// Looks for a person: by the address, then among everybody, because it is not documented what the search looks at.
async fn find(client: &Client, subject: &Subject) -> Result<Option<Member>> {
    let email = subject.profile.email.as_deref();
    let is_known = |member: &Member| Some(&member.account.id) == subject.account.as_ref();
    if let Some(email) = email {
        let request = client
            .get("looking for the person", &["member", "get"])
            .query("filtering", json!({"keyword": email}).to_string());
        let found = members(client.all(&request).await?)?;
        // Somebody who is known is that one, whatever address they have now.
        let fits =
            |member: &Member| member.has_email(email) && (subject.account.is_none() || is_known(member));
        if let Some(member) = one(found.into_iter().filter(fits).collect())? {
            return Ok(Some(member));
        }
    } else if subject.account.is_none() {
        return Err(Error::new(
            Class::IdentityUnlinked,
            "looking for the person: TikTok knows people by e-mail address, and the directory gives none; fill it in, \
             then retry",
        ));
    }
    let everybody = members(client.all(&client.get("looking for the person", &["member", "get"])).await?)?;
    let (known, rest): (Vec<_>, Vec<_>) = everybody.into_iter().partition(is_known);
    match one(known)? {
        Some(member) => Ok(Some(member)),
        None => one(rest.into_iter().filter(|it| email.is_some_and(|email| it.has_email(email))).collect()),
    }
}

fn members(items: Vec<Value>) -> Result<Vec<Member>> {
    let read: Vec<Option<Member>> = items.iter().map(member::member).collect::<Result<_>>()?;
    Ok(read.into_iter().flatten().collect())
}

/// The one of these; a member rather than somebody who is or was invited.
fn one(mut found: Vec<Member>) -> Result<Option<Member>> {
    let rank = |member: &Member| match member.account.state {
        AccountState::Active => 0,
        AccountState::Invited => 1,
        _ => 2,
    };
    found.sort_by_key(rank);
    match found.as_slice() {
        [first, second, ..] if rank(first) == rank(second) && rank(first) == 0 => Err(Error::new(
            Class::PolicyDenied,
            "looking for the person: the Business Center has more than one member with the person's e-mail address; \
             remove one there, then retry",
        )),
        _ => Ok(found.into_iter().next()),
    }
}
