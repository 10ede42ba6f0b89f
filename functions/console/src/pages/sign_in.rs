//! Signing in with a link, and out.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, header};
use maud::{Markup, html};
use serde::Deserialize;

use super::layout;
use crate::{App, api::Query, auth, error::Problem};

/// A sign-in link's secret part.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    link: String,
}

/// Shows a button: mail scanners and browsers that look ahead follow links, and would use this one up.
pub(super) async fn page(Query(link): Query<Link>) -> Markup {
    if link.link.is_empty() { signed_out() } else { confirm(&link.link) }
}

/// Signs in.
pub(super) async fn enter(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Form(link): Form<Link>,
) -> Result<Response, Problem> {
    auth::same_origin(&app, &headers)?;
    let cookie = auth::sign_in(&app, &link.link).await?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

/// Signs out.
pub(super) async fn leave(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Problem> {
    auth::same_origin(&app, &headers)?;
    let cookie = auth::sign_out(&app, &headers).await?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/sign-in")).into_response())
}

/// The page of a link.
pub(super) fn confirm(link: &str) -> Markup {
    layout::bare(
        "Sign in",
        html! {
            h1 { "Sign in to Usher" }
            p { "This link signs in one browser, once, for 12 hours." }
            form method="post" action="/sign-in" {
                input type="hidden" name="link" value=(link);
                button.primary autofocus { "Sign in" }
            }
        },
    )
}

/// The page of somebody who is not signed in.
pub(super) fn signed_out() -> Markup {
    layout::bare(
        "Sign in",
        html! {
            h1 { "You are not signed in" }
            p { "Open a sign-in link to go on. On a laptop, " code { "usher serve" } " prints one when it starts." }
            p { "Links work once. If yours was used already, ask the workspace's Owner or an admin for a new one." }
        },
    )
}
