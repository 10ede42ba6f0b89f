//! Property: sorting is a total order, keeps every resource, and what has no value is last (descending: first).

use proptest::prelude::*;
use usher_scim::sort::{Sort, SortOrder};

use super::tree::{leaf, registry, tree, written};

proptest! {
    #[test]
    fn sorting_is_a_total_order(trees in prop::collection::vec(tree(), 0..8), (at, _) in leaf()) {
        let registry = registry();
        let schema = registry.resource("Thing").unwrap();
        let by = written(at);
        let up = Sort::new(&by, SortOrder::Ascending, &[schema]).unwrap();
        let down = Sort::new(&by, SortOrder::Descending, &[schema]).unwrap();
        let keys: Vec<_> = trees.iter().map(|t| up.key(schema, t)).collect();
        for a in &keys {
            prop_assert!(up.compare(a, a).is_eq());
            for b in &keys {
                prop_assert_eq!(up.compare(a, b), up.compare(b, a).reverse());
                prop_assert_eq!(up.compare(a, b), down.compare(b, a));
                for c in &keys {
                    if up.compare(a, b).is_le() && up.compare(b, c).is_le() {
                        prop_assert!(up.compare(a, c).is_le());
                    }
                }
            }
        }
        for sort in [&up, &down] {
            let numbered: Vec<usize> = (0..trees.len()).collect();
            let sorted = sort.sort(numbered.clone(), |n| sort.key(schema, &trees[*n]));
            for pair in sorted.windows(2) {
                let order = sort.compare(&keys[pair[0]], &keys[pair[1]]);
                prop_assert!(order.is_lt() || (order.is_eq() && pair[0] < pair[1]), "stable");
            }
            let mut all = sorted.clone();
            all.sort_unstable();
            prop_assert_eq!(all, numbered);
        }
    }
}
