//! Signed-in browsers.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{Redirect, Response},
};
use maud::{Markup, html};

use super::Tab;
use crate::{
    App,
    api::{
        Path,
        sessions::{self, SessionView, SignedInName},
    },
    auth::Caller,
    error::Problem,
    pages::parts::{plural, time, time_head},
};

/// `GET /settings/sessions`
pub(in crate::pages) async fn page(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    let listed = sessions::list(State(Arc::clone(&app)), caller.clone()).await?.0;
    let own = caller.person.as_ref().map(|person| person.id.as_str());
    super::tab(&app, &caller, Tab::Sessions, view(&listed.items, own)).await
}

/// `POST /settings/sessions/{session}/end`
pub(in crate::pages) async fn end(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    sessions::delete(State(app), caller, Path(id)).await?;
    Ok(Redirect::to(Tab::Sessions.path()))
}

/// `POST /settings/sessions/end-all`: all of the caller's own, this one included.
pub(in crate::pages) async fn end_all(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Redirect, Problem> {
    let nobody = || Problem::conflict("this session is for nobody of the directory; end it by signing out");
    let own = caller.person.as_ref().map(|person| person.id.clone()).ok_or_else(nobody)?;
    sessions::delete_all(State(app), caller, Path(own)).await?;
    Ok(Redirect::to("/sign-in"))
}

/// The page. `own` is the person who looks.
pub(in crate::pages) fn view(sessions: &[SessionView], own: Option<&str>) -> Markup {
    let theirs = sessions.iter().filter(|session| own.is_some() && session.person.as_deref() == own).count();
    html! {
        @if theirs > 0 {
            form.actions.above method="post" action="/settings/sessions/end-all" {
                button { "Sign me out everywhere: " (plural(theirs, "browser", "browsers")) }
            }
        }
        table role="table" {
            caption.hidden { "Signed-in browsers" }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { "Who" }
                    th role="columnheader" scope="col" { "Signed in" }
                    th role="columnheader" scope="col" { "From" }
                    th role="columnheader" scope="col" { (time_head("Last used")) }
                    th role="columnheader" scope="col" { span.hidden { "End" } }
                }
            }
            tbody role="rowgroup" {
                @for session in sessions {
                    tr role="row" {
                        td role="cell" data-label="Who" {
                            span.name { (session.name) }
                            @if session.current { span.progress { "This browser" } }
                        }
                        td role="cell" data-label="Signed in" {
                            (way(session.signed_in)) span.progress { (time(session.begun_at)) " UTC" }
                        }
                        td role="cell" data-label="From" { (session.address) span.progress { (agent(&session.agent)) } }
                        td.time role="cell" data-label="Last used" { (time(session.seen_at)) }
                        td role="cell" {
                            form method="post" action={ "/settings/sessions/" (session.id) "/end" } {
                                button.quiet aria-label={ "End the session of " (session.name) " from " (session.address) } { "End" }
                            }
                        }
                    }
                }
            }
        }
        p.fine { "A session ends after an hour without use, after twelve hours at the latest, and at once when the directory \
                  deactivates the person." }
    }
}

fn way(signed_in: SignedInName) -> &'static str {
    match signed_in {
        SignedInName::Link => "With a link",
        SignedInName::IdentityProvider => "With the identity provider",
    }
}

/// What a browser calls itself, as far as people know it.
fn agent(agent: &str) -> String {
    let known = [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let browser = known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let systems = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let system = systems.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) => agent.chars().take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_by_the_names_that_people_know() {
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(agent(edge), "Edge on Windows");
        let safari =
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15";
        assert_eq!(agent(safari), "Safari on macOS");
        assert_eq!(agent("curl/8.0"), "curl/8.0");
    }
}
