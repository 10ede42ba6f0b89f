//! The rest of a page that answers in parts.

use axum::{body::Body, http::Request};
use reqwest::Url;
use tower::ServiceExt;

use super::World;

/// What a page sends for its next part.
pub(crate) struct Part {
    address: String,
    so_far: String,
}

impl Part {
    /// The next part of a page; `None` where it is whole.
    pub(crate) fn of(page: &str) -> Option<Self> {
        let form = page.split("<form").find(|form| form.contains("name=\"so_far\""))?;
        Some(Self {
            address: attribute(form, "action=\"")?,
            so_far: attribute(form, "name=\"so_far\" value=\"")?,
        })
    }

    /// The page with that part, or by a script just what a preview shows.
    pub(crate) async fn ask(&self, world: &World, by_script: bool) -> String {
        let form = Url::parse_with_params("http://form", [("so_far", &self.so_far)]).expect("an address");
        let form = form.query().unwrap_or_default().to_owned();
        let mut request = Request::post(&self.address)
            .header("authorization", format!("Bearer {}", world.api_key))
            .header("content-type", "application/x-www-form-urlencoded");
        if by_script {
            request = request.header("hx-request", "true");
        }
        let request = request.body(Body::from(form)).expect("a request");
        let answer = world.console_router().oneshot(request).await.expect("a router always answers");
        assert_eq!(answer.status(), 200, "{}", self.address);
        let page = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a whole body");
        String::from_utf8_lossy(&page).into_owned()
    }
}

fn attribute(form: &str, before: &str) -> Option<String> {
    let value = form.split_once(before)?.1.split('"').next()?;
    Some(value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}
