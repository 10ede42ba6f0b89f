//! Parts of pages that stay up to date.
//!
//! A region asks for itself every two seconds and says what it shows already; where nothing changed the
//! answer is 204 and nothing on the page moves. Everything that is open or chosen in a region is in its
//! address, so a refresh never closes a drawer, and every state works as a link without any script.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use maud::{Markup, html};

/// A part of a page that stays up to date.
pub(super) struct Region {
    /// Its id in the page.
    pub(super) id: &'static str,
    /// What it is called by screen readers.
    pub(super) label: &'static str,
    /// The address that answers it, with all that is open and chosen.
    pub(super) url: String,
    /// What it shows.
    pub(super) content: Markup,
}

/// Whether only the region is asked for.
pub(super) fn is_partial(headers: &HeaderMap) -> bool {
    headers.contains_key("hx-request") && !headers.contains_key("hx-history-restore-request")
}

impl Region {
    /// The region with its refreshing.
    pub(super) fn render(&self) -> Markup {
        let digest = self.digest();
        let separator = if self.url.contains('?') { '&' } else { '?' };
        html! {
            section id=(self.id) aria-label=(self.label)
                hx-get={ (self.url) (separator) "seen=" (digest) } hx-trigger="every 2s"
                hx-target="this" hx-swap="outerHTML" hx-sync="this:drop" {
                (self.content)
            }
        }
    }

    /// The answer when only the region is asked for.
    pub(super) fn partial(&self, seen: Option<&str>) -> Response {
        if seen.is_some_and(|seen| seen == self.digest()) {
            return StatusCode::NO_CONTENT.into_response();
        }
        let mut response = self.render().into_response();
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("HX-Request"));
        // Something was opened or chosen: the address bar follows, so that reloading keeps it.
        if let (None, Ok(url)) = (seen, HeaderValue::from_str(&self.url)) {
            headers.insert("hx-replace-url", url);
        }
        response
    }

    fn digest(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.url.hash(&mut hasher);
        self.content.0.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}

/// An address with a query. Parts without a value are left out.
pub(super) fn address(path: &str, query: &[(&str, Option<&str>)]) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    for (name, value) in query {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            pairs.append_pair(name, value);
        }
    }
    let query = pairs.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(content: &str) -> Region {
        Region { id: "log", label: "Log", url: "/automations?open=a".into(), content: html! { (content) } }
    }

    #[test]
    fn nothing_moves_where_nothing_changed() {
        let shown = region("one");
        let digest = shown.digest();
        assert!(shown.render().into_string().contains(&format!("open=a&amp;seen={digest}")));
        assert_eq!(region("one").partial(Some(&digest)).status(), StatusCode::NO_CONTENT);
        assert_eq!(region("two").partial(Some(&digest)).status(), StatusCode::OK);
    }

    #[test]
    fn the_address_bar_follows_what_people_choose_and_not_the_clock() {
        let chosen = region("one").partial(None);
        assert_eq!(chosen.headers()["hx-replace-url"], "/automations?open=a");
        assert!(!region("one").partial(Some("old")).headers().contains_key("hx-replace-url"));
    }

    #[test]
    fn addresses_leave_out_what_is_not_chosen() {
        assert_eq!(address("/a", &[("status", None), ("app", Some(""))]), "/a");
        assert_eq!(
            address("/a", &[("status", Some("x&y")), ("cursor", Some("c="))]),
            "/a?status=x%26y&cursor=c%3D"
        );
    }
}
