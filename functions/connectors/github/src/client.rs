//! Calls of the API: REST, and GraphQL for the members, whom REST tells without their role and addresses.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value, json};
use usher_connector::{AccessTokens, Error, Http, Method, Request, Response, Result};
use usher_domain::ports::Page;

use crate::{
    config::Config,
    credentials::{Credentials, Installation},
    wire,
};

const MEMBERS: &str = include_str!("members.graphql");

/// The API of one organisation.
#[derive(Debug)]
pub(crate) struct Client {
    http: Http,
    tokens: Arc<AccessTokens>,
    /// `None` where the credentials are a token, which `http` sends.
    installation: Option<Installation>,
    organization: String,
    page_size: u32,
}

impl Client {
    pub(crate) fn new(
        http: Http,
        config: &Config,
        tokens: Arc<AccessTokens>,
        credentials: Credentials,
    ) -> Result<Self> {
        let http = http.with_header("x-github-api-version", "2022-11-28")?;
        let Config { organization, base_url, page_size } = config.clone();
        let (http, installation) = match credentials {
            Credentials::Token { token } => (http.with_bearer(&token)?, None),
            Credentials::App { app_id, installation_id, private_key } => {
                (http, Some(Installation { base_url, app_id, installation_id, private_key }))
            }
        };
        Ok(Self { http, tokens, installation, organization, page_size })
    }

    /// What an App may do in the organisation; `None` where the credentials are a token.
    pub(crate) async fn rights(&self) -> Result<Option<BTreeSet<String>>> {
        match &self.installation {
            None => Ok(None),
            Some(installation) => Ok(Some(self.tokens.get(installation).await?.scopes.unwrap_or_default())),
        }
    }

    /// Whether somebody acts, and not an App.
    pub(crate) fn acts_as_somebody(&self) -> bool {
        self.installation.is_none()
    }

    async fn call(&self, request: &Request) -> Result<Response> {
        let answer = match &self.installation {
            Some(installation) => self.tokens.send(installation, &self.http, request).await?,
            None => self.http.send(request).await?,
        };
        if answer.is_success() { Ok(answer) } else { Err(wire::failure(request, &answer)) }
    }

    /// A request below the organisation.
    pub(crate) fn request(&self, method: Method, doing: &'static str, path: &[&str]) -> Request {
        let below = ["orgs", self.organization.as_str()];
        Request::new(method, doing, below.into_iter().chain(path.iter().copied()))
    }

    /// Reads below the organisation.
    pub(crate) async fn get(&self, doing: &'static str, path: &[&str]) -> Result<Value> {
        self.read(&self.request(Method::Get, doing, path)).await
    }

    /// Reads.
    pub(crate) async fn read(&self, request: &Request) -> Result<Value> {
        self.call(request).await?.expect_json(request.doing)
    }

    /// Reads, where "no such thing" is an answer.
    pub(crate) async fn find(&self, request: &Request) -> Result<Option<Value>> {
        match self.read(request).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.class() == usher_connector::Class::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes below the organisation, and answers what GitHub says of it.
    pub(crate) async fn write(
        &self,
        doing: &'static str,
        method: Method,
        path: &[&str],
        body: Value,
    ) -> Result<Value> {
        let request = self.request(method, doing, path).body(body);
        self.call(&request).await?.json().ok_or_else(|| wire::undone(doing))
    }

    /// Removes something below the organisation.
    pub(crate) async fn delete(&self, doing: &'static str, path: &[&str]) -> Result<()> {
        self.call(&self.request(Method::Delete, doing, path)).await.map(|_| ())
    }

    /// One page of a list, from 1 on.
    pub(crate) async fn page(&self, request: Request, number: u32) -> Result<Page<Value>> {
        let request = request.query("per_page", self.page_size.to_string()).query("page", number.to_string());
        let answer = self.call(&request).await?;
        let body = answer.expect_json(request.doing)?;
        let Value::Array(items) = body else {
            let doing = request.doing;
            return Err(Error::transient(format!(
                "{doing}: GitHub's answer is not a list; it is read again"
            )));
        };
        let next = wire::has_next(&answer).then(|| (number + 1).to_string());
        Ok(Page { items, next })
    }

    /// A whole list below the organisation.
    pub(crate) async fn all(&self, doing: &'static str, path: &[&str]) -> Result<Vec<Value>> {
        let (mut items, mut number) = (Vec::new(), 1);
        loop {
            let page = self.page(self.request(Method::Get, doing, path), number).await?;
            items.extend(page.items);
            number += 1;
            if page.next.is_none() {
                return Ok(items);
            }
        }
    }

    /// One page of the members, after the cursor of the one before. `read` were read already: at the end there must be as
    /// many as GitHub says that there are.
    pub(crate) async fn members(&self, read: u64, after: Option<&str>) -> Result<wire::Members> {
        const DOING: &str = "reading the members";
        let variables = json!({"organization": self.organization, "first": self.page_size, "after": after});
        let request =
            Request::ask(DOING, ["graphql"]).body(json!({"query": MEMBERS, "variables": variables}));
        let answer = self.call(&request).await?;
        let members = wire::members(DOING, &answer)?;
        let read = read + members.edges.len() as u64;
        if members.next.is_none() && read != members.total {
            let what =
                if read < members.total { "stops before its end" } else { "changed while it was read" };
            return Err(Error::new(
                usher_connector::Class::Conflict,
                format!("{DOING}: GitHub's list {what}; it is read again"),
            ));
        }
        Ok(members)
    }
}
