//! Who may do what in the workspace.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    response::{Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use usher_domain::{directory::UserRecord, id::PersonId, workspace::WorkspaceRole};

use super::Tab;
use crate::{
    App,
    api::{
        Path, Query,
        extract::Json,
        members::{self, MemberPut, MemberView, SignInLinkView},
        names::WorkspaceRoleName,
        sessions,
    },
    auth::Caller,
    error::Problem,
    pages::{
        directory::search::{self, Wanted},
        parts::{copyable, empty, time, time_head},
    },
    permission::{may_set_role, role_label},
};

/// The roles that a form gives. The workspace is handed over by command: that cannot be taken back here.
const ROLES: [WorkspaceRoleName; 4] = [
    WorkspaceRoleName::SuperAdmin,
    WorkspaceRoleName::Admin,
    WorkspaceRoleName::User,
    WorkspaceRoleName::Guest,
];

/// Whom to look for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::pages) struct MembersQuery {
    q: String,
}

/// `GET /settings/members`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<MembersQuery>,
) -> Result<Response, Problem> {
    let members = members::list(State(Arc::clone(&app)), caller.clone()).await?.0.items;
    let found = match query.q.trim() {
        "" => None,
        text => Some(find(&app, &caller, text, &members).await?),
    };
    let content = view(caller.role, &members, &query.q, found.as_deref());
    super::tab(&app, &caller, Tab::Members, content).await
}

/// People without a role.
async fn find(
    app: &App,
    caller: &Caller,
    text: &str,
    members: &[MemberView],
) -> Result<Vec<UserRecord>, Problem> {
    let mut found = Vec::new();
    for directory in search::of_workspace(app.store.connections(&caller.workspace).await?) {
        let wanted = Wanted { connection: &directory.id, text, cursor: None };
        found.extend(search::people(app.store.as_ref(), &wanted).await?.items);
    }
    found.retain(|person| !members.iter().any(|member| member.person == person.id.as_str()));
    Ok(found)
}

/// A role to give.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pages) struct RoleForm {
    role: WorkspaceRoleName,
}

/// `POST /settings/members/{person}`
pub(in crate::pages) async fn set(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(person): Path<PersonId>,
    Form(form): Form<RoleForm>,
) -> Result<Redirect, Problem> {
    drop(members::put(State(app), caller, Path(person), Json(MemberPut { role: form.role })).await?);
    Ok(Redirect::to(Tab::Members.path()))
}

/// `POST /settings/members/{person}/remove`
pub(in crate::pages) async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(person): Path<PersonId>,
) -> Result<Redirect, Problem> {
    members::delete(State(app), caller, Path(person)).await?;
    Ok(Redirect::to(Tab::Members.path()))
}

/// `POST /settings/members/{person}/sign-out`
pub(in crate::pages) async fn sign_out(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(person): Path<PersonId>,
) -> Result<Redirect, Problem> {
    sessions::delete_all(State(app), caller, Path(person)).await?;
    Ok(Redirect::to(Tab::Members.path()))
}

/// `POST /settings/members/{person}/sign-in-link`: answers the page with the link, which is never shown again.
pub(in crate::pages) async fn link(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(person): Path<PersonId>,
) -> Result<Response, Problem> {
    let (_, made) = members::sign_in_link(State(Arc::clone(&app)), caller.clone(), Path(person)).await?;
    super::tab(&app, &caller, Tab::Members, link_view(&made)).await
}

/// The page. `role` is the role of who looks; `found` are people without a role.
pub(in crate::pages) fn view(
    role: WorkspaceRole,
    members: &[MemberView],
    text: &str,
    found: Option<&[UserRecord]>,
) -> Markup {
    html! {
        p.lead.above { "Everybody else in the directory is a User: they see their own access, and the hubs that are shared with them." }
        @if members.is_empty() {
            (empty("Nobody has a role yet", html! { p { "Whoever opened a sign-in link for nobody of the directory acts without one." } }))
        } @else { (table(role, members)) }
        (give(role, text, found))
    }
}

fn table(role: WorkspaceRole, members: &[MemberView]) -> Markup {
    html! {
        table role="table" {
            caption.hidden { "Members" }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { "Who" }
                    th role="columnheader" scope="col" { "Role" }
                    th role="columnheader" scope="col" { (time_head("Since")) }
                    th role="columnheader" scope="col" { span.hidden { "What can be done" } }
                }
            }
            tbody role="rowgroup" {
                @for member in members {
                    @let name = member.name.as_deref().unwrap_or("Somebody who was deleted");
                    @let theirs = WorkspaceRole::from(member.role);
                    tr role="row" {
                        td role="cell" data-label="Who" { a.name href={ "/people/" (member.person) } { (name) } }
                        td role="cell" data-label="Role" {
                            @if theirs != WorkspaceRole::Owner && may_set_role(role, theirs, theirs) {
                                (role_form(role, &member.person, name, member.role, "Change"))
                            } @else { (role_label(theirs)) }
                        }
                        td.time role="cell" data-label="Since" { (time(member.since)) }
                        td role="cell" {
                            @if may_set_role(role, theirs, theirs) {
                                div.links {
                                    (act(member, name, "sign-in-link", "Sign-in link"))
                                    (act(member, name, "sign-out", "Sign out everywhere"))
                                    @if theirs != WorkspaceRole::Owner { (act(member, name, "remove", "Take the role away")) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn give(role: WorkspaceRole, text: &str, found: Option<&[UserRecord]>) -> Markup {
    html! {
        section.form aria-labelledby="give-title" {
            h2 #give-title { "Give somebody a role" }
            form method="get" action=(Tab::Members.path()) role="search" {
                label.field {
                    span.label { "Name or e-mail address" }
                    input type="search" name="q" value=(text) required;
                }
                button { "Look for people" }
            }
            @match found {
                None => {},
                Some([]) => (empty("Nobody found", html! { p { "Nobody without a role fits. People come from your identity provider." } })),
                Some(people) => ul.plain {
                    @for person in people {
                        @let profile = person.profile();
                        li {
                            span.name { (profile.label()) } span.progress { (profile.user_name) }
                            (role_form(role, person.id.as_str(), profile.label(), WorkspaceRoleName::Admin, "Give the role"))
                        }
                    }
                },
            }
        }
    }
}

fn role_form(
    role: WorkspaceRole,
    person: &str,
    name: &str,
    chosen: WorkspaceRoleName,
    button: &str,
) -> Markup {
    html! {
        form.inline method="post" action={ "/settings/members/" (person) } {
            select name="role" aria-label={ "Role of " (name) } {
                @for offered in ROLES {
                    @if may_set_role(role, WorkspaceRole::Guest, offered.into()) {
                        option value=(word(offered)) selected[offered == chosen] { (role_label(offered.into())) }
                    }
                }
            }
            button.quiet aria-label={ (button) ": " (name) } { (button) }
        }
    }
}

fn act(member: &MemberView, name: &str, part: &str, words: &str) -> Markup {
    html! {
        form method="post" action={ "/settings/members/" (member.person) "/" (part) } {
            button.quiet aria-label={ (words) ": " (name) } { (words) }
        }
    }
}

/// A role as forms send it.
pub(super) fn word(role: WorkspaceRoleName) -> &'static str {
    match role {
        WorkspaceRoleName::Owner => "owner",
        WorkspaceRoleName::SuperAdmin => "super_admin",
        WorkspaceRoleName::Admin => "admin",
        WorkspaceRoleName::User => "user",
        WorkspaceRoleName::Guest => "guest",
    }
}

fn link_view(made: &SignInLinkView) -> Markup {
    html! {
        div.banner.waits { p { strong { "Copy the link now" } " It is never shown again, signs in one browser, and ends with " (time(made.expires_at)) " UTC." } }
        dl.values { div { dt { "Sign-in link" } dd { (copyable(&made.url)) } } }
        p.actions { a.button.primary href=(Tab::Members.path()) { "I have copied it" } }
    }
}
