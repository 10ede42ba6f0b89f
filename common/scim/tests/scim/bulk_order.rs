//! Property: whatever operations refer to, each is worked off once, after everything that it refers to was made.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use usher_scim::bulk::{self, Limits, Method, Step};
use usher_scim::urn;

const SIZE: usize = 12;

/// Per operation: whether it creates, and which operations it refers to.
fn shape() -> impl Strategy<Value = Vec<(bool, Vec<usize>)>> {
    prop::collection::vec((prop::bool::weighted(0.8), prop::collection::vec(0..SIZE, 0..4)), 1..SIZE)
}

fn body(shape: &[(bool, Vec<usize>)]) -> Value {
    let operations: Vec<Value> = shape
        .iter()
        .enumerate()
        .map(|(at, (creates, refers))| {
            let list: Vec<Value> = refers.iter().map(|r| json!({"value": format!("bulkId:n{r}")})).collect();
            match creates {
                true => json!({"method": "POST", "path": "/Users", "bulkId": format!("n{at}"), "data": {"list": list}}),
                false => json!({"method": "PUT", "path": "/Users/1", "data": {"list": list}}),
            }
        })
        .collect();
    json!({"schemas": [urn::BULK_REQUEST], "Operations": operations})
}

proptest! {
    #[test]
    fn references_are_made_before_they_are_used(shape in shape()) {
        let operations = bulk::parse(body(&shape), Limits::DEFAULT).unwrap().operations;
        let steps = bulk::order(&operations);
        let mut ids = HashMap::new();
        let (mut run, mut part, mut completed) = (HashSet::new(), HashSet::new(), HashSet::new());
        for step in steps {
            let (at, open_allowed) = match step {
                Step::Run(at) => { prop_assert!(run.insert(at)); (at, false) }
                Step::CreatePart(at) => { prop_assert!(part.insert(at)); (at, true) }
                Step::Complete(at) => { prop_assert!(part.contains(&at) && completed.insert(at)); (at, false) }
            };
            let operation = operations[at].as_ref().unwrap();
            let made = |r: &usize| !shape.get(*r).is_some_and(|(creates, _)| *creates) || ids.contains_key(&format!("n{r}"));
            if !open_allowed {
                // A resource that refers to itself alone would wait for itself; it is made in part.
                prop_assert!(shape[at].1.iter().all(made), "{:?} {:?}", shape, step);
            } else {
                prop_assert_eq!(operation.method, Method::Post);
                let partly = bulk::without(operation, &ids);
                prop_assert!(bulk::resolved(&partly, &ids).is_ok());
            }
            if let Some(id) = &operation.bulk_id {
                ids.insert(id.clone(), format!("id-{id}"));
            }
            let all_known = shape[at].1.iter().all(|r| ids.contains_key(&format!("n{r}")));
            if let Ok(resolved) = bulk::resolved(operation, &ids) {
                prop_assert!(all_known && !resolved.data.to_string().contains("bulkId:"));
            } else {
                prop_assert!(!all_known);
            }
        }
        prop_assert_eq!(&part, &completed);
        prop_assert!(run.is_disjoint(&part) && run.len() + part.len() == shape.len());
    }

    #[test]
    fn without_circles_or_forward_references_the_order_is_the_clients(shape in shape()) {
        let backward: Vec<_> = shape.iter().enumerate()
            .map(|(at, (creates, refers))| (*creates, refers.iter().copied().filter(|r| *r < at).collect::<Vec<_>>()))
            .collect();
        let operations = bulk::parse(body(&backward), Limits::DEFAULT).unwrap().operations;
        let wanted: Vec<Step> = (0..backward.len()).map(Step::Run).collect();
        prop_assert_eq!(bulk::order(&operations), wanted);
    }
}
