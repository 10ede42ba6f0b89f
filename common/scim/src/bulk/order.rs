//! The order in which the operations of a bulk request are worked off.
//!
//! RFC 7644 §3.7: the service provider "MAY elect to optimize the sequence of operations received" as long as "the same
//! stateful result is achieved". Here the order is the client's, but what an operation refers to is made first, and of a
//! circle one resource is made without the reference and completed after the others.

use std::collections::HashMap;

use super::request::{Method, Operation, Refused};

/// One step. The numbers are positions in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Work the operation off; what it refers to was tried before.
    Run(usize),
    /// Create the resource without the references that are still open.
    CreatePart(usize),
    /// Put those references into the resource that [`Step::CreatePart`] made.
    Complete(usize),
}

/// Plans the steps. Each operation has one `Run`, or one `CreatePart` and later one `Complete`.
#[must_use]
pub fn order(operations: &[Result<Operation, Refused>]) -> Vec<Step> {
    let mut made_by = HashMap::new();
    for (at, operation) in operations.iter().enumerate() {
        if let Ok(Operation { method: Method::Post, bulk_id: Some(id), .. }) = operation {
            // A name that is used twice means its first use; the second one is refused when it is worked off.
            made_by.entry(id.as_str()).or_insert(at);
        }
    }
    let mut planner =
        Planner { operations, made_by, states: vec![State::New; operations.len()], steps: Vec::new() };
    for at in 0..operations.len() {
        planner.visit(at);
    }
    planner.steps
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Waiting,
    /// Made without some of its references.
    Part,
    Done,
}

struct Planner<'a> {
    operations: &'a [Result<Operation, Refused>],
    made_by: HashMap<&'a str, usize>,
    states: Vec<State>,
    steps: Vec<Step>,
}

impl Planner<'_> {
    /// Plans an operation after what it refers to. Keeps its own stack: references may be chained as long as the request.
    fn visit(&mut self, start: usize) {
        if self.state(start) != State::New {
            return;
        }
        self.set(start, State::Waiting);
        let mut stack = vec![(start, self.needs(start))];
        while let Some((at, needs)) = stack.last_mut() {
            let at = *at;
            match needs.pop() {
                Some(next) => match self.state(next) {
                    State::New => {
                        self.set(next, State::Waiting);
                        let its = self.needs(next);
                        stack.push((next, its));
                    }
                    // A circle: what waits for us must be there before we are.
                    State::Waiting => {
                        self.steps.push(Step::CreatePart(next));
                        self.set(next, State::Part);
                    }
                    State::Part | State::Done => {}
                },
                None => {
                    let part = self.state(at) == State::Part;
                    self.steps.push(if part { Step::Complete(at) } else { Step::Run(at) });
                    self.set(at, State::Done);
                    stack.pop();
                }
            }
        }
    }

    /// What an operation refers to, the last first.
    fn needs(&self, at: usize) -> Vec<usize> {
        let Some(Ok(operation)) = self.operations.get(at) else {
            return Vec::new();
        };
        operation.references.iter().rev().filter_map(|id| self.made_by.get(id.as_str()).copied()).collect()
    }

    fn state(&self, at: usize) -> State {
        self.states.get(at).copied().unwrap_or(State::Done)
    }

    fn set(&mut self, at: usize, state: State) {
        if let Some(slot) = self.states.get_mut(at) {
            *slot = state;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, parse};
    use super::*;
    use crate::urn;
    use serde_json::{Value, json};

    /// `a:b,c` makes a, which refers to b and c; `:a` changes something that refers to a.
    fn planned(shape: &[&str]) -> Vec<Step> {
        let operations: Vec<Value> = shape
            .iter()
            .map(|text| {
                let (id, refs) = text.split_once(':').unwrap();
                let refs: Vec<Value> = refs
                    .split(',')
                    .filter(|r| !r.is_empty())
                    .map(|r| json!({"value": format!("bulkId:{r}")}))
                    .collect();
                if id.is_empty() {
                    json!({"method": "PATCH", "path": "/Groups/1", "data": {"list": refs}})
                } else {
                    json!({"method": "POST", "path": "/Users", "bulkId": id, "data": {"list": refs}})
                }
            })
            .collect();
        let body = json!({"schemas": [urn::BULK_REQUEST], "Operations": operations});
        order(&parse(body, Limits::DEFAULT).unwrap().operations)
    }

    #[test]
    fn the_clients_order_is_kept_where_it_can_be() {
        use Step::{Complete, CreatePart, Run};
        assert_eq!(planned(&["a:", "b:a", ":a", "c:"]), [Run(0), Run(1), Run(2), Run(3)]);
        assert_eq!(planned(&[":b", "a:", "b:"]), [Run(2), Run(0), Run(1)], "forward");
        assert_eq!(planned(&["a:b", "b:c", "c:"]), [Run(2), Run(1), Run(0)]);
        assert_eq!(planned(&["a:b", "b:a"]), [CreatePart(0), Run(1), Complete(0)], "circular");
        assert_eq!(planned(&["a:a"]), [CreatePart(0), Complete(0)]);
        assert_eq!(planned(&["a:b", "b:c", "c:a"]), [CreatePart(0), Run(2), Run(1), Complete(0)]);
        assert_eq!(planned(&["a:unknown", "a:"]), [Run(0), Run(1)]);
    }

    #[test]
    fn a_chain_as_long_as_the_request_does_not_exhaust_the_stack() {
        let shape: Vec<String> = (0..1_000).map(|n| format!("n{n}:n{}", n + 1)).collect();
        let shape: Vec<&str> = shape.iter().map(String::as_str).collect();
        assert_eq!(planned(&shape).len(), 1_000);
    }
}
