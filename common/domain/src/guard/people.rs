//! People whom nothing is taken away from: protected accounts, and the last holder of an admin role. Pure.

use std::collections::BTreeSet;

use super::Guards;
use crate::{
    access::{Account, Presence, Seat},
    integration::{AppRole, Catalogue},
};

/// Why nothing is taken away from somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// The person is marked as protected.
    ProtectedPerson,
    /// The account is one of the integration's protected ones.
    ProtectedAccount,
    /// Nobody else who is active holds this admin role, which is named for people.
    LastAdmin(String),
}

impl Refusal {
    /// Whether and why nothing is taken away from somebody, marked as protected or not, with this account.
    pub fn to_take_from(is_marked: bool, account: Option<&Account>, guards: &Guards) -> Option<Self> {
        if is_marked {
            return Some(Self::ProtectedPerson);
        }
        let listed = account.is_some_and(|account| is_listed(&guards.protected_accounts, account));
        listed.then_some(Self::ProtectedAccount)
    }

    /// Why, and what to do if it is meant.
    pub fn words(&self) -> String {
        match self {
            Self::ProtectedPerson => {
                "this person is protected here; take the mark away first if it is meant".to_owned()
            }
            Self::ProtectedAccount => {
                "this account is one of the integration's protected accounts; take it off the \
                 list first if it is meant"
                    .to_owned()
            }
            Self::LastAdmin(role) => format!(
                "nobody else who is active in the app is {role}; give somebody else that role first, then retry"
            ),
        }
    }
}

/// Whether a list of the app's ids, sign-in names and e-mail addresses names this account.
fn is_listed(listed: &BTreeSet<String>, account: &Account) -> bool {
    let profile = &account.profile;
    let names = [Some(&account.id), Some(&profile.user_name), profile.email.as_ref()];
    names.into_iter().flatten().any(|name| listed.iter().any(|listed| listed.eq_ignore_ascii_case(name)))
}

/// An admin role that somebody would give up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminRole {
    /// The name that people see.
    pub name: String,
    /// The key of the role, and of those that stand as high: who holds one of them is as much of an admin.
    pub as_high: BTreeSet<String>,
}

/// The admin roles that somebody holds and would not hold any more, nor one that stands as high.
pub fn admin_roles_lost(held: &Seat, desired: &Presence, catalogue: &Catalogue) -> Vec<AdminRole> {
    let keeps = |admin: &AdminRole| match desired {
        Presence::Seated(seat) => !seat.roles.is_disjoint(&admin.as_high),
        Presence::Absent => false,
    };
    let held = held.roles.iter().filter_map(|role| catalogue.role(role));
    held.filter_map(|role| admin_role(role, catalogue)).filter(|admin| !keeps(admin)).collect()
}

/// The role as an admin role, if it is one: marked as such in the catalogue, or, where none is, the highest of its
/// exclusion group.
fn admin_role(role: &AppRole, catalogue: &Catalogue) -> Option<AdminRole> {
    let is_highest = || {
        let held = BTreeSet::from([role.key.clone()]);
        let ladders = catalogue.ladders();
        ladders.iter().any(|ladder| ladder.rank_of(&held).is_some_and(|rank| ladder.highest() == Some(rank)))
    };
    let marked = &catalogue.admin_roles;
    if !(if marked.is_empty() { is_highest() } else { marked.contains(&role.key) }) {
        return None;
    }
    let as_high = |other: &&AppRole| {
        let same_group = role.exclusion_group.is_some() && other.exclusion_group == role.exclusion_group;
        other.key == role.key || (same_group && other.rank >= role.rank)
    };
    let as_high = catalogue.roles.iter().filter(as_high).map(|other| other.key.clone()).collect();
    Some(AdminRole { name: role.name.clone(), as_high })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{access::AccountState, directory::Profile};

    fn catalogue(marked: &[&str]) -> Catalogue {
        let role = |key: &str, group: Option<&str>, rank| AppRole {
            key: key.into(),
            name: key.into(),
            exclusion_group: group.map(Into::into),
            rank,
        };
        Catalogue {
            roles: vec![
                role("viewer", Some("role"), 1),
                role("admin", Some("role"), 2),
                role("owner", Some("role"), 3),
                role("founder", Some("role"), 3),
                role("only", Some("alone"), 1),
                role("billing", None, 0),
            ],
            admin_roles: marked.iter().map(ToString::to_string).collect(),
            ..Catalogue::default()
        }
    }

    fn lost(held: &[&str], desired: Option<&[&str]>, marked: &[&str]) -> Vec<String> {
        let seat = |roles: &[&str]| Seat {
            roles: roles.iter().map(ToString::to_string).collect(),
            ..Seat::default()
        };
        let desired = desired.map_or(Presence::Absent, |roles| Presence::Seated(seat(roles)));
        admin_roles_lost(&seat(held), &desired, &catalogue(marked))
            .into_iter()
            .map(|lost| lost.name)
            .collect()
    }

    #[test]
    fn the_highest_of_a_group_is_an_admin_role_unless_others_are_marked() {
        assert_eq!(lost(&["owner"], None, &[]), ["owner"]);
        assert_eq!(lost(&["owner"], Some(&["viewer"]), &[]), ["owner"]);
        assert_eq!(lost(&["owner"], Some(&["founder"]), &[]), [""; 0], "it stands as high");
        assert_eq!(lost(&["admin", "only", "billing"], None, &[]), [""; 0], "a group of one has no highest");
        assert_eq!(lost(&["admin", "billing"], None, &["admin", "billing"]), ["admin", "billing"]);
        assert_eq!(lost(&["admin"], Some(&["owner"]), &["admin"]), [""; 0], "raised");
        assert_eq!(lost(&["owner"], None, &["admin"]), [""; 0]);
        assert_eq!(lost(&["unheard-of"], None, &[]), [""; 0]);
    }

    #[test]
    fn a_list_names_accounts_by_id_name_or_address() {
        let profile =
            Profile { user_name: "robot".into(), email: Some("Robot@x.co".into()), ..Profile::default() };
        let account = Account { id: "a-1".into(), state: AccountState::Active, profile };
        for (listed, expected) in
            [("A-1", true), ("robot@X.co", true), ("Robot", true), ("a-11", false), ("", false)]
        {
            assert_eq!(is_listed(&[listed.to_owned()].into(), &account), expected, "{listed}");
        }
    }
}
