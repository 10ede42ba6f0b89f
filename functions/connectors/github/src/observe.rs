//! What the organisation gives one person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_connector::{Class, Error, Invitation, Method, Observation, Request, Result, Subject};
use usher_domain::{
    access::{Account, AccountState, Observed, Seat},
    directory::Profile,
};

use crate::{
    client::Client,
    invitation,
    member::Member,
    team,
    wire::{number, text},
};

/// What the steps need beside the product's words.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Detail {
    /// A member's name in URLs.
    pub(crate) login: String,
}

/// Everything that the organisation gives one person.
pub(crate) async fn observe(client: &Client, subject: &Subject) -> Result<Observation> {
    let login = match known(client, subject).await? {
        Known::Member(member) => return seen(client, subject, *member).await,
        Known::Login(login) => Some(login),
        Known::Nobody => None,
    };
    // The invited first: somebody who accepts meanwhile is then found among the members.
    let invited = invited(client, subject, login.as_deref()).await?;
    if let Some(waits) = invited.as_ref().filter(|it| it.state == AccountState::Invited) {
        return pending(client, waits).await;
    }
    match (by_email(client, subject, invited.is_none()).await?, invited) {
        (Some(member), _) => seen(client, subject, member).await,
        (None, Some(over)) => pending(client, &over).await,
        (None, None) => Ok(Observation::default()),
    }
}

enum Known {
    Member(Box<Member>),
    /// Somebody of GitHub's who is not a member, or whose membership does not stand yet.
    Login(String),
    Nobody,
}

/// Looks for the person behind the known id.
async fn known(client: &Client, subject: &Subject) -> Result<Known> {
    let id = subject.account.as_deref().filter(|account| invitation::id(account).is_none());
    let Some(id) = id else { return Ok(Known::Nobody) };
    let Some(user) = client.find(&Request::get("looking for the account", ["user", id])).await? else {
        return Ok(Known::Nobody);
    };
    let malformed = || {
        Error::transient("looking for the account: GitHub's answer is not the account's; it is read again")
    };
    let login = text(&user, "login").filter(|_| number(&user, "id").as_deref() == Some(id));
    let login = login.ok_or_else(malformed)?.to_owned();
    let request = client.request(Method::Get, "reading the membership", &["memberships", &login]);
    let Some(membership) = client.find(&request).await? else { return Ok(Known::Login(login)) };
    let role = text(&membership, "role").ok_or_else(malformed)?.to_owned();
    match text(&membership, "state") {
        Some("active") => {}
        Some("pending") => return Ok(Known::Login(login)),
        _ => return Err(malformed()),
    }
    let profile = Profile {
        user_name: login.clone(),
        display_name: text(&user, "name").map(str::to_owned),
        ..Profile::default()
    };
    let account = Account { id: id.to_owned(), state: AccountState::Active, profile };
    Ok(Known::Member(Box::new(Member { account, login, role, emails: Vec::new() })))
}

/// What a member has of that which Usher gives or gave. Other teams end with the membership.
async fn seen(client: &Client, subject: &Subject, member: Member) -> Result<Observation> {
    let mut seat = Seat { roles: [member.role].into(), ..Seat::default() };
    for asset in subject.known.assets.keys() {
        let path = ["teams", team::slug(asset)?, "memberships", &member.login];
        let request = client.request(Method::Get, "reading a team's membership", &path);
        if let Some(held) = client.find(&request).await? {
            let role = text(&held, "role").ok_or_else(|| {
                Error::transient(
                    "reading a team's membership: GitHub's answer lacks the role; it is read again",
                )
            })?;
            seat.assets.insert(asset.clone(), [role.to_owned()].into());
        }
    }
    let detail = serde_json::to_value(Detail { login: member.login })
        .map_err(|_| Error::invalid("looking for the person: GitHub's answer cannot be kept"))?;
    let observed = Observed { account: Some(member.account), seat, ..Observed::default() };
    Ok(Observation { observed, detail })
}

/// Somebody who is or was invited, with the teams that the invitation carries.
async fn pending(client: &Client, invitation: &Invitation) -> Result<Observation> {
    let mut assets = BTreeMap::new();
    if let Some(id) = invitation::id(&invitation.id).filter(|_| invitation.state == AccountState::Invited) {
        for item in client.all("reading an invitation's teams", &["invitations", id, "teams"]).await? {
            let slug = text(&item, "slug").ok_or_else(|| {
                Error::transient("reading an invitation's teams: GitHub told a team without its name in URLs")
            })?;
            assets.insert(team::asset(slug), [team::MEMBER.to_owned()].into());
        }
    }
    let mut observation = Observation::of_invitation(invitation.clone());
    observation.observed.seat.assets = assets;
    Ok(observation)
}

/// Looks for an invitation: by the known id, the address or the login. One that waits says more than one that is over.
async fn invited(client: &Client, subject: &Subject, login: Option<&str>) -> Result<Option<Invitation>> {
    const DOING: &str = "looking for the invitation";
    let email = subject.profile.email.as_deref();
    let wanted = subject.account.as_deref().and_then(invitation::id);
    let is = |item: &Value| {
        let same = wanted.is_some() && number(item, "id").as_deref() == wanted;
        same || invitation::is_to(item, email, login)
    };
    for (list, state) in
        [("invitations", AccountState::Invited), ("failed_invitations", AccountState::Expired)]
    {
        if let Some(item) = client.all(DOING, &[list]).await?.iter().find(|item| is(item)) {
            return invitation::read(item, state).map(Some);
        }
    }
    Ok(None)
}

/// The member with the address, of a verified domain. Where there is none and the invitation that is known is gone
/// (`vanished`), whoever has no such address may be the person: then nobody knows.
async fn by_email(client: &Client, subject: &Subject, vanished: bool) -> Result<Option<Member>> {
    let Some(email) = subject.profile.email.as_deref() else {
        return Err(Error::new(
            Class::IdentityUnlinked,
            "looking for the person: GitHub knows people by e-mail address, and the directory gives none; fill it in, \
             then retry",
        ));
    };
    let (mut found, mut unknown, mut read, mut after) = (Vec::new(), 0_u32, 0, None);
    loop {
        let page = client.members(read, after.as_deref()).await?;
        read += page.edges.len() as u64;
        for edge in &page.edges {
            let member = Member::read(edge)?;
            unknown += u32::from(member.emails.is_empty());
            if member.has_email(email) {
                found.push(member);
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let was_invited = subject.account.as_deref().is_some_and(|account| invitation::id(account).is_some());
    match (found.pop(), found.is_empty()) {
        (Some(member), true) => Ok(Some(member)),
        (Some(_), false) => Err(Error::new(
            Class::PolicyDenied,
            "looking for the person: the organisation has more than one member with the person's e-mail address; \
             remove one, then retry",
        )),
        (None, _) if was_invited && vanished && unknown > 0 => Err(Error::new(
            Class::IdentityUnlinked,
            format!(
                "looking for the person: the invitation is gone, and {unknown} of the members show no address of a \
                 verified domain, so that whether one of them is the person is not known; let the person add and \
                 verify their address on GitHub, or remove them there, then retry"
            ),
        )),
        (None, _) => Ok(None),
    }
}
