//! The guards of an integration: what they are set to, what other ones would do, and the button that sets them.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use usher_domain::{id::IntegrationId, integration::Integration};

use super::{
    Tab, enter,
    share::{ask, framed},
};
use crate::{
    App,
    api::{
        Path, Query,
        extract::Json,
        guard_views::{GuardsBody, LimitBody},
        integration_views::IntegrationPatch,
        integrations,
        preview_views::ChangeBody,
    },
    auth::Caller,
    error::Problem,
    pages::{
        live::address,
        parts::whole,
        preview::{Previewed, Progress, view as preview},
    },
    permission::Action,
};

/// What can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pages) struct GuardsForm {
    losses_count: String,
    losses_percent: String,
    promotions_count: String,
    promotions_percent: String,
    hold_hours: String,
    /// One a line.
    #[serde(default)]
    protected_accounts: String,
}

impl GuardsForm {
    /// As the integration has them.
    fn of(integration: &Integration) -> Self {
        let guards = &integration.guards;
        let accounts: Vec<&str> = guards.protected_accounts.iter().map(String::as_str).collect();
        Self {
            losses_count: guards.losses.count.to_string(),
            losses_percent: guards.losses.percent.to_string(),
            promotions_count: guards.promotions.count.to_string(),
            promotions_percent: guards.promotions.percent.to_string(),
            hold_hours: guards.hold_seconds.div_ceil(3_600).to_string(),
            protected_accounts: accounts.join("\n"),
        }
    }

    fn body(&self) -> Result<GuardsBody, Problem> {
        let limit = |name: &str, count: &str, percent: &str| {
            Ok::<_, Problem>(LimitBody {
                count: whole(&format!("{name}_count"), count)?,
                percent: whole(&format!("{name}_percent"), percent)?,
            })
        };
        Ok(GuardsBody {
            losses: limit("losses", &self.losses_count, &self.losses_percent)?,
            promotions: limit("promotions", &self.promotions_count, &self.promotions_percent)?,
            hold_seconds: whole("hold_hours", &self.hold_hours)?.saturating_mul(3_600),
            protected_accounts: self.accounts().map(str::to_owned).collect::<BTreeSet<_>>(),
        })
    }

    fn accounts(&self) -> impl Iterator<Item = &str> {
        self.protected_accounts.lines().map(str::trim).filter(|line| !line.is_empty())
    }

    fn fields(&self) -> [(&'static str, &str); 6] {
        [
            ("losses_count", &self.losses_count),
            ("losses_percent", &self.losses_percent),
            ("promotions_count", &self.promotions_count),
            ("promotions_percent", &self.promotions_percent),
            ("hold_hours", &self.hold_hours),
            ("protected_accounts", &self.protected_accounts),
        ]
    }
}

fn path(id: &IntegrationId) -> String {
    format!("/integrations/{id}/guards")
}

/// `GET /integrations/{integration}/guards`
pub(in crate::pages) async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Query(form): Query<GuardsForm>,
    progress: Progress,
) -> Result<Response, Problem> {
    let integration = enter(&app, &caller, Action::ManageIntegrations, &id).await?.integration;
    let is_partial = progress.is_partial;
    let change = ChangeBody::SetGuards { guards: form.body()? };
    let previewed = ask(&app, &caller, &id, change, progress).await?;
    if is_partial {
        return Ok(outcome(&integration, &form, &previewed).into_response());
    }
    let title = format!("Guards of {}", integration.name);
    framed(&app, &caller, &title, view(&integration, &form, &previewed)).await
}

/// `POST /integrations/{integration}/guards`
pub(in crate::pages) async fn confirm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<IntegrationId>,
    Form(form): Form<GuardsForm>,
) -> Result<Redirect, Problem> {
    let patch = IntegrationPatch { guards: Some(form.body()?), ..IntegrationPatch::default() };
    let to = Redirect::to(&Tab::Settings.path(&id));
    drop(integrations::patch(State(app), caller, Path(id), Json(patch)).await?);
    Ok(to)
}

/// The guards in the Settings tab.
pub(super) fn section(integration: &Integration) -> Markup {
    let form = GuardsForm::of(integration);
    html! {
        form.form action=(path(&integration.id)) method="get" {
            h2 { "Guards" }
            p { "Within an hour, what passes both numbers is held until an admin approves or rejects it." }
            fieldset.field {
                legend.label { "Removals and demotions" }
                (number("losses_count", "People", &form.losses_count, None))
                (number("losses_percent", "Percent of the seats", &form.losses_percent, Some(100)))
            }
            fieldset.field {
                legend.label { "Promotions to the highest role" }
                (number("promotions_count", "People", &form.promotions_count, None))
                (number("promotions_percent", "Percent of the seats", &form.promotions_percent, Some(100)))
            }
            (number("hold_hours", "Held work is given up after so many hours", &form.hold_hours, Some(2_160)))
            label.field {
                span.label { "Protected accounts" }
                textarea name="protected_accounts" rows="3" aria-describedby="protected-hint" {
                    (form.protected_accounts)
                }
                span.hint #protected-hint {
                    "Never removed or demoted. The app's id, sign-in name or e-mail address, one a line."
                }
            }
            p.actions { button { "Preview" } }
        }
    }
}

fn number(name: &str, label: &str, value: &str, most: Option<u32>) -> Markup {
    html! {
        label.field {
            span.label { (label) }
            input type="number" name=(name) value=(value) min="0" max=[most] required;
        }
    }
}

/// What other guards would do. It carries the very fields that were previewed.
fn view(integration: &Integration, form: &GuardsForm, previewed: &Previewed) -> Markup {
    html! {
        header.title {
            nav.crumbs aria-label="Breadcrumb" { a href=(Tab::Settings.path(&integration.id)) { (integration.name) } }
            h1 { "Guards of " (integration.name) }
        }
        (outcome(integration, form, previewed))
    }
}

fn outcome(integration: &Integration, form: &GuardsForm, previewed: &Previewed) -> Markup {
    let path = path(&integration.id);
    let cancel = Tab::Settings.path(&integration.id);
    let numbers = html! {
        h2 { "These guards" }
        dl.facts.apart {
            div { dt { "Removals and demotions" } dd { (form.losses_count) " and " (form.losses_percent) " %" } }
            div { dt { "Promotions" } dd { (form.promotions_count) " and " (form.promotions_percent) " %" } }
            div { dt { "Held work waits" } dd { (form.hold_hours) " hours" } }
            div {
                dt { "Protected accounts" }
                dd { (form.accounts().collect::<Vec<_>>().join(", ")) @if form.accounts().next().is_none() { "None" } }
            }
        }
        (preview::effect(previewed, integration))
        p.fine { "Work that is held already stays held until somebody decides." }
    };
    let confirm = html! {
        form method="post" action=(path) {
            @for (field, value) in form.fields() { input type="hidden" name=(field) value=(value); }
            p.actions {
                button.primary { "Set the guards" (preview::in_short(previewed)) }
                a.button href=(cancel) { "Cancel" }
            }
        }
    };
    let more = address(&format!("{path}/preview"), &form.fields().map(|(field, value)| (field, Some(value))));
    preview::section(previewed, &more, &cancel, numbers, confirm)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(losses: &str, accounts: &str) -> GuardsForm {
        GuardsForm {
            losses_count: losses.into(),
            losses_percent: "20".into(),
            promotions_count: "5".into(),
            promotions_percent: "20".into(),
            hold_hours: "168".into(),
            protected_accounts: accounts.into(),
        }
    }

    #[test]
    fn a_form_is_read_as_the_api_takes_it() {
        let body = form("7", " robot \r\n\nroot@x.co").body().unwrap();
        assert_eq!((body.losses.count, body.hold_seconds), (7, 604_800));
        assert_eq!(body.protected_accounts, ["robot".to_owned(), "root@x.co".to_owned()].into());
        assert_eq!(form("many", "").body().unwrap_err().errors[0].field, "losses_count");
    }
}
