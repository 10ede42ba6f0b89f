//! The requests of one check, and what they leave behind.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Method;
use serde_json::{Value, json};

use super::{Cast, Exchange, Request, Server, Stop, Support, encode, exchange::Sent, urn};

/// One check's talk with the server. What it makes is removed when the check has ended.
pub(crate) struct Session {
    server: Arc<Server>,
    history: Mutex<History>,
}

#[derive(Default)]
struct History {
    steps: Vec<String>,
    write: Option<Exchange>,
    made: Vec<String>,
}

/// A resource that was made for a check.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    /// Its id.
    pub(crate) id: String,
    /// Its path below the base URL.
    pub(crate) path: String,
    /// What it was made of.
    pub(crate) body: Value,
    /// The answer to its creation.
    pub(crate) answer: Exchange,
}

impl Made {
    /// The `userName` or `displayName` that it was made with.
    pub(crate) fn name(&self) -> &str {
        self.body["userName"].as_str().or(self.body["displayName"].as_str()).unwrap_or_default()
    }
}

impl Session {
    pub(crate) fn new(server: &Arc<Server>) -> Self {
        Self { server: Arc::clone(server), history: Mutex::default() }
    }

    /// What the server says that it supports.
    pub(crate) fn support(&self) -> &Support {
        &self.server.support
    }

    /// The base URL, without a slash at its end.
    pub(crate) fn base_url(&self) -> &str {
        self.server.target.base_url()
    }

    /// The token, for the checks of authentication.
    pub(crate) fn token(&self) -> &str {
        &self.server.target.token
    }

    /// A name that nobody else has.
    pub(crate) fn unique(&self) -> String {
        format!("{}-{}", self.server.run(), self.server.next())
    }

    /// The people and groups that checks only read.
    pub(crate) async fn cast(&self) -> Result<Cast, Stop> {
        self.server.cast().await
    }

    pub(crate) async fn send(&self, request: Request) -> Result<Exchange, Stop> {
        match self.server.wire.send(&self.server.target, &request).await {
            Ok(exchange) => {
                self.remember(&exchange, &request);
                Ok(exchange)
            }
            Err(reason) => {
                let sent = Sent::of(&request, &self.server.target);
                let step = format!("{} {} → no answer", sent.method, sent.url);
                self.history.lock().unwrap_or_else(PoisonError::into_inner).steps.push(step);
                Err(Stop::unanswered(sent, reason))
            }
        }
    }

    pub(crate) async fn get(&self, path: impl Into<String>) -> Result<Exchange, Stop> {
        self.send(Request::get(path)).await
    }

    /// GET with parameters, which are encoded.
    pub(crate) async fn query(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Exchange, Stop> {
        let pairs: Vec<_> =
            parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.get(format!("{path}?{}", pairs.join("&"))).await
    }

    /// GET of a list by a filter.
    pub(crate) async fn filter(&self, path: &str, filter: &str) -> Result<Exchange, Stop> {
        self.query(path, &[("filter", filter)]).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Exchange, Stop> {
        self.send(Request::post(path, body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Exchange, Stop> {
        self.send(Request::new(Method::PUT, path).text(body.to_string())).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Exchange, Stop> {
        self.send(Request::new(Method::DELETE, path)).await
    }

    /// PATCH with these operations, answered as it may be.
    pub(crate) async fn patch(&self, path: &str, operations: &Value) -> Result<Exchange, Stop> {
        let body = json!({"schemas": [urn::PATCH], "Operations": operations});
        self.send(Request::new(Method::PATCH, path).text(body.to_string())).await
    }

    /// PATCH that has to succeed, then what the resource has become. RFC 7644 §3.5.2 allows 200 and 204.
    pub(crate) async fn patched(&self, path: &str, operations: &Value) -> Result<Exchange, Stop> {
        self.patch(path, operations).await?.status(&[200, 204])?;
        self.read(path).await
    }

    /// A resource that has to be there.
    pub(crate) async fn read(&self, path: &str) -> Result<Exchange, Stop> {
        let answer = self.get(path).await?;
        answer.status(&[200])?;
        Ok(answer)
    }

    /// Makes a resource that the check needs but does not judge.
    pub(crate) async fn make(&self, endpoint: &str, body: Value) -> Result<Made, Stop> {
        let answer = self.post(endpoint, &body).await.map_err(Stop::blocked)?;
        let id = answer.str("/id").to_owned();
        answer
            .expect(
                answer.is_success() && !id.is_empty(),
                "it to be made (201 with an id), for this check to go on",
            )
            .map_err(Stop::blocked)?;
        Ok(Made { path: format!("{endpoint}/{}", encode(&id)), id, body, answer })
    }

    /// A user with a new `userName` and these attributes.
    pub(crate) async fn user(&self, attributes: Value) -> Result<Made, Stop> {
        self.make("/Users", self.user_body(attributes)).await
    }

    /// The body of a user with a new `userName` and these attributes.
    pub(crate) fn user_body(&self, attributes: Value) -> Value {
        let user_name = format!("{}@check.example", self.unique());
        merged(json!({"schemas": [urn::USER], "userName": user_name}), attributes)
    }

    /// A group with a new `displayName` and these people.
    pub(crate) async fn group(&self, members: &[&Made]) -> Result<Made, Stop> {
        self.make("/Groups", self.group_body(members)).await
    }

    /// The body of a group with a new `displayName` and these people.
    pub(crate) fn group_body(&self, members: &[&Made]) -> Value {
        let members: Vec<_> = members.iter().map(|member| json!({"value": member.id})).collect();
        json!({
            "schemas": [urn::GROUP],
            "displayName": format!("{} Group", self.unique()),
            "members": members,
        })
    }

    /// So many users.
    pub(crate) async fn users(&self, count: usize) -> Result<Vec<Made>, Stop> {
        let mut users = Vec::with_capacity(count);
        for _ in 0..count {
            users.push(self.user(json!({})).await?);
        }
        Ok(users)
    }

    fn remember(&self, exchange: &Exchange, request: &Request) {
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        history.steps.push(exchange.step());
        if request.method != Method::GET {
            history.write = Some(exchange.clone());
        }
        if matches!(request.method, Method::POST | Method::PUT) && exchange.is_success() {
            history.made.extend(traces(exchange, request, self.base_url()));
        }
    }

    /// Ends the check: what it made is removed. Returns its steps and its last write.
    pub(crate) async fn finish(&self) -> (Vec<String>, Option<Exchange>) {
        // Newest first: groups come after their people.
        for path in self.release().into_iter().rev() {
            if !self.server.remove(&path).await {
                self.server.keep([path]);
            }
        }
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut history.steps), history.write.take())
    }

    /// Hands over what was made; this check no longer removes it.
    pub(crate) fn release(&self) -> Vec<String> {
        std::mem::take(&mut self.history.lock().unwrap_or_else(PoisonError::into_inner).made)
    }
}

/// What a request made, as paths below the base URL. Never what was there before: only 201 counts.
fn traces(exchange: &Exchange, request: &Request, base: &str) -> Vec<String> {
    let path = request.path.split('?').next().unwrap_or_default().trim_end_matches('/');
    if path.eq_ignore_ascii_case("/bulk") {
        let created = exchange.list("/Operations").iter().filter(|one| {
            one["method"].as_str().is_some_and(|method| method.eq_ignore_ascii_case("POST"))
                && (one["status"] == "201" || one["status"] == 201 || one["status"]["code"] == "201")
        });
        let locations = created.filter_map(|one| one["location"].as_str());
        return locations.filter_map(|location| below(location, base)).collect();
    }
    let id = exchange.str("/id");
    match exchange.code() {
        201 if !id.is_empty() && request.method == Method::POST => vec![format!("{path}/{}", encode(id))],
        201 if !id.is_empty() => vec![path.to_owned()],
        _ => Vec::new(),
    }
}

/// The path of a location, as long as its server names itself by the base URL or by a path alone.
fn below(location: &str, base: &str) -> Option<String> {
    let path = location.strip_prefix(base).map(str::to_owned);
    path.or_else(|| {
        let at = location.rfind("/Users/").or_else(|| location.rfind("/Groups/"))?;
        Some(location[at..].to_owned())
    })
}

/// An object with further members, which win.
pub(crate) fn merged(mut base: Value, more: Value) -> Value {
    if let (Value::Object(base), Value::Object(more)) = (&mut base, more) {
        base.extend(more);
    }
    base
}
