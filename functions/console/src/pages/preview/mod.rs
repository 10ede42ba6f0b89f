//! What a change would do, as pages show it: in parts that add up, so that a page answers at once, however many people the
//! change is about.
//!
//! The first answer looks at a few people. Where more are left it carries a form that holds what was found so far, and that
//! htmx sends by itself until everybody was looked at; without script, a button sends it. What confirms the change is only
//! there when the numbers are whole. The form is taken from pages of our own only, and nothing but numbers and names to show
//! is read from it.

mod sum;
pub(super) mod view;

use std::sync::Arc;

use axum::{
    Form,
    extract::{FromRequest, Request},
};
use http::Method;
use serde::{Deserialize, Serialize};

pub(super) use sum::Sum;

use super::live;
use crate::{App, api::preview::Asked, error::Problem};

/// How many evaluations, people times integrations, one part makes.
pub(super) const PART: u32 = 100;
/// How many evaluations, and how often, one answer makes to somebody who has to send the form by hand.
const BY_HAND: u32 = 1_000;
const PARTS_BY_HAND: usize = 5;

/// What was found so far, and where to go on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Previewed {
    /// What the change would do for those who were looked at.
    pub(super) sum: Sum,
    /// About how many people there are, where that is known.
    about: Option<u64>,
    /// Where to go on; `None` once everybody was looked at.
    next: Option<String>,
}

impl Previewed {
    /// Whether everybody was looked at: then the change can be confirmed.
    pub(super) fn is_whole(&self) -> bool {
        self.next.is_none()
    }
}

/// How a page with a preview was asked for.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// What the form holds that goes on; `None` at the beginning.
    so_far: Option<Previewed>,
    /// Whether only the preview is asked for, by a script.
    pub(super) is_partial: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GoOn {
    so_far: String,
}

impl FromRequest<Arc<App>> for Progress {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let is_partial = live::is_partial(request.headers());
        if request.method() != Method::POST {
            return Ok(Self { so_far: None, is_partial });
        }
        let unknown =
            || Problem::bad_parameter("so_far", "it is not what this page sends; open the page anew");
        let Form(form) = Form::<GoOn>::from_request(request, app).await.map_err(|_| unknown())?;
        let so_far = serde_json::from_str(&form.so_far).map_err(|_| unknown())?;
        Ok(Self { so_far: Some(so_far), is_partial })
    }
}

impl Progress {
    /// Looks at the next people.
    ///
    /// # Errors
    /// When the change cannot be asked about, or the store does not answer.
    pub(super) async fn look(self, asked: &Asked<'_>) -> Result<Previewed, Problem> {
        let (parts, evaluations) = match (&self.so_far, self.is_partial) {
            (Some(_), false) => (PARTS_BY_HAND, BY_HAND),
            _ => (1, PART),
        };
        let begun = self.so_far.is_some();
        let mut found = self.so_far.unwrap_or_default();
        if begun && found.is_whole() {
            return Ok(found);
        }
        for _ in 0..parts {
            let part = asked.part(found.next.as_deref(), evaluations).await?;
            found.next = part.next.clone();
            found.sum.add(part);
            if found.is_whole() {
                break;
            }
        }
        if !begun && !found.is_whole() {
            found.about = asked.about().await?;
        }
        Ok(found)
    }
}
