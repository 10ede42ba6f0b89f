//! How connecting an app looks.

use maud::{Markup, html};
use usher_domain::{id::IntegrationId, integration::Integration};

use super::{
    PATH,
    apps::{AppCard, Field, FieldKind},
};
use crate::{
    Connector,
    api::connection_views::NewConnectionView,
    pages::{integration::Tab, parts::copyable},
};

/// The catalogue of apps.
pub(in crate::pages) fn choose(apps: &[(&Connector, &AppCard)]) -> Markup {
    html! {
        header.title {
            h1 { "Connect an app" }
            p.lead { "Choose the app in which people are to get seats." }
        }
        ul.plain.apps {
            @for (connector, app) in apps {
                li {
                    h2 { a href={ (PATH) "/" (connector.key) } { (connector.name) } }
                    ul.ticks aria-label={ "What " (connector.name) " can do" } {
                        @for (what, yes) in &app.can {
                            li class=(if *yes { "yes" } else { "no" }) {
                                span.hidden { @if *yes { "Yes: " } @else { "No: " } }
                                (what)
                            }
                        }
                    }
                    @if app.varies { p.hint { "What it can do depends on its settings: this is the most." } }
                }
            }
        }
    }
}

/// What an app needs.
pub(in crate::pages) fn form(connector: &Connector, app: &AppCard) -> Markup {
    html! {
        header.title {
            h1 { "Connect " (connector.name) }
            p.lead { "Usher looks at the app as soon as it is connected, and says what is missing. Nothing is changed in it before you share." }
        }
        form.form method="post" action={ (PATH) "/" (connector.key) } {
            label.field {
                span.label { "Name" }
                input type="text" name="name" required maxlength="100" placeholder={ "Our " (connector.name) };
            }
            fieldset.field {
                legend.label { "Who gets access" }
                label.choice {
                    input type="radio" name="kind" value="business_hub" checked;
                    span { "Whom it is shared with: teams and people of this workspace" span.hint { "A business hub." } }
                }
                label.choice {
                    input type="radio" name="kind" value="id_lcm";
                    span { "Whom the identity provider assigns to it" span.hint { "An IdLCM integration: it gets a SCIM connection of its own, for an app of its own at the provider." } }
                }
            }
            @if !app.setup.settings.is_empty() { h2 { "Which organisation" } }
            @for field in &app.setup.settings { (ask("setting", field, "")) }
            h2 { "Credentials" }
            p { "They are sealed when you save, and never shown again." }
            @for field in &app.setup.credentials { (ask("credential", field, "")) }
            p.actions { button.primary { "Connect" } " " a.button.quiet href=(PATH) { "Choose another app" } }
        }
    }
}

/// Asks for a field; `value` is what it has.
fn ask(part: &str, field: &Field, value: &str) -> Markup {
    let name = format!("{part}.{}", field.key);
    html! {
        label.field {
            span.label { (field.label) @if !field.required { " (optional)" } }
            @match &field.kind {
                FieldKind::Text => { input type="text" name=(name) value=(value) required[field.required] autocomplete="off"; }
                FieldKind::Url => { input type="url" name=(name) value=(value) required[field.required] placeholder="https://"; }
                FieldKind::Secret => { input type="password" name=(name) required[field.required] autocomplete="off"; }
                FieldKind::Lines => {
                    textarea name=(name) rows="3" required[field.required] autocomplete="off" { (value) }
                }
                FieldKind::SecretLines | FieldKind::Document => {
                    textarea name=(name) rows="6" required[field.required] autocomplete="off" spellcheck="false" { (value) }
                }
                FieldKind::Choice(choices) => {
                    select name=(name) {
                        // What the connector takes by itself may depend on the rest.
                        @if !field.required { option value="" { "Not chosen" } }
                        @for (choice, words) in choices { option value=(choice) selected[choice == value] { (words) } }
                    }
                }
            }
            span.hint { (field.hint) }
        }
    }
}

/// What an app that is connected needs, as it is set.
pub(super) fn edit(integration: &Integration, connector: &Connector, app: &AppCard) -> Markup {
    let (settings, back) = (&integration.config, Tab::Settings.path(&integration.id));
    // A field of the credentials without which nothing works is asked for by what stores them: empty ones stay as they are.
    let optional = |field: &Field| Field { required: false, ..field.clone() };
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href=(back) { (integration.name) } }
            h1 { "How Usher reaches " (connector.name) }
            p.lead { "Usher checks that the app answers as soon as this is saved." }
        }
        form.form method="post" action=(super::edit::path(&integration.id)) {
            @if !app.setup.settings.is_empty() { h2 { "Which organisation" } }
            @for field in &app.setup.settings { (ask("setting", field, &field.text(settings))) }
            h2 { "Credentials" }
            p {
                @if integration.sealed_credentials.is_some() {
                    "Some are stored, sealed, and never shown. Left empty they stay; whoever fills in one fills in all that are needed, \
                     because they replace those."
                } @else { "None are stored. They are sealed when you save, and never shown again." }
            }
            @for field in &app.setup.credentials { (ask("credential", &optional(field), "")) }
            p.actions { button.primary { "Save and check" } " " a.button href=(back) { "Cancel" } }
        }
    }
}

/// The token of a gateway.
pub(in crate::pages) fn token(id: &IntegrationId, gateway: &NewConnectionView) -> Markup {
    html! {
        header.title { h1 { "Connected" } }
        div.banner.waits { p { strong { "Copy the token now" } " Only its hash is kept: it is never shown again." } }
        dl.values {
            div { dt { "SCIM base URL" } dd { (copyable(&gateway.base_url)) } }
            div { dt { "Token" } dd { (copyable(&gateway.token)) } }
        }
        p.actions {
            a.button.primary href=(Tab::Sync.path(id)) { "See whether the app answers" }
            " " a.button href={ "/connections/" (gateway.connection.id) } { "Set up the identity provider" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::connect::apps::app_of;

    #[test]
    fn a_choice_that_is_optional_may_be_left_open() {
        let app = app_of("scim").unwrap();
        for field in app.setup.settings.iter().filter(|field| matches!(field.kind, FieldKind::Choice(_))) {
            let asked = ask("setting", field, "").into_string();
            let (_, first) = asked.split_once("<option").unwrap();
            assert!(first.starts_with(r#" value="">"#), "{asked}");
        }
    }
}
