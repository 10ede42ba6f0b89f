//! Identity providers' conversations as whole sequences: each step builds on the answers before it.

mod entra;
mod okta;
mod others;
mod validator;

use crate::core::{Check, Exchange};

pub(super) fn checks() -> Vec<Check> {
    let mut all = okta::checks();
    all.extend(entra::checks());
    all.extend(validator::checks());
    all.extend(others::checks());
    all
}

/// Nobody was found: an empty list; some identity providers take 404 with an error, too.
fn nobody(answer: &Exchange) -> crate::Verdict {
    answer.status(&[200])?;
    answer.is("/totalResults", &0.into())
}
