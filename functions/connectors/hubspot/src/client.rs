//! Calls of the API: users, permission sets, teams.

use serde_json::Value;
use usher_connector::{Http, Method, Request, Response, Result};
use usher_domain::ports::Page;

use crate::{
    config::Config,
    user::User,
    wire::{self, undone},
};

/// The API of one account.
#[derive(Debug)]
pub(crate) struct Client {
    http: Http,
    page_size: u32,
    /// Whether HubSpot writes to those who get an account.
    pub(crate) send_welcome_email: bool,
}

impl Client {
    pub(crate) fn new(http: Http, config: &Config) -> Self {
        Self { http, page_size: config.page_size, send_welcome_email: config.send_welcome_email }
    }

    async fn call(&self, request: &Request) -> Result<Response> {
        let answer = self.http.send(request).await?;
        if answer.is_success() { Ok(answer) } else { Err(wire::failure(request, &answer)) }
    }

    /// A request below the users; for all of them the path ends with a slash.
    fn users(method: Method, doing: &'static str, path: &[&str]) -> Request {
        let below = ["settings", "v3", "users"];
        let request = Request::new(method, doing, below.into_iter().chain(path.iter().copied()));
        if path.is_empty() { request.trailing_slash() } else { request }
    }

    /// One page of the users.
    pub(crate) async fn page(&self, doing: &'static str, after: Option<&str>) -> Result<Page<Value>> {
        let mut request = Self::users(Method::Get, doing, &[]).query("limit", self.page_size.to_string());
        if let Some(after) = after {
            request = request.query("after", after);
        }
        let body = self.call(&request).await?.expect_json(doing)?;
        let items = wire::results(doing, &body)?;
        Ok(Page { items, next: wire::next(doing, &body)? })
    }

    /// Every user.
    pub(crate) async fn all(&self, doing: &'static str) -> Result<Vec<User>> {
        let (mut users, mut after) = (Vec::new(), None);
        loop {
            let page = self.page(doing, after.as_deref()).await?;
            for item in &page.items {
                users.push(User::read(item)?);
            }
            after = page.next;
            if after.is_none() {
                return Ok(users);
            }
        }
    }

    /// The user with this id.
    pub(crate) async fn user(&self, doing: &'static str, id: &str) -> Result<User> {
        let request = Self::users(Method::Get, doing, &[id]).query("idProperty", "USER_ID");
        User::read(&self.call(&request).await?.expect_json(doing)?)
    }

    /// A list that has no pages: `roles`, `teams`.
    pub(crate) async fn list(&self, doing: &'static str, what: &str) -> Result<Vec<Value>> {
        let body = self.call(&Self::users(Method::Get, doing, &[what])).await?.expect_json(doing)?;
        wire::results(doing, &body)
    }

    /// Makes or changes a user, and answers who that is.
    pub(crate) async fn write(
        &self,
        doing: &'static str,
        method: Method,
        path: &[&str],
        body: Value,
    ) -> Result<User> {
        let mut request = Self::users(method, doing, path).body(body);
        if !path.is_empty() {
            request = request.query("idProperty", "USER_ID");
        }
        let answer = self.call(&request).await?.json().unwrap_or_default();
        User::read(&answer).map_err(|_| undone(doing))
    }

    /// Removes a user.
    pub(crate) async fn delete(&self, doing: &'static str, id: &str) -> Result<()> {
        let request = Self::users(Method::Delete, doing, &[id]).query("idProperty", "USER_ID");
        self.call(&request).await.map(|_| ())
    }
}
