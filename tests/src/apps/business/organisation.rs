//! An organisation: people, invitations, assets.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Consent;

/// How long an invitation stands.
const INVITATION_DAYS: i64 = 30;

/// Somebody who is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The app's id.
    pub id: String,
    /// The address.
    pub email: String,
    /// The name to show.
    pub name: String,
    /// The role.
    pub role: String,
    /// Permissions by asset.
    pub grants: BTreeMap<String, BTreeSet<String>>,
}

/// What came of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationState {
    /// It stands.
    Pending,
    /// It was declined.
    Declined,
    /// It ran out.
    Expired,
}

/// Somebody who was asked in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The app's id.
    pub id: String,
    /// The address.
    pub email: String,
    /// The role that it carries.
    pub role: String,
    /// The permissions by asset that it carries.
    pub grants: BTreeMap<String, BTreeSet<String>>,
    /// What came of it.
    pub state: InvitationState,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it runs out.
    pub expires_at: Timestamp,
}

/// Something that access is granted to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The app's id.
    pub id: String,
    /// The vendor's word for its kind.
    pub kind: &'static str,
    /// The name to show.
    pub name: String,
}

/// Why the app does not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The address is a member's.
    AlreadyMember,
    /// The address is invited.
    AlreadyInvited,
    /// No more seats.
    SeatLimit,
    /// No more invitations.
    PendingLimit,
    /// The last one who may do everything.
    LastAdmin,
    /// Nobody or nothing like that.
    NotFound,
}

/// What somebody has in the app, for a test to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The id of the member or the invitation.
    pub id: String,
    /// None for a member.
    pub invitation: Option<InvitationState>,
    /// The role.
    pub role: String,
    /// Permissions by asset.
    pub assets: BTreeMap<String, BTreeSet<String>>,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// The app's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The role that may do everything.
    pub admin_role: &'static str,
    /// How many members it may have.
    pub seats: Option<usize>,
    /// How many invitations may stand.
    pub invitations_limit: Option<usize>,
    /// How much of a list is told at once, by a vendor who cannot be asked for more or less.
    pub page_size: usize,
    /// How often somebody was asked in, in vain included.
    pub asked: usize,
    /// What its admin's consent gave to whoever acts for it, where access tokens are had for that.
    pub consent: Consent,
    /// What only this vendor has.
    pub own: Value,
    people: Vec<Person>,
    invitations: Vec<Invitation>,
    assets: Vec<Asset>,
    last_id: u64,
}

impl Organisation {
    /// An organisation without people.
    pub fn new(id: &str, name: &str, admin_role: &'static str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            admin_role,
            seats: None,
            invitations_limit: None,
            page_size: usize::MAX,
            asked: 0,
            consent: Consent::default(),
            own: Value::Null,
            people: Vec::new(),
            invitations: Vec::new(),
            assets: Vec::new(),
            last_id: 549_755_800_000,
        }
    }

    /// With ids that follow on this one.
    #[must_use]
    pub fn numbered_from(self, last_id: u64) -> Self {
        Self { last_id, ..self }
    }

    /// With a refresh token.
    #[must_use]
    pub fn with_consent(self, refresh_token: &str) -> Self {
        Self { consent: Consent::new(refresh_token), ..self }
    }

    /// With an asset.
    #[must_use]
    pub fn with_asset(mut self, kind: &'static str, id: &str, name: &str) -> Self {
        self.assets.push(Asset { id: id.to_owned(), kind, name: name.to_owned() });
        self
    }

    /// With a member.
    #[must_use]
    pub fn with_person(mut self, email: &str, name: &str, role: &str) -> Self {
        self.add(email, name, role);
        self
    }

    /// Adds a member without an invitation; answers the id.
    pub fn add(&mut self, email: &str, name: &str, role: &str) -> String {
        let id = self.next_id();
        let (email, name, role) = (email.to_owned(), name.to_owned(), role.to_owned());
        self.people.push(Person { id: id.clone(), email, name, role, grants: BTreeMap::new() });
        id
    }

    /// Members, oldest first.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// Invitations that nobody accepted or took back, oldest first.
    pub fn invitations(&self) -> &[Invitation] {
        &self.invitations
    }

    /// Assets, in the order in which they were added.
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// The member with this id.
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    /// The invitation with this id.
    pub fn invitation(&self, id: &str) -> Option<&Invitation> {
        self.invitations.iter().find(|invitation| invitation.id == id)
    }

    /// The asset with this id.
    pub fn asset(&self, id: &str) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.id == id)
    }

    /// Everything that somebody with this address has: nobody has more than one.
    pub fn seen(&self, email: &str) -> Vec<Seen> {
        let members = self.people.iter().filter(|person| same(&person.email, email)).map(|person| Seen {
            id: person.id.clone(),
            invitation: None,
            role: person.role.clone(),
            assets: person.grants.clone(),
        });
        let invited = self.invitations.iter().filter(|it| same(&it.email, email)).map(|it| Seen {
            id: it.id.clone(),
            invitation: Some(it.state),
            role: it.role.clone(),
            assets: it.grants.clone(),
        });
        members.chain(invited).collect()
    }

    /// Asks somebody in. One whose invitation ran out or was declined may be asked again.
    ///
    /// # Errors
    /// When the address has a seat or an invitation, or there is no room.
    pub fn invite(&mut self, email: &str, role: &str) -> Result<Invitation, Refused> {
        self.asked += 1;
        if self.people.iter().any(|person| same(&person.email, email)) {
            return Err(Refused::AlreadyMember);
        }
        let stands = |it: &&Invitation| it.state == InvitationState::Pending;
        if self.invitations.iter().filter(stands).any(|it| same(&it.email, email)) {
            return Err(Refused::AlreadyInvited);
        }
        let pending = self.invitations.iter().filter(stands).count();
        if self.seats.is_some_and(|seats| self.people.len() + pending >= seats) {
            return Err(Refused::SeatLimit);
        }
        if self.invitations_limit.is_some_and(|limit| pending >= limit) {
            return Err(Refused::PendingLimit);
        }
        self.invitations.retain(|it| !same(&it.email, email));
        let sent_at = Timestamp::now();
        let invitation = Invitation {
            id: self.next_id(),
            email: email.to_owned(),
            role: role.to_owned(),
            grants: BTreeMap::new(),
            state: InvitationState::Pending,
            sent_at,
            expires_at: sent_at + SignedDuration::from_hours(24 * INVITATION_DAYS),
        };
        self.invitations.push(invitation.clone());
        Ok(invitation)
    }

    /// The person accepts: the invitation becomes a member, with an id of its own and all that it carried.
    pub fn accept(&mut self, email: &str) -> bool {
        let found = self
            .invitations
            .iter()
            .position(|it| same(&it.email, email) && it.state == InvitationState::Pending);
        let Some(index) = found else { return false };
        let invitation = self.invitations.remove(index);
        let id = self.add(&invitation.email, &invitation.email, &invitation.role);
        if let Some(person) = self.people.iter_mut().find(|person| person.id == id) {
            person.grants = invitation.grants;
        }
        true
    }

    /// What comes of an invitation that nobody accepts.
    pub fn end_invitation(&mut self, email: &str, state: InvitationState) -> bool {
        let invitation = self.invitations.iter_mut().find(|it| same(&it.email, email));
        invitation.map(|invitation| invitation.state = state).is_some()
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// When there is none.
    pub fn cancel(&mut self, id: &str) -> Result<(), Refused> {
        let before = self.invitations.len();
        self.invitations.retain(|it| it.id != id);
        if self.invitations.len() < before { Ok(()) } else { Err(Refused::NotFound) }
    }

    /// Changes the role of an invitation or a member.
    ///
    /// # Errors
    /// When there is none, or it is the last one who may do everything.
    pub fn set_role(&mut self, id: &str, role: &str) -> Result<(), Refused> {
        if let Some(invitation) = self.invitations.iter_mut().find(|it| it.id == id) {
            invitation.role = role.to_owned();
            return Ok(());
        }
        if role != self.admin_role {
            self.keep_an_admin(id)?;
        }
        let person = self.people.iter_mut().find(|person| person.id == id).ok_or(Refused::NotFound)?;
        person.role = role.to_owned();
        Ok(())
    }

    /// Ends a membership.
    ///
    /// # Errors
    /// When there is none, or it is the last one who may do everything.
    pub fn remove(&mut self, id: &str) -> Result<(), Refused> {
        self.person(id).ok_or(Refused::NotFound)?;
        self.keep_an_admin(id)?;
        self.people.retain(|person| person.id != id);
        Ok(())
    }

    /// Gives a member or an invitation these permissions on an asset in place of others; none take the asset away.
    ///
    /// # Errors
    /// When there is no such member, invitation or asset.
    pub fn grant(&mut self, id: &str, asset: &str, permissions: BTreeSet<String>) -> Result<(), Refused> {
        self.asset(asset).ok_or(Refused::NotFound)?;
        let person = self.people.iter_mut().find(|it| it.id == id).map(|it| &mut it.grants);
        let invited = self.invitations.iter_mut().find(|it| it.id == id).map(|it| &mut it.grants);
        let grants = person.or(invited).ok_or(Refused::NotFound)?;
        if permissions.is_empty() {
            grants.remove(asset);
        } else {
            grants.insert(asset.to_owned(), permissions);
        }
        Ok(())
    }

    fn keep_an_admin(&self, id: &str) -> Result<(), Refused> {
        let admins: Vec<&Person> =
            self.people.iter().filter(|person| person.role == self.admin_role).collect();
        match admins.as_slice() {
            [last] if last.id == id => Err(Refused::LastAdmin),
            _ => Ok(()),
        }
    }

    fn next_id(&mut self) -> String {
        self.last_id += 1;
        self.last_id.to_string()
    }
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
