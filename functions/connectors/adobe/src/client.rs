//! Calls of the API: lists, one user, and commands, all of which go to one place.

use std::sync::Arc;

use serde_json::{Value, json};
use usher_connector::{AccessTokens, Class, ClientGrant, Error, Http, Method, Request, Response, Result};
use usher_domain::ports::Page;

use crate::{
    config::{Config, Identity},
    user::User,
    wire,
};

/// The API of one organisation.
#[derive(Debug)]
pub(crate) struct Client {
    http: Http,
    tokens: Arc<AccessTokens>,
    grant: ClientGrant,
    organization: String,
    pub(crate) identity: Identity,
    pub(crate) country: Option<String>,
}

impl Client {
    pub(crate) fn new(http: Http, config: Config, tokens: Arc<AccessTokens>, grant: ClientGrant) -> Self {
        let Config { organization, identity, country, .. } = config;
        Self { http, tokens, grant, organization, identity, country }
    }

    async fn call(&self, request: &Request) -> Result<Response> {
        let answer = self.tokens.send(&self.grant, &self.http, request).await?;
        if answer.is_success() { Ok(answer) } else { Err(wire::failure(request, &answer)) }
    }

    /// The user with this address; `None` only where Adobe says that there is none.
    pub(crate) async fn user(&self, doing: &'static str, email: &str) -> Result<Option<User>> {
        let request = Request::get(doing, ["organizations", &self.organization, "users", email]);
        let answer = self.tokens.send(&self.grant, &self.http, &request).await?;
        let body = answer.json().unwrap_or_default();
        if answer.status == 404 {
            let nobody = ["error.user.not_found", "error.user.nonexistent", "error.user.not_in_org"];
            return match wire::text(&body, "result") {
                Some(code) if nobody.contains(&code) => Ok(None),
                _ => Err(Error::invalid(format!(
                    "{doing}: Adobe answered 404 and does not say that it is the user who is not there; check `base_url` and \
                     `organization`"
                ))),
            };
        }
        if !answer.is_success() {
            return Err(wire::failure(&request, &answer));
        }
        let user = body.get("user").filter(|_| wire::text(&body, "result") == Some("success"));
        let user = user.ok_or_else(|| {
            Error::transient(format!("{doing}: Adobe's answer is not a user; it is read again"))
        })?;
        User::read(user).map(Some)
    }

    /// One page of a list of the organisation's, from 0 on: `users` or `groups`.
    pub(crate) async fn page(
        &self,
        doing: &'static str,
        what: &str,
        cursor: Option<&str>,
    ) -> Result<Page<Value>> {
        let number: u32 = cursor.map_or(Ok(0), str::parse).map_err(|_| {
            Error::invalid(format!("{doing}: the cursor is not one of this list; begin again"))
        })?;
        let request = Request::get(doing, [what, &self.organization, &number.to_string()]);
        let body = self.call(&request).await?.expect_json(doing)?;
        let (items, last) = wire::list(doing, &body, what)?;
        Ok(Page { items, next: (!last).then(|| (number + 1).to_string()) })
    }

    /// Every user.
    pub(crate) async fn users(&self, doing: &'static str) -> Result<Vec<User>> {
        let (mut users, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.page(doing, "users", cursor.as_deref()).await?;
            for item in &page.items {
                users.push(User::read(item)?);
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(users);
            }
        }
    }

    /// Does these steps to one user.
    pub(crate) async fn command(&self, doing: &'static str, command: Value) -> Result<()> {
        let request =
            Request::new(Method::Post, doing, ["action", &self.organization]).body(json!([command]));
        let body = self.call(&request).await?.json().ok_or_else(|| wire::undone(doing))?;
        wire::commanded(doing, &body)
    }

    /// Whether commands are taken: asks for one in Adobe's test mode, which changes nothing and knows nobody.
    pub(crate) async fn try_command(&self, doing: &'static str) -> Result<()> {
        let command =
            json!([{"user": "nobody@example.com", "do": [{"remove": {"group": ["_support_admin"]}}]}]);
        let request =
            Request::ask(doing, ["action", &self.organization]).query("testOnly", "true").body(command);
        let body = self.call(&request).await?.expect_json(doing)?;
        match wire::text(&body, "result") {
            Some(_) => Ok(()),
            None => Err(Error::new(
                Class::Transient { after: None },
                format!("{doing}: Adobe did not say what came of it; it is tried again"),
            )),
        }
    }
}
