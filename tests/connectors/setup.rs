//! What the console asks to connect an app is what its connector says, and what the connector reads.

use std::{collections::BTreeMap, env, fs, sync::Arc};

use serde_json::{Map, Value, json};
use usher_connector::{Class, Field, FieldKind, Reach, Transport};
use usher_local::connectors;
use usher_tests::apps::showcase::{VENDORS, filled_in};

use crate::{
    apps,
    kit::{Fixture, connect},
};

const APPS: &str = "../functions/console/src/pages/connect/apps.json";
const UPDATE: &str = "USHER_UPDATE_DOCS";

async fn fixtures() -> Vec<Box<dyn Fixture>> {
    vec![
        Box::new(apps::adobe::fixture().await),
        Box::new(apps::github::fixture().await),
        Box::new(apps::google::fixture().await),
        Box::new(apps::hubspot::fixture().await),
        Box::new(apps::meta::fixture().await),
        Box::new(apps::pinterest::fixture().await),
        Box::new(apps::rest::fixture().await),
        Box::new(apps::scim::ScimFixture::start().await),
        Box::new(apps::tiktok::fixture().await),
    ]
}

#[tokio::test]
async fn the_console_asks_what_connectors_say() {
    let mut all = Vec::new();
    let mut metas = Vec::new();
    for fixture in fixtures().await {
        metas.push(fixture.connector(50).await.meta());
    }
    // An app that nobody can ask cannot be simulated.
    let manual = connect(&usher_connector_manual::factory(), json!({"assignees": "bob"}), &Value::Null).await;
    metas.push(manual.unwrap().meta());
    metas.sort_by_key(|meta| meta.key);
    for meta in metas {
        let known = connectors::ALL.iter().find(|it| it.key == meta.key).unwrap();
        // What these two can do depends on how they are set up.
        let varies = matches!(meta.key, "rest" | "scim");
        all.push(json!({
            "key": meta.key,
            "can": meta.capabilities.told(),
            "varies": varies,
            "setup": known.setup,
        }));
    }
    assert_eq!(all.len(), connectors::ALL.len());
    let all = Value::from(all);
    if env::var_os(UPDATE).is_some() {
        fs::write(APPS, format!("{}\n", serde_json::to_string_pretty(&all).unwrap())).unwrap();
        return;
    }
    let asked: Value = serde_json::from_str(&fs::read_to_string(APPS).unwrap()).unwrap();
    assert_eq!(asked, all, "run this test with {UPDATE}=1");
}

fn sample(connector: &str, fields: &[Field], skip: &[&str]) -> Map<String, Value> {
    let organization = if connector == "adobe" { "1A2B@AdobeOrg" } else { "acme" };
    let samples = BTreeMap::from([("document", "mlflow"), ("organization", organization), ("country", "DE")]);
    let mut all = Map::new();
    for field in fields.iter().filter(|field| !skip.contains(&field.key)) {
        let value = match field.kind {
            FieldKind::Url => "https://app.example/v1".to_owned(),
            // Roles and entitlements cannot be kept in the same place.
            FieldKind::Choice(choices) if field.key == "entitlements/as" => choices[2].0.to_owned(),
            FieldKind::Choice(choices) => choices[1].0.to_owned(),
            _ => samples.get(field.key).copied().unwrap_or("4711").to_owned(),
        };
        let value = match field.kind {
            FieldKind::Lines => json!([value]),
            _ => json!(value),
        };
        match field.key.split_once('/') {
            None => drop(all.insert(field.key.to_owned(), value)),
            Some((outer, inner)) => drop(all.insert(outer.to_owned(), json!({ inner: value }))),
        }
    }
    all
}

/// Whoever connects a simulated app in the console finds a field for everything that it tells, and something for every field
/// that has to be filled in.
#[test]
fn the_console_asks_for_what_a_simulated_app_is_connected_with() {
    for vendor in VENDORS {
        let setup = connectors::ALL.iter().find(|it| it.key == vendor.key).unwrap().setup;
        let told = filled_in(vendor, "http://127.0.0.1/apps");
        for it in &told {
            let label = connectors::label(vendor.key, &it.field);
            assert!(label.is_some() && !it.value.is_empty(), "{}: {it:?}", vendor.key);
        }
        for (part, fields) in [("setting", setup.settings), ("credential", setup.credentials)] {
            for field in fields.iter().filter(|field| field.required) {
                let name = format!("{part}.{}", field.key);
                assert!(told.iter().any(|it| it.field == name), "{}: {name}", vendor.key);
            }
        }
    }
}

/// Every field filled in makes settings and credentials that the connector reads: the app may refuse them, its connector may not.
#[tokio::test]
async fn what_is_asked_is_what_the_connector_reads() {
    struct Noon;
    impl usher_domain::ports::Clock for Noon {
        fn now(&self) -> usher_domain::Timestamp {
            "2026-01-01T12:00:00Z".parse().unwrap()
        }
    }
    for known in &connectors::ALL {
        // Of ways to sign in one is used at a time.
        let skip: &[&str] = match known.key {
            "github" => &["app_id", "installation_id", "private_key"],
            "google" => &["service_account/client_email", "service_account/private_key"],
            "rest" => &["token", "key"],
            "scim" => &["client_id", "client_secret"],
            _ => &[],
        };
        let config = sample(known.key, known.setup.settings, skip).into();
        let credentials = Value::from(sample(known.key, known.setup.credentials, skip));
        let transport = Transport::new(Reach::Public, Arc::new(Noon)).unwrap();
        if let Err(error) = connect(&*(known.factory)(transport), config, &credentials).await {
            let read = !matches!(error.class(), Class::Invalid | Class::AuthRevoked);
            assert!(read, "{}: {error}", known.key);
        }
    }
}
