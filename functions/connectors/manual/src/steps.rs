//! The words of a task: what a person does in the app, step by step. Who it is about is told beside them.

use std::collections::BTreeSet;

use usher_connector::{Error, Op, Result};
use usher_domain::{
    access::{Observed, Presence, Seat},
    guard::admin_roles_lost,
    integration::Catalogue,
    manual::address,
};

/// What the words need to know.
pub(crate) struct Guide<'a> {
    pub(crate) app: &'a str,
    pub(crate) place: Option<&'a str>,
    pub(crate) catalogue: &'a Catalogue,
}

impl Guide<'_> {
    /// The steps of one task.
    pub(crate) fn steps(&self, op: &Op, known: &Observed) -> Result<Vec<String>> {
        let mut steps = vec![match self.place {
            Some(place) => format!("Open {place}"),
            None => format!("Open {} where people and their access are managed", self.app),
        }];
        match op {
            Op::Create { seat, .. } => {
                steps.push(match known.unsure {
                    false => "Invite or add the person by the address above".to_owned(),
                    true => "Look whether the person is there already, because an earlier task was not confirmed; if not, \
                             invite or add them by the address above"
                        .to_owned(),
                });
                steps.extend(self.given(seat));
                steps.extend(known.unsure.then(only));
            }
            Op::SetSeat { profile, seat } => {
                let held = known.account.as_ref().map(|account| address(&account.profile));
                if held != Some(address(profile)) {
                    steps.push("Change the person's address to the one above; where the app cannot, invite them by it and remove the old account".to_owned());
                }
                self.warn(&mut steps, known, &Presence::Seated(seat.clone()));
                if known.unsure {
                    steps.extend(self.given(seat));
                    steps.push(only());
                } else {
                    steps.extend(self.changed(&known.seat, seat));
                }
            }
            Op::Remove => {
                self.warn(&mut steps, known, &Presence::Absent);
                if known.account.is_none() {
                    steps.push("Look whether the person is there, because a task to add them was not confirmed; if not, nothing is left to do".to_owned());
                }
                steps.extend(self.taken(&known.seat));
                steps
                    .push("Remove the person, or take the invitation back if it was not accepted".to_owned());
            }
            _ => return Err(Error::invalid("people get no such task; this is a defect in Usher")),
        }
        Ok(steps)
    }

    /// The last admin of an app that nobody can ask is for people to see.
    fn warn(&self, steps: &mut Vec<String>, known: &Observed, wanted: &Presence) {
        if !admin_roles_lost(&known.seat, wanted, self.catalogue).is_empty() {
            steps.push(format!("Make sure that somebody else administers {} first", self.app));
        }
    }

    fn given(&self, seat: &Seat) -> Vec<String> {
        self.changed(&Seat::default(), seat)
    }

    fn taken(&self, seat: &Seat) -> Vec<String> {
        let assets = seat.assets.keys().map(|asset| format!("Take the access to {} away", self.asset(asset)));
        assets.collect()
    }

    /// What is gained comes before what is lost.
    fn changed(&self, from: &Seat, to: &Seat) -> Vec<String> {
        let mut steps = Vec::new();
        for role in to.roles.difference(&from.roles) {
            steps.push(format!("Give the role {}", self.role(role)));
        }
        for entitlement in to.entitlements.difference(&from.entitlements) {
            steps.push(format!("Give the entitlement {entitlement}"));
        }
        for (asset, permissions) in &to.assets {
            if from.assets.get(asset) != Some(permissions) {
                steps.push(format!("Give {} on {}", self.permissions(asset, permissions), self.asset(asset)));
            }
        }
        let gone = from.assets.keys().filter(|asset| !to.assets.contains_key(*asset));
        steps.extend(gone.map(|asset| format!("Take the access to {} away", self.asset(asset))));
        for entitlement in from.entitlements.difference(&to.entitlements) {
            steps.push(format!("Take the entitlement {entitlement} away"));
        }
        for role in from.roles.difference(&to.roles) {
            steps.push(format!("Take the role {} away, if it is still there", self.role(role)));
        }
        steps
    }

    fn role<'a>(&'a self, key: &'a str) -> &'a str {
        self.catalogue.role(key).map_or(key, |role| role.name.as_str())
    }

    fn asset<'a>(&'a self, id: &'a str) -> &'a str {
        self.catalogue.asset(id).map_or(id, |asset| asset.name.as_str())
    }

    fn permissions(&self, asset: &str, permissions: &BTreeSet<String>) -> String {
        let known = self.catalogue.asset(asset).map(|asset| asset.permissions.as_slice()).unwrap_or_default();
        let name =
            |key: &String| known.iter().find(|it| it.key == *key).map_or(key.clone(), |it| it.name.clone());
        permissions.iter().map(name).collect::<Vec<_>>().join(", ")
    }
}

fn only() -> String {
    "Take away whatever else the person has there".to_owned()
}

#[cfg(test)]
mod tests {
    use usher_domain::{
        access::{Account, AccountState},
        directory::Profile,
        integration::AppRole,
    };

    use super::*;

    fn catalogue() -> Catalogue {
        let role = |(rank, key): (u32, &str)| AppRole {
            key: key.to_lowercase(),
            name: key.to_owned(),
            exclusion_group: Some("role".to_owned()),
            rank,
        };
        Catalogue {
            roles: (1..).zip(["Viewer", "Editor", "Admin"]).map(role).collect(),
            ..Catalogue::default()
        }
    }

    fn seat(role: &str, assets: &[&str]) -> Seat {
        let assets = assets.iter().map(|asset| ((*asset).to_owned(), ["Access".to_owned()].into()));
        Seat { roles: [role.to_owned()].into(), assets: assets.collect(), ..Seat::default() }
    }

    fn profile() -> Profile {
        Profile { user_name: "ada@acme.example".into(), ..Profile::default() }
    }

    fn known(seat: Seat) -> Observed {
        let account =
            Account { id: "ada@acme.example".into(), state: AccountState::Active, profile: profile() };
        Observed { account: Some(account), seat, ..Observed::default() }
    }

    fn steps(op: &Op, known: &Observed) -> Vec<String> {
        let guide = Guide { app: "X Ads", place: None, catalogue: &catalogue() };
        guide.steps(op, known).unwrap()
    }

    const OPEN: &str = "Open X Ads where people and their access are managed";

    #[test]
    fn somebody_is_added_with_everything() {
        let op = Op::Create { profile: profile(), seat: seat("editor", &["Main"]) };
        let expected = [
            OPEN,
            "Invite or add the person by the address above",
            "Give the role Editor",
            "Give Access on Main",
        ];
        assert_eq!(steps(&op, &Observed::default()), expected);
        let unsure = Observed { unsure: true, ..Observed::default() };
        let steps = steps(&op, &unsure);
        assert!(steps[1].starts_with("Look whether") && steps.last() == Some(&only()), "{steps:?}");
    }

    #[test]
    fn a_change_says_what_changes_and_what_is_gained_comes_first() {
        let op = Op::SetSeat { profile: profile(), seat: seat("editor", &["Brand"]) };
        let steps = steps(&op, &known(seat("viewer", &["Main"])));
        let expected = [
            OPEN,
            "Give the role Editor",
            "Give Access on Brand",
            "Take the access to Main away",
            "Take the role Viewer away, if it is still there",
        ];
        assert_eq!(steps, expected);
    }

    #[test]
    fn a_removal_takes_everything_and_minds_the_last_admin() {
        let expected = [
            OPEN,
            "Make sure that somebody else administers X Ads first",
            "Take the access to Main away",
            "Remove the person, or take the invitation back if it was not accepted",
        ];
        assert_eq!(steps(&Op::Remove, &known(seat("admin", &["Main"]))), expected);
        let looked = steps(&Op::Remove, &Observed { unsure: true, ..Observed::default() });
        assert!(looked[1].starts_with("Look whether the person is there"), "{looked:?}");
    }

    #[test]
    fn the_place_is_the_first_step_and_nobody_is_named() {
        let catalogue = catalogue();
        let guide = Guide { app: "X Ads", place: Some("ads.x.example → Access"), catalogue: &catalogue };
        let moved = Profile { user_name: "countess@acme.example".into(), ..Profile::default() };
        let op = Op::SetSeat { profile: moved, seat: seat("viewer", &[]) };
        let steps = guide.steps(&op, &known(seat("viewer", &[]))).unwrap();
        assert_eq!(steps[0], "Open ads.x.example → Access");
        assert!(steps[1].starts_with("Change the person's address"));
        assert!(!steps.concat().contains("acme.example"), "{steps:?}");
    }
}
