//! What Google gives one person.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use usher_connector::{Class, Error, Invitation, Observation, Result, Subject};
use usher_domain::access::{AccountState, Observed, Seat};

use crate::{
    ads::{INVITATIONS, MEMBERS, REVIEWS},
    analytics,
    assets::Asset,
    client::Client,
    member::{self, Member, invited_at, is_member, same},
    tag_manager,
};

const DOING: &str = "looking for the person";

/// What the plan needs beside the product's words.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Detail {
    /// Assets that came from elsewhere.
    pub(crate) others: BTreeSet<String>,
    /// A change of the person's waits for another admin.
    pub(crate) in_review: bool,
}

/// Everything that Google gives one person.
pub(crate) async fn observe(client: &Client, subject: &Subject) -> Result<Observation> {
    if let Some(id) = subject.account.as_deref().filter(|account| is_member(account)) {
        let member = members(client).await?.into_iter().find(|member| member.account.id == id);
        if let Some(member) = member {
            return seen(client, subject, member).await;
        }
    }
    let email = subject.profile.email.as_deref().ok_or_else(|| {
        Error::new(
            Class::IdentityUnlinked,
            "looking for the person: Google knows people by e-mail address, and the directory gives none; fill it in, then \
             retry",
        )
    })?;
    // The invited first: somebody who accepts meanwhile is then found among the members.
    let invited = invited(client, subject, email).await?;
    let members = members(client).await?;
    match (by_email(&members, email)?, invited) {
        (Some(member), _) => seen(client, subject, member).await,
        (None, Some(invitation)) => Ok(Observation::of_invitation(invitation)),
        (None, None) => {
            nobody_else_accepted(subject, &members)?;
            gone(client, subject, email).await
        }
    }
}

async fn members(client: &Client) -> Result<Vec<Member>> {
    client.everything(DOING, MEMBERS).await?.iter().map(Member::read).collect()
}

/// The member with the address.
fn by_email(members: &[Member], email: &str) -> Result<Option<Member>> {
    let mut found = members.iter().filter(|member| member.has_email(email));
    match (found.next(), found.next()) {
        (first, None) => Ok(first.cloned()),
        _ => Err(Error::new(
            Class::PolicyDenied,
            "looking for the person: the account has more than one user with the person's e-mail address; remove one in \
             Google Ads, then retry",
        )),
    }
}

/// Looks for an invitation, or one that another admin has to approve. One that is pending says more than one that is over.
async fn invited(client: &Client, subject: &Subject, email: &str) -> Result<Option<Invitation>> {
    let mut found = Vec::new();
    for row in client.everything("looking for the invitation", INVITATIONS).await? {
        found.push(member::invitation(&row)?);
    }
    for row in client.everything("looking for a review", REVIEWS).await? {
        // How reviews of the past ended says nothing of today.
        let known = |review: &Invitation| subject.account.as_ref() == Some(&review.id);
        let counts = |review: &Invitation| review.state == AccountState::Invited || known(review);
        found.extend(member::review(&row)?.filter(counts));
    }
    found.retain(|invitation| same(&invitation.email, email));
    found.sort_by_key(|invitation| invitation.state != AccountState::Invited);
    Ok(found.into_iter().next())
}

/// An invitation can be accepted by an account with another address. Where one is gone, and somebody came since whom nobody
/// can tell, it is not known who that is.
fn nobody_else_accepted(subject: &Subject, members: &[Member]) -> Result<()> {
    let Some(at) = subject.account.as_deref().and_then(invited_at) else { return Ok(()) };
    let came_since = |member: &&Member| member.since.as_deref().is_none_or(|since| since >= at);
    match members.iter().filter(came_since).count() {
        0 => Ok(()),
        count => Err(Error::new(
            Class::IdentityUnlinked,
            format!(
                "looking for the person: the invitation is gone, and {count} came into the account since, under addresses \
                 that are not the person's; if the person accepted with another address, let them be removed in Google Ads \
                 or bring the directory's address in line, then retry"
            ),
        )),
    }
}

/// What a member has: that which Usher gives or gave, and the rest.
async fn seen(client: &Client, subject: &Subject, member: Member) -> Result<Observation> {
    let Member { account, role, in_review, .. } = member;
    let mut seat = Seat { roles: [role].into(), ..Seat::default() };
    let mut detail = Detail { in_review, ..Detail::default() };
    if let Some(email) = &account.profile.email {
        for (asset, held) in grants(client, email).await? {
            match subject.known.assets.get(&asset) {
                Some(given) => {
                    // What was given may have been written with permissions that a higher one covers.
                    let same = Asset::of(&asset)?.highest(given) == Asset::of(&asset)?.highest(&held);
                    seat.assets.insert(asset, if same { given.clone() } else { held });
                }
                None => {
                    detail.others.insert(asset);
                }
            }
        }
    }
    let observed = Observed { account: Some(account), seat, ..Observed::default() };
    observation(observed, &detail)
}

/// Nobody. Where the person was in, Tag Manager and Analytics may still have them: somebody removed them from Google Ads by
/// hand.
async fn gone(client: &Client, subject: &Subject, email: &str) -> Result<Observation> {
    let mut detail = Detail::default();
    if subject.account.is_some() {
        detail.others = grants(client, email).await?.into_keys().collect();
    }
    observation(Observed::default(), &detail)
}

fn observation(observed: Observed, detail: &Detail) -> Result<Observation> {
    let detail = serde_json::to_value(detail)
        .map_err(|_| Error::invalid("looking for the person: what was seen cannot be kept"))?;
    Ok(Observation { observed, detail })
}

/// What an address holds in Tag Manager and Analytics, by asset.
async fn grants(client: &Client, email: &str) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let doing = "reading what a person may do";
    let mut grants = BTreeMap::new();
    for account in &client.config.tag_manager_accounts {
        if let Some(permission) = tag_manager::find(client, doing, account, email).await? {
            let held = permission.assets(account).into_iter();
            grants.extend(held.map(|(asset, held)| (asset, BTreeSet::from([held]))));
        }
    }
    for property in &client.config.analytics_properties {
        if let Some(binding) = analytics::find(client, doing, property, email).await? {
            grants.insert(Asset::AnalyticsProperty(property).id(), binding.roles);
        }
    }
    Ok(grants)
}
