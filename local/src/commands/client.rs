//! The admin API as the commands call it: the same against a laptop and a deployed stack.

use std::{path::Path, time::Duration};

use reqwest::{Method, StatusCode, Url, redirect::Policy};
use serde_json::{Value, json};
use usher_local::data::read_access;

use super::{Common, Failure, arguments::Paging};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most rows that the API answers at once.
const PAGE: u32 = 200;

/// The admin API of one workspace.
#[derive(Clone)]
pub(super) struct Api {
    http: reqwest::Client,
    origin: String,
    token: String,
    /// What to do when nobody answers.
    advice: String,
}

impl Api {
    /// The API that the options name, or that of the data folder's `usher serve`.
    pub(super) fn of(common: &Common) -> Result<Self, Failure> {
        match (&common.api, &common.api_token) {
            (Some(origin), Some(token)) => {
                Self::new(origin, token, "check the address, and that the stack is deployed".to_owned())
            }
            // The key of the data folder is for its own suite: it is sent nowhere else.
            (Some(origin), None) => Err(format!(
                "an API key for {origin} is missing; give it with --api-token or in USHER_API_TOKEN"
            )
            .into()),
            (None, given) => {
                let access = read_access(&common.data).map_err(|error| error.to_string())?;
                let access = access.ok_or_else(|| {
                    format!(
                        "there is no {}; start Usher with `{}`, or name a deployed stack with --api and --api-token",
                        common.data.join("access.json").display(),
                        serve_command(&common.data),
                    )
                })?;
                let token = given.as_deref().unwrap_or(&access.api_token);
                Self::new(&access.origin, token, format!("start it with `{}`", serve_command(&common.data)))
            }
        }
    }

    /// An API at this address; `advice` says what to do when nobody answers.
    pub(super) fn new(origin: &str, token: &str, advice: String) -> Result<Self, Failure> {
        // The audit log tells commands from other programs by this name.
        let name = concat!("usher/", env!("CARGO_PKG_VERSION"));
        let mut builder =
            reqwest::Client::builder().user_agent(name).timeout(PATIENCE).redirect(Policy::none());
        let url: Option<Url> = origin.parse().ok();
        if url.as_ref().and_then(Url::host_str).is_some_and(|host| matches!(host, "127.0.0.1" | "localhost"))
        {
            // A company's proxy does not know this machine.
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| format!("no HTTP client can be made: {error}"))?;
        Ok(Self { http, origin: origin.to_owned(), token: token.to_owned(), advice })
    }

    /// Whether Usher answers there.
    pub(super) async fn is_healthy(&self) -> bool {
        let request = self.http.get(format!("{}/healthz", self.origin)).timeout(Duration::from_secs(5));
        request.send().await.is_ok_and(|answer| answer.status().is_success())
    }

    /// Reads something.
    pub(super) async fn get(&self, path: &[&str]) -> Result<Value, Failure> {
        self.send(Method::GET, path, &[], None).await
    }

    /// Reads something, with the parts of the query that are given.
    pub(super) async fn get_with(
        &self,
        path: &[&str],
        query: &[(&str, Option<&str>)],
    ) -> Result<Value, Failure> {
        let given: Vec<_> = query.iter().filter_map(|(name, value)| Some((*name, (*value)?))).collect();
        self.send(Method::GET, path, &given, None).await
    }

    /// Makes something, or does something to it.
    pub(super) async fn post(&self, path: &[&str], body: Option<&Value>) -> Result<Value, Failure> {
        self.send(Method::POST, path, &[], body).await
    }

    /// Makes or replaces something.
    pub(super) async fn put(&self, path: &[&str], body: &Value) -> Result<Value, Failure> {
        self.send(Method::PUT, path, &[], Some(body)).await
    }

    /// Changes something.
    pub(super) async fn patch(&self, path: &[&str], body: &Value) -> Result<Value, Failure> {
        self.send(Method::PATCH, path, &[], Some(body)).await
    }

    /// Ends something.
    pub(super) async fn delete(&self, path: &[&str]) -> Result<(), Failure> {
        self.send(Method::DELETE, path, &[], None).await.map(drop)
    }

    /// Ends something in one of several ways, and answers what became of it.
    pub(super) async fn delete_with(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, Failure> {
        self.send(Method::DELETE, path, query, None).await
    }

    /// Reads a list, page by page, up to as many rows as are wanted: `{items, next}` as the API answers it.
    pub(super) async fn list(
        &self,
        path: &[&str],
        filters: &[(&str, &str)],
        paging: &Paging,
    ) -> Result<Value, Failure> {
        let mut items = Vec::new();
        let mut cursor = paging.cursor.clone();
        loop {
            let read = u32::try_from(items.len()).unwrap_or(u32::MAX);
            let limit = paging.limit.saturating_sub(read).clamp(1, PAGE).to_string();
            let mut query = filters.to_vec();
            query.push(("limit", &limit));
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let mut page = self.send(Method::GET, path, &query, None).await?;
            if let Value::Array(rows) = page["items"].take() {
                items.extend(rows);
            }
            cursor = page["next"].as_str().map(str::to_owned);
            if cursor.is_none() || items.len() >= usize::try_from(paging.limit).unwrap_or(usize::MAX) {
                return Ok(json!({ "items": items, "next": cursor }));
            }
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let mut url: Url =
            self.origin.parse().map_err(|_| format!("`{}` is no address of Usher", self.origin))?;
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1"]).extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let asked = format!("{method} {}", url.path());
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| self.unreachable(&error))?;
        let json = if text.is_empty() { Some(Value::Null) } else { serde_json::from_str(&text).ok() };
        match json {
            Some(json) if status.is_success() => Ok(json),
            Some(problem) if problem["title"].is_string() => Err(told(&asked, status, problem)),
            _ => Err(format!(
                "{} answered {status}, and not as Usher's admin API does; check the address",
                self.origin
            )
            .into()),
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let origin = &self.origin;
        if error.is_connect() {
            return format!("Usher does not answer at {origin}; {}", self.advice).into();
        }
        if error.is_timeout() {
            return format!(
                "Usher at {origin} did not answer within {} s; look whether the change was made before trying again",
                PATIENCE.as_secs()
            )
            .into();
        }
        // The address could carry a secret; the cause cannot.
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
        format!(
            "the connection to Usher at {origin} broke{cause}; look whether the change was made before trying again"
        )
        .into()
    }
}

/// A problem in words: its title and detail, and the fields that the detail does not name.
fn told(asked: &str, status: StatusCode, problem: Value) -> Failure {
    let text = |name: &str| problem[name].as_str().unwrap_or_default();
    let mut message = format!("{}: {}", text("title"), text("detail"));
    for error in problem["errors"].as_array().into_iter().flatten() {
        let (field, detail) = (&error["field"], &error["detail"]);
        let (field, detail) = (field.as_str().unwrap_or_default(), detail.as_str().unwrap_or_default());
        if !message.contains(field) || !message.contains(detail) {
            message.push_str(&format!("\n  {field}: {detail}"));
        }
    }
    if status == StatusCode::NOT_FOUND {
        // The problem does not quote the id.
        message.push_str(&format!("\n  asked for: {asked}"));
    }
    if status == StatusCode::UNAUTHORIZED {
        message
            .push_str("\n  The API key is given with --api-token or USHER_API_TOKEN, or read from --data.");
    }
    if status.is_server_error() {
        message.push_str(&format!("\n  correlation id {}", text("correlation_id")));
    }
    Failure::of_problem(message, problem)
}

/// The command that starts the suite on this folder.
pub(super) fn serve_command(data: &Path) -> String {
    if data == Path::new(super::DEFAULT_DATA) {
        return "usher serve".to_owned();
    }
    format!("usher serve --data {}", data.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_once_with_its_field() {
        let problem = json!({
            "title": "Invalid content", "detail": "`/grace_seconds`: use 0 to 86400 seconds", "status": 422,
            "errors": [{"field": "/grace_seconds", "detail": "use 0 to 86400 seconds"}],
        });
        let failure = told("PATCH /x", StatusCode::UNPROCESSABLE_ENTITY, problem.clone());
        assert_eq!(failure.message(), "Invalid content: `/grace_seconds`: use 0 to 86400 seconds");
        assert_eq!(failure.to_json()["problem"], problem);

        let two = json!({
            "title": "Invalid content", "detail": "two fields are wrong",
            "errors": [{"field": "/name", "detail": "too long"}, {"field": "/slug", "detail": "taken"}],
        });
        let message = told("PATCH /x", StatusCode::UNPROCESSABLE_ENTITY, two).message().to_owned();
        assert!(message.ends_with("wrong\n  /name: too long\n  /slug: taken"), "{message}");
    }

    #[test]
    fn a_folder_that_is_not_the_usual_one_is_named() {
        assert_eq!(serve_command(Path::new(".usher")), "usher serve");
        assert_eq!(serve_command(Path::new("/tmp/x")), "usher serve --data /tmp/x");
    }
}
