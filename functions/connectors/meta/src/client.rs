//! Calls of the Graph API.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use usher_connector::{Class, Error, Http, Request, Response, Result};

use crate::{
    config::Config,
    wire::{self, Edge},
};

/// The Graph API of one business.
#[derive(Debug)]
pub(crate) struct Client {
    http: Http,
    proof: SecretString,
    business: String,
    page_size: u32,
}

impl Client {
    pub(crate) fn new(http: Http, config: &Config, proof: SecretString) -> Self {
        Self { http, proof, business: config.business_id.clone(), page_size: config.page_size }
    }

    /// The business's id.
    pub(crate) fn business(&self) -> &str {
        &self.business
    }

    /// How many people or assets a page has.
    pub(crate) fn page_size(&self) -> u32 {
        self.page_size
    }

    async fn send(&self, request: Request) -> Result<Response> {
        let request = request.query("appsecret_proof", self.proof.expose_secret());
        let answer = self.http.send(&request).await?;
        if answer.is_success() { Ok(answer) } else { Err(wire::failure(&request, &answer)) }
    }

    /// Reads.
    pub(crate) async fn read(&self, request: Request) -> Result<Value> {
        let doing = request.doing;
        self.send(request).await?.expect_json(doing)
    }

    /// Writes. Meta says `{"success": true}` or the id of what it made; anything else is not known to be done.
    pub(crate) async fn write(&self, request: Request) -> Result<()> {
        let doing = request.doing;
        let body = self.send(request).await?.json().unwrap_or_default();
        if body.get("success") == Some(&Value::Bool(true)) || wire::text(&body, "id").is_some() {
            return Ok(());
        }
        Err(Error::new(
            Class::Ambiguous,
            format!("{doing}: Meta did not say that it was done; it is looked at"),
        ))
    }

    /// One page of an edge, from `after` on. `before` were read already: at the end there must be as many as Meta says
    /// that there are.
    pub(crate) async fn page(&self, request: Request, before: u64, after: Option<&str>) -> Result<Edge> {
        let doing = request.doing;
        let mut request = request.query("limit", self.page_size.to_string()).query("summary", "total_count");
        if let Some(after) = after {
            request = request.query("after", after);
        }
        let edge = wire::edge(doing, &self.read(request).await?)?;
        let read = before + edge.items.len() as u64;
        match edge.total {
            Some(total) if edge.after.is_none() && read != total => {
                let what = if read < total { "stops before its end" } else { "changed while it was read" };
                Err(Error::new(Class::Conflict, format!("{doing}: Meta's list {what}; it is read again")))
            }
            _ => Ok(edge),
        }
    }

    /// A whole edge; of one whose beginning was told already, the rest after those.
    pub(crate) async fn all(
        &self,
        request: &Request,
        told: Vec<Value>,
        after: Option<String>,
    ) -> Result<Vec<Value>> {
        let (mut items, mut after) = (told, after);
        loop {
            let page = self.page(request.clone(), items.len() as u64, after.as_deref()).await?;
            items.extend(page.items);
            after = page.after;
            if after.is_none() {
                return Ok(items);
            }
        }
    }
}
