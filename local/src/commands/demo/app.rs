//! The external app, as it reports itself.

use reqwest::Method;
use usher_tests::client::{AppListing, JsonClient, Member};

use crate::commands::Failure;

/// The simulated app.
#[derive(Debug)]
pub(super) struct App {
    listing: AppListing,
    controls: JsonClient,
}

impl App {
    /// The app at this address.
    pub(super) fn new(url: &str, token: &str) -> Self {
        Self {
            listing: AppListing::new(&format!("{url}/scim/v2"), token),
            controls: JsonClient::new(url, token),
        }
    }

    /// The one account with this user name. Two of them are a failure: nobody gets a seat twice.
    pub(super) async fn seat(&self, user_name: &str) -> Result<Option<Member>, Failure> {
        let seat = self.listing.member(user_name).await;
        seat.map_err(|error| format!("the app's listing cannot be read: {error}").into())
    }

    /// The writes to an account that reached the app, oldest first.
    pub(super) async fn writes_to(&self, account: &str) -> Result<Vec<String>, Failure> {
        let unreadable = |why: String| Failure::from(format!("the app's journal cannot be read: {why}"));
        let reply = self.controls.send(Method::GET, "/_control/journal", None).await;
        let journal = reply.and_then(|reply| reply.ok()).map_err(|error| unreadable(error.to_string()))?;
        let entries = journal.as_array().ok_or_else(|| unreadable("it is no list".to_owned()))?;
        let writes = entries.iter().filter_map(|entry| {
            let (method, path) = (entry["method"].as_str()?, entry["path"].as_str()?);
            (method != "GET" && path.contains(account)).then(|| method.to_owned())
        });
        Ok(writes.collect())
    }
}

/// A seat in words.
pub(super) fn words(seat: Option<&Member>) -> String {
    match seat {
        None => "no seat".to_owned(),
        Some(seat) => {
            let roles: Vec<_> = seat.roles.iter().map(String::as_str).collect();
            let roles = if roles.is_empty() { "no role".to_owned() } else { roles.join(" and ") };
            let state = if seat.active { "" } else { ", inactive" };
            format!("{roles}{state}, account {}", seat.id)
        }
    }
}
