//! Apps whose habits are known: the settings that fit them, kept as data, one file each under `apps`.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};
use usher_connector::{Error, Result};
use usher_domain::integration::AppRole;

/// What is known of an app.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownApp {
    /// What `app` in the settings says: the file's name.
    #[serde(skip)]
    pub key: &'static str,
    /// The name that people know.
    pub name: String,
    /// What the app's plan and the token have to be.
    pub needs: String,
    /// What `base_url` looks like.
    pub base_url: String,
    /// Where the app says so.
    pub source: String,
    /// The settings that fit the app, where the admin's own say nothing else.
    settings: Map<String, Value>,
    /// The roles that the app's descriptions name.
    #[serde(default)]
    pub roles: Vec<AppRole>,
    /// What nothing confirms, and what then happens.
    pub unconfirmed: Vec<String>,
}

macro_rules! files {
    ($($key:literal),+ $(,)?) => {
        [$(($key, include_str!(concat!("../apps/", $key, ".json")))),+]
    };
}

const FILES: [(&str, &str); 8] =
    files!["aws_identity_center", "canva", "figma", "github_enterprise", "miro", "notion", "slack", "zoom",];

static APPS: LazyLock<Vec<KnownApp>> = LazyLock::new(|| {
    // A file that cannot be read is no app; a test reads them all.
    let read = |(key, text): (&'static str, &str)| {
        serde_json::from_str(text).ok().map(|app: KnownApp| KnownApp { key, ..app })
    };
    FILES.into_iter().filter_map(read).collect()
});

/// The apps whose habits are known.
pub fn known_apps() -> &'static [KnownApp] {
    &APPS
}

impl KnownApp {
    /// The app of this key.
    ///
    /// # Errors
    /// `Invalid`, with the keys that there are.
    pub(crate) fn of(key: &str) -> Result<&'static Self> {
        known_apps().iter().find(|app| app.key == key).ok_or_else(|| {
            let keys: Vec<&str> = known_apps().iter().map(|app| app.key).collect();
            Error::invalid(format!(
                "`app` is none of those that are known ({}); take it out and set what fits the app instead",
                keys.join(", ")
            ))
        })
    }

    /// Settings, with this app's where they say nothing.
    pub(crate) fn completed(&self, settings: &Value) -> Value {
        let mut completed = self.settings.clone();
        completed.extend(
            settings.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())),
        );
        completed.into()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use serde_json::json;

    use super::*;
    use crate::config::{Config, Removal};

    #[test]
    fn every_file_is_an_app_whose_settings_are_right() {
        let folder = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("apps")).unwrap();
        let files: BTreeSet<String> = folder
            .map(|file| file.unwrap().file_name().to_str().unwrap().trim_end_matches(".json").to_owned())
            .collect();
        let keys: BTreeSet<String> = known_apps().iter().map(|app| app.key.to_owned()).collect();
        assert_eq!(keys, files);
        for app in known_apps() {
            let config =
                Config::read(&json!({"app": app.key, "base_url": "https://app.example/scim"})).unwrap();
            let named = app.roles.iter().map(|role| &role.key).collect::<BTreeSet<_>>();
            assert_eq!(named.len(), app.roles.len(), "{}: a role is named twice", app.key);
            let one = app.roles.iter().all(|role| role.exclusion_group.is_some());
            assert!(one && (app.roles.is_empty() || config.roles.attribute().is_some()), "{}", app.key);
        }
    }

    #[test]
    fn what_the_admin_sets_comes_before_what_is_known() {
        let figma = json!({"app": "figma", "base_url": "https://app.example/scim"});
        assert_eq!(Config::read(&figma).unwrap().removal, Removal::Deactivate);
        let own = json!({"app": "figma", "base_url": "https://app.example/scim", "removal": "delete"});
        assert_eq!(Config::read(&own).unwrap().removal, Removal::Delete);
        let slack = Config::read(&json!({"app": "slack"})).unwrap();
        assert_eq!(slack.base_url, "https://api.slack.com/scim/v2");
    }

    #[test]
    fn what_is_missing_or_unknown_is_said() {
        let unknown = Config::read(&json!({"app": "sluck"})).unwrap_err();
        assert!(unknown.message().contains("slack"), "{unknown}");
        let nowhere = Config::read(&json!({"app": "figma"})).unwrap_err();
        assert!(nowhere.message().contains("{tenant id}"), "{nowhere}");
    }
}
