//! What connections look like.

use maud::{Markup, html};
use usher_domain::{
    Timestamp,
    directory::{Connection, Scope},
};

use super::Provider;
use crate::pages::chips::{Tone, toned};
use crate::pages::parts::{copyable, empty, plural, time, time_head};

/// How far the identity provider has come.
pub(in crate::pages) struct Standing {
    pub(in crate::pages) connection: Connection,
    pub(in crate::pages) has_people: bool,
    pub(in crate::pages) has_teams: bool,
}

fn title(name: &str, lead: Option<&str>) -> Markup {
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href="/connections" { "Identity providers" } }
            h1 { (name) }
            @if let Some(lead) = lead { p.lead { (lead) } }
        }
    }
}

/// All connections.
pub(in crate::pages) fn list(connections: &[Connection], now: Timestamp) -> Markup {
    html! {
        header.title {
            h1 { "Identity providers" }
            p.lead { "SCIM connections that push people and groups to this workspace, or seats to one integration." }
        }
        p.actions.above { a.button.primary href="/connections/new" { "Connect an identity provider" } }
        @if connections.is_empty() {
            (empty("No connection yet", html! {
                p { "A connection is a base URL and a token that you give to Okta, Entra ID or any other SCIM client." }
            }))
        } @else {
            table role="table" {
                caption.hidden { "SCIM connections" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "State" }
                        th role="columnheader" scope="col" { "Name" }
                        th role="columnheader" scope="col" { "Feeds" }
                        th role="columnheader" scope="col" { "Tokens" }
                        th role="columnheader" scope="col" { (time_head("Created at")) }
                    }
                }
                tbody role="rowgroup" {
                    @for connection in connections {
                        tr role="row" {
                            td.status role="cell" { (state(connection)) }
                            td role="cell" data-label="Name" {
                                a.name href={ "/connections/" (connection.id) } { (connection.name) }
                            }
                            td role="cell" data-label="Feeds" { (feeds(connection)) }
                            td role="cell" data-label="Tokens" { (valid(connection, now)) " valid" }
                            td.time role="cell" data-label="Created at" { (time(connection.created_at)) }
                        }
                    }
                }
            }
        }
    }
}

fn state(connection: &Connection) -> Markup {
    match connection.connected_at {
        Some(_) => toned(Tone::Good, "Connected"),
        None => toned(Tone::Waits, "Waiting"),
    }
}

fn feeds(connection: &Connection) -> Markup {
    match &connection.scope {
        Scope::Workspace => html! { "People and teams" },
        Scope::Integration { id } => html! { a href={ "/integrations/" (id) } { "One integration" } },
    }
}

fn valid(connection: &Connection, now: Timestamp) -> usize {
    connection.tokens.iter().filter(|token| token.expires_at.is_none_or(|end| now < end)).count()
}

/// The form that makes one.
pub(in crate::pages) fn new() -> Markup {
    html! {
        (title("Connect an identity provider", Some("It gets a base URL and a token, and pushes people and groups with them.")))
        form.form method="post" action="/connections" {
            label.field {
                span.label { "Name" }
                input type="text" name="name" required maxlength="100" autofocus placeholder="Okta, production";
                span.hint { "Shown as the actor of everything that it causes." }
            }
            fieldset.field {
                legend.label { "Identity provider" }
                @for (index, provider) in Provider::ALL.into_iter().enumerate() {
                    label.choice {
                        input type="radio" name="provider" value=(provider.word()) checked[index == 0];
                        span { (provider.name()) }
                    }
                }
            }
            p.actions { button.primary { "Make the connection" } a.button href="/connections" { "Cancel" } }
        }
    }
}

/// A connection with its token, which is shown this once.
pub(in crate::pages) fn token(
    connection: &Connection,
    base_url: &str,
    token: &str,
    provider: Option<Provider>,
) -> Markup {
    let id = &connection.id;
    html! {
        (title(&connection.name, None))
        div.banner.waits {
            p { strong { "Copy the token now" } " Only its hash is kept: it is never shown again." }
        }
        dl.values {
            div { dt { "Base URL" } dd { (copyable(base_url)) } }
            div { dt { "Token" } dd { (copyable(token)) } }
        }
        p.actions {
            @match provider {
                Some(provider) => a.button.primary href={ "/connections/" (id) "/guide/" (provider.word()) } {
                    "Go on to " (provider.name())
                },
                None => a.button.primary href={ "/connections/" (id) } { "I have copied it" },
            }
        }
    }
}

/// One connection. `check` stays up to date by itself.
pub(in crate::pages) fn one(
    connection: &Connection,
    base_url: &str,
    now: Timestamp,
    check: Markup,
) -> Markup {
    let id = &connection.id;
    html! {
        (title(&connection.name, None))
        (check)
        dl.values {
            div { dt { "Base URL" } dd { (copyable(base_url)) } }
            div { dt { "Feeds" } dd { (feeds(connection)) } }
        }
        h2 { "Set it up" }
        p.actions {
            @for provider in Provider::ALL {
                a.button href={ "/connections/" (id) "/guide/" (provider.word()) } { (provider.name()) }
            }
        }
        h2 { "Tokens" }
        (tokens(connection, now))
        form method="post" action={ "/connections/" (id) "/tokens" } {
            p.fine {
                "A rotation makes a new token. "
                @match valid(connection, now) {
                    0 => "No token is valid now.",
                    count => { (plural(count, "token that is valid now ends", "tokens that are valid now end")) " a day later." },
                }
            }
            p.actions { button { "Rotate the token" } }
        }
    }
}

fn tokens(connection: &Connection, now: Timestamp) -> Markup {
    html! {
        @if connection.tokens.is_empty() {
            p.none { "There are no tokens." }
        } @else {
            table role="table" {
                caption.hidden { "Tokens" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "State" }
                        th role="columnheader" scope="col" { "Ends with" }
                        th role="columnheader" scope="col" { (time_head("Created at")) }
                        th role="columnheader" scope="col" { (time_head("Valid until")) }
                    }
                }
                tbody role="rowgroup" {
                    @for token in &connection.tokens {
                        @let valid = token.expires_at.is_none_or(|end| now < end);
                        tr role="row" {
                            td.status role="cell" {
                                @if valid { (toned(Tone::Good, "Valid")) } @else { (toned(Tone::Idle, "Ended")) }
                            }
                            td role="cell" data-label="Ends with" { code { "…" (token.hint) } }
                            td.time role="cell" data-label="Created at" { (time(token.created_at)) }
                            td.time role="cell" data-label="Valid until" {
                                @match token.expires_at {
                                    Some(end) => (time(end)),
                                    None => "No end",
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How far it is.
pub(in crate::pages) fn standing(standing: &Standing) -> Markup {
    let first = standing.connection.connected_at;
    html! {
        ol.check {
            li.done[first.is_some()] {
                @match first {
                    Some(at) => { (toned(Tone::Good, "Connected")) span { "The first call came at " (time(at)) " UTC." } },
                    None => {
                        (toned(Tone::Waits, "Waiting for the first call"))
                        span { "This page notices it by itself. Test the connection in your identity provider." }
                    },
                }
            }
            (arrived(standing.has_people, "People", "Assign people, and they are pushed."))
            (arrived(standing.has_teams, "Groups", "Push groups, and they become teams."))
        }
    }
}

fn arrived(there: bool, what: &str, how: &str) -> Markup {
    html! {
        li.done[there] {
            @if there {
                (toned(Tone::Good, what)) span { "They arrive." }
            } @else {
                (toned(Tone::Idle, what)) span { "None yet. " (how) }
            }
        }
    }
}
