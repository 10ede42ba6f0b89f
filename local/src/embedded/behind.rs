//! Indexes that follow the table late, as DynamoDB's do: a copy that has not taken the latest writes yet is asked in place of
//! the table.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use dynoxide::{Database, errors::DynoxideError};
use serde::Deserialize;

use super::connector::{reads, run, writes};

/// A copy of the table that is behind.
#[derive(Clone)]
pub(super) struct Behind {
    copy: Database,
    /// What it has not taken yet.
    writes: Arc<Mutex<VecDeque<Write>>>,
}

/// A write that the table took.
struct Write {
    operation: String,
    request: Vec<u8>,
}

impl Behind {
    /// An empty copy of an empty database.
    pub(super) fn new(copy: Database) -> Self {
        Self { copy, writes: Arc::default() }
    }

    /// Remembers what the table took. How the table is made is known at once.
    pub(super) fn took(&self, operation: &str, body: &[u8]) -> Result<(), DynoxideError> {
        if writes(operation) {
            let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
            writes.push_back(Write { operation: operation.to_owned(), request: body.to_vec() });
        } else if !reads(operation) {
            run(&self.copy, operation, body)?;
        }
        Ok(())
    }

    /// The copy without the latest writes, of which there are so many; where it was asked when it was further, with some
    /// of them.
    pub(super) fn without(&self, latest: usize) -> Result<&Database, DynoxideError> {
        let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        while writes.len() > latest {
            let Some(write) = writes.pop_front() else { break };
            run(&self.copy, &write.operation, &write.request)?;
        }
        Ok(&self.copy)
    }
}

/// Whether a request is a query of an index.
pub(super) fn asks_an_index(operation: &str, body: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Asked {
        index_name: Option<String>,
    }
    operation == "Query"
        && serde_json::from_slice::<Asked>(body).is_ok_and(|asked| asked.index_name.is_some())
}
