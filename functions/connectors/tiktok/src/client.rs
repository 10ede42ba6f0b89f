//! Calls of the Business API.

use serde_json::{Value, json};
use usher_connector::{Class, Error, Http, Method, Outcome, Request, Result};
use usher_domain::ports::Page;

use crate::{
    config::Config,
    wire::{self, Answer},
};

/// The API of one Business Center.
#[derive(Debug)]
pub(crate) struct Client {
    http: Http,
    bc_id: String,
    page_size: u32,
}

impl Client {
    pub(crate) fn new(http: Http, config: &Config) -> Self {
        Self { http, bc_id: config.bc_id.clone(), page_size: config.page_size }
    }

    async fn send(&self, request: Request) -> Result<Answer> {
        let response = self.http.send(&request).await?;
        wire::answer(&request, &response)
    }

    /// A read of `/bc/<path>/` about the Business Center.
    pub(crate) fn get(&self, doing: &'static str, path: &[&str]) -> Request {
        let path = ["bc"].into_iter().chain(path.iter().copied());
        Request::get(doing, path).trailing_slash().query("bc_id", self.bc_id.as_str())
    }

    /// Reads.
    pub(crate) async fn read(&self, request: Request) -> Result<Value> {
        match self.send(request).await? {
            Answer::Done(data) => Ok(data),
            Answer::NoChange => Ok(Value::Null),
        }
    }

    /// Writes at `/bc/<path>/`.
    pub(crate) async fn write(
        &self,
        doing: &'static str,
        path: [&str; 2],
        mut body: Value,
    ) -> Result<Outcome> {
        body["bc_id"] = json!(self.bc_id);
        let path = ["bc"].into_iter().chain(path);
        match self.send(Request::new(Method::Post, doing, path).trailing_slash().body(body)).await? {
            Answer::Done(_) => Ok(Outcome::Done { account: None }),
            Answer::NoChange => Ok(Outcome::NoChange),
        }
    }

    /// One page of a list. The cursor holds the page's number, and how long the list was.
    pub(crate) async fn page(&self, request: Request, cursor: Option<&str>) -> Result<Page<Value>> {
        let doing = request.doing;
        let (number, before) = match cursor {
            None => (1_u64, None),
            Some(cursor) => {
                let parts = cursor.split_once('.');
                let parts = parts.and_then(|(page, total)| Some((page.parse().ok()?, total.parse().ok()?)));
                let (number, total): (u64, u64) = parts.ok_or_else(|| {
                    Error::invalid(format!("{doing}: the cursor is not one of this list; begin again"))
                })?;
                (number, Some(total))
            }
        };
        let request =
            request.query("page", number.to_string()).query("page_size", self.page_size.to_string());
        let list = wire::list(doing, &self.read(request).await?)?;
        // Pages are numbered: when somebody goes meanwhile, somebody else moves to a page that was read already.
        let size = u64::from(self.page_size);
        let expected = list.total.saturating_sub((number - 1) * size).min(size);
        if before.is_some_and(|before| before != list.total) || list.items.len() as u64 != expected {
            return Err(Error::new(
                Class::Conflict,
                format!(
                    "{doing}: the list changed while it was read, or stops before its end; it is read again"
                ),
            ));
        }
        let next = (number * size < list.total).then(|| format!("{}.{}", number + 1, list.total));
        Ok(Page { items: list.items, next })
    }

    /// A whole list.
    pub(crate) async fn all(&self, request: &Request) -> Result<Vec<Value>> {
        let (mut items, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.page(request.clone(), cursor.as_deref()).await?;
            items.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(items);
            }
        }
    }
}
