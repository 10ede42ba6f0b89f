//! Google Ads: who has access to the account, who is invited, and what waits for a second admin's approval. Everything is
//! read with queries, whose answers tell how many rows there are.

use serde_json::{Value, json};
use usher_connector::{Class, Error, Method, Request, Result};
use usher_domain::{integration::AppRole, ports::Page};

use crate::{
    client::{Api, Client},
    wire::{self, text},
};

/// The version of the API whose fields and codes these are.
const VERSION: &str = "v26";

/// Who has access.
pub(crate) const MEMBERS: &str = "SELECT customer_user_access.user_id, customer_user_access.email_address, \
    customer_user_access.access_role, customer_user_access.access_creation_date_time, \
    customer_user_access.pending_multi_party_auth_review FROM customer_user_access";
/// Who was invited and did not accept.
pub(crate) const INVITATIONS: &str = "SELECT customer_user_access_invitation.invitation_id, \
    customer_user_access_invitation.email_address, customer_user_access_invitation.access_role, \
    customer_user_access_invitation.creation_date_time, customer_user_access_invitation.invitation_status \
    FROM customer_user_access_invitation";
/// Invitations that a second admin has to approve before they are sent.
pub(crate) const REVIEWS: &str = "SELECT multi_party_auth_review.multi_party_auth_review_id, \
    multi_party_auth_review.review_status, \
    multi_party_auth_review.customer_user_access_invitation_review.new_customer_user_access_invitation \
    FROM multi_party_auth_review \
    WHERE multi_party_auth_review.target_resource = 'CUSTOMER_USER_ACCESS_INVITATION'";

/// The roles of an account.
pub(crate) fn roles() -> Vec<AppRole> {
    let role = |key: &str, name: &str, rank| AppRole {
        key: key.to_owned(),
        name: name.to_owned(),
        exclusion_group: Some("access_role".to_owned()),
        rank,
    };
    vec![
        role("EMAIL_ONLY", "Email only", 1),
        role("READ_ONLY", "Read only", 2),
        role("STANDARD", "Standard", 3),
        role("ADMIN", "Admin", 4),
    ]
}

impl Client {
    fn customer(&self, last: &str) -> Vec<String> {
        vec![VERSION.to_owned(), "customers".to_owned(), self.config.customer_id.clone(), last.to_owned()]
    }

    /// A page of what a query answers. The cursor says how much was read before; at the end there must be as much as Google
    /// says that there is.
    pub(crate) async fn search(
        &self,
        doing: &'static str,
        query: &str,
        cursor: Option<&str>,
    ) -> Result<Page<Value>> {
        let not_ours = || Error::invalid(format!("{doing}: the cursor is not one of this list; begin again"));
        let (before, token) = match cursor {
            None => (0, None),
            Some(cursor) => {
                let (before, token) = cursor.split_once('/').ok_or_else(not_ours)?;
                (before.parse().map_err(|_| not_ours())?, Some(token))
            }
        };
        let mut body = json!({"query": query, "searchSettings": {"returnTotalResultsCount": true}});
        if let Some(token) = token {
            body["pageToken"] = token.into();
        }
        let request = Request::ask(doing, self.customer("googleAds:search")).body(body);
        let answer = self.read(Api::Ads, &request).await?;
        let items = wire::items(doing, &answer, "results")?;
        let read = before + items.len() as u64;
        let next = text(&answer, "nextPageToken").map(|token| format!("{read}/{token}"));
        if next.is_none() && total(&answer) != Some(read) {
            let message =
                format!("{doing}: Google's list is cut short or moved while it was read; it is read again");
            return Err(Error::new(Class::Conflict, message));
        }
        Ok(Page { items, next })
    }

    /// Everything that a query answers.
    pub(crate) async fn everything(&self, doing: &'static str, query: &str) -> Result<Vec<Value>> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.search(doing, query, cursor.as_deref()).await?;
            all.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// Changes something of the account.
    pub(crate) async fn mutate(&self, doing: &'static str, what: &str, operation: Value) -> Result<Mutated> {
        let path = self.customer(&format!("{what}:mutate"));
        let request = Request::new(Method::Post, doing, path).body(json!({ "operation": operation }));
        mutated(doing, &self.write(Api::Ads, &request).await?)
    }

    /// The name of something of the account's.
    pub(crate) fn name(&self, what: &str, id: &str) -> String {
        format!("customers/{}/{what}/{id}", self.config.customer_id)
    }
}

/// What came of a change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mutated {
    /// It was made.
    Done,
    /// Another admin has to approve it first: the review's name.
    Review(String),
}

fn mutated(doing: &str, answer: &Value) -> Result<Mutated> {
    let result = answer.get("result").ok_or_else(|| wire::undone(doing))?;
    match (text(result, "multiPartyAuthReview"), text(result, "resourceName")) {
        (Some(review), _) => Ok(Mutated::Review(review.to_owned())),
        (None, Some(_)) => Ok(Mutated::Done),
        (None, None) => Err(wire::undone(doing)),
    }
}

/// How many rows there are. 64-bit numbers are texts in JSON, and nothing is left out.
fn total(answer: &Value) -> Option<u64> {
    match answer.get("totalResultsCount") {
        None => Some(0),
        Some(total) => total.as_str()?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_done_or_waits_for_another_admin() {
        let of = |result: Value| mutated("x", &json!({ "result": result }));
        assert_eq!(of(json!({"resourceName": "customers/1/customerUserAccesses/2"})), Ok(Mutated::Done));
        let review = "customers/1/multiPartyAuthReviews/3";
        let waits = of(json!({"resourceName": "", "multiPartyAuthReview": review}));
        assert_eq!(waits, Ok(Mutated::Review(review.to_owned())));
        assert_eq!(of(json!({})).unwrap_err().class(), Class::Ambiguous);
        assert!(mutated("x", &json!({})).is_err());
    }

    #[test]
    fn no_rows_are_left_out_of_the_answer() {
        assert_eq!(total(&json!({})), Some(0));
        assert_eq!(total(&json!({"totalResultsCount": "7"})), Some(7));
        assert_eq!(total(&json!({"totalResultsCount": 7})), None);
    }
}
