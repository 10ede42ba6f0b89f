//! The guards of an integration as the API writes and reads them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use usher_domain::guard::{Guards, Limit};
use utoipa::ToSchema;

use crate::error::Problem;

/// The longest that held work may wait for a decision: 90 days.
const MAX_HOLD_SECONDS: u32 = 90 * 24 * 60 * 60;

/// Most accounts that are protected: they are part of the integration's row.
const MAX_PROTECTED: usize = 100;

/// How many there may be before more are held: when both are passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = GuardLimit)]
pub(crate) struct LimitBody {
    /// So many within an hour.
    #[schema(default = 5)]
    pub(crate) count: u32,
    /// So many of a hundred seats within an hour.
    #[schema(default = 20, maximum = 100)]
    pub(crate) percent: u32,
}

/// What holds work back that nobody may have meant; what is left out is as by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = Guards)]
pub(crate) struct GuardsBody {
    /// Removals and demotions, together.
    pub(crate) losses: LimitBody,
    /// Promotions to a highest role.
    pub(crate) promotions: LimitBody,
    /// How long held work waits for a decision before it is given up, in seconds.
    #[schema(default = 604_800, minimum = 60, maximum = 7_776_000)]
    pub(crate) hold_seconds: u32,
    /// Accounts that are never removed or demoted, by the app's id, sign-in name or e-mail address.
    pub(crate) protected_accounts: BTreeSet<String>,
}

impl Default for LimitBody {
    fn default() -> Self {
        Limit::default().into()
    }
}

impl Default for GuardsBody {
    fn default() -> Self {
        Guards::default().into()
    }
}

impl From<Limit> for LimitBody {
    fn from(Limit { count, percent }: Limit) -> Self {
        Self { count, percent }
    }
}

impl From<Guards> for GuardsBody {
    fn from(guards: Guards) -> Self {
        let Guards { losses, promotions, hold_seconds, protected_accounts } = guards;
        Self { losses: losses.into(), promotions: promotions.into(), hold_seconds, protected_accounts }
    }
}

impl GuardsBody {
    /// The guards, if every number is one that can be meant.
    pub(crate) fn check(self) -> Result<Guards, Problem> {
        let limit = |field: &str, LimitBody { count, percent }: LimitBody| {
            if percent <= 100 {
                return Ok(Limit { count, percent });
            }
            Err(Problem::invalid(format!("/guards/{field}/percent"), "use 0 to 100"))
        };
        if !(60..=MAX_HOLD_SECONDS).contains(&self.hold_seconds) {
            let detail = format!("use 60 to {MAX_HOLD_SECONDS} seconds (90 days)");
            return Err(Problem::invalid("/guards/hold_seconds", detail));
        }
        if self.protected_accounts.len() > MAX_PROTECTED
            || self.protected_accounts.iter().any(|name| name.trim().is_empty() || name.len() > 320)
        {
            let detail = format!("list at most {MAX_PROTECTED} accounts, each with 1 to 320 characters");
            return Err(Problem::invalid("/guards/protected_accounts", detail));
        }
        Ok(Guards {
            losses: limit("losses", self.losses)?,
            promotions: limit("promotions", self.promotions)?,
            hold_seconds: self.hold_seconds,
            protected_accounts: self.protected_accounts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_as_by_default_and_nonsense_is_refused() {
        let guards = |text: &str| serde_json::from_str::<GuardsBody>(text).unwrap().check();
        assert_eq!(guards("{}"), Ok(Guards::default()));
        let strict = guards(r#"{"losses": {"count": 0, "percent": 0}}"#).unwrap();
        assert_eq!(strict, Guards { losses: Limit { count: 0, percent: 0 }, ..Guards::default() });
        let wrong = [
            (r#"{"losses": {"percent": 101}}"#, "/guards/losses/percent"),
            (r#"{"promotions": {"percent": 101}}"#, "/guards/promotions/percent"),
            (r#"{"protected_accounts": [""]}"#, "/guards/protected_accounts"),
            (r#"{"hold_seconds": 59}"#, "/guards/hold_seconds"),
            (r#"{"hold_seconds": 7776001}"#, "/guards/hold_seconds"),
        ];
        for (text, field) in wrong {
            assert_eq!(guards(text).unwrap_err().errors[0].field, field);
        }
    }
}
