//! pages
use crate::{App, error::Problem};
use axum::Router;
use maud::{Markup, html};
use std::sync::Arc;
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
}
pub(crate) async fn not_found() -> Problem {
    Problem::no_route()
}
pub(crate) fn problem(problem: &Problem, _c: &str) -> Markup {
    html! { p { (problem.detail) } }
}
