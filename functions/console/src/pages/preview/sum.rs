//! Previews of some people after others, added up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use usher_domain::Timestamp;

use crate::api::{
    access::SeatView,
    preview_views::{PersonView, PreviewAnswer, PreviewView, ViolationView},
};

/// How many names are kept of each kind of change.
pub(super) const NAMES: usize = 25;

/// How many people, by a word for what becomes of them.
pub(super) type Counts = BTreeMap<String, u64>;

/// What a change would do for those who were looked at.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pages) struct Sum {
    /// How many people were looked at.
    pub(super) looked_at: u64,
    /// What it would do in each integration that it concerns.
    pub(super) effects: Vec<Effect>,
}

/// What a change would do in one integration.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Effect {
    /// The integration's id.
    pub(super) integration: String,
    /// People by what is decided for them.
    pub(super) totals: Counts,
    /// Those whom it touches, by what becomes of the work for it.
    pub(super) works: Counts,
    /// Seats without the change.
    pub(super) seats_before: u64,
    /// Seats with it.
    pub(super) seats_after: u64,
    /// Jobs that are open now.
    pub(super) open_jobs: u64,
    /// People by asset.
    pub(super) assets: BTreeMap<String, Asset>,
    /// What is not as it may seem, and how many people it is about.
    pub(super) violations: BTreeMap<String, u64>,
    /// Why the first of those is held whose work is.
    pub(super) held: Option<String>,
    /// The first people of each kind of change.
    pub(super) people: Vec<Person>,
}

/// For how many people an asset changes.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asset {
    pub(super) name: String,
    pub(super) gained: u64,
    pub(super) changed: u64,
    pub(super) lost: u64,
}

/// What a change would do for one person.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) change: String,
    pub(super) work: String,
    pub(super) before: Option<SeatView>,
    pub(super) after: Option<SeatView>,
    pub(super) removal_begins_at: Option<Timestamp>,
    pub(super) dissolves: bool,
}

impl Sum {
    /// How many jobs are open now for those who were looked at.
    pub(in crate::pages) fn open_jobs(&self) -> u64 {
        self.effects.iter().fold(0, |sum, effect| sum.saturating_add(effect.open_jobs))
    }

    /// Adds what the change would do for other people.
    pub(super) fn add(&mut self, part: PreviewAnswer) {
        let looked_at = part.items.iter().map(|preview| preview.people.len()).max().unwrap_or_default();
        increase(&mut self.looked_at, u64::try_from(looked_at).unwrap_or(u64::MAX));
        for preview in part.items {
            match self.effects.iter_mut().find(|effect| effect.integration == preview.integration) {
                Some(effect) => effect.add(preview),
                None => {
                    let mut effect = Effect { integration: preview.integration.clone(), ..Effect::default() };
                    effect.add(preview);
                    self.effects.push(effect);
                }
            }
        }
    }
}

impl Effect {
    fn add(&mut self, part: PreviewView) {
        add_counts(&mut self.totals, part.totals);
        add_counts(&mut self.works, part.works);
        increase(&mut self.seats_before, part.seats_before);
        increase(&mut self.seats_after, part.seats_after);
        increase(&mut self.open_jobs, u64::try_from(part.open_jobs).unwrap_or(u64::MAX));
        for asset in part.assets {
            let sum = self.assets.entry(asset.asset).or_default();
            sum.name = asset.name;
            increase(&mut sum.gained, asset.gained);
            increase(&mut sum.changed, asset.changed);
            increase(&mut sum.lost, asset.lost);
        }
        for ViolationView { what, people, .. } in part.violations {
            let people = u64::try_from(people.len()).unwrap_or(u64::MAX);
            increase(self.violations.entry(what).or_default(), people);
        }
        for person in part.people {
            self.name(person);
        }
    }

    fn name(&mut self, person: PersonView) {
        if self.held.is_none() && person.work == "held" && person.is_touched() {
            self.held.clone_from(&person.work_detail);
        }
        let named = self.people.iter().filter(|named| named.change == person.change).count();
        if person.change == "unchanged" || named == NAMES {
            return;
        }
        let PersonView { name, change, before, after, removal_begins_at, dissolves, work, .. } = person;
        let (change, work) = (change.to_owned(), work.to_owned());
        self.people.push(Person { name, change, work, before, after, removal_begins_at, dissolves });
    }
}

fn add_counts(sum: &mut Counts, part: BTreeMap<&'static str, u64>) {
    for (word, count) in part {
        increase(sum.entry(word.to_owned()).or_default(), count);
    }
}

/// What is added to came back from a browser: it may be anything.
fn increase(sum: &mut u64, by: u64) {
    *sum = sum.saturating_add(by);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(number: usize, change: &'static str, work: &'static str) -> PersonView {
        PersonView {
            person: format!("p{number}"),
            name: format!("Person {number}"),
            change,
            before: None,
            after: None,
            removal_begins_at: None,
            dissolves: false,
            work,
            work_detail: (work == "held").then(|| format!("held since {number}")),
            work_before: "none",
        }
    }

    fn part(removed: std::ops::Range<usize>, held: usize) -> PreviewAnswer {
        let count = u64::try_from(removed.len()).unwrap();
        let work = |number: usize| if number == held { "held" } else { "begins" };
        let violation = ViolationView {
            code: "protected_person",
            detail: "2 of these people: kept".into(),
            people: vec!["a".into(), "b".into()],
            what: "kept".into(),
        };
        let preview = PreviewView {
            integration: "hub".into(),
            name: "Hub".into(),
            totals: [("removed", count)].into(),
            works: [("begins", count - 1), ("held", 1)].into(),
            seats_before: count,
            seats_after: 0,
            assets: Vec::new(),
            violations: vec![violation],
            open_jobs: 1,
            people: removed.map(|number| person(number, "removed", work(number))).collect(),
        };
        PreviewAnswer { items: vec![preview], next: None, left: 0, left_is_exact: true }
    }

    #[test]
    fn parts_add_up_and_only_the_first_names_are_kept() {
        let mut sum = Sum::default();
        sum.add(part(0..20, 3));
        sum.add(part(20..50, 22));
        let effect = &sum.effects[0];
        assert_eq!((sum.looked_at, sum.effects.len()), (50, 1));
        assert_eq!(effect.totals, [("removed".to_owned(), 50)].into());
        assert_eq!(effect.works, [("begins".to_owned(), 48), ("held".to_owned(), 2)].into());
        assert_eq!((effect.seats_before, effect.seats_after, effect.open_jobs), (50, 0, 2));
        assert_eq!(effect.violations, [("kept".to_owned(), 4)].into());
        assert_eq!(effect.held.as_deref(), Some("held since 3"));
        assert_eq!(effect.people.len(), NAMES);
        assert_eq!(effect.people.last().unwrap().name, "Person 24");
        let text = serde_json::to_string(&sum).unwrap();
        assert_eq!(serde_json::from_str::<Sum>(&text).unwrap(), sum);
    }
}
