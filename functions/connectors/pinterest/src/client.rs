//! Calls of the API.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;
use usher_connector::{AccessTokens, Http, Method, RefreshGrant, Request, Response, Result};
use usher_domain::ports::Page;

use crate::{config::Config, wire};

/// The API of one business.
#[derive(Debug)]
pub(crate) struct Client {
    http: Http,
    tokens: Arc<AccessTokens>,
    grant: RefreshGrant,
    business: String,
    page_size: u32,
}

impl Client {
    pub(crate) fn new(http: Http, config: &Config, tokens: Arc<AccessTokens>, grant: RefreshGrant) -> Self {
        Self { http, tokens, grant, business: config.business_id.clone(), page_size: config.page_size }
    }

    /// What the token is good for, where Pinterest says so.
    pub(crate) async fn scopes(&self) -> Result<Option<BTreeSet<String>>> {
        Ok(self.tokens.get(&self.grant).await?.scopes)
    }

    async fn call(&self, request: &Request) -> Result<Response> {
        let answer = self.tokens.send(&self.grant, &self.http, request).await?;
        if answer.is_success() { Ok(answer) } else { Err(wire::failure(request, &answer)) }
    }

    /// A read below the business.
    pub(crate) fn get(&self, doing: &'static str, path: &[&str]) -> Request {
        Request::get(doing, self.path(path))
    }

    /// A read of the invitations that were neither accepted nor taken back.
    pub(crate) fn invitations(&self, doing: &'static str) -> Request {
        self.get(doing, &["invites"])
            .query("is_member", "true")
            .query("invite_type", "MEMBER_INVITE")
            .query("invite_status", "PENDING,EXPIRED")
    }

    fn path<'a>(&'a self, path: &[&'a str]) -> Vec<&'a str> {
        ["businesses", &self.business].into_iter().chain(path.iter().copied()).collect()
    }

    /// Writes below the business; answers what Pinterest says of it.
    pub(crate) async fn write(
        &self,
        doing: &'static str,
        method: Method,
        path: &[&str],
        body: Value,
    ) -> Result<Value> {
        let request = Request::new(method, doing, self.path(path)).body(body);
        self.call(&request).await?.json().ok_or_else(|| wire::undone(doing))
    }

    /// One page of a list.
    pub(crate) async fn page(&self, request: Request, bookmark: Option<&str>) -> Result<Page<Value>> {
        let mut request = request.query("page_size", self.page_size.to_string());
        if let Some(bookmark) = bookmark {
            request = request.query("bookmark", bookmark);
        }
        let body = self.call(&request).await?.expect_json(request.doing)?;
        let list = wire::list(request.doing, &body)?;
        Ok(Page { items: list.items, next: list.bookmark })
    }

    /// A whole list.
    pub(crate) async fn all(&self, request: &Request) -> Result<Vec<Value>> {
        let (mut items, mut bookmark) = (Vec::new(), None);
        loop {
            let page = self.page(request.clone(), bookmark.as_deref()).await?;
            items.extend(page.items);
            bookmark = page.next;
            if bookmark.is_none() {
                return Ok(items);
            }
        }
    }
}
