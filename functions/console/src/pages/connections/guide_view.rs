//! How an identity provider is set up, step by step, with the exact value of every field. Facts about Okta and Entra
//! ID are those of their public documentation.

use maud::{Markup, html};
use usher_domain::directory::Connection;

use super::Provider;
use crate::pages::parts::copyable;

/// What a field is set to.
enum Entry<'a> {
    /// These very characters.
    Text(&'a str),
    /// A choice among those that are there.
    Choice(&'a str),
    /// The connection's token.
    Token,
}

/// The guide. `check` stays up to date by itself.
pub(in crate::pages) fn page(
    connection: &Connection,
    provider: Provider,
    base_url: &str,
    check: Markup,
) -> Markup {
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" {
                a href={ "/connections/" (connection.id) } { (connection.name) }
            }
            h1 { "Set up " (provider.name()) }
        }
        nav.tabs aria-label="Identity provider" {
            @for other in Provider::ALL {
                a href={ "/connections/" (connection.id) "/guide/" (other.word()) }
                    aria-current=[(other == provider).then_some("page")] { (other.name()) }
            }
        }
        (check)
        @match provider {
            Provider::Okta => (okta(base_url)),
            Provider::Entra => (entra(base_url)),
            Provider::Other => (other(base_url)),
        }
    }
}

fn okta(base_url: &str) -> Markup {
    html! {
        ol.steps {
            li {
                h2 { "Let the app use SCIM" }
                p { "In the Okta Admin Console open " strong { "Applications" } ", your app, " strong { "General" }
                    ", and set " strong { "Provisioning" } " to " strong { "SCIM" } "." }
            }
            li {
                h2 { "Connect" }
                p { "Open " strong { "Provisioning" } ", " strong { "Integration" } ", " strong { "Edit" } "." }
                (fields(&[
                    ("SCIM connector base URL", Entry::Text(base_url)),
                    ("Unique identifier field for users", Entry::Text("userName")),
                    (
                        "Supported provisioning actions",
                        Entry::Choice("Import New Users and Profile Updates, Push New Users, Push Profile Updates, Push Groups"),
                    ),
                    ("Authentication Mode", Entry::Choice("HTTP Header")),
                    ("Authorization: Bearer", Entry::Token),
                ]))
                p { "Press " strong { "Test Connector Configuration" } ", then " strong { "Save" } "." }
            }
            li {
                h2 { "Switch it on" }
                p { "Open " strong { "Provisioning" } ", " strong { "To App" } ", and enable "
                    strong { "Create Users" } ", " strong { "Update User Attributes" } " and "
                    strong { "Deactivate Users" } "." }
            }
            li {
                h2 { "Map attributes" }
                p { "Okta's defaults are right. These are the ones that matter:" }
                (mapping("Okta", &[
                    ("userName", "userName", "Who it is. Unique."),
                    ("user.firstName", "name.givenName", "Shown in the apps."),
                    ("user.lastName", "name.familyName", "Shown in the apps."),
                    ("user.displayName", "displayName", "Shown here and in the apps."),
                    ("user.email", "emails[type eq \"work\"].value", "Where invitations go, and how people who are in an app already are found."),
                ]))
            }
            li {
                h2 { "Assign people, push groups" }
                p { "Assign people under " strong { "Assignments" } ". Under " strong { "Push Groups" }
                    " choose the groups that should become teams." }
                p.fine { "Okta deactivates people and never deletes them. A deactivation takes every seat at once." }
            }
        }
    }
}

fn entra(base_url: &str) -> Markup {
    html! {
        ol.steps {
            li {
                h2 { "Make an enterprise application" }
                p { "In the Entra admin center open " strong { "Enterprise applications" } ", "
                    strong { "New application" } ", " strong { "Create your own application" }
                    ", and choose the one that is not in the gallery." }
            }
            li {
                h2 { "Connect" }
                p { "Open the application, " strong { "Provisioning" } ", and set the mode to " strong { "Automatic" } "." }
                (fields(&[
                    ("Tenant URL", Entry::Text(base_url)),
                    ("Secret Token", Entry::Token),
                ]))
                p { "Press " strong { "Test Connection" } ", then " strong { "Save" } "." }
                p.fine { "The suffix " code { "?aadOptscim062020" } " may stand at the end of the URL: both of Entra's \
                          dialects are understood." }
            }
            li {
                h2 { "Map attributes" }
                p { "Under " strong { "Mappings" } " Entra's defaults are right. These are the ones that matter:" }
                (mapping("Entra ID", &[
                    ("userPrincipalName", "userName", "Who it is. Unique, and the matching attribute."),
                    ("Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")", "active", "Takes every seat at once when it turns false."),
                    ("displayName", "displayName", "Shown here and in the apps."),
                    ("givenName", "name.givenName", "Shown in the apps."),
                    ("surname", "name.familyName", "Shown in the apps."),
                    ("mail", "emails[type eq \"work\"].value", "Where invitations go, and how people who are in an app already are found."),
                    ("objectId", "externalId", "May be the matching attribute too."),
                ]))
            }
            li {
                h2 { "Assign people and groups" }
                p { "Under " strong { "Users and groups" } " assign the people and the groups that should become teams. \
                     Members of nested groups are not pushed by Entra ID: assign those groups themselves." }
            }
            li {
                h2 { "Start" }
                p { "Press " strong { "Start provisioning" } ". Entra ID pushes every 40 minutes; " strong { "Provision on demand" }
                    " pushes one person at once." }
            }
        }
    }
}

fn other(base_url: &str) -> Markup {
    html! {
        ol.steps {
            li {
                h2 { "Connect" }
                (fields(&[
                    ("Base URL", Entry::Text(base_url)),
                    ("Authentication", Entry::Choice("Bearer token, in the header Authorization")),
                    ("Token", Entry::Token),
                ]))
                p.fine { "OAuth 2.0 clients and clients that stray from the RFCs are set up with "
                         code { "usher connection" } " or the " a href="/api/openapi.json" { "admin API" } "." }
            }
            li {
                h2 { "Map attributes" }
                (mapping("Your client", &[
                    ("the sign-in name", "userName", "Who it is. Unique, and required."),
                    ("whether the person works here", "active", "Takes every seat at once when it turns false."),
                    ("the name to show", "displayName", "Shown here and in the apps."),
                    ("the work address", "emails[primary eq true].value", "Where invitations go, and how people who are in an app already are found."),
                    ("the client's own id", "externalId", "How the client finds the person again."),
                ]))
            }
            li {
                h2 { "Push people and groups" }
                p { "Groups become teams. Whether they arrive is shown above." }
            }
        }
    }
}

fn fields(fields: &[(&str, Entry<'_>)]) -> Markup {
    html! {
        dl.values {
            @for (name, entry) in fields {
                div {
                    dt { (name) }
                    dd {
                        @match entry {
                            Entry::Text(text) => (copyable(text)),
                            Entry::Choice(text) => (text),
                            Entry::Token => "The token that you copied. If it is lost, rotate it.",
                        }
                    }
                }
            }
        }
    }
}

fn mapping(theirs: &str, rows: &[(&str, &str, &str)]) -> Markup {
    html! {
        table.mapping role="table" {
            caption.hidden { "Attributes" }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { (theirs) }
                    th role="columnheader" scope="col" { "SCIM attribute" }
                    th role="columnheader" scope="col" { "What it is for" }
                }
            }
            tbody role="rowgroup" {
                @for (their, scim, what) in rows {
                    tr role="row" {
                        td role="cell" data-label=(theirs) { code { (their) } }
                        td role="cell" data-label="SCIM attribute" { code { (scim) } }
                        td role="cell" data-label="What it is for" { (what) }
                    }
                }
            }
        }
    }
}
