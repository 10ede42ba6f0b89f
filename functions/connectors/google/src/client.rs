//! Calls of Google's APIs, with one access token.

use std::sync::Arc;

use serde_json::Value;
use usher_connector::{AccessTokens, Grant, Http, Method, Request, Response, Result, Transport};

use crate::{config::Config, credentials::Credentials, wire};

/// Google's APIs for one account.
pub(crate) struct Client {
    ads: Http,
    tag_manager: Http,
    analytics: Http,
    tokens: Arc<AccessTokens>,
    grant: Box<dyn Grant>,
    /// The address of the service account that acts, where one does.
    pub(crate) service_account: Option<String>,
    pub(crate) config: Config,
}

/// One of the APIs.
#[derive(Clone, Copy)]
pub(crate) enum Api {
    Ads,
    TagManager,
    Analytics,
}

impl Client {
    pub(crate) fn new(
        transport: &Transport,
        config: Config,
        credentials: Credentials,
        tokens: Arc<AccessTokens>,
        correlation_id: &str,
    ) -> Result<Self> {
        let http = |url: &str| Ok(transport.http(url)?.with_request_id(correlation_id));
        let mut ads = http(config.ads_url())?;
        if let Some(manager) = &config.login_customer_id {
            ads = ads.with_header("login-customer-id", manager)?;
        }
        if let Some(token) = &credentials.developer_token {
            ads = ads.with_secret_header("developer-token", token)?;
        }
        let (tag_manager, analytics) = (http(config.tag_manager_url())?, http(config.analytics_url())?);
        let Credentials { grant, service_account, .. } = credentials;
        Ok(Self { ads, tag_manager, analytics, tokens, grant, service_account, config })
    }

    /// What the credentials lack of that which is needed; `None` where Google does not tell.
    pub(crate) async fn missing_scopes(&self) -> Result<Option<Vec<String>>> {
        let held = self.tokens.get(self.grant.as_ref()).await?.scopes;
        let lacks = |held: std::collections::BTreeSet<String>| {
            self.config.scopes().into_iter().filter(|scope| !held.contains(scope)).collect()
        };
        Ok(held.map(lacks))
    }

    async fn call(&self, api: Api, request: &Request) -> Result<Response> {
        let http = match api {
            Api::Ads => &self.ads,
            Api::TagManager => &self.tag_manager,
            Api::Analytics => &self.analytics,
        };
        let answer = self.tokens.send(self.grant.as_ref(), http, request).await?;
        if answer.is_success() { Ok(answer) } else { Err(wire::failure(request, &answer)) }
    }

    /// Reads.
    pub(crate) async fn read(&self, api: Api, request: &Request) -> Result<Value> {
        self.call(api, request).await?.expect_json(request.doing)
    }

    /// A whole list, page by page.
    pub(crate) async fn all(&self, api: Api, request: &Request, field: &str) -> Result<Vec<Value>> {
        let (mut all, mut page) = (Vec::new(), request.clone());
        loop {
            let body = self.read(api, &page).await?;
            all.extend(wire::items(request.doing, &body, field)?);
            let Some(token) = wire::text(&body, "nextPageToken") else { return Ok(all) };
            page = request.clone().query("pageToken", token.to_owned());
        }
    }

    /// Writes, and answers what Google says of it.
    pub(crate) async fn write(&self, api: Api, request: &Request) -> Result<Value> {
        self.call(api, request).await?.json().ok_or_else(|| wire::undone(request.doing))
    }

    /// Removes something. What is gone already is gone.
    pub(crate) async fn delete(&self, api: Api, doing: &'static str, path: Vec<&str>) -> Result<()> {
        self.call(api, &Request::new(Method::Delete, doing, path)).await.map(|_| ())
    }
}
