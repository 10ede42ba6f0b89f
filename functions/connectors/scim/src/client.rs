//! Calls of the app's SCIM API: users and groups.

use std::sync::Arc;

use serde_json::{Value, json};
use usher_connector::{AccessTokens, Class, ClientGrant, Error, Http, Method, Request, Response, Result};

use crate::{
    config::Config,
    paging::{Listed, Paging},
    person::same,
    wire::{self, GROUP, List, MEDIA_TYPE, equals, failure, id_of, text},
};

/// What access tokens are had for, and those that are.
#[derive(Debug, Clone)]
pub(crate) struct Fetched {
    pub(crate) tokens: Arc<AccessTokens>,
    pub(crate) grant: ClientGrant,
}

/// The app's SCIM API.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: Http,
    /// Where the token is not one that an admin made.
    fetched: Option<Fetched>,
    page_size: u32,
    paging: Paging,
    excluded_attributes: bool,
}

impl Client {
    pub(crate) fn new(http: Http, fetched: Option<Fetched>, config: &Config) -> Self {
        let Config { page_size, paging, excluded_attributes, .. } = *config;
        Self { http, fetched, page_size, paging, excluded_attributes }
    }

    async fn send(&self, request: Request) -> Result<(Request, Response)> {
        let request = request.media_type(MEDIA_TYPE);
        let answer = match &self.fetched {
            Some(Fetched { tokens, grant }) => tokens.send(grant, &self.http, &request).await?,
            None => self.http.send(&request).await?,
        };
        Ok((request, answer))
    }

    /// Sends a request whose answer must be a success.
    pub(crate) async fn call(&self, request: Request) -> Result<Response> {
        let (request, answer) = self.send(request).await?;
        if answer.is_success() { Ok(answer) } else { Err(failure(&request, &answer)) }
    }

    /// Deletes a resource. Answers whether it was there.
    pub(crate) async fn delete(&self, doing: &'static str, kind: &str, id: &str) -> Result<bool> {
        let (request, answer) = self.send(Request::delete(doing, [kind, id])).await?;
        match answer.status {
            404 | 410 => Ok(false),
            _ if answer.is_success() => Ok(true),
            _ => Err(failure(&request, &answer)),
        }
    }

    /// Patches a resource.
    pub(crate) async fn patch(
        &self,
        doing: &'static str,
        kind: &str,
        id: &str,
        operations: Vec<Value>,
    ) -> Result<()> {
        let request = Request::new(Method::Patch, doing, [kind, id]).body(wire::patch(operations));
        self.call(request).await.map(|_| ())
    }

    /// A resource by its id; `None` when the app says that it is not there.
    pub(crate) async fn get(&self, request: Request) -> Result<Option<Value>> {
        let doing = request.doing;
        let (request, answer) = self.send(request).await?;
        match answer.status {
            404 | 410 => Ok(None),
            _ if answer.is_success() => {
                let resource = answer.expect_json(doing)?;
                if id_of(&resource).is_none() {
                    return Err(Error::invalid(format!(
                        "{doing}: the app's answer is not a SCIM resource; check that `base_url` is its SCIM 2.0 API"
                    )));
                }
                Ok(Some(resource))
            }
            _ => Err(failure(&request, &answer)),
        }
    }

    /// One page of a list: the one that `cursor` names, or the first.
    pub(crate) async fn page(&self, request: Request, cursor: Option<&str>) -> Result<Listed> {
        let doing = request.doing;
        let answer = self.call(self.paging.ask(request, cursor, self.page_size)?).await?;
        self.paging.read(doing, cursor, &answer.expect_json(doing)?)
    }

    /// The first of what a filter meets, and how many there are.
    async fn first(&self, request: Request) -> Result<List> {
        let doing = request.doing;
        // RFC 7644 §3.4.2.4: without `startIndex` the first page is meant. Some refuse the parameter.
        let answer = self.call(request.query("count", "2")).await?;
        wire::list(doing, &answer.expect_json(doing)?, 1)
    }

    /// Everything that a filter meets, page by page. `None` when something came that the filter does not
    /// meet: an app that does not know a filter may answer everything there is.
    async fn all(&self, request: Request, meets: impl Fn(&Value) -> bool) -> Result<Option<Vec<Value>>> {
        let mut found: Vec<Value> = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.page(request.clone(), cursor.as_deref()).await?;
            if !page.resources.iter().all(&meets) {
                return Ok(None);
            }
            found.extend(page.resources);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(Some(found));
            }
        }
    }

    /// A request for groups without their members, of whom there may be a hundred thousand.
    pub(crate) fn without_members(&self, request: Request) -> Request {
        if self.excluded_attributes { request.query("excludedAttributes", "members") } else { request }
    }

    /// The user whose `attribute` is `value`.
    pub(crate) async fn find_user(&self, attribute: &'static str, value: &str) -> Result<Option<Value>> {
        let doing = "looking for the person";
        let request = Request::get(doing, ["Users"]).query("filter", equals(attribute, value));
        let mut page = self.first(request).await?;
        let meets = |user: &Value| match attribute {
            // RFC 7643 §3.1: externalId is case-exact.
            "externalId" => text(user, "externalId") == Some(value),
            "emails.value" => wire::values(user.get("emails")).iter().any(|email| same(email, value)),
            _ => text(user, attribute).is_some_and(|has| same(has, value)),
        };
        // An app that does not know a filter may answer everybody; the person could then be on any page.
        if !page.resources.iter().all(meets) {
            return Err(Error::invalid(format!(
                "{doing}: the app does not filter users by {attribute}; take it out of `match` in the \
                 integration's settings"
            )));
        }
        if page.total > 1 || page.resources.len() > 1 {
            return Err(Error::new(
                Class::PolicyDenied,
                format!(
                    "{doing}: the app has more than one account with the person's {attribute}; merge or rename \
                     them in the app, then retry"
                ),
            ));
        }
        Ok(page.resources.pop())
    }

    /// The id of the group with this name. Of several, the one that was made first: two jobs may have made
    /// it at the same time.
    pub(crate) async fn find_group(&self, name: &str) -> Result<Option<String>> {
        let doing = "looking for a group";
        let request = Request::get(doing, ["Groups"]).query("filter", equals("displayName", name));
        let request = self.without_members(request);
        let meets = |group: &Value| text(group, "displayName").is_some_and(|has| same(has, name));
        let mut groups = self.all(request, meets).await?.ok_or_else(|| {
            Error::invalid(format!(
                "{doing}: the app does not filter groups by displayName; it cannot keep roles or entitlements \
                 as groups"
            ))
        })?;
        groups.sort_by(|a, b| age(a).cmp(&age(b)));
        let exact = groups.iter().find(|group| text(group, "displayName") == Some(name));
        Ok(exact.or(groups.first()).and_then(id_of).map(str::to_owned))
    }

    /// Makes a group, or finds the one that somebody else made meanwhile.
    pub(crate) async fn create_group(&self, name: &str) -> Result<String> {
        let doing = "creating a group";
        let body = json!({"schemas": [GROUP], "displayName": name});
        let made = match self.call(Request::new(Method::Post, doing, ["Groups"]).body(body)).await {
            Ok(answer) => answer.json().as_ref().and_then(id_of).map(str::to_owned),
            Err(error) if error.class() == Class::AlreadyExists => None,
            Err(error) => return Err(error),
        };
        let chosen = self.find_group(name).await?.ok_or_else(|| {
            Error::transient("creating a group: the app does not show the new group yet; it is tried again")
        })?;
        // SCIM does not make group names unique. Whoever finds that another was first takes their own away.
        if let Some(made) = made.filter(|made| *made != chosen) {
            self.delete("taking a second group away", "Groups", &made).await?;
        }
        Ok(chosen)
    }

    /// The groups of a user, as (id, name), by a filter on groups.
    pub(crate) async fn groups_of(&self, user: &str) -> Result<Vec<(String, String)>> {
        let request = Request::get("reading the person's groups", ["Groups"])
            .query("filter", equals("members.value", user));
        let request = self.without_members(request);
        // Without the members, which may be many, the filter's work cannot be checked here: the probe does.
        let groups = self.all(request, |_| true).await?.unwrap_or_default();
        let named = |group: &Value| Some((id_of(group)?.to_owned(), text(group, "displayName")?.to_owned()));
        Ok(groups.iter().filter_map(named).collect())
    }

    /// A group's name; `None` when it is gone.
    pub(crate) async fn group_name(&self, id: &str) -> Result<Option<String>> {
        let request = self.without_members(Request::get("reading a group", ["Groups", id]));
        Ok(self.get(request).await?.as_ref().and_then(|group| text(group, "displayName")).map(str::to_owned))
    }
}

/// Orders groups of one name: oldest first, and the same for everybody who looks.
fn age(group: &Value) -> (Option<&str>, Option<&str>) {
    // RFC 3339 times of one server compare as text. A group without one comes last.
    let created = group.get("meta").and_then(|meta| text(meta, "created"));
    (created.or(Some("~")), id_of(group))
}
