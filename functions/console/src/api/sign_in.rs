//! How people sign in: the workspace's identity provider.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use usher_domain::{Timestamp, ports::SealedFor, sign_in::OpenIdProvider};
use utoipa::ToSchema;

use super::extract::Json;
use crate::{
    App,
    auth::Caller,
    error::Problem,
    openid::{CALLBACK, provider::Provider},
    permission::Action,
};

/// Longest issuer, client id and secret.
const LONGEST: usize = 2_000;
/// Most domains.
const MOST_DOMAINS: usize = 100;

/// The identity provider that people sign in with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenIdProvider)]
pub(crate) struct OpenIdView {
    /// Its issuer identifier.
    issuer: String,
    /// What it knows Usher as.
    client_id: String,
    /// Whether Usher has a secret there.
    has_client_secret: bool,
    /// The domains of e-mail addresses that may sign in; all where there is none.
    email_domains: Vec<String>,
    /// Whether its addresses count as verified although its tokens do not say so.
    trusts_email: bool,
    /// When this was changed last.
    changed_at: Timestamp,
}

impl From<&OpenIdProvider> for OpenIdView {
    fn from(provider: &OpenIdProvider) -> Self {
        Self {
            issuer: provider.issuer.clone(),
            client_id: provider.client_id.clone(),
            has_client_secret: provider.sealed_secret.is_some(),
            email_domains: provider.email_domains.clone(),
            trusts_email: provider.trusts_email,
            changed_at: provider.changed_at,
        }
    }
}

/// How people sign in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignIn)]
pub(crate) struct SignInView {
    /// The identity provider; null where people need sign-in links.
    #[schema(required)]
    pub(crate) openid: Option<OpenIdView>,
    /// The redirect URI to enter at the identity provider.
    pub(crate) redirect_uri: String,
    /// The page to come back to after signing out, to enter at the identity provider.
    pub(crate) post_logout_redirect_uri: String,
    /// Where people sign in.
    pub(crate) url: String,
}

impl SignInView {
    fn of(app: &App, caller: &Caller, provider: Option<&OpenIdProvider>) -> Self {
        let url = format!("{}/sign-in?workspace={}", app.origin, caller.workspace);
        Self {
            openid: provider.map(Into::into),
            redirect_uri: format!("{}{CALLBACK}", app.origin),
            post_logout_redirect_uri: url.clone(),
            url,
        }
    }
}

/// An identity provider to sign in with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpenIdProviderPut)]
pub(crate) struct OpenIdPut {
    /// Its issuer identifier, exactly as its discovery document says it.
    #[schema(example = "https://login.example.com")]
    pub(crate) issuer: String,
    /// What it knows Usher as.
    pub(crate) client_id: String,
    /// Usher's secret there; kept as it is where it is left out, taken away where it is empty.
    pub(crate) client_secret: Option<String>,
    /// The domains of e-mail addresses that may sign in; all where there is none.
    #[serde(default)]
    pub(crate) email_domains: Vec<String>,
    /// Whether its addresses count as verified although its tokens do not say so. Only for a provider in which nobody can
    /// write their own address, such as a tenant of Entra ID.
    #[serde(default)]
    pub(crate) trusts_email: bool,
}

/// How people sign in
#[utoipa::path(get, path = "/sign-in", tag = "Workspace", operation_id = "getSignIn",
    responses((status = 200, description = "The settings.", body = SignInView)))]
pub(crate) async fn get(State(app): State<Arc<App>>, caller: Caller) -> Result<Reply<SignInView>, Problem> {
    caller.may(Action::ManageSignIn)?;
    let provider = app.store.openid_provider(&caller.workspace).await?;
    Ok(Reply(SignInView::of(&app, &caller, provider.as_ref())))
}

/// Set the identity provider that people sign in with
///
/// Its discovery document is read first; nothing is changed when it cannot be used.
#[utoipa::path(put, path = "/sign-in/openid", tag = "Workspace", operation_id = "putOpenIdProvider",
    request_body = OpenIdPut,
    responses((status = 200, description = "The settings as they are now.", body = SignInView)))]
pub(crate) async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<OpenIdPut>,
) -> Result<Reply<SignInView>, Problem> {
    caller.may(Action::ManageSignIn)?;
    let workspace = &caller.workspace;
    let before = app.store.openid_provider(workspace).await?;
    caller.act.before(&before.as_ref().map(OpenIdView::from));
    let issuer = check_text("/issuer", &body.issuer)?;
    let client_id = check_text("/client_id", &body.client_id)?;
    let email_domains = check_domains(body.email_domains)?;
    let kept = before.as_ref().filter(|before| before.issuer == issuer && before.client_id == client_id);
    let sealed_secret = match body.client_secret.as_deref().map(str::trim) {
        Some("") => None,
        Some(secret) => {
            check_text("/client_secret", secret)?;
            Some(app.sealer.seal(SealedFor::SignIn(workspace), secret).await?)
        }
        // A secret goes to nobody but whom it was entered for.
        None => kept.and_then(|before| before.sealed_secret.clone()),
    };
    Provider::at(&app, &issuer).await.map_err(|why| Problem::invalid("/issuer", why))?;
    let provider = OpenIdProvider {
        workspace: workspace.clone(),
        issuer,
        client_id,
        sealed_secret,
        email_domains,
        trusts_email: body.trusts_email,
        version: before.map_or(0, |before| before.version),
        changed_at: app.clock.now(),
    };
    app.store.put_openid_provider(&provider).await?;
    caller.act.after(&OpenIdView::from(&provider));
    told(&caller, "set");
    Ok(Reply(SignInView::of(&app, &caller, Some(&provider))))
}

/// Sign in without an identity provider
///
/// From then on people need sign-in links. Sessions that have begun go on.
#[utoipa::path(delete, path = "/sign-in/openid", tag = "Workspace", operation_id = "deleteOpenIdProvider",
    responses((status = 204, description = "The identity provider is forgotten.")))]
pub(crate) async fn delete(State(app): State<Arc<App>>, caller: Caller) -> Result<StatusCode, Problem> {
    caller.may(Action::ManageSignIn)?;
    let before = app.store.openid_provider(&caller.workspace).await?;
    caller.act.before(&before.as_ref().map(OpenIdView::from));
    app.store.delete_openid_provider(&caller.workspace).await?;
    told(&caller, "removed");
    Ok(StatusCode::NO_CONTENT)
}

fn told(caller: &Caller, what: &'static str) {
    let correlation_id = &caller.correlation_id;
    tracing::info!(
        correlation_id,
        actor = caller.name,
        what,
        "the identity provider to sign in with was changed"
    );
}

fn check_text(field: &str, given: &str) -> Result<String, Problem> {
    let text = given.trim();
    if text.is_empty() || text.len() > LONGEST {
        return Err(Problem::invalid(field, format!("give a text of 1 to {LONGEST} characters")));
    }
    Ok(text.to_owned())
}

fn check_domains(given: Vec<String>) -> Result<Vec<String>, Problem> {
    const FIELD: &str = "/email_domains";
    if given.len() > MOST_DOMAINS {
        return Err(Problem::invalid(FIELD, format!("list up to {MOST_DOMAINS} domains")));
    }
    let mut domains: Vec<String> = given.iter().map(|domain| domain.trim().to_lowercase()).collect();
    let is_domain = |domain: &String| {
        domain.contains('.') && domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
    };
    if let Some(wrong) = domains.iter().find(|domain| !is_domain(domain)) {
        let detail = format!("`{wrong}` is no domain; give what stands after the @, such as example.com");
        return Err(Problem::invalid(FIELD, detail));
    }
    domains.sort();
    domains.dedup();
    Ok(domains)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_domains() {
        let of = |given: &[&str]| check_domains(given.iter().map(|domain| (*domain).to_owned()).collect());
        assert_eq!(
            of(&[" ACME.example", "a.example", "acme.example"]).unwrap(),
            ["a.example", "acme.example"]
        );
        for wrong in ["acme", "@acme.example", "ada@acme.example", "acme.example/", ""] {
            assert!(of(&[wrong]).is_err(), "{wrong}");
        }
    }
}
