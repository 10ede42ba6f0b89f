//! What the list of teams, and one team, look like.

use maud::{Markup, html};
use usher_domain::{
    access::PersonFacts,
    directory::GroupRecord,
    id::{ConnectionId, PersonId},
    integration::Integration,
    share::Share,
};

use super::{
    Listing,
    manage::Direction,
    manage_view,
    people_view::{nothing, search_form},
};
use crate::pages::{
    chips,
    integration::{share_words, shares},
    parts::{empty, pager, time, time_head},
};

/// The list of teams.
pub(in crate::pages) fn list(listing: &Listing<'_, GroupRecord>) -> Markup {
    html! {
        header.title {
            h1 { "Teams" }
            p.lead {
                "Groups of your identity providers, and teams made here. Share a hub with a team, and everybody in it gets a seat."
            }
        }
        @if listing.may_make { p.actions.above { a.button.primary href="/teams/new" { "New team" } } }
        (search_form(listing, "Name of a team"))
        @if listing.rows.is_empty() && listing.text.is_empty() && listing.directory.is_some_and(ConnectionId::is_user_managed) {
            (empty("No team was made here yet", html! {
                p { "Make one for people whom no group of your identity provider brings together. No identity provider sees \
                     or changes it." }
            }))
        } @else if listing.rows.is_empty() {
            (nothing(listing, "groups"))
        } @else {
            table.teams role="table" {
                caption.hidden { "Teams" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "Team" }
                        th role="columnheader" scope="col" { (time_head("Created at")) }
                        th role="columnheader" scope="col" { (time_head("Changed at")) }
                    }
                }
                tbody role="rowgroup" {
                    @for team in listing.rows {
                        tr role="row" {
                            td.person role="cell" data-label="Team" {
                                a.name href={ "/teams/" (team.id) } { (team.display_name()) }
                            }
                            td.time role="cell" data-label="Created at" { (time(team.created_at)) }
                            td.time role="cell" data-label="Changed at" { (time(team.modified_at)) }
                        }
                    }
                }
            }
        }
        (pager(listing.first().as_deref(), listing.following().as_deref(), "First page", "Next page"))
    }
}

/// A team, with who is in it and where it is shared.
pub(in crate::pages) struct Team<'a> {
    /// The team.
    pub(in crate::pages) group: &'a GroupRecord,
    /// The name of its directory.
    pub(in crate::pages) directory: &'a str,
    /// Hubs that are shared with it.
    pub(in crate::pages) shared: &'a [(Integration, Share)],
    /// Hubs that can be shared with it; empty for whoever may not.
    pub(in crate::pages) hubs: &'a [Integration],
    /// Whether the caller may change the team here.
    pub(in crate::pages) may_manage: bool,
    /// A page of its members.
    pub(in crate::pages) members: &'a [(PersonId, Option<PersonFacts>)],
    /// The first page of members, where this is a later one.
    pub(in crate::pages) first: Option<String>,
    /// The next page of members.
    pub(in crate::pages) next: Option<String>,
}

/// One team.
pub(in crate::pages) fn one(team: &Team<'_>) -> Markup {
    let name = team.group.display_name();
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href="/teams" { "Teams" } }
            h1 { (name) }
            p.lead {
                @if team.group.connection.is_user_managed() { "Made in Usher: no identity provider sees or changes it" }
                @else { "Managed by " (team.directory) " (SCIM)" }
            }
        }
        h2 { "Shared hubs" }
        @if team.shared.is_empty() {
            p.none { "No hub is shared with this team." }
        } @else {
            table role="table" {
                caption.hidden { "Hubs that are shared with this team" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "Hub" }
                        th role="columnheader" scope="col" { "In the app" }
                        th role="columnheader" scope="col" { "Hub role" }
                        th role="columnheader" scope="col" { (time_head("Since")) }
                    }
                }
                tbody role="rowgroup" {
                    @for (hub, share) in team.shared {
                        tr role="row" {
                            td role="cell" data-label="Hub" {
                                a.name href={ "/integrations/" (hub.id) "/shares" } { (hub.name) }
                            }
                            td role="cell" data-label="In the app" { (share_words(hub, &share.app_access)) }
                            td role="cell" data-label="Hub role" { (shares::hub_role(share.hub_role)) }
                            td.time role="cell" data-label="Since" { (time(share.created_at)) }
                        }
                    }
                }
            }
        }
        @if !team.hubs.is_empty() {
            p.actions {
                @for hub in team.hubs {
                    a.button href={ "/integrations/" (hub.id) "/share?team=" (team.group.id) } { "Share " (hub.name) }
                }
            }
        }
        h2 { "Members" }
        @if team.may_manage {
            p.actions.above { a.button href=(manage_view::people_path(&team.group.id, Direction::Add, "")) { "Add people" } }
        }
        @if team.members.is_empty() {
            p.none { "Nobody is in this team." }
        } @else {
            table.people role="table" {
                caption.hidden { "Members" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "Person" }
                        th role="columnheader" scope="col" { "User name" }
                        th role="columnheader" scope="col" { "State" }
                        @if team.may_manage { th role="columnheader" scope="col" { span.hidden { "Remove" } } }
                    }
                }
                tbody role="rowgroup" { @for (id, facts) in team.members { (member(team, id, facts.as_ref())) } }
            }
        }
        (pager(team.first.as_deref(), team.next.as_deref(), "First members", "More members"))
        @if team.may_manage { (manage_view::section(team.group)) }
    }
}

fn member(team: &Team<'_>, id: &PersonId, facts: Option<&PersonFacts>) -> Markup {
    html! {
        tr role="row" {
            td.person role="cell" data-label="Person" {
                @match facts {
                    Some(facts) => a.name href={ "/people/" (id) } { (facts.profile.label()) },
                    None => code { (id) },
                }
            }
            td role="cell" data-label="User name" {
                @if let Some(facts) = facts { (facts.profile.user_name) }
            }
            td role="cell" data-label="State" { (chips::active(facts.is_some_and(|facts| facts.active))) }
            @if team.may_manage {
                td role="cell" {
                    a.button.quiet href=(manage_view::people_path(&team.group.id, Direction::Remove, id.as_str()))
                        aria-label={ "Remove " (facts.map_or(id.as_str(), |facts| facts.profile.label())) } { "Remove…" }
                }
            }
        }
    }
}
