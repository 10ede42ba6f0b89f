//! Which client asks for a token, and its proof (RFC 6749 §2.3, RFC 7523 §2.2).

use std::collections::HashMap;

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jsonwebtoken::Algorithm;
use usher_domain::Timestamp;
use usher_domain::directory::Connection;
use usher_domain::id::ClientId;
use usher_domain::oauth::{Client, KeySet, Proof};

use super::jwt::{self, Flaw};
use super::keys::Refusal;
use super::oauth::OauthError;
use crate::App;

/// RFC 7523 §2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion may be valid, in seconds. For as long it is remembered that it was used.
const LONGEST_ASSERTION: i64 = 60 * 60;
/// The algorithms of assertions, all asymmetric: RFC 8725 §3.1 wants the set to be fixed. What a client's keys must be for
/// them is checked where a client is made.
pub(crate) const ALGORITHMS: [(Algorithm, &str); 3] =
    [(Algorithm::RS256, "RS256"), (Algorithm::PS256, "PS256"), (Algorithm::ES256, "ES256")];

/// What a request brings to prove who its client is.
enum Shown {
    Secret { id: String, secret: String },
    Assertion { id: Option<String>, jwt: String },
}

/// The parameters of a token request. RFC 6749 §3.2: "Parameters sent without a value MUST be treated as if they were omitted
/// from the request." and "Request and response parameters MUST NOT be included more than once."
pub(crate) fn parameters(body: &[u8]) -> Result<HashMap<String, String>, OauthError> {
    let mut found = HashMap::new();
    for (name, value) in form_urlencoded::parse(body).filter(|(_, value)| !value.is_empty()) {
        if found.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(OauthError::request("a parameter is given twice; give each once"));
        }
    }
    Ok(found)
}

/// The client that asks, once it has proved who it is.
pub(crate) async fn authenticated(
    app: &App,
    connection: &Connection,
    audiences: &[&str],
    headers: &HeaderMap,
    parameters: &HashMap<String, String>,
) -> Result<Client, OauthError> {
    match shown(headers, parameters)? {
        Shown::Secret { id, secret } => {
            let client = find(app, connection, &id).await?;
            match &client.proof {
                Proof::ClientSecret { secret: issued } if issued.accepts(&secret, app.clock.now()) => {
                    Ok(client)
                }
                _ => Err(OauthError::client("the client or its secret is wrong or revoked; check both")),
            }
        }
        Shown::Assertion { id, jwt } => {
            let refused =
                |why: &str| OauthError::client(format!("the client assertion is not accepted: {why}"));
            // RFC 7523 §3: "For client authentication, the subject MUST be the "client_id" of the OAuth client." It is read
            // before the signature is checked, to know by which keys; a lie ends at the signature.
            let subject = jsonwebtoken::dangerous::insecure_decode_claims::<jwt::Claims>(&jwt).ok();
            let subject = subject.as_ref().and_then(|claims| jwt::text(claims, "sub"));
            let subject = subject.ok_or_else(|| refused("its 'sub' is not the client's id"))?;
            if id.is_some_and(|id| id != subject) {
                return Err(refused("its 'sub' is not the client_id of the request"));
            }
            let client = find(app, connection, subject).await?;
            assertion(app, connection, &client, &jwt, audiences).await?;
            Ok(client)
        }
    }
}

/// RFC 6749 §2.3: "The client MUST NOT use more than one authentication method in each request."
fn shown(headers: &HeaderMap, parameters: &HashMap<String, String>) -> Result<Shown, OauthError> {
    let given = |name: &str| parameters.get(name).cloned();
    let basic = headers.get(header::AUTHORIZATION).map(basic);
    let (id, secret) = (given("client_id"), given("client_secret"));
    let (kind, jwt) = (given("client_assertion_type"), given("client_assertion"));
    match (basic, secret, jwt) {
        (Some(basic), None, None) => {
            let (user, secret) = basic.ok_or_else(|| {
                OauthError::client("the Authorization header is not Basic with the client's id and secret")
            })?;
            if id.is_some_and(|id| id != user) {
                return Err(OauthError::request("client_id is not the one of the Authorization header"));
            }
            Ok(Shown::Secret { id: user, secret })
        }
        (None, Some(secret), None) => {
            let id =
                id.ok_or_else(|| OauthError::client("client_id is missing; send it with client_secret"))?;
            Ok(Shown::Secret { id, secret })
        }
        (None, None, Some(jwt)) if kind.as_deref() == Some(JWT_BEARER) => Ok(Shown::Assertion { id, jwt }),
        (None, None, Some(_)) => {
            Err(OauthError::request(format!("client_assertion_type must be {JWT_BEARER}")))
        }
        (None, None, None) => Err(OauthError::client(
            "the client did not say who it is; send its id and secret as Basic or in the body, or a client_assertion",
        )),
        _ => Err(OauthError::request("the client proves who it is in two ways; use one of them")),
    }
}

/// RFC 6749 §2.3.1: identifier and secret are each "encoded using the "application/x-www-form-urlencoded" encoding algorithm",
/// and then as RFC 7617 says.
fn basic(value: &axum::http::HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = value.to_str().ok()?.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_encoding::percent_decode_str(&text).decode_utf8().ok().map(String::from)
    };
    Some((decoded(id)?, decoded(secret)?))
}

async fn find(app: &App, connection: &Connection, id: &str) -> Result<Client, OauthError> {
    // One answer whether the client or its secret is wrong, so that nobody can find out which clients exist.
    let unknown = || OauthError::client("the client or its secret is wrong or revoked; check both");
    let id: ClientId = id.parse().map_err(|_| unknown())?;
    let found = app.grants.client(&connection.id, &id).await.map_err(|e| OauthError::store(&e))?;
    found.ok_or_else(unknown)
}

/// RFC 7523 §3: the claims of an assertion, each of them checked.
async fn assertion(
    app: &App,
    connection: &Connection,
    client: &Client,
    jwt: &str,
    audiences: &[&str],
) -> Result<(), OauthError> {
    let refused = |why: &str| OauthError::client(format!("the client assertion is not accepted: {why}"));
    let Proof::PrivateKeyJwt { keys } = &client.proof else {
        return Err(refused("this client proves who it is by its secret"));
    };
    let now = app.clock.now();
    let allowed = ALGORITHMS.map(|(algorithm, _)| algorithm);
    let verified = match keys {
        KeySet::Inline { jwks } => {
            let keys = jwt::keys_of(jwks).unwrap_or_default();
            jwt::verify(jwt, &keys, &allowed).map_err(Refusal::from)
        }
        KeySet::Url { url } => app.fetched_keys.verify(url, jwt, &allowed, now).await,
    };
    let claims = verified.map_err(|refusal| match refusal {
        Refusal::Flawed(flaw) => refused(Flaw::says(flaw)),
        Refusal::NoKeys => OauthError::unavailable(
            "the client's keys could not be fetched from their URL; check that it answers, and try again",
        ),
    })?;
    if jwt::text(&claims, "iss") != Some(client.id.as_str())
        || jwt::text(&claims, "sub") != Some(client.id.as_str())
    {
        return Err(refused("its 'iss' and 'sub' must both be the client's id"));
    }
    if !jwt::is_for(&claims, audiences) {
        return Err(refused("its 'aud' is neither this token endpoint nor its issuer"));
    }
    let end = jwt::in_time(&claims, now, Some(LONGEST_ASSERTION)).map_err(refused)?;
    let jti = jwt::text(&claims, "jti").ok_or_else(|| refused("it has no 'jti'"))?;
    // RFC 7523 §3: "The authorization server MAY ensure that JWTs are not replayed by maintaining the set of used "jti" values
    // for the length of time for which the JWT would be considered valid". Last, so that only proven ones are remembered.
    let until = Timestamp::from_second(end.saturating_add(jwt::SKEW_SECONDS)).unwrap_or(Timestamp::MAX);
    let first = app.grants.use_assertion(&connection.id, &client.id, jti, until).await;
    if first.map_err(|e| OauthError::store(&e))? {
        Ok(())
    } else {
        Err(refused("its 'jti' was used before; make a new one"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_once_and_with_a_value() {
        let found = parameters(b"grant_type=client_credentials&scope=&client_id=a%20b").unwrap();
        assert_eq!((found.len(), found["client_id"].as_str()), (2, "a b"));
        assert!(parameters(b"scope=a&scope=b").is_err());
    }

    #[test]
    fn basic_is_decoded_twice() {
        let read = |text: &str| basic(&format!("Basic {}", BASE64_STANDARD.encode(text)).parse().unwrap());
        assert_eq!(read("a%3Ab:s+e%2Bc"), Some(("a:b".into(), "s e+c".into())));
        assert_eq!(read("no colon"), None);
        assert_eq!(basic(&"Bearer abc".parse().unwrap()), None);
        assert_eq!(basic(&"basic YTpi".parse().unwrap()), Some(("a".into(), "b".into())));
    }
}
