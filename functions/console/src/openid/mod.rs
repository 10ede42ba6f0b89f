//! Signing in with the company's identity provider: OpenID Connect, authorization code with PKCE.
//!
//! A browser that begins gets a secret in a cookie. State, nonce and PKCE verifier are worked out from it: an answer counts
//! only in the browser that asked, once, and within ten minutes.

pub(crate) mod person;
pub(crate) mod provider;

use http::{HeaderMap, HeaderValue};
use jiff::SignedDuration;
use openidconnect::{
    AuthenticationFlow, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope, core::CoreResponseType,
};
use serde::Deserialize;
use usher_domain::{
    Timestamp,
    id::WorkspaceId,
    ports::Window,
    sign_in::{Attempt, LONGEST_ATTEMPT, OpenIdProvider, Origin, SignedInBy},
    token::IssuedToken,
    workspace::WorkspaceRole,
};

use self::provider::Provider;
use crate::{
    App,
    auth::Credential,
    error::Problem,
    session::{self, Cookie, Entry},
};

/// Where the identity provider sends people back to.
pub(crate) const CALLBACK: &str = "/sign-in/openid/callback";
/// A stretch of time in which sign-ins are counted.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// How many may begin in one, from one address: a whole company may stand behind it.
const MOST: u32 = 100;

/// Where a browser goes on, and the cookies that it takes along.
pub(crate) struct GoOn {
    /// The address.
    pub(crate) location: String,
    /// `Set-Cookie` headers.
    pub(crate) cookies: Vec<HeaderValue>,
}

/// A path of this site, so that nobody is sent on to another one after signing in.
pub(crate) fn local_path(given: &str) -> Option<&str> {
    let plain = given.len() <= 2_000 && given.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let local = given.starts_with('/') && !given.starts_with("//") && !given.starts_with("/sign-");
    (plain && local).then_some(given)
}

/// Begins to sign in: answers the identity provider's address.
pub(crate) async fn begin(
    app: &App,
    workspace: &WorkspaceId,
    return_to: &str,
    origin: &Origin,
) -> Result<GoOn, Problem> {
    // One answer for a workspace without and for one that is not there.
    let settings = app.store.openid_provider(workspace).await?.ok_or_else(|| {
        Problem::not_signed_in(
            "nobody signs in to this workspace with an identity provider; check the workspace's name, or ask an admin for a \
             sign-in link",
        )
    })?;
    admit(app, workspace, &origin.address).await?;
    let provider = Provider::discover(app, &settings).await?;
    let secret = Credential::new(workspace, app.ids.as_ref());
    let (state, nonce) = (CsrfToken::new(secret.derived("state")), Nonce::new(secret.derived("nonce")));
    let verifier = PkceCodeVerifier::new(secret.derived("verifier"));
    let (location, ..) = provider
        .client(&settings, None, &app.origin)?
        .authorize_url(AuthenticationFlow::<CoreResponseType>::AuthorizationCode, || state, || nonce)
        .add_scope(Scope::new("email".to_owned()))
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
        .url();
    let now = app.clock.now();
    let attempt = Attempt {
        workspace: workspace.clone(),
        issuer: settings.issuer,
        return_to: local_path(return_to).unwrap_or("/").to_owned(),
        token: IssuedToken::issue(secret.text(), now, Some(now + LONGEST_ATTEMPT)),
    };
    app.store.put_attempt(&attempt, &secret.id).await?;
    let cookie = Cookie::Attempt.set(&app.origin, secret.text(), LONGEST_ATTEMPT)?;
    Ok(GoOn { location: location.into(), cookies: vec![cookie] })
}

async fn admit(app: &App, workspace: &WorkspaceId, address: &str) -> Result<(), Problem> {
    let now = app.clock.now().as_second();
    let begins = Timestamp::from_second(now - now.rem_euclid(WINDOW.as_secs())).unwrap_or(Timestamp::MIN);
    let window = Window { begins, ends: begins + WINDOW, most: MOST };
    if app.store.count_sign_in(workspace, address, &window).await? {
        return Ok(());
    }
    tracing::warn!(%workspace, "sign-ins from one address are held up");
    Err(Problem::too_often(format!(
        "more than {MOST} sign-ins began at your address within five minutes; wait that long and try again"
    )))
}

/// What the identity provider sends a browser back with (RFC 6749 §4.1.2, RFC 9207 §2).
#[derive(Deserialize)]
pub(crate) struct Answer {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// Ends what [`begin`] began: answers the page that was asked for, and the session.
pub(crate) async fn finish(
    app: &App,
    headers: &HeaderMap,
    origin: Origin,
    answer: Answer,
    correlation_id: &str,
) -> Result<GoOn, Problem> {
    let again = |why: &str| Problem::not_signed_in(format!("{why}; begin again at the sign-in page"));
    let secret = Cookie::Attempt
        .read(&app.origin, headers)
        .ok_or_else(|| again("this sign-in was not begun in this browser, or took more than ten minutes"))?;
    if answer.state.as_deref() != Some(secret.derived("state").as_str()) {
        return Err(again("this answer is not to what this browser asked the identity provider last"));
    }
    let attempt = app.store.take_attempt(&secret.workspace, &secret.id).await?;
    let attempt = attempt
        .filter(|attempt| attempt.token.accepts(secret.text(), app.clock.now()))
        .ok_or_else(|| again("this answer was used already, or took more than ten minutes"))?;
    let settings = app.store.openid_provider(&attempt.workspace).await?;
    let settings = settings
        .filter(|settings| settings.issuer == attempt.issuer)
        .ok_or_else(|| again("the workspace's identity provider was changed meanwhile"))?;
    if answer.iss.is_some_and(|issuer| issuer != settings.issuer) {
        return Err(again("the answer is another identity provider's"));
    }
    let code = match (answer.code, answer.error) {
        (Some(code), None) => code,
        (_, Some(error)) => return Err(refused_there(&error)),
        (None, None) => return Err(again("the identity provider's answer has no code")),
    };
    let asserted = redeem(app, &settings, &secret, code).await.inspect_err(|problem| {
        tracing::info!(correlation_id, workspace = %settings.workspace, why = problem.detail, "a sign-in was refused");
    })?;
    let person = person::recognise(app, &settings, &asserted, correlation_id).await?;
    tracing::info!(correlation_id, workspace = %settings.workspace, person = %person.id, "somebody signed in");
    let entry = Entry {
        workspace: settings.workspace,
        name: person.profile.label().to_owned(),
        // The role is the person's, at every request.
        role: WorkspaceRole::Owner,
        person: Some(person.id),
        signed_in: SignedInBy::OpenId { id_token: asserted.id_token },
    };
    let session = session::begin(app, headers, origin, entry, correlation_id).await?;
    let cookies = vec![session, Cookie::Attempt.clear(&app.origin)?];
    // Read from our own row, and checked when it was written.
    Ok(GoOn { location: attempt.return_to, cookies })
}

async fn redeem(
    app: &App,
    settings: &OpenIdProvider,
    secret: &Credential,
    code: String,
) -> Result<provider::Asserted, Problem> {
    let provider = Provider::discover(app, settings).await?;
    let verifier = PkceCodeVerifier::new(secret.derived("verifier"));
    provider.redeem(app, settings, code, verifier, &Nonce::new(secret.derived("nonce"))).await
}

/// RFC 6749 §4.1.2.1. The description is not shown: anybody can write one into an address.
fn refused_there(error: &str) -> Problem {
    match error {
        "access_denied" => Problem::not_signed_in(
            "the identity provider refused; ask its admin to assign you to Usher there",
        ),
        "temporarily_unavailable" | "server_error" => Problem::identity_provider(
            "the identity provider has a problem of its own; try again in a moment",
        ),
        _ => Problem::identity_provider(
            "the identity provider refused the request; an admin should compare the client id and the redirect URI there with \
             those in Usher's settings",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for local in ["/", "/people?q=a%20b", "/integrations/x/access?state=failed#top"] {
            assert_eq!(local_path(local), Some(local));
        }
        for foreign in [
            "",
            "people",
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "/sign-out",
            "/sign-in/openid?workspace=x",
            " /people",
        ] {
            assert_eq!(local_path(foreign), None, "{foreign:?}");
        }
    }
}
