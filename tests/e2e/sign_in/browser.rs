//! Just enough of a browser: cookies, and where a page was sent from.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderMap, Request},
};
use serde_json::Value;
use tower::ServiceExt;

use crate::access_patterns::world::World;

/// Where the console is.
pub(crate) const ORIGIN: &str = "https://usher.example";

/// What came back.
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Seen {
    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        self.headers
            .get("location")
            .unwrap_or_else(|| panic!("{}: {}", self.status, self.text))
            .to_str()
            .unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// A browser with its cookies.
pub(crate) struct Browser<'a> {
    world: &'a World,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) address: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        Self { world, cookies: BTreeMap::new(), address: "203.0.113.7".to_owned() }
    }

    /// Opens an address.
    pub(crate) async fn open(&mut self, path: &str) -> Seen {
        self.send("GET", path, "", &[]).await
    }

    /// Sends a form of one of the console's pages.
    pub(crate) async fn submit(&mut self, path: &str, form: &str) -> Seen {
        self.send("POST", path, form, &[("origin", ORIGIN), ("sec-fetch-site", "same-origin")]).await
    }

    /// Signs in with a link.
    pub(crate) async fn follow(&mut self, link: &str) {
        let secret = link.split_once("?link=").unwrap().1;
        let seen = self.submit("/sign-in", &format!("link={secret}")).await;
        assert_eq!(seen.status, 303, "{}", seen.text);
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        form: &str,
        headers: &[(&str, &str)],
    ) -> Seen {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path.strip_prefix(ORIGIN).unwrap_or(path))
            .header("x-forwarded-for", format!("198.51.100.1, {}", self.address))
            .header("user-agent", "Mozilla/5.0 (X11; Linux) Firefox/140.0")
            .header("cookie", cookies.join("; "));
        if !form.is_empty() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(form.to_owned())).unwrap();
        let (parts, body) = self.world.console_router().oneshot(request).await.unwrap().into_parts();
        for set in parts.headers.get_all("set-cookie") {
            let (cookie, attributes) = set.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = cookie.split_once('=').unwrap();
            assert!(name.starts_with("__Host-") && attributes.contains("Secure"), "{cookie}; {attributes}");
            assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"), "{attributes}");
            match attributes.contains("Max-Age=0") {
                true => drop(self.cookies.remove(name)),
                false => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
            }
        }
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Seen { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// The id of its session.
    pub(crate) fn session(&self) -> Option<String> {
        self.cookies.get("__Host-usher_session").map(|cookie| cookie.split('.').nth(1).unwrap().to_owned())
    }

    /// Who it is signed in as; `None` when it is not.
    pub(crate) async fn who(&mut self) -> Option<Value> {
        let seen = self.open("/api/v1/me").await;
        (seen.status == 200).then(|| seen.json())
    }
}
