//! The messages of a queue, and which of them comes next. As in SQS's fair queues the groups take turns by how much each
//! has under way, so that one that sends a great deal does not hold up the others.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;
use uuid::Uuid;

use super::Message;

struct Stored {
    message: Message,
    /// From when on it can be received.
    visible: Instant,
}

/// What is in the queue. A place is the order in which messages came.
#[derive(Default)]
pub(super) struct Messages {
    stored: BTreeMap<u64, Stored>,
    next_place: u64,
    /// Delayed or under way, by the time at which they can be received.
    hidden: BTreeSet<(Instant, u64)>,
    /// To be received, by group.
    ready: BTreeMap<Option<String>, BTreeSet<u64>>,
    /// How many of each group were received, and are neither deleted nor to be received again.
    under_way: BTreeMap<Option<String>, usize>,
}

impl Messages {
    /// Takes a message in.
    pub(super) fn put(&mut self, message: Message, visible: Instant) {
        let place = self.next_place;
        self.next_place += 1;
        self.stored.insert(place, Stored { message, visible });
        self.hidden.insert((visible, place));
    }

    /// Lets what is visible by now be received, and gives back what was received too often to be received again.
    pub(super) fn wake(&mut self, now: Instant, max_receives: u32) -> Vec<Message> {
        let mut worn_out = Vec::new();
        while let Some(due) = self.hidden.first().copied().filter(|(visible, _)| *visible <= now) {
            self.hidden.remove(&due);
            let place = due.1;
            let Some(stored) = self.unhide(place) else { continue };
            let group = stored.message.group.clone();
            if stored.message.receives < max_receives {
                self.stored.insert(place, stored);
                self.ready.entry(group).or_default().insert(place);
            } else {
                worn_out.push(stored.message);
            }
        }
        worn_out
    }

    /// When the next message becomes visible.
    pub(super) fn next_visible(&self) -> Option<Instant> {
        self.hidden.first().map(|(visible, _)| *visible)
    }

    /// Receives the oldest message of the group that has least under way, and hides it until then.
    pub(super) fn receive(&mut self, until: Instant) -> Option<Message> {
        let least = |group: &Option<String>| self.under_way.get(group).copied().unwrap_or(0);
        let turns = self.ready.iter().filter_map(|(group, places)| Some((least(group), *places.first()?)));
        let (_, place) = turns.min()?;
        let stored = self.stored.get_mut(&place)?;
        stored.visible = until;
        stored.message.receives += 1;
        stored.message.receipt = format!("{place}.{}", Uuid::new_v4());
        let message = stored.message.clone();
        self.hidden.insert((until, place));
        *self.under_way.entry(message.group.clone()).or_default() += 1;
        if let Some(places) = self.ready.get_mut(&message.group) {
            places.remove(&place);
            if places.is_empty() {
                self.ready.remove(&message.group);
            }
        }
        Some(message)
    }

    /// Deletes the message of this receipt. One that is no longer the latest deletes nothing.
    pub(super) fn delete(&mut self, receipt: &str) {
        if let Some(place) = self.under_way_by(receipt) {
            self.unhide(place);
        }
    }

    /// Lets a message that is under way be received again at another time. Answers whether it is.
    pub(super) fn put_off(&mut self, receipt: &str, until: Instant) -> bool {
        let Some(place) = self.under_way_by(receipt) else { return false };
        let Some(stored) = self.stored.get_mut(&place) else { return false };
        self.hidden.remove(&(stored.visible, place));
        self.hidden.insert((until, place));
        stored.visible = until;
        true
    }

    /// The place of the message that is under way with this receipt.
    fn under_way_by(&self, receipt: &str) -> Option<u64> {
        let place = receipt.split_once('.')?.0.parse().ok()?;
        let stored = self.stored.get(&place).filter(|stored| stored.message.receipt == receipt)?;
        self.hidden.contains(&(stored.visible, place)).then_some(place)
    }

    /// Takes a message out that is hidden.
    fn unhide(&mut self, place: u64) -> Option<Stored> {
        let stored = self.stored.remove(&place)?;
        self.hidden.remove(&(stored.visible, place));
        if stored.message.receives > 0 {
            let count = self.under_way.entry(stored.message.group.clone()).or_default();
            *count -= 1;
            if *count == 0 {
                self.under_way.remove(&stored.message.group);
            }
        }
        Some(stored)
    }
}
