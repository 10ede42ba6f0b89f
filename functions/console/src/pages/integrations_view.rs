//! What integrations look like.

use maud::{Markup, html};
use usher_domain::{
    access::{Access, Presence, Seat},
    activity::Activity,
    id::IntegrationId,
    integration::{Integration, Kind, Status},
};

use super::{
    live::Region,
    parts::{chip, empty, event, pager, time, time_head},
};

/// A tab of an integration's details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    /// What happened.
    Activity,
    /// Who is in.
    Access,
}

impl Tab {
    const ALL: [Self; 2] = [Self::Activity, Self::Access];

    /// Its name.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Activity => "Activity",
            Self::Access => "Access",
        }
    }

    /// Where it is.
    pub(super) fn path(self, id: &IntegrationId) -> String {
        let part = match self {
            Self::Activity => "activity",
            Self::Access => "access",
        };
        format!("/integrations/{id}/{part}")
    }
}

/// The addresses of other pages of a tab.
pub(super) struct Pages {
    pub(super) first: Option<String>,
    pub(super) next: Option<String>,
}

/// All integrations, with the names of their connectors.
pub(super) fn list(rows: &[(&Integration, &str)]) -> Markup {
    html! {
        header.title {
            h1 { "Integrations" }
            p.lead { "Organisations in external apps that Usher seats people in." }
        }
        @if rows.is_empty() {
            (empty("No integrations yet", html! {
                p { "Each organisation in an external app that you connect appears here, with what happened in it \
                     and who has access." }
                p { "Create one with " code { "POST /api/v1/integrations" } "; the "
                    a href="/api/openapi.json" { "API document" } " says how." }
            }))
        } @else {
            table.integrations role="table" {
                caption.hidden { "Integrations" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "Status" }
                        th role="columnheader" scope="col" { "Name" }
                        th role="columnheader" scope="col" { "App" }
                        th role="columnheader" scope="col" { "Access by" }
                        th role="columnheader" scope="col" { (time_head("Created at")) }
                    }
                }
                tbody role="rowgroup" {
                    @for (integration, connector) in rows {
                        tr role="row" {
                            td.status role="cell" { (chip(&integration.status)) }
                            td role="cell" data-label="Name" {
                                a href=(Tab::Activity.path(&integration.id)) { (integration.name) }
                            }
                            td role="cell" data-label="App" { (connector) }
                            td role="cell" data-label="Access by" { (kind(integration)) }
                            td.time role="cell" data-label="Created at" { (time(integration.created_at)) }
                        }
                    }
                }
            }
        }
    }
}

fn kind(integration: &Integration) -> &'static str {
    match integration.kind {
        Kind::BusinessHub => "Shares (business hub)",
        Kind::IdLcm { .. } => "Assignment (IdLCM)",
    }
}

/// The frame of an integration's details.
pub(super) fn details(integration: &Integration, connector: &str, tab: Tab, region: &Region) -> Markup {
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href="/integrations" { "Integrations" } }
            h1 { (integration.name) }
            p.lead {
                (connector) span.dot aria-hidden="true" { " · " } (kind(integration))
                @if let Kind::IdLcm { connection } = &integration.kind {
                    span.dot aria-hidden="true" { " · " } "SCIM connection " code { (connection) }
                }
            }
        }
        nav.tabs aria-label="Integration" {
            @for other in Tab::ALL {
                a href=(other.path(&integration.id)) aria-current=[(other == tab).then_some("page")] {
                    (other.label())
                }
            }
        }
        (region.render())
    }
}

/// A tab with what has to be known before its rows.
pub(super) fn tab(integration: &Integration, may_resume: bool, content: Markup) -> Markup {
    html! {
        @if let Status::Paused { reason, since } = &integration.status {
            div.banner.bad {
                p {
                    strong { "Paused since " (time(*since)) " UTC" }
                    " Jobs are kept and begin when it is resumed. Reason: " (reason)
                }
                @if may_resume {
                    form method="post" action={ "/integrations/" (integration.id) "/resume" } {
                        button #resume { "Resume" }
                    }
                }
            }
        }
        (content)
    }
}

/// The rows of the Activity tab.
pub(super) fn activity(rows: &[Activity], pages: &Pages) -> Markup {
    html! {
        @if rows.is_empty() {
            (empty("Nothing happened yet", html! {
                p { "Invitations, updates and removals of people appear here as they are requested, made and \
                     completed, and so do changes of the SCIM connection." }
                p { "Share this integration with a team, or assign somebody in your identity provider." }
            }))
        } @else {
            table.activity role="table" {
                caption.hidden { "Activity, newest first" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { (time_head("Date")) }
                        th role="columnheader" scope="col" { "Actor" }
                        th role="columnheader" scope="col" { "Event" }
                        th role="columnheader" scope="col" { "Target" }
                    }
                }
                tbody role="rowgroup" {
                    @for row in rows {
                        tr #{ "activity-" (row.id) } role="row" {
                            td.time role="cell" data-label="Date" { (time(row.at)) }
                            td role="cell" data-label="Actor" { (row.actor.name()) }
                            td role="cell" data-label="Event" { (event(row.event)) }
                            td role="cell" data-label="Target" { (row.target) }
                        }
                    }
                }
            }
        }
        (pager(pages.first.as_deref(), pages.next.as_deref(), "Newest", "Older"))
    }
}

/// The rows of the Access tab.
pub(super) fn access(integration: &Integration, rows: &[Access], pages: &Pages) -> Markup {
    html! {
        @if rows.is_empty() {
            (empty("Nobody has access yet", html! {
                @match integration.kind {
                    Kind::BusinessHub => p {
                        "Everybody whom this hub is shared with appears here, with the state of their seat. \
                         Share it with a team or a person to begin."
                    }
                    Kind::IdLcm { .. } => p {
                        "Everybody who is assigned in your identity provider's app appears here, with the state of \
                         their seat. Assign a person or a group there to begin."
                    }
                }
            }))
        } @else {
            table.access role="table" {
                caption.hidden { "People" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "State" }
                        th role="columnheader" scope="col" { "Person" }
                        th role="columnheader" scope="col" { "Role" }
                        th role="columnheader" scope="col" { "Type" }
                        th role="columnheader" scope="col" { "Account" }
                        th role="columnheader" scope="col" { (time_head("Last seen")) }
                    }
                }
                tbody role="rowgroup" { @for row in rows { (access_row(integration, row)) } }
            }
        }
        (pager(pages.first.as_deref(), pages.next.as_deref(), "First page", "Next page"))
    }
}

fn access_row(integration: &Integration, access: &Access) -> Markup {
    let account = access.observed.as_ref().and_then(|observed| observed.account.as_ref());
    let profile =
        access.desired.as_ref().map(|desired| &desired.profile).or(account.map(|found| &found.profile));
    let seat = match access.desired.as_ref().map(|desired| &desired.presence) {
        Some(Presence::Seated(seat)) => Some(seat),
        Some(Presence::Absent) => None,
        None => account.and(access.observed.as_ref()).map(|observed| &observed.seat),
    };
    html! {
        tr #{ "person-" (access.person) } role="row" {
            td.status role="cell" { (chip(&access.state)) }
            td.person role="cell" data-label="Person" {
                @match profile {
                    Some(profile) => {
                        span.name { (profile.label()) }
                        @if let Some(email) = profile.email.as_deref().filter(|email| *email != profile.label()) {
                            span.progress { (email) }
                        }
                    }
                    None => { code { (access.person) } }
                }
            }
            td role="cell" data-label="Role" { (seat.map(|seat| roles(integration, seat)).unwrap_or_default()) }
            td role="cell" data-label="Type" { (access.via().unwrap_or_default()) }
            td role="cell" data-label="Account" {
                @if let Some(account) = account { code { (account.id) } }
            }
            td.time role="cell" data-label="Last seen" {
                @if let Some(observed) = &access.observed { (time(observed.seen_at)) }
            }
        }
    }
}

/// What a seat carries, by the names of the app.
fn roles(integration: &Integration, seat: &Seat) -> String {
    let catalogue = &integration.catalogue;
    let roles = seat.roles.iter().map(|key| catalogue.role(key).map_or(key.as_str(), |role| &role.name));
    let entitlements = seat.entitlements.iter().map(|value| {
        let known = catalogue.entitlements.iter().find(|known| known.value == *value);
        known.map_or(value.as_str(), |known| &known.name)
    });
    let all: Vec<&str> = roles.chain(entitlements).collect();
    if all.is_empty() { "No role".to_owned() } else { all.join(", ") }
}
