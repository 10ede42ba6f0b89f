//! The identity provider that people sign in with.

use std::sync::Arc;

use axum::{
    Form,
    extract::State,
    response::{Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use usher_domain::sign_in::{OpenIdProvider, SignedInBy};

use super::Tab;
use crate::{
    App,
    api::{
        extract::Json,
        sign_in::{self, OpenIdPut, SignInView},
    },
    auth::Caller,
    error::Problem,
    pages::{
        parts::{copyable, plural, time},
        sign_in_view::host,
    },
    permission::Action,
};

/// `GET /settings/sign-in`
pub(in crate::pages) async fn page(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    caller.may(Action::ManageSignIn)?;
    let provider = app.store.openid_provider(&caller.workspace).await?;
    let view = sign_in::get(State(Arc::clone(&app)), caller.clone()).await?.0;
    super::tab(&app, &caller, Tab::SignIn, self::view(provider.as_ref(), &view)).await
}

/// What is entered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pages) struct SignInForm {
    issuer: String,
    client_id: String,
    client_secret: String,
    email_domains: String,
    #[serde(default)]
    trusts_email: bool,
}

/// `POST /settings/sign-in`
pub(in crate::pages) async fn save(
    State(app): State<Arc<App>>,
    caller: Caller,
    Form(form): Form<SignInForm>,
) -> Result<Redirect, Problem> {
    let domains = form.email_domains.split([',', ' ', '\n', '\r']).filter(|domain| !domain.is_empty());
    let body = OpenIdPut {
        issuer: form.issuer,
        client_id: form.client_id,
        // An empty field keeps what is stored: nobody can see what that is.
        client_secret: Some(form.client_secret).filter(|secret| !secret.trim().is_empty()),
        email_domains: domains.map(str::to_owned).collect(),
        trusts_email: form.trusts_email,
    };
    drop(sign_in::put(State(app), caller, Json(body)).await?);
    Ok(Redirect::to(Tab::SignIn.path()))
}

/// `GET /settings/sign-in/end`
pub(in crate::pages) async fn confirm_end(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Response, Problem> {
    caller.may(Action::ManageSignIn)?;
    let provider = app.store.openid_provider(&caller.workspace).await?;
    let provider = provider.ok_or_else(|| Problem::not_found("an identity provider to sign in with"))?;
    let now = app.clock.now();
    let sessions = app.store.sessions(&caller.workspace).await?;
    let through = |session: &&usher_domain::sign_in::Session| {
        session.is_in_use(now) && matches!(session.signed_in, SignedInBy::OpenId { .. })
    };
    let content = end_view(&provider, sessions.iter().filter(through).count());
    super::tab(&app, &caller, Tab::SignIn, content).await
}

/// `POST /settings/sign-in/end`
pub(in crate::pages) async fn end(State(app): State<Arc<App>>, caller: Caller) -> Result<Redirect, Problem> {
    sign_in::delete(State(app), caller).await?;
    Ok(Redirect::to(Tab::SignIn.path()))
}

fn end_view(provider: &OpenIdProvider, signed_in: usize) -> Markup {
    html! {
        section.form aria-labelledby="end-title" {
            h2 #end-title { "Stop signing in with " (host(&provider.issuer)) "?" }
            p {
                "From then on everybody needs a sign-in link from an admin. " (plural(signed_in, "browser", "browsers"))
                " signed in with it " @if signed_in == 1 { "stays" } @else { "stay" } " signed in; end those under Sessions."
            }
            form method="post" action="/settings/sign-in/end" {
                p.actions {
                    button.danger { "Stop signing in with " (host(&provider.issuer)) }
                    a.button href=(Tab::SignIn.path()) { "Cancel" }
                }
            }
        }
    }
}

/// The page.
pub(in crate::pages) fn view(provider: Option<&OpenIdProvider>, view: &SignInView) -> Markup {
    let (issuer, client_id) =
        provider.map_or(("", ""), |provider| (provider.issuer.as_str(), provider.client_id.as_str()));
    let has_secret = provider.is_some_and(|provider| provider.sealed_secret.is_some());
    html! {
        section.form aria-labelledby="there-title" {
            h2 #there-title { "At the identity provider" }
            p { "Make a web application (OpenID Connect, authorization code) there, with these addresses, and assign the people \
                 who manage this workspace to it." }
            dl.values {
                div { dt { "Redirect URI" } dd { (copyable(&view.redirect_uri)) } }
                div { dt { "After signing out" } dd { (copyable(&view.post_logout_redirect_uri)) } }
                div { dt { "Where people sign in" } dd { (copyable(&view.url)) } }
            }
        }
        form.form method="post" action=(Tab::SignIn.path()) {
            h2 { "Here" }
            @match provider {
                Some(provider) => p { "People sign in with " strong { (host(issuer)) } ". Changed " (time(provider.changed_at)) " UTC." },
                None => p { "Nobody signs in with an identity provider yet: people need sign-in links." },
            }
            label.field {
                span.label { "Issuer" }
                input type="url" name="issuer" value=(issuer) required maxlength="2000" aria-describedby="issuer-hint";
                span.hint #issuer-hint {
                    "Exactly as its discovery document says it, which is read when you save. Okta: the address of your \
                     organisation. Entra ID: login.microsoftonline.com, your tenant's id, v2.0."
                }
            }
            label.field {
                span.label { "Client id" }
                input type="text" name="client_id" value=(client_id) required maxlength="2000" spellcheck="false" autocomplete="off";
            }
            label.field {
                span.label { "Client secret" }
                input type="password" name="client_secret" maxlength="2000" autocomplete="off" aria-describedby="secret-hint"
                    placeholder=[has_secret.then_some("Kept as it is")];
                span.hint #secret-hint {
                    "Sealed before it is stored, and never shown. "
                    @if has_secret { "Empty keeps the one that is stored; another issuer or client id needs its own." }
                    @else { "Empty for a public client." }
                }
            }
            label.field {
                span.label { "E-mail domains" }
                input type="text" name="email_domains" value=(domains(provider)) aria-describedby="domains-hint" spellcheck="false";
                span.hint #domains-hint { "Only people with an address in one of these sign in. Empty for all." }
            }
            label.choice {
                input type="checkbox" name="trusts_email" value="true" checked[provider.is_some_and(|provider| provider.trusts_email)]
                    aria-describedby="trust-hint";
                span { "Its e-mail addresses count as verified" }
            }
            p.fine #trust-hint {
                "Entra ID does not say whether an address is verified. Choose this only where nobody can write their own address: \
                 whoever has somebody's address becomes that person here, once."
            }
            p.actions {
                button.primary { "Check and save" }
                @if provider.is_some() { a.button href="/settings/sign-in/end" { "Stop signing in with it" } }
            }
        }
    }
}

fn domains(provider: Option<&OpenIdProvider>) -> String {
    provider.map(|provider| provider.email_domains.join(", ")).unwrap_or_default()
}
