//! The apps that can be connected, as their connectors tell of themselves: `apps.json` is written by a test from the
//! connectors' own words (`tests/connectors/setup.rs`), because no function but its own knows a connector.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};

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
    Lines,
    Document,
    Choice(Vec<(String, String)>),
}

static APPS: LazyLock<Vec<AppCard>> =
    LazyLock::new(|| serde_json::from_str(include_str!("apps.json")).unwrap_or_default());

/// The app of a connector.
pub(in crate::pages) fn app_of(connector: &str) -> Option<&'static AppCard> {
    APPS.iter().find(|app| app.key == connector)
}

impl Field {
    /// What is filled in, as the connector takes it; `None` for nothing.
    fn value(&self, text: &str) -> Option<Value> {
        let text = text.trim();
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Value::from).collect();
        match &self.kind {
            _ if text.is_empty() => None,
            FieldKind::Lines => Some(Value::Array(lines())),
            FieldKind::Document => Some(serde_json::from_str(text).unwrap_or_else(|_| text.into())),
            _ => Some(text.into()),
        }
    }

    /// What settings have in this field, as it is filled in.
    pub(super) fn text(&self, settings: &Value) -> String {
        let value = self.key.split('/').try_fold(settings, |value, key| value.get(key));
        match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(lines)) if self.kind == FieldKind::Lines => {
                lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
            }
            Some(other) => serde_json::to_string_pretty(other).unwrap_or_default(),
        }
    }
}

/// What somebody filled in, as settings or credentials: what is empty is left out, a `/` leads into an object. What `before`
/// has beside these fields stays.
pub(super) fn filled_in(
    fields: &[Field],
    given: impl Fn(&str) -> Option<String>,
    before: Map<String, Value>,
) -> Map<String, Value> {
    let mut all = before;
    for field in fields {
        let value = given(&field.key).and_then(|text| field.value(&text));
        match field.key.split_once('/') {
            None => put(&mut all, &field.key, value),
            Some((outer, inner)) => {
                let mut object = match all.remove(outer) {
                    Some(Value::Object(object)) => object,
                    _ => Map::new(),
                };
                put(&mut object, inner, value);
                put(&mut all, outer, Some(Value::Object(object)).filter(|it| it != &json!({})));
            }
        }
    }
    all
}

fn put(all: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(all.insert(key.to_owned(), value)),
        None => drop(all.remove(key)),
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(Value::Object(filled_in(fields, given, Map::new())), expected);
        let document = &app_of("rest").unwrap().setup.settings;
        let given = |json: &'static str| move |key: &str| (key == "document").then(|| json.to_owned());
        assert_eq!(filled_in(document, given("mlflow"), Map::new())["document"], "mlflow");
        assert_eq!(filled_in(document, given(r#"{"a": 1}"#), Map::new())["document"], json!({"a": 1}));
    }

    #[test]
    fn what_is_changed_keeps_what_the_form_does_not_ask() {
        let fields = &app_of("google").unwrap().setup.settings;
        let before = json!({"customer_id": "1", "login_customer_id": "2", "of_another_release": true,
            "tag_manager_accounts": ["7", "8"]});
        let shown = |key: &str| fields.iter().find(|field| field.key == key).unwrap().text(&before);
        assert_eq!(
            (shown("tag_manager_accounts"), shown("analytics_properties")),
            ("7\n8".into(), String::new())
        );
        let given = |key: &str| match key {
            "customer_id" => Some("1".to_owned()),
            "tag_manager_accounts" => Some("8\r\n\r\n 9 ".to_owned()),
            _ => Some(String::new()),
        };
        let after = filled_in(fields, given, before.as_object().unwrap().clone());
        let expected = json!({"customer_id": "1", "of_another_release": true,
            "tag_manager_accounts": ["8", "9"]});
        assert_eq!(Value::Object(after), expected);
    }
}
