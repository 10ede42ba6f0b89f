//! What the app gives one person.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_connector::{Class, Error, Observation, Request, Result, Subject};
use usher_domain::{
    access::{Account, AccountState, Observed, Seat},
    directory::Profile,
    integration::Catalogue,
};

use crate::{
    client::Client,
    config::{Config, MatchBy, Membership},
    mapping::Mapping,
    person::same,
    wire::{self, id_of},
};

/// What the plan and the steps need beside the product's words.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Detail {
    /// The user as the app has it; null when there is none.
    pub(crate) user: Value,
    /// Memberships, including those that Usher has nothing to do with.
    pub(crate) groups: Vec<GroupOf>,
}

/// A membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupOf {
    /// The app's id of the group.
    pub(crate) id: String,
    /// The name; that of the catalogue where it differs only in case.
    pub(crate) name: String,
    /// What it carries; `None` for a group that is nobody's business here.
    pub(crate) carries: Option<Carries>,
}

/// What a group carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Carries {
    Role,
    Entitlement,
}

/// What Usher has a say in. What else people have in the app came from elsewhere, and stays.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Managed<'a> {
    pub(crate) config: &'a Config,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) known: &'a Seat,
}

impl Managed<'_> {
    /// Which of an attribute's values are roles that Usher gives and takes. Without a catalogue, all.
    fn roles(&self, values: Vec<String>) -> impl Iterator<Item = String> {
        values.into_iter().filter(|value| {
            let Self { catalogue, known, .. } = self;
            catalogue.roles.is_empty() || catalogue.role(value).is_some() || known.roles.contains(value)
        })
    }

    fn entitlements(&self, values: Vec<String>) -> impl Iterator<Item = String> {
        values.into_iter().filter(|value| {
            let Self { catalogue, known, .. } = self;
            let listed = catalogue.entitlements.iter().any(|entitlement| entitlement.value == *value);
            catalogue.entitlements.is_empty() || listed || known.entitlements.contains(value)
        })
    }

    /// What a group carries, and its name as Usher writes it. Groups that are neither in the catalogue nor
    /// known are left alone, because apps keep groups for other ends too.
    pub(crate) fn group(&self, id: String, name: String) -> GroupOf {
        let Self { config, catalogue, known } = self;
        let roles = catalogue.roles.iter().map(|role| &role.key).chain(&known.roles);
        let entitlements =
            catalogue.entitlements.iter().map(|entitlement| &entitlement.value).chain(&known.entitlements);
        let role = (config.roles == Mapping::Groups).then(|| pick(roles, &name)).flatten();
        let entitlement =
            (config.entitlements == Mapping::Groups).then(|| pick(entitlements, &name)).flatten();
        match (role, entitlement) {
            (Some(name), _) => GroupOf { id, name, carries: Some(Carries::Role) },
            (None, Some(name)) => GroupOf { id, name, carries: Some(Carries::Entitlement) },
            (None, None) => GroupOf { id, name, carries: None },
        }
    }

    /// The seat that a user and its groups amount to.
    pub(crate) fn seat(&self, user: &Value, groups: &[GroupOf]) -> Seat {
        let mut seat = Seat::default();
        if let Some(attribute) = self.config.roles.attribute() {
            seat.roles.extend(self.roles(attribute.values(user)));
        }
        if let Some(attribute) = self.config.entitlements.attribute() {
            seat.entitlements.extend(self.entitlements(attribute.values(user)));
        }
        for group in groups {
            match group.carries {
                Some(Carries::Role) => seat.roles.insert(group.name.clone()),
                Some(Carries::Entitlement) => seat.entitlements.insert(group.name.clone()),
                None => false,
            };
        }
        seat
    }

    /// The groups that the user resource itself tells; `None` where it tells none.
    pub(crate) fn told_groups(&self, user: &Value) -> Option<Vec<(String, Option<String>)>> {
        let groups = user.get("groups")?.as_array()?;
        let direct = groups.iter().filter(|group| {
            // Who is in by way of another group cannot be taken out of this one.
            group.get("type").and_then(Value::as_str) != Some("indirect")
        });
        direct
            .map(|group| {
                let id = group.get("value")?.as_str()?.to_owned();
                Some((id, wire::text(group, "display").map(str::to_owned)))
            })
            .collect()
    }

    /// The memberships of a user.
    pub(crate) async fn groups(&self, client: &Client, user: &Value) -> Result<Vec<GroupOf>> {
        let told = self.told_groups(user).filter(|_| self.config.membership != Membership::GroupFilter);
        let mut groups = Vec::new();
        match told {
            Some(told) => {
                for (id, name) in told {
                    let name = match name {
                        None if self.config.uses_groups() => client.group_name(&id).await?,
                        name => name.or_else(|| Some(id.clone())),
                    };
                    if let Some(name) = name {
                        groups.push(self.group(id, name));
                    }
                }
            }
            None if !self.config.uses_groups() || self.config.membership == Membership::UserGroups => {}
            None => {
                let found = client.groups_of(id_of(user).unwrap_or_default()).await?;
                groups.extend(found.into_iter().map(|(id, name)| self.group(id, name)));
            }
        }
        Ok(groups)
    }
}

/// The one of `names` that a group's name is: exactly, else but for case (RFC 7643 §4.2 leaves group names
/// case-insensitive).
fn pick<'a>(names: impl Iterator<Item = &'a String> + Clone, name: &str) -> Option<String> {
    let exact = names.clone().find(|known| *known == name);
    exact.or_else(|| names.clone().find(|known| same(known, name))).cloned()
}

/// Looks for a person: by the known id, then by each attribute that people are matched by.
pub(crate) async fn find(client: &Client, config: &Config, subject: &Subject) -> Result<Option<Value>> {
    if let Some(id) = &subject.account {
        let request = Request::get("looking for the account", ["Users", id]);
        if let Some(user) = client.get(request).await? {
            return Ok(Some(user));
        }
    }
    let mut searched = false;
    for by in &config.matching {
        let value = match by {
            MatchBy::UserName => config.user_name_from.of(&subject.profile),
            MatchBy::ExternalId => subject.profile.external_id.as_deref(),
            MatchBy::Email => subject.profile.email.as_deref(),
        };
        let Some(value) = value else { continue };
        searched = true;
        if let Some(user) = client.find_user(by.attribute(), value).await? {
            return Ok(Some(user));
        }
    }
    // Whoever cannot be looked for may well be there.
    if !searched && subject.account.is_none() {
        return Err(Error::new(
            Class::IdentityUnlinked,
            "looking for the person: the directory gives none of the values that `match` names; fill one in, or \
             add another one to `match`",
        ));
    }
    Ok(None)
}

/// An account, as a user of the app tells it.
pub(crate) fn account(user: &Value) -> Option<Account> {
    let state = match user.get("active") {
        Some(Value::Bool(false)) => AccountState::Suspended,
        _ => AccountState::Active,
    };
    let profile = user.as_object().map(Profile::of_user).unwrap_or_default();
    Some(Account { id: id_of(user)?.to_owned(), state, profile })
}

/// Everything that the app gives one person.
pub(crate) async fn observe(client: &Client, managed: Managed<'_>, subject: &Subject) -> Result<Observation> {
    let Some(user) = find(client, managed.config, subject).await? else {
        return Ok(Observation::default());
    };
    let groups = managed.groups(client, &user).await?;
    let observed =
        Observed { account: account(&user), seat: managed.seat(&user, &groups), ..Observed::default() };
    let detail = serde_json::to_value(Detail { user, groups })
        .map_err(|_| Error::invalid("looking for the person: the app's answer cannot be kept"))?;
    Ok(Observation { observed, detail })
}
