//! Kinds of assets, and what tasks on them amount to.

use std::collections::BTreeSet;

/// A kind of asset.
pub(super) struct Kind {
    /// The simulator's word for it.
    pub(super) name: &'static str,
    /// What follows `owned_`, `client_` and `assigned_` in the names of edges.
    pub(super) edge: &'static str,
    /// Every task, and the tasks that come with it.
    tasks: &'static [(&'static str, &'static [&'static str])],
}

pub(super) const KINDS: [Kind; 4] = [
    Kind {
        name: "ad_account",
        edge: "ad_accounts",
        tasks: &[
            ("MANAGE", &["ADVERTISE", "ANALYZE", "DRAFT"]),
            ("ADVERTISE", &["ANALYZE", "DRAFT"]),
            ("ANALYZE", &[]),
            ("DRAFT", &[]),
            ("AA_ANALYZE", &[]),
        ],
    },
    Kind {
        name: "page",
        edge: "pages",
        tasks: &[
            ("MANAGE", &["CREATE_CONTENT", "MODERATE", "MESSAGING", "ADVERTISE", "ANALYZE"]),
            ("CREATE_CONTENT", &["ANALYZE"]),
            ("MODERATE", &["ANALYZE"]),
            ("MESSAGING", &[]),
            ("ADVERTISE", &["ANALYZE"]),
            ("ANALYZE", &[]),
        ],
    },
    Kind {
        name: "product_catalog",
        edge: "product_catalogs",
        tasks: &[("MANAGE", &["ADVERTISE"]), ("ADVERTISE", &[]), ("MANAGE_AR", &[]), ("AA_ANALYZE", &[])],
    },
    Kind {
        name: "whatsapp_business_account",
        edge: "whatsapp_business_accounts",
        tasks: &[
            ("MANAGE", &["DEVELOP", "MANAGE_TEMPLATES", "MANAGE_PHONE", "VIEW_COST"]),
            ("DEVELOP", &[]),
            ("MANAGE_TEMPLATES", &[]),
            ("MANAGE_PHONE", &[]),
            ("VIEW_COST", &[]),
        ],
    },
];

impl Kind {
    /// The kind with this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// "All unpacked tasks": each with those that come with it. None when one of them is not a task of the kind.
    pub(super) fn unpacked(&self, tasks: &[String]) -> Option<BTreeSet<String>> {
        let mut all = BTreeSet::new();
        for task in tasks {
            let (name, with) = self.tasks.iter().find(|(name, _)| name == task)?;
            all.insert((*name).to_owned());
            all.extend(with.iter().map(|task| (*task).to_owned()));
        }
        Some(all)
    }

    /// What can be asked for.
    pub(super) fn tasks(&self) -> Vec<&'static str> {
        self.tasks.iter().map(|(name, _)| *name).collect()
    }
}
