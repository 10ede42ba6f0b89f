//! What the store asks of the database: round trips, and the capacity that DynamoDB would bill for them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use dynoxide::types::ConsumedCapacity;
use serde::Serialize;

use super::connector::reads;

/// What was used of one operation, or of several together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Usage {
    /// Round trips, refused ones included.
    pub calls: u64,
    /// Round trips that were refused: unmet conditions, mostly. The database does not say what they consumed, while
    /// AWS bills them; the units are too low by that much.
    pub refused: u64,
    /// Read capacity units.
    pub read_units: f64,
    /// Write capacity units. A transaction counts twice for the table and once for its indexes, as on AWS.
    pub write_units: f64,
}

impl Usage {
    fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            refused: self.refused + other.refused,
            read_units: self.read_units + other.read_units,
            write_units: self.write_units + other.write_units,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            calls: self.calls.saturating_sub(other.calls),
            refused: self.refused.saturating_sub(other.refused),
            read_units: self.read_units - other.read_units,
            write_units: self.write_units - other.write_units,
        }
    }
}

/// Usage by operation (`GetItem`, `Query`, …).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Calls(BTreeMap<String, Usage>);

impl Calls {
    /// One operation's.
    pub fn of(&self, operation: &str) -> Usage {
        self.0.get(operation).copied().unwrap_or_default()
    }

    /// All operations' together.
    pub fn total(&self) -> Usage {
        self.0.values().copied().fold(Usage::default(), Usage::plus)
    }

    /// The operations that were called, in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Usage)> {
        self.0.iter().map(|(operation, usage)| (operation.as_str(), *usage))
    }

    /// What came after an earlier count; operations that were not called since are left out.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let later = self.iter().map(|(operation, usage)| (operation, usage.minus(earlier.of(operation))));
        Self(
            later
                .filter(|(_, usage)| usage.calls > 0)
                .map(|(name, usage)| (name.to_owned(), usage))
                .collect(),
        )
    }
}

/// Counts the calls of one database.
#[derive(Debug, Clone, Default)]
pub(super) struct Meter(Arc<Mutex<Calls>>);

impl Meter {
    /// The count so far.
    pub(super) fn read(&self) -> Calls {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts a call that was answered, and the units that it consumed.
    pub(super) fn answered(&self, operation: &str, units: f64) {
        let (read_units, write_units) = if reads(operation) { (units, 0.0) } else { (0.0, units) };
        self.add(operation, Usage { calls: 1, refused: 0, read_units, write_units });
    }

    /// Counts a call that was refused.
    pub(super) fn refused(&self, operation: &str) {
        self.add(operation, Usage { calls: 1, refused: 1, ..Usage::default() });
    }

    fn add(&self, operation: &str, usage: Usage) {
        // A poisoned lock only means that another thread panicked; the counts themselves are whole.
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match calls.0.get_mut(operation) {
            Some(so_far) => *so_far = so_far.plus(usage),
            None => drop(calls.0.insert(operation.to_owned(), usage)),
        }
    }
}

/// What an answer says that it consumed: one entry, or one for each table.
pub(super) trait Consumed {
    /// The sum.
    fn units(&self) -> f64;
}

impl Consumed for Option<ConsumedCapacity> {
    fn units(&self) -> f64 {
        self.iter().map(|consumed| consumed.capacity_units).sum()
    }
}

impl Consumed for Option<Vec<ConsumedCapacity>> {
    fn units(&self) -> f64 {
        self.iter().flatten().map(|consumed| consumed.capacity_units).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_operation_and_since_a_moment() {
        let meter = Meter::default();
        meter.answered("GetItem", 0.5);
        let before = meter.read();
        meter.answered("GetItem", 1.5);
        meter.answered("TransactWriteItems", 8.0);
        meter.refused("TransactWriteItems");
        let since = meter.read().since(&before);
        assert_eq!(since.of("GetItem"), Usage { calls: 1, refused: 0, read_units: 1.5, write_units: 0.0 });
        assert_eq!(since.total(), Usage { calls: 3, refused: 1, read_units: 1.5, write_units: 8.0 });
        assert_eq!(meter.read().since(&meter.read()), Calls::default());
    }
}
