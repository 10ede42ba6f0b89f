//! What the list of people looks like, and what the lists of a directory have in common.

use maud::{Markup, html};
use usher_domain::directory::UserRecord;

use super::{Listing, search};
use crate::pages::{
    chips,
    parts::{empty, number, pager, time, time_head},
};

/// The list of people.
pub(in crate::pages) fn list(listing: &Listing<'_, UserRecord>) -> Markup {
    html! {
        header.title {
            h1 { "People" }
            p.lead { "Everybody whom your identity providers pushed." }
        }
        (search_form(listing, "User name, e-mail or name"))
        @if listing.rows.is_empty() {
            (nothing(listing, "people"))
        } @else {
            table.people role="table" {
                caption.hidden { "People" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "Person" }
                        th role="columnheader" scope="col" { "User name" }
                        th role="columnheader" scope="col" { "State" }
                        th role="columnheader" scope="col" { (time_head("Changed at")) }
                    }
                }
                tbody role="rowgroup" { @for user in listing.rows { (row(user)) } }
            }
        }
        (pager(listing.first().as_deref(), listing.following().as_deref(), "First page", "Next page"))
    }
}

fn row(user: &UserRecord) -> Markup {
    let profile = user.profile();
    html! {
        tr role="row" {
            td.person role="cell" data-label="Person" {
                a.name href={ "/people/" (user.id) } { (profile.label()) }
                @if let Some(email) = profile.email.as_deref().filter(|email| *email != profile.label()) {
                    span.progress { (email) }
                }
            }
            td role="cell" data-label="User name" { (profile.user_name) }
            td role="cell" data-label="State" { (chips::active(user.is_active())) }
            td.time role="cell" data-label="Changed at" { (time(user.modified_at)) }
        }
    }
}

/// What to look for, and where.
pub(super) fn search_form<T>(listing: &Listing<'_, T>, placeholder: &str) -> Markup {
    html! {
        form.filters.search action=(listing.path) method="get" role="search" {
            label.wide {
                span.label { "Search" }
                input type="search" name="q" value=(listing.text) placeholder=(placeholder) autocomplete="off";
            }
            @if listing.directories.len() > 1 {
                label {
                    span.label { "Directory" }
                    select name="directory" {
                        @for directory in listing.directories {
                            option value=(directory.id) selected[listing.directory == Some(&directory.id)] {
                                (directory.name)
                            }
                        }
                    }
                }
            }
            button { "Search" }
        }
        @if !listing.text.is_empty() {
            p.filtered {
                "Looking for “" (listing.text) "”. "
                a href=(listing.path) { "Show everybody" }
            }
        }
    }
}

/// Why there is nothing, and what to do.
pub(super) fn nothing<T>(listing: &Listing<'_, T>, what: &str) -> Markup {
    if listing.directories.is_empty() {
        return empty(
            "No directory yet",
            html! {
                p { "People and teams come from your identity provider. "
                    a href="/connections/new" { "Connect one" } " to begin." }
            },
        );
    }
    if listing.next.is_some() {
        return empty(
            "Not among these",
            html! {
                p { "None of the " (number(search::LOOKED_AT)) " that were looked at match. Go on with "
                    strong { "Next page" } ", or search for the whole name, which finds it wherever it is." }
            },
        );
    }
    if !listing.text.is_empty() {
        return empty(
            "Nobody matches",
            html! { p { "Check the spelling, or " a href=(listing.path) { "show everybody" } "." } },
        );
    }
    empty(
        "Nothing was pushed yet",
        html! {
            p { "As soon as your identity provider pushes " (what) ", they appear here. "
                a href="/connections" { "How far is it?" } }
        },
    )
}
