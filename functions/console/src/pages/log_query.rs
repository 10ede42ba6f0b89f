//! The address of the Automation Log: filters, page and open drawers.

use std::collections::BTreeSet;

use jiff::{civil::Date, tz::TimeZone};
use serde::Deserialize;
use usher_domain::{
    automation::{Automation, AutomationStatus},
    change::Trigger,
    id::{AutomationId, IntegrationId, PersonId},
    job::Task,
};

use super::live::address;

/// Most drawers that are open at once.
const MAX_OPEN: usize = 8;

/// What of the log is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LogQuery {
    #[serde(deserialize_with = "chosen")]
    pub(super) status: Option<AutomationStatus>,
    #[serde(deserialize_with = "chosen")]
    pub(super) app: Option<IntegrationId>,
    #[serde(deserialize_with = "chosen")]
    pub(super) task: Option<Task>,
    #[serde(deserialize_with = "chosen")]
    pub(super) trigger: Option<Trigger>,
    /// Only what was done for this person, as far as it is remembered.
    #[serde(deserialize_with = "chosen")]
    pub(super) person: Option<PersonId>,
    /// From this day on, in UTC.
    #[serde(deserialize_with = "chosen")]
    pub(super) from: Option<Date>,
    /// Up to this day.
    #[serde(deserialize_with = "chosen")]
    pub(super) to: Option<Date>,
    pub(super) cursor: String,
    /// Ids of automations whose drawers are open, with commas between.
    pub(super) open: String,
    pub(super) seen: Option<String>,
}

/// A choice of a form: empty is none.
pub(super) fn chosen<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    // The words are those of the wire.
    serde_json::from_value(text.into()).map(Some).map_err(serde::de::Error::custom)
}

/// A word as the wire writes it.
pub(super) fn word<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).ok().and_then(|value| Some(value.as_str()?.to_owned())).unwrap_or_default()
}

impl LogQuery {
    /// Whether anything is left out.
    pub(super) fn is_filtered(&self) -> bool {
        *self
            != Self {
                cursor: self.cursor.clone(),
                open: self.open.clone(),
                seen: self.seen.clone(),
                ..Self::default()
            }
    }

    /// Whether this is not the newest page.
    pub(super) fn is_older(&self) -> bool {
        !self.cursor.is_empty()
    }

    pub(super) fn matches(&self, automation: &Automation) -> bool {
        self.status.is_none_or(|status| status == automation.status())
            && self.app.as_ref().is_none_or(|app| *app == automation.integration)
            && self.task.is_none_or(|task| task == automation.task)
            && self.trigger.is_none_or(|trigger| trigger == automation.cause.trigger)
            && self.from.is_none_or(|from| from <= day_of(automation))
            && self.to.is_none_or(|to| day_of(automation) <= to)
    }

    /// Whether everything older is left out.
    pub(super) fn ends_before(&self, automation: &Automation) -> bool {
        self.from.is_some_and(|from| day_of(automation) < from)
    }

    /// The automations whose drawers are open.
    pub(super) fn open(&self) -> BTreeSet<AutomationId> {
        self.open.split(',').filter_map(|id| id.parse().ok()).take(MAX_OPEN).collect()
    }

    fn with(&self, cursor: &str, open: &BTreeSet<AutomationId>) -> String {
        self.at_path("/automations", cursor, open)
    }

    fn at_path(&self, path: &str, cursor: &str, open: &BTreeSet<AutomationId>) -> String {
        let open: Vec<&str> = open.iter().map(AutomationId::as_str).collect();
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        address(
            path,
            &[
                ("status", self.status.map(word).as_deref()),
                ("app", self.app.as_ref().map(IntegrationId::as_str)),
                ("task", self.task.map(word).as_deref()),
                ("trigger", self.trigger.map(word).as_deref()),
                ("person", self.person.as_ref().map(PersonId::as_str)),
                ("from", day(self.from).as_deref()),
                ("to", day(self.to).as_deref()),
                ("cursor", Some(cursor)),
                ("open", Some(&open.join(","))),
            ],
        )
    }

    /// The log with these filters as a file.
    pub(super) fn export(&self, format: &str) -> String {
        self.at_path(&format!("/automations/export.{format}"), "", &BTreeSet::new())
    }

    /// This very page.
    pub(super) fn url(&self) -> String {
        self.with(&self.cursor, &self.open())
    }

    /// The same filters from a cursor on.
    pub(super) fn going_on(self, cursor: String) -> Self {
        Self { cursor, ..self }
    }

    /// The newest page with the same filters.
    pub(super) fn newest(&self) -> String {
        self.with("", &BTreeSet::new())
    }

    /// The page that begins at a cursor.
    pub(super) fn at(&self, cursor: &str) -> String {
        self.with(cursor, &BTreeSet::new())
    }

    /// This page with one drawer opened or closed.
    pub(super) fn toggled(&self, id: &AutomationId) -> String {
        let mut open = self.open();
        if !open.remove(id) {
            open.insert(id.clone());
        }
        self.with(&self.cursor, &open)
    }
}

fn day_of(automation: &Automation) -> Date {
    automation.created_at.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> LogQuery {
        let uri = format!("/automations?{text}").parse().unwrap();
        axum::extract::Query::<LogQuery>::try_from_uri(&uri).unwrap().0
    }

    #[test]
    fn an_empty_choice_is_none() {
        let given = query("status=&app=&task=&trigger=");
        assert!(!given.is_filtered());
        assert_eq!(given.url(), "/automations");
    }

    #[test]
    fn choices_and_drawers_are_in_the_address() {
        let given = query("status=not_completed&app=hub&open=a1,a2&cursor=c");
        assert_eq!(given.status, Some(AutomationStatus::NotCompleted));
        assert_eq!(given.url(), "/automations?status=not_completed&app=hub&cursor=c&open=a1%2Ca2");
        let toggle = |id: &str| query(given.toggled(&id.parse().unwrap()).split_once('?').unwrap().1).open;
        assert_eq!(toggle("a1"), "a2");
        assert_eq!(toggle("a3"), "a1,a2,a3");
        assert_eq!(given.newest(), "/automations?status=not_completed&app=hub");
    }

    #[test]
    fn words_that_are_none_are_refused() {
        let uri = "/automations?status=fine".parse().unwrap();
        assert!(axum::extract::Query::<LogQuery>::try_from_uri(&uri).is_err());
    }

    #[test]
    fn few_drawers_are_open_at_once() {
        let many: Vec<String> = (0..40).map(|index| format!("a{index}")).collect();
        assert_eq!(query(&format!("open={}", many.join(","))).open().len(), MAX_OPEN);
    }
}
