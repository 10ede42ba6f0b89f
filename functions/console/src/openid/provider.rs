//! The identity provider: what it says of itself, and what it says of somebody.

use std::pin::Pin;

use openidconnect::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    DiscoveryError, EmptyAdditionalClaims, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeVerifier,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, RequestTokenError, TokenResponse,
    UserInfoClaims,
    core::{CoreClient, CoreClientAuthMethod, CoreGenderClaim, CoreIdToken, CoreJwsSigningAlgorithm},
};
use usher_domain::{
    ports::{SealedFor, Web, WebAnswer, WebRequest, WebUnavailable},
    sign_in::OpenIdProvider,
};

use super::CALLBACK;
use crate::{App, error::Problem};

/// The algorithms of ID tokens, all asymmetric: whoever knows the client's secret must not be able to make one.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What a provider said of somebody, proven.
pub(crate) struct Asserted {
    /// The provider's own id of the person.
    pub(crate) subject: String,
    /// The e-mail address, where it says one.
    pub(crate) email: Option<String>,
    /// Whether it says that it has checked the address.
    pub(crate) email_verified: bool,
    /// The ID token itself.
    pub(crate) id_token: String,
}

/// Requests of the library, over the connections that know where they may lead.
struct Outside<'a>(&'a dyn Web);

impl<'c> AsyncHttpClient<'c> for Outside<'_> {
    type Error = WebUnavailable;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, WebUnavailable>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let headers = parts.headers.iter().filter_map(|(name, value)| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
            });
            let request = WebRequest {
                method: parts.method.to_string(),
                url: parts.uri.to_string(),
                headers: headers.collect(),
                body,
            };
            answer(self.0.send(request).await?)
        })
    }
}

fn answer(answer: WebAnswer) -> Result<HttpResponse, WebUnavailable> {
    let mut response = http::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response.body(answer.body).map_err(|_| WebUnavailable("its answer is not HTTP".to_owned()))
}

/// A provider, as it describes itself now. Nothing is kept: its keys are always those of this moment.
pub(crate) struct Provider(ProviderMetadataWithLogout);

impl Provider {
    /// Asks a workspace's provider to describe itself.
    pub(crate) async fn discover(app: &App, settings: &OpenIdProvider) -> Result<Self, Problem> {
        let found = Self::at(app, &settings.issuer).await;
        found.map_err(|why| Problem::identity_provider(format!("{why}; try again, or tell an admin")))
    }

    /// Asks an issuer to describe itself, and checks that what it says can be used. The error says what is wrong.
    pub(crate) async fn at(app: &App, issuer: &str) -> Result<Self, String> {
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| "the issuer is not a URL".to_owned())?;
        let outside = Outside(app.web.as_ref());
        let found = ProviderMetadataWithLogout::discover_async(issuer, &outside).await;
        let provider = Self(found.map_err(|error| undiscovered(&error))?);
        let metadata = &provider.0;
        let mut opened_by_browsers = vec![metadata.authorization_endpoint().url().clone()];
        opened_by_browsers.extend(
            metadata.additional_metadata().end_session_endpoint.as_ref().map(|end| end.url().clone()),
        );
        // A laptop signs in to a laptop's provider; nobody is sent from https to http.
        let fit = |scheme: &str| scheme == "https" || (scheme == "http" && app.origin.starts_with("http://"));
        if opened_by_browsers.iter().any(|url| !fit(url.scheme())) {
            return Err("its discovery document has an endpoint that does not begin with https://".to_owned());
        }
        if metadata.token_endpoint().is_none() {
            return Err("its discovery document has no token_endpoint".to_owned());
        }
        let signs = metadata.id_token_signing_alg_values_supported();
        if !signs.iter().any(|algorithm| ALGORITHMS.contains(algorithm)) {
            return Err(
                "it signs ID tokens with no algorithm that is accepted here, such as RS256".to_owned()
            );
        }
        Ok(provider)
    }

    /// What asks it.
    pub(super) fn client(
        &self,
        settings: &OpenIdProvider,
        secret: Option<String>,
        origin: &str,
    ) -> Result<Client, Problem> {
        let id = ClientId::new(settings.client_id.clone());
        let redirect = RedirectUrl::new(format!("{origin}{CALLBACK}")).map_err(|_| {
            Problem::identity_provider("Usher's own address is not a URL; set PublicOrigin right")
        })?;
        let client = CoreClient::from_provider_metadata(self.0.clone(), id, secret.map(ClientSecret::new));
        let basic = self.0.token_endpoint_auth_methods_supported().is_none_or(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                || !methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        let auth_type = if basic { AuthType::BasicAuth } else { AuthType::RequestBody };
        Ok(client.set_redirect_uri(redirect).set_auth_type(auth_type))
    }

    /// Redeems a code, and proves the ID token that comes for it.
    pub(super) async fn redeem(
        &self,
        app: &App,
        settings: &OpenIdProvider,
        code: String,
        verifier: PkceCodeVerifier,
        nonce: &Nonce,
    ) -> Result<Asserted, Problem> {
        let purpose = SealedFor::SignIn(&settings.workspace);
        let secret = match &settings.sealed_secret {
            Some(sealed) => Some(app.sealer.open(purpose, sealed).await?),
            None => None,
        };
        let client = self.client(settings, secret, &app.origin)?;
        let outside = Outside(app.web.as_ref());
        let request =
            client.exchange_code(AuthorizationCode::new(code)).map_err(|_| unfit("no token_endpoint"))?;
        let tokens = request.set_pkce_verifier(verifier).request_async(&outside).await;
        let tokens = tokens.map_err(|error| match error {
            RequestTokenError::Request(unavailable) => Problem::identity_provider(format!("{unavailable}; try again")),
            RequestTokenError::ServerResponse(_) => Problem::identity_provider(
                "the identity provider did not take the code; an admin should compare the client id and secret there with \
                 those in Usher's settings",
            ),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => unfit("its answer to the code is no token"),
        })?;
        let id_token: &CoreIdToken = tokens.id_token().ok_or_else(|| unfit("it gave no ID token"))?;
        let now = app.clock.now().as_second();
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || chrono::DateTime::from_timestamp(now, 0).unwrap_or_default());
        let claims = id_token.claims(&verifier, nonce).map_err(|error| unfit(flaw(&error)))?;
        let mut asserted = Asserted {
            subject: claims.subject().to_string(),
            email: claims.email().map(|email| email.to_string()),
            email_verified: claims.email_verified() == Some(true),
            id_token: id_token.to_string(),
        };
        // OpenID Connect Core §5.4: with a code, the claims of a scope may come from the UserInfo endpoint only.
        if asserted.email.is_none() && self.0.userinfo_endpoint().is_some() {
            let subject = Some(claims.subject().clone());
            let request = client.user_info(tokens.access_token().clone(), subject);
            let request = request.map_err(|_| unfit("no userinfo_endpoint"))?;
            let info = request.request_async(&outside).await;
            let info: UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim> =
                info.map_err(|_| unfit("its UserInfo endpoint did not answer for this person"))?;
            asserted.email = info.email().map(|email| email.to_string());
            asserted.email_verified = info.email_verified() == Some(true);
        }
        Ok(asserted)
    }

    /// Where a browser ends its session at the provider too, and comes back from (RP-Initiated Logout §2).
    pub(crate) fn sign_out(&self, settings: &OpenIdProvider, id_token: &str, back: String) -> Option<String> {
        let end = self.0.additional_metadata().end_session_endpoint.clone()?;
        let id_token: CoreIdToken = id_token.parse().ok()?;
        let request = LogoutRequest::from(end)
            .set_id_token_hint(&id_token)
            .set_client_id(ClientId::new(settings.client_id.clone()))
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(back).ok()?);
        Some(request.http_get_url().into())
    }
}

/// What a provider said that cannot be used.
fn unfit(what: &str) -> Problem {
    Problem::identity_provider(format!(
        "what the identity provider said is not accepted: {what}; begin again, and tell an admin if it stays so"
    ))
}

fn undiscovered(error: &DiscoveryError<WebUnavailable>) -> String {
    match error {
        DiscoveryError::Request(unavailable) => unavailable.to_string(),
        DiscoveryError::Response(status, ..) => {
            format!("the issuer answered {status} where its discovery document should be")
        }
        DiscoveryError::Validation(_) => {
            "the discovery document names another issuer; give the issuer exactly as the document says it"
                .to_owned()
        }
        _ => "what is at the issuer's address is no discovery document of OpenID Connect".to_owned(),
    }
}

/// Why an ID token is not accepted, without what it says.
fn flaw(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "the ID token has ended",
        ClaimsVerificationError::InvalidAudience(_) => "the ID token is for another application",
        ClaimsVerificationError::InvalidIssuer(_) => "the ID token is another issuer's",
        ClaimsVerificationError::InvalidNonce(_) => "the ID token is not for this sign-in",
        ClaimsVerificationError::SignatureVerification(_) => {
            "the ID token is not signed by the issuer's keys"
        }
        _ => "the ID token is not as OpenID Connect wants it",
    }
}
