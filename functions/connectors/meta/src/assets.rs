//! Kinds of assets and the tasks on them.
//!
//! Meta answers with "all unpacked tasks": who was given `MANAGE` is told to have `ADVERTISE` and `ANALYZE` too. Of
//! what is held, only those tasks are compared that do not come with another one.

use std::collections::BTreeSet;

use usher_connector::{Error, Result};
use usher_domain::integration::AppRole;

/// A kind of asset that can be read per person, granted and revoked. Pixels cannot be revoked by the API, and
/// Instagram accounts not be read per person: whoever held them would keep them, so they are left out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Stands before the id in [`usher_connector::AppAsset::id`].
    pub(crate) name: &'static str,
    /// The name that people see.
    pub(crate) label: &'static str,
    /// What follows `owned_`, `client_` and `assigned_` in the names of edges.
    pub(crate) edge: &'static str,
    /// What the token needs for it.
    pub(crate) scope: &'static str,
    tasks: &'static [Task],
}

#[derive(Debug, PartialEq, Eq)]
struct Task {
    key: &'static str,
    name: &'static str,
    /// The tasks that come with it.
    with: &'static [&'static str],
}

const fn task(key: &'static str, name: &'static str, with: &'static [&'static str]) -> Task {
    Task { key, name, with }
}

pub(crate) static KINDS: [Kind; 4] = [
    Kind {
        name: "ad_account",
        label: "ad accounts",
        edge: "ad_accounts",
        scope: "ads_management",
        tasks: &[
            task("MANAGE", "Manage ad account", &["ADVERTISE", "ANALYZE", "DRAFT"]),
            task("ADVERTISE", "Manage campaigns", &["ANALYZE", "DRAFT"]),
            task("ANALYZE", "View performance", &[]),
            task("DRAFT", "Draft ads", &[]),
        ],
    },
    Kind {
        name: "page",
        label: "Pages",
        edge: "pages",
        scope: "pages_show_list",
        tasks: &[
            task(
                "MANAGE",
                "Manage Page",
                &["CREATE_CONTENT", "MODERATE", "MESSAGING", "ADVERTISE", "ANALYZE"],
            ),
            task("CREATE_CONTENT", "Create content", &["ANALYZE"]),
            task("MODERATE", "Moderate", &["ANALYZE"]),
            task("MESSAGING", "Answer messages", &[]),
            task("ADVERTISE", "Create ads", &["ANALYZE"]),
            task("ANALYZE", "View insights", &[]),
        ],
    },
    Kind {
        name: "product_catalog",
        label: "catalogues",
        edge: "product_catalogs",
        scope: "catalog_management",
        tasks: &[
            task("MANAGE", "Manage catalogue", &["ADVERTISE"]),
            task("ADVERTISE", "Create ads with the catalogue", &[]),
        ],
    },
    Kind {
        name: "whatsapp_business_account",
        label: "WhatsApp accounts",
        edge: "whatsapp_business_accounts",
        scope: "whatsapp_business_management",
        tasks: &[
            task("MANAGE", "Full control", &["DEVELOP", "MANAGE_TEMPLATES", "MANAGE_PHONE", "VIEW_COST"]),
            task("DEVELOP", "Develop", &[]),
            task("MANAGE_TEMPLATES", "Manage templates", &[]),
            task("MANAGE_PHONE", "Manage phone numbers", &[]),
            task("VIEW_COST", "View cost", &[]),
        ],
    },
];

impl Kind {
    /// The kind and Meta's own id of an asset.
    pub(crate) fn of(asset: &str) -> Result<(&'static Self, &str)> {
        let split = asset.split_once(':').filter(|(_, id)| !id.is_empty());
        let found = split.and_then(|(name, id)| Some((KINDS.iter().find(|kind| kind.name == name)?, id)));
        found.ok_or_else(|| {
            Error::invalid(format!(
                "`{asset}` is not an asset of Meta's; choose one of the integration's list on the share, then retry"
            ))
        })
    }

    /// The asset with this id of Meta's.
    pub(crate) fn asset(&self, id: &str) -> String {
        format!("{}:{id}", self.name)
    }

    /// Everything that can be granted: permissions, which add up.
    pub(crate) fn permissions(&self) -> Vec<AppRole> {
        let permission = |task: &Task| AppRole {
            key: task.key.to_owned(),
            name: task.name.to_owned(),
            exclusion_group: None,
            rank: 0,
        };
        self.tasks.iter().map(permission).collect()
    }

    /// Refuses what cannot be granted.
    pub(crate) fn check(&self, asset: &str, permissions: &BTreeSet<String>) -> Result<()> {
        if permissions.is_empty() {
            return Err(Error::invalid(format!(
                "the share grants nothing on `{asset}`; choose what, then retry"
            )));
        }
        match permissions.iter().find(|permission| self.task(permission).is_none()) {
            None => Ok(()),
            Some(unknown) => Err(Error::invalid(format!(
                "`{unknown}` cannot be granted on `{asset}` at Meta; choose another on the share, then retry"
            ))),
        }
    }

    /// Those of `tasks` that do not come with another one of them. Tasks that nothing is known of are Meta's matter.
    pub(crate) fn essential(&self, tasks: &BTreeSet<String>) -> BTreeSet<String> {
        let comes_along =
            |key: &str| tasks.iter().filter_map(|held| self.task(held)).any(|task| task.with.contains(&key));
        let essential = tasks.iter().filter(|key| self.task(key).is_some() && !comes_along(key));
        essential.cloned().collect()
    }

    /// Whether two sets of tasks give the same.
    pub(crate) fn same(&self, given: &BTreeSet<String>, held: &BTreeSet<String>) -> bool {
        self.essential(given) == self.essential(held)
    }

    fn task(&self, key: &str) -> Option<&'static Task> {
        let kind: &'static [Task] = self.tasks;
        kind.iter().find(|task| task.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(tasks: &[&str]) -> BTreeSet<String> {
        tasks.iter().map(|task| (*task).to_owned()).collect()
    }

    #[test]
    fn what_comes_along_is_not_compared() {
        let (kind, id) = Kind::of("ad_account:act_1").unwrap();
        assert_eq!((id, kind.asset("act_1").as_str()), ("act_1", "ad_account:act_1"));
        for (held, essential) in [
            (set(&["MANAGE", "ADVERTISE", "ANALYZE", "DRAFT"]), set(&["MANAGE"])),
            (set(&["ADVERTISE", "ANALYZE", "DRAFT"]), set(&["ADVERTISE"])),
            (set(&["ANALYZE", "DRAFT"]), set(&["ANALYZE", "DRAFT"])),
            (set(&["ANALYZE", "SOMETHING_NEW"]), set(&["ANALYZE"])),
            (set(&[]), set(&[])),
        ] {
            assert_eq!(kind.essential(&held), essential, "{held:?}");
        }
    }

    #[test]
    fn tasks_that_another_one_covers_change_nothing() {
        let (kind, _) = Kind::of("ad_account:act_1").unwrap();
        assert!(kind.same(&set(&["ADVERTISE", "ANALYZE"]), &set(&["ADVERTISE"])));
        assert!(!kind.same(&set(&["ANALYZE"]), &set(&["ADVERTISE", "ANALYZE"])));
    }

    #[test]
    fn nothing_comes_along_with_itself() {
        for kind in &KINDS {
            for task in kind.tasks {
                assert!(!task.with.contains(&task.key), "{}", kind.name);
                assert_eq!(kind.essential(&set(&[task.key])), set(&[task.key]));
            }
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(Kind::of("pixel:1").is_err() && Kind::of("page").is_err() && Kind::of("page:").is_err());
        let (kind, _) = Kind::of("page:1").unwrap();
        assert!(kind.check("page:1", &set(&["ANALYZE"])).is_ok());
        assert!(kind.check("page:1", &set(&["DRAFT"])).is_err());
        assert!(kind.check("page:1", &set(&[])).is_err());
    }
}
