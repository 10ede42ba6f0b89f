//! Every page with made-up rows: written to files to be looked at, and held to what all pages promise.

mod fixtures;
mod pages;

use std::collections::BTreeSet;

use maud::html;
use serde_json::json;

use self::{
    fixtures::{NOW, automation},
    pages::{log_page, pages},
};

/// What the Content-Security-Policy would refuse must not be on any page.
#[test]
fn no_page_has_inline_script_or_style_or_asks_anybody_else() {
    for (name, page) in pages() {
        let page = page.into_string();
        for bad in
            [" style=", "<style", " onclick=", "javascript:", "http://", "https://", "hx-on", "[object"]
        {
            assert!(!page.contains(bad), "{name}: {bad}");
        }
        assert!(!page.contains("<script>"), "{name}");
    }
}

#[test]
fn every_page_has_one_heading_one_main_and_a_title() {
    for (name, page) in pages() {
        let page = page.into_string();
        assert_eq!(page.matches("<h1>").count(), 1, "{name}");
        assert_eq!(page.matches("<main").count(), 1, "{name}");
        assert!(page.contains(" · Usher</title>") && page.contains("<html lang=\"en\">"), "{name}");
    }
}

#[test]
fn ids_are_unique_on_every_page() {
    for (name, page) in pages() {
        let page = page.into_string();
        let mut seen = BTreeSet::new();
        for rest in page.split(" id=\"").skip(1) {
            let id = rest.split('"').next().unwrap();
            assert!(seen.insert(id.to_owned()), "{name}: {id}");
        }
    }
}

#[test]
fn what_people_write_is_text() {
    let evil = automation("a1", "<img src=x onerror=alert(1)>", "adding_users", "api", json!({}), NOW);
    let page = log_page("", vec![evil], None).into_string();
    assert!(!page.contains("<img") && page.contains("&lt;img"));
}

/// Writes the pages to `.screenshots/gallery`, to be looked at:
/// `cargo test -p usher-fn-console gallery -- --ignored`.
#[test]
#[ignore = "writes files to look at"]
fn write_the_gallery() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.screenshots/gallery");
    let assets = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    for file in std::fs::read_dir(assets).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), folder.join("assets").join(file.file_name())).unwrap();
    }
    let pages = pages();
    for (name, page) in &pages {
        // Files have no server: no refreshing, and assets beside them.
        let page = page.0.replace("/assets/", "assets/").replace("hx-trigger=\"every 2s\"", "");
        std::fs::write(folder.join(format!("{name}.html")), page).unwrap();
    }
    let index = html! { ul { @for (name, _) in &pages { li { a href={ (name) ".html" } { (name) } } } } };
    std::fs::write(folder.join("index.html"), index.into_string()).unwrap();
}
