//! What one person's page looks like.

use std::collections::BTreeMap;

use maud::{Markup, html};
use usher_domain::{
    access::{Access, PersonFacts, TeamFacts},
    directory::UserRecord,
    id::TeamId,
    integration::{Integration, Kind},
};

use super::mark;
use crate::pages::{
    chips,
    chips::chip,
    integration::access::{role_words, seat_of},
    parts::{time, time_head},
};

/// A person, with what is known of them.
pub(in crate::pages) struct Person<'a> {
    /// The person as decisions see them.
    pub(in crate::pages) facts: &'a PersonFacts,
    /// The person as the identity provider pushed them; `None` for somebody who is deleted.
    pub(in crate::pages) user: Option<&'a UserRecord>,
    /// The name of their directory.
    pub(in crate::pages) directory: &'a str,
    /// Their teams.
    pub(in crate::pages) teams: &'a BTreeMap<TeamId, TeamFacts>,
    /// Their access, where something was ever decided.
    pub(in crate::pages) rows: &'a [Row],
    /// The other integrations that the caller can share.
    pub(in crate::pages) others: &'a [Integration],
    /// Whether teams and other people may be seen.
    pub(in crate::pages) may_read_directory: bool,
    /// Whether the log may be read.
    pub(in crate::pages) may_read_log: bool,
}

/// A person's access in one integration.
pub(in crate::pages) struct Row {
    /// The integration.
    pub(in crate::pages) integration: Integration,
    /// The access.
    pub(in crate::pages) access: Access,
    /// Whether the person may be marked there.
    pub(in crate::pages) may_mark: bool,
}

/// One person.
pub(in crate::pages) fn one(person: &Person<'_>) -> Markup {
    let facts = person.facts;
    let profile = &facts.profile;
    html! {
        header.title {
            @if person.may_read_directory {
                nav.crumbs aria-label="Breadcrumb" { a href="/people" { "People" } }
            }
            h1 { (profile.label()) }
            p.lead { "From " (person.directory) " (SCIM)" }
        }
        div.summary {
            div.state { (chips::active(facts.active)) @if facts.deleted { span.progress { "Deleted for good" } } }
            dl.facts {
                div { dt { "User name" } dd { (profile.user_name) } }
                @if let Some(email) = &profile.email { div { dt { "E-mail" } dd { (email) } } }
                @if let Some(id) = &profile.external_id { div { dt { "External id" } dd { code { (id) } } } }
                @if let Some(user) = person.user {
                    div { dt { (time_head("Changed at")) } dd { (time(user.modified_at)) } }
                }
            }
        }
        h2 { "Teams" }
        @if person.teams.is_empty() {
            p.none { "In no team." }
        } @else {
            ul.tags {
                @for (id, team) in person.teams {
                    li {
                        @if person.may_read_directory {
                            a.tag href={ "/teams/" (id) } { (team.name) }
                        } @else {
                            span.tag { (team.name) }
                        }
                    }
                }
            }
        }
        h2 { "Access" }
        @if person.rows.is_empty() {
            p.none { "Nothing was ever decided for this person." }
        } @else {
            (accesses(person))
        }
        @if person.may_read_log && !person.rows.is_empty() {
            p.actions { a.button href={ "/automations?person=" (facts.id) } { "Their automations" } }
        }
        @if !person.others.is_empty() {
            h2 { "Other apps" }
            ul.lines {
                @for other in person.others {
                    li {
                        span { (other.name) }
                        a href={ "/people/" (facts.id) "/access/" (other.id) } { "Why not?" }
                        @if other.kind == Kind::BusinessHub {
                            a href={ "/integrations/" (other.id) "/share?person=" (facts.id) } {
                                "Share" span.hidden { " " (other.name) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn accesses(person: &Person<'_>) -> Markup {
    html! {
        table role="table" {
            caption.hidden { "Access across apps" }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { "State" }
                    th role="columnheader" scope="col" { "App" }
                    th role="columnheader" scope="col" { "Role" }
                    th role="columnheader" scope="col" { "Type" }
                    th role="columnheader" scope="col" { "Why" }
                    th role="columnheader" scope="col" { (time_head("Updated at")) }
                }
            }
            tbody role="rowgroup" {
                @for Row { integration, access, may_mark } in person.rows {
                    tr role="row" {
                        td.status role="cell" {
                            (chip(&access.state))
                            @if let Some(mark) = &access.mark { span.progress { (mark::words(mark)) } }
                        }
                        td role="cell" data-label="App" {
                            a.name href={ "/integrations/" (integration.id) } { (integration.name) }
                        }
                        td role="cell" data-label="Role" {
                            (seat_of(access).map(|seat| role_words(integration, seat)).unwrap_or_default())
                        }
                        td role="cell" data-label="Type" { (access.via().unwrap_or_default()) }
                        td role="cell" data-label="Why" {
                            a href={ "/people/" (person.facts.id) "/access/" (integration.id) } {
                                "Explain" span.hidden { " access to " (integration.name) }
                            }
                            @if *may_mark {
                                " · "
                                a href={ "/people/" (person.facts.id) "/access/" (integration.id) "/mark" } {
                                    "Mark" span.hidden { " in " (integration.name) }
                                }
                            }
                        }
                        td.time role="cell" data-label="Updated at" { (time(access.updated_at)) }
                    }
                }
            }
        }
    }
}
