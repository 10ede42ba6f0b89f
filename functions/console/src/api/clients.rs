//! OAuth clients of a SCIM connection. A secret is answered once, when the client is made.

use std::sync::Arc;

use axum::{Json as Reply, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_domain::{
    Timestamp,
    activity::Event,
    id::{ClientId, ConnectionId},
    oauth::{Client, KeySet, Proof, SECRET_PREFIX},
    token::{IssuedToken, token_text},
};
use utoipa::ToSchema;

use super::{
    admission::check_url,
    check_name,
    connections::read,
    extract::{Json, Path},
};
use crate::{
    App,
    auth::Caller,
    error::Problem,
    paging::Listed,
    permission::Action,
    provisioning::{activity_of, log_change},
};

/// Clients of one connection: they are listed whole.
const MOST: usize = 50;
/// Keys of one client.
const MOST_KEYS: usize = 20;
/// Members of a JWK that are secret (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// How a client proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientAuthentication {
    /// By a secret, as Basic or in the body of the token request.
    ClientSecret,
    /// By an assertion signed with its private key (RFC 7523).
    PrivateKeyJwt,
}

/// An OAuth client of a SCIM connection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OauthClient)]
pub(crate) struct ClientView {
    /// Its `client_id`.
    id: String,
    /// The name that people see.
    name: String,
    /// How it proves who it is.
    authentication: ClientAuthentication,
    /// The last four characters of its secret; null where it has a key.
    #[schema(required)]
    hint: Option<String>,
    /// Where its keys are found; null where they are configured here, or it has a secret.
    #[schema(required)]
    jwks_url: Option<String>,
    /// When it was made.
    created_at: Timestamp,
}

/// A client with a secret that is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OauthClientWithSecret)]
pub(crate) struct NewClientView {
    /// The client.
    client: ClientView,
    /// Where it asks for access tokens.
    token_url: String,
    /// The secret. Copy it now: only its hash is kept. Null where the client has a key.
    #[schema(required)]
    client_secret: Option<String>,
}

/// A client to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OauthClientCreate)]
pub(crate) struct ClientCreate {
    /// The name that people see.
    #[schema(min_length = 1, max_length = 100, example = "Entra ID")]
    name: String,
    /// How it proves who it is.
    authentication: ClientAuthentication,
    /// Its public keys, as a JWK set (RFC 7517 §5). For `private_key_jwt`: this or `jwks_url`.
    #[schema(value_type = Option<Object>)]
    jwks: Option<Value>,
    /// Where its public keys are found, by https.
    #[schema(example = "https://client.example/jwks.json")]
    jwks_url: Option<String>,
}

/// OAuth clients
#[utoipa::path(get, path = "/connections/{connection}/clients", tag = "Connections", operation_id = "listClients",
    params(("connection" = String, Path, description = "The connection's id.")),
    responses((status = 200, description = "All clients of the connection.", body = Listed<ClientView>)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
) -> Result<Reply<Listed<ClientView>>, Problem> {
    caller.may(Action::ManageConnections)?;
    let connection = read(&app, &caller, &id).await?;
    let clients = app.store.clients(&connection.id).await?;
    Ok(Reply(Listed::whole(clients, view)))
}

/// Create an OAuth client
///
/// It exchanges its secret or a signed assertion for access tokens at the connection's token endpoint.
#[utoipa::path(post, path = "/connections/{connection}/clients", tag = "Connections", operation_id = "createClient",
    params(("connection" = String, Path, description = "The connection's id.")),
    request_body = ClientCreate,
    responses((status = 201, description = "The client, with its secret if it has one.", body = NewClientView)))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<ConnectionId>,
    Json(body): Json<ClientCreate>,
) -> Result<(StatusCode, Reply<NewClientView>), Problem> {
    caller.may(Action::ManageConnections)?;
    let name = check_name("/name", &body.name)?;
    let keys = check_keys(&body)?;
    let connection = read(&app, &caller, &id).await?;
    if app.store.clients(&connection.id).await?.len() >= MOST {
        return Err(Problem::conflict(format!(
            "a connection has at most {MOST} clients; delete one that is not used"
        )));
    }
    let now = app.clock.now();
    let (client_secret, proof) = match keys {
        Some(keys) => (None, Proof::PrivateKeyJwt { keys }),
        None => {
            let text = token_text(SECRET_PREFIX, app.ids.secret());
            let secret = IssuedToken::issue(&text, now, None);
            (Some(text), Proof::ClientSecret { secret })
        }
    };
    let client = Client {
        id: ClientId::from(app.ids.uuid()),
        connection: connection.id.clone(),
        name,
        proof,
        created_at: now,
    };
    let told = activity_of(&app, &connection, Event::ClientCreated, &client.name, &caller.actor());
    app.store.create_client(&client, told.as_ref()).await?;
    log_change(&caller, &connection, Event::ClientCreated);
    let token_url = format!("{}/oauth/token", app.scim_base_url(&client.connection));
    Ok((StatusCode::CREATED, Reply(NewClientView { client: view(client), token_url, client_secret })))
}

/// Revoke an OAuth client
///
/// It gets no more access tokens, and those that it has are not accepted any more.
#[utoipa::path(delete, path = "/connections/{connection}/clients/{client}", tag = "Connections",
    operation_id = "deleteClient",
    params(
        ("connection" = String, Path, description = "The connection's id."),
        ("client" = String, Path, description = "The client's id."),
    ),
    responses((status = 204, description = "The client is revoked.")))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, client)): Path<(ConnectionId, ClientId)>,
) -> Result<StatusCode, Problem> {
    caller.may(Action::ManageConnections)?;
    let connection = read(&app, &caller, &id).await?;
    let name = app.store.clients(&connection.id).await?.into_iter().find(|known| known.id == client);
    let name = name.ok_or_else(|| Problem::not_found("this client"))?.name;
    let told = activity_of(&app, &connection, Event::ClientRevoked, &name, &caller.actor());
    app.store.delete_client(&connection.id, &client, told.as_ref()).await?;
    log_change(&caller, &connection, Event::ClientRevoked);
    Ok(StatusCode::NO_CONTENT)
}

/// The keys of a client that has some, and none of one that has a secret.
fn check_keys(body: &ClientCreate) -> Result<Option<KeySet>, Problem> {
    match (body.authentication, &body.jwks, &body.jwks_url) {
        (ClientAuthentication::ClientSecret, None, None) => Ok(None),
        (ClientAuthentication::ClientSecret, ..) => Err(Problem::invalid(
            "/authentication",
            "a client with a secret has no keys; leave them out, or choose private_key_jwt",
        )),
        (ClientAuthentication::PrivateKeyJwt, Some(jwks), None) => {
            check_jwks(jwks)?;
            Ok(Some(KeySet::Inline { jwks: jwks.clone() }))
        }
        (ClientAuthentication::PrivateKeyJwt, None, Some(url)) => {
            check_url("/jwks_url", url)?;
            Ok(Some(KeySet::Url { url: url.clone() }))
        }
        (ClientAuthentication::PrivateKeyJwt, ..) => {
            Err(Problem::invalid("/jwks", "give the client's public keys, either as jwks or as jwks_url"))
        }
    }
}

fn check_jwks(jwks: &Value) -> Result<(), Problem> {
    let invalid = |detail: &str| Err(Problem::invalid("/jwks", detail));
    let Some(keys) = jwks.get("keys").and_then(Value::as_array) else {
        return invalid("give a JWK set: an object with the member `keys`, a list");
    };
    if !(1..=MOST_KEYS).contains(&keys.len()) {
        return invalid("give 1 to 20 keys");
    }
    for key in keys {
        if PRIVATE_MEMBERS.iter().any(|member| key.get(member).is_some()) {
            return invalid(
                "a key has private members; treat it as lost, make a new one and send its public part only",
            );
        }
        if !fits(key) {
            return invalid(
                "each key must be for RS256, PS256 or ES256: an RSA key of 2048 to 8192 bits, or an EC key on P-256",
            );
        }
    }
    Ok(())
}

/// Whether assertions can be verified with a key: one that never could is refused now, and not by every token request.
fn fits(key: &Value) -> bool {
    let member = |name: &str| key.get(name).and_then(Value::as_str).unwrap_or_default();
    let base64 = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let (algorithms, whole): (&[&str], bool) = match member("kty") {
        "RSA" => {
            let (modulus, exponent) = (member("n"), member("e"));
            // Of base64url: six bits a character.
            let bits = modulus.trim_start_matches('A').len() * 6;
            let sized = (2048..=8192 + 6).contains(&bits);
            (&["", "RS256", "PS256"], sized && base64(modulus) && !exponent.is_empty() && base64(exponent))
        }
        "EC" => {
            let point = ["x", "y"].map(member);
            let sized = point.iter().all(|part| part.len() == 43 && base64(part));
            (&["", "ES256"], sized && member("crv") == "P-256")
        }
        _ => (&[], false),
    };
    whole && algorithms.contains(&member("alg")) && matches!(member("use"), "" | "sig")
}

fn view(client: Client) -> ClientView {
    let (authentication, hint, jwks_url) = match client.proof {
        Proof::ClientSecret { secret } => (ClientAuthentication::ClientSecret, Some(secret.hint), None),
        Proof::PrivateKeyJwt { keys: KeySet::Url { url } } => {
            (ClientAuthentication::PrivateKeyJwt, None, Some(url))
        }
        Proof::PrivateKeyJwt { keys: KeySet::Inline { .. } } => {
            (ClientAuthentication::PrivateKeyJwt, None, None)
        }
    };
    ClientView {
        id: client.id.into(),
        name: client.name,
        authentication,
        hint,
        jwks_url,
        created_at: client.created_at,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(body: Value) -> Result<bool, String> {
        let body: ClientCreate = serde_json::from_value(body).unwrap();
        check_keys(&body).map(|keys| keys.is_some()).map_err(|problem| problem.detail)
    }

    #[test]
    fn a_client_has_a_secret_or_public_keys() {
        let coordinate = "x".repeat(43);
        let key = json!({"kty": "EC", "crv": "P-256", "x": coordinate, "y": coordinate});
        let rsa = |bytes: usize| json!({"kty": "RSA", "e": "AQAB", "n": "x".repeat((bytes * 4).div_ceil(3))});
        let changed = |name: &str, value: &str| {
            let mut key = key.clone();
            key[name] = json!(value);
            key
        };
        let with = |fields: Value| {
            let mut body = json!({"name": "x", "authentication": "private_key_jwt"});
            body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            checked(body)
        };
        assert_eq!(checked(json!({"name": "x", "authentication": "client_secret"})), Ok(false));
        assert_eq!(with(json!({"jwks": {"keys": [key]}})), Ok(true));
        assert_eq!(with(json!({"jwks_url": "https://client.example/jwks"})), Ok(true));
        for good in [rsa(256), rsa(512), rsa(1024), changed("alg", "ES256"), changed("use", "sig")] {
            assert_eq!(with(json!({"jwks": {"keys": [good]}})), Ok(true), "{good}");
        }
        for bad in [
            rsa(128),
            rsa(255),
            rsa(1026),
            json!({"kty": "RSA", "n": rsa(256)["n"]}),
            changed("crv", "P-384"),
            changed("x", "eA"),
            changed("y", &"!".repeat(43)),
            changed("alg", "RS256"),
            changed("alg", "HS256"),
            changed("alg", "none"),
            changed("use", "enc"),
            json!({"kty": "OKP", "crv": "Ed25519", "x": coordinate}),
            changed("d", "ZA"),
        ] {
            assert!(with(json!({"jwks": {"keys": [key, bad]}})).is_err(), "{bad}");
        }
        for bad in [
            json!({}),
            json!({"jwks": {"keys": [key]}, "jwks_url": "https://client.example/jwks"}),
            json!({"jwks": {"keys": []}}),
            json!({"jwks": [key]}),
            json!({"jwks": {"keys": [{"kty": "oct", "k": "aw"}]}}),
            json!({"jwks_url": "http://client.example/jwks"}),
            json!({"authentication": "client_secret", "jwks": {"keys": [key]}}),
        ] {
            assert!(with(bad.clone()).is_err(), "{bad}");
        }
    }
}
