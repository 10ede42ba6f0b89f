//! What the share dialogs look like.

use std::collections::BTreeSet;

use maud::{Markup, html};
use usher_domain::{
    directory::{GroupRecord, UserRecord},
    integration::{AppRole, Integration},
    share::{HubRole, Principal},
};

use super::{
    Tab,
    share_form::ShareForm,
    shares::{hub_role, kind_and_id},
};
use crate::pages::{
    live::address,
    log_query::word,
    preview::{Previewed, view as preview},
};

/// Whom a hub can be shared with; with each, whether it is shared with them already.
#[derive(Default)]
pub(in crate::pages) struct Found {
    pub(in crate::pages) teams: Vec<(GroupRecord, bool)>,
    pub(in crate::pages) people: Vec<(UserRecord, bool)>,
    /// Whether there are more than these.
    pub(in crate::pages) more: bool,
}

/// A share that is being put together, and what it would do.
pub(in crate::pages) struct Dialog<'a> {
    pub(in crate::pages) integration: &'a Integration,
    /// The name of the team or person.
    pub(in crate::pages) name: &'a str,
    pub(in crate::pages) principal: &'a Principal,
    pub(in crate::pages) form: &'a ShareForm,
    /// Whether there is a share already, which this one replaces.
    pub(in crate::pages) exists: bool,
    /// Whether the caller may give assets.
    pub(in crate::pages) may_give_assets: bool,
    pub(in crate::pages) previewed: &'a Previewed,
}

fn title(integration: &Integration, title: &str) -> Markup {
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href=(Tab::Shares.path(&integration.id)) { (integration.name) } }
            h1 { (title) }
        }
    }
}

/// The first step: with whom.
pub(in crate::pages) fn choose(integration: &Integration, text: &str, found: &Found) -> Markup {
    let path = format!("/integrations/{}/share", integration.id);
    html! {
        (title(integration, &format!("Share {}", integration.name)))
        form.filters.search action=(path) method="get" role="search" {
            label.wide {
                span.label { "Team or person" }
                input type="search" name="q" value=(text) placeholder="Name, user name or e-mail" autocomplete="off";
            }
            button { "Search" }
        }
        h2 { "Teams" }
        @if found.teams.is_empty() { p.none { "No team matches." } }
        ul.lines {
            @for (team, shared) in &found.teams {
                (choice(&path, "team", team.id.as_str(), team.display_name(), None, *shared))
            }
        }
        @if text.is_empty() {
            p.fine { "To share with one person, search for their name, user name or e-mail." }
        } @else {
            h2 { "People" }
            @if found.people.is_empty() { p.none { "Nobody matches." } }
            ul.lines {
                @for (person, shared) in &found.people {
                    @let profile = person.profile();
                    (choice(&path, "person", person.id.as_str(), profile.label(), profile.email.as_deref(), *shared))
                }
            }
        }
        @if found.more { p.fine { "There are more than these. Search for the whole name to find one of them." } }
    }
}

fn choice(path: &str, kind: &str, id: &str, name: &str, email: Option<&str>, shared: bool) -> Markup {
    html! {
        li {
            a.name href={ (path) "?" (kind) "=" (id) } { (name) }
            @if let Some(email) = email { span.progress { (email) } }
            @if shared { span.progress { "Shared already" } }
        }
    }
}

/// The second step: as what, and what that would do.
pub(in crate::pages) fn dialog(dialog: &Dialog<'_>) -> Markup {
    let Dialog { integration, form, principal, name, exists, may_give_assets, .. } = dialog;
    let (kind, id) = kind_and_id(principal);
    let path = format!("/integrations/{}/share", integration.id);
    let heading = if *exists {
        format!("Change the share with {name}")
    } else {
        format!("Share {} with {name}", integration.name)
    };
    html! {
        (title(integration, &heading))
        div.split {
            form.form action=(path) method="get" aria-label="Share"
                hx-get=(path) hx-trigger="change" hx-target="#outcome" hx-swap="outerHTML" hx-sync="closest main:replace" {
                input type="hidden" name=(kind) value=(id);
                fieldset.field {
                    legend.label { "In the app" }
                    (radio("access", "invite", "Invite to the app", form.seat))
                    (radio("access", "hub_only", "Hub only, no seat", !form.seat))
                }
                (roles(integration, form))
                (entitlements(integration, form))
                @if *may_give_assets {
                    details.field open[!form.assets.is_empty()] {
                        summary { "Assets" }
                        label {
                            span.label { "One asset a line, with its permissions" }
                            textarea name="assets" rows="3" placeholder="page-1: view, edit" { (form.assets_text()) }
                        }
                    }
                } @else if !form.assets.is_empty() {
                    input type="hidden" name="assets" value=(form.assets_text());
                }
                fieldset.field {
                    legend.label { "Hub role in Usher" }
                    @for role in [HubRole::Collaborator, HubRole::Manager, HubRole::Owner] {
                        (radio("hub_role", &word(role), hub_role(role), form.hub_role == role))
                    }
                }
                p.actions { button { "Preview" } }
            }
            (outcome(dialog))
        }
    }
}

fn radio(name: &str, value: &str, label: &str, checked: bool) -> Markup {
    html! { label.choice { input type="radio" name=(name) value=(value) checked[checked]; span { (label) } } }
}

fn tick(name: &str, value: &str, label: &str, checked: bool) -> Markup {
    html! { label.choice { input type="checkbox" name=(name) value=(value) checked[checked]; span { (label) } } }
}

/// Roles of which one is held are one choice, highest first; permissions are ticked.
fn roles(integration: &Integration, form: &ShareForm) -> Markup {
    let all = &integration.catalogue.roles;
    let groups: BTreeSet<&str> = all.iter().filter_map(|role| role.exclusion_group.as_deref()).collect();
    let permissions: Vec<&AppRole> = all.iter().filter(|role| role.exclusion_group.is_none()).collect();
    html! {
        @for group in groups {
            @let field = ShareForm::role_field(group);
            @let ranked = ranked(all, group);
            fieldset.field {
                legend.label { "App role" @if group != "role" { " (" (group) ")" } }
                @for role in &ranked { (radio(&field, &role.key, &role.name, form.roles.contains(&role.key))) }
                (radio(&field, "", "None of these", ranked.iter().all(|role| !form.roles.contains(&role.key))))
            }
        }
        @if !permissions.is_empty() {
            fieldset.field {
                legend.label { "Permissions" }
                @for role in permissions { (tick("permission", &role.key, &role.name, form.roles.contains(&role.key))) }
            }
        }
    }
}

fn ranked<'a>(roles: &'a [AppRole], group: &str) -> Vec<&'a AppRole> {
    let mut ranked: Vec<&AppRole> =
        roles.iter().filter(|role| role.exclusion_group.as_deref() == Some(group)).collect();
    ranked.sort_by_key(|role| std::cmp::Reverse(role.rank));
    ranked
}

fn entitlements(integration: &Integration, form: &ShareForm) -> Markup {
    let all = &integration.catalogue.entitlements;
    html! {
        @if !all.is_empty() {
            fieldset.field {
                legend.label { "Entitlements" }
                @for one in all {
                    (tick("entitlement", &one.value, &one.name, form.entitlements.contains(&one.value)))
                }
            }
        }
    }
}

/// What the share would do, and the button that makes it. It carries the very fields that were previewed.
pub(in crate::pages) fn outcome(dialog: &Dialog<'_>) -> Markup {
    let Dialog { integration, form, name, exists, previewed, .. } = dialog;
    let path = format!("/integrations/{}/share", integration.id);
    let fields = form.fields();
    let query: Vec<(&str, Option<&str>)> =
        fields.iter().map(|(field, value)| (*field, Some(value.as_str()))).collect();
    let cancel = Tab::Shares.path(&integration.id);
    let confirm = html! {
        form method="post" action=(path) {
            @for (field, value) in &fields { input type="hidden" name=(field) value=(value); }
            p.actions {
                button.primary {
                    @if *exists { "Change the share" } @else { "Share with " (name) }
                    (preview::in_short(previewed))
                }
                a.button href=(cancel) { "Cancel" }
            }
        }
    };
    let more = address(&format!("{path}/preview"), &query);
    preview::section(previewed, &more, &cancel, preview::effect(previewed, integration), confirm)
}

/// Ending a share.
pub(in crate::pages) fn end(
    integration: &Integration,
    principal: &Principal,
    name: &str,
    previewed: &Previewed,
) -> Markup {
    html! {
        (title(integration, &format!("End the share with {name}")))
        (end_outcome(integration, principal, previewed))
    }
}

/// What ending a share would do, and the button that ends it.
pub(in crate::pages) fn end_outcome(
    integration: &Integration,
    principal: &Principal,
    previewed: &Previewed,
) -> Markup {
    let (kind, id) = kind_and_id(principal);
    let path = format!("/integrations/{}/share/end", integration.id);
    let cancel = Tab::Shares.path(&integration.id);
    let confirm = html! {
        form method="post" action=(path) {
            input type="hidden" name=(kind) value=(id);
            p.actions {
                button.danger { "End the share" (preview::in_short(previewed)) }
                a.button href=(cancel) { "Cancel" }
            }
        }
    };
    let more = address(&format!("{path}/preview"), &[(kind, Some(id))]);
    preview::section(previewed, &more, &cancel, preview::effect(previewed, integration), confirm)
}
