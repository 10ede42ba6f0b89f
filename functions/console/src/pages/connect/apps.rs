//! The apps that can be connected, as their connectors tell of themselves: `apps.json` is written by a test from the
//! connectors' own words (`tests/connectors/setup.rs`), because no function but its own knows a connector.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

/// An app.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(in crate::pages) struct AppCard {
    /// Its connector.
    pub(in crate::pages) key: String,
    /// What it can do, and cannot.
    pub(super) can: Vec<(String, bool)>,
    /// Whether that depends on the settings.
    pub(super) varies: bool,
    /// What is asked for.
    pub(super) setup: Setup,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Setup {
    pub(super) settings: Vec<Field>,
    pub(super) credentials: Vec<Field>,
}

/// One thing that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Field {
    pub(super) key: String,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) kind: FieldKind,
    pub(super) required: bool,
}

/// How it is filled in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FieldKind {
    Text,
    Url,
    Secret,
    SecretLines,
    Document,
    Choice(Vec<(String, String)>),
}

static APPS: LazyLock<Vec<AppCard>> =
    LazyLock::new(|| serde_json::from_str(include_str!("apps.json")).unwrap_or_default());

/// The app of a connector.
pub(in crate::pages) fn app_of(connector: &str) -> Option<&'static AppCard> {
    APPS.iter().find(|app| app.key == connector)
}

/// What somebody filled in, as settings or credentials: what is empty is left out, a `/` leads into an object.
pub(super) fn filled_in(fields: &[Field], given: impl Fn(&str) -> Option<String>) -> Map<String, Value> {
    let mut all = Map::new();
    for field in fields {
        let text = given(&field.key).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let Some(text) = text else { continue };
        let value = match &field.kind {
            FieldKind::Document => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            _ => Value::String(text),
        };
        match field.key.split_once('/') {
            None => drop(all.insert(field.key.clone(), value)),
            Some((outer, inner)) => {
                let object = all.entry(outer).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(object) = object {
                    object.insert(inner.to_owned(), value);
                }
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_app_is_known_and_asks_for_something() {
        assert!(APPS.len() >= 7);
        for app in APPS.iter() {
            let asks = !app.setup.credentials.is_empty() || !app.setup.settings.is_empty();
            assert!(asks && !app.can.is_empty(), "{}", app.key);
        }
    }

    #[test]
    fn what_is_filled_in_becomes_settings() {
        let fields = &app_of("scim").unwrap().setup.settings;
        let given = |key: &str| match key {
            "base_url" => Some(" https://app.example/scim/v2 ".to_owned()),
            "roles/as" => Some("groups".to_owned()),
            "removal" => Some(String::new()),
            _ => None,
        };
        let expected = json!({"base_url": "https://app.example/scim/v2", "roles": {"as": "groups"}});
        assert_eq!(Value::Object(filled_in(fields, given)), expected);
        let document = &app_of("rest").unwrap().setup.settings;
        let given = |json: &'static str| move |key: &str| (key == "document").then(|| json.to_owned());
        assert_eq!(filled_in(document, given("mlflow"))["document"], "mlflow");
        assert_eq!(filled_in(document, given(r#"{"a": 1}"#))["document"], json!({"a": 1}));
    }
}
