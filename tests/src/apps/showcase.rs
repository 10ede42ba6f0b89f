//! The simulated vendors side by side, for people: each below its key, and a page that tells how each is connected.

use std::sync::Arc;

use axum::{
    Router,
    response::{Html, Redirect},
    routing::get,
};
use maud::{Markup, html};
use serde_json::Value;

use super::{
    adobe::ADOBE,
    business::{BusinessApp, Vendor, router},
    github::GITHUB,
    google::GOOGLE,
    hubspot::HUBSPOT,
    meta::META,
    page::shell,
    pinboard::PINBOARD,
    pinterest::PINTEREST,
    tiktok::TIKTOK,
};

/// Every simulated vendor.
pub const VENDORS: [&Vendor; 8] = [&ADOBE, &GITHUB, &GOOGLE, &HUBSPOT, &META, &PINBOARD, &PINTEREST, &TIKTOK];

/// What somebody fills in to connect an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The field's name in a connection form: `setting.…` or `credential.…`.
    pub field: String,
    /// What goes there.
    pub value: String,
}

/// How a form is filled in that connects the vendor whose API is at `base_url`.
pub fn filled_in(vendor: &Vendor, base_url: &str) -> Vec<Filled> {
    let parts = [("setting", (vendor.settings)(base_url)), ("credential", (vendor.credentials)())];
    let fields = parts.into_iter().flat_map(|(part, values)| {
        let values = values.as_object().cloned().unwrap_or_default();
        values
            .into_iter()
            .map(move |(key, value)| Filled { field: format!("{part}.{key}"), value: text(&value) })
    });
    fields.collect()
}

/// A value as it is typed: a list has a line for each.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().map(text).collect::<Vec<_>>().join("\n"),
        other => format!("{other:#}"),
    }
}

/// New apps of all vendors, to be nested where `url` leads. `label` knows what the form that connects an app (its key) calls a
/// field.
pub fn serve(url: &str, label: fn(&str, &str) -> Option<&'static str>) -> Router {
    let index = Html(index(url, label).into_string());
    let apps = Router::new().route("/", get(move || async move { index }));
    VENDORS.into_iter().fold(apps, |apps, vendor| {
        let page = format!("{url}/{}", vendor.key);
        apps.nest(&format!("/{}", vendor.key), router(Arc::new(BusinessApp::new(vendor))))
            .route(&format!("/{}/", vendor.key), get(move || async move { Redirect::permanent(&page) }))
    })
}

fn index(url: &str, label: fn(&str, &str) -> Option<&'static str>) -> Markup {
    let about = "Not the vendors themselves, and gone with all that is in them when Usher ends. Connect one in Usher with what is \
        shown here, share it with a team, and watch on its page who comes, accept for them, or let it fail.";
    let content = html! {
        @for vendor in VENDORS {
            @let page = format!("{url}/{}", vendor.key);
            h2 id=(vendor.key) { a href=(page) { (vendor.name) } }
            p { a href={ "/integrations/new/" (vendor.key) } { "Connect it" } }
            dl {
                @for Filled { field, value } in filled_in(vendor, &format!("{page}{}", vendor.base_path)) {
                    dt { (label(vendor.key, &field).unwrap_or(&field)) }
                    dd { code id={ (vendor.key) "." (field) } { (value) } }
                }
            }
        }
    };
    shell("Simulated apps", about, &content)
}
