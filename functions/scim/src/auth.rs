//! Who calls: the connection in the path, proved by one of its tokens.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, header};
use usher_domain::Timestamp;
use usher_domain::activity::{Activity, Event};
use usher_domain::change::Actor;
use usher_domain::directory::{Connection, Scope};
use usher_domain::id::ConnectionId;
use usher_domain::tenancy::Tenancy;
use usher_scim::{Leeway, ScimError};

use crate::{App, access, reply};

/// A connection, and what was decided about its workspace.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) connection: Arc<Connection>,
    pub(crate) tenancy: Arc<Tenancy>,
}

/// How long a connection is believed without reading it again. A token that is revoked works no longer than this.
pub(crate) const FRESH_SECONDS: i64 = 3;
/// Connections kept at most; beyond that all are read anew.
const KEPT: usize = 1_000;

/// Connections read lately, so that a burst of requests costs one read.
#[derive(Default)]
pub(crate) struct Connections(Mutex<HashMap<ConnectionId, (Timestamp, Known)>>);

impl Connections {
    fn fresh(&self, id: &ConnectionId, now: Timestamp) -> Option<Known> {
        // A poisoned lock only means that another request panicked; the map itself is whole.
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, known) = kept.get(id)?;
        let age = now.as_second() - read_at.as_second();
        (0..FRESH_SECONDS).contains(&age).then(|| known.clone())
    }

    fn keep(&self, known: &Known, now: Timestamp) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(known.connection.id.clone(), (now, known.clone()));
    }
}

/// The connection with the id in the path, if there is one.
pub(crate) async fn known(app: &App, id: &str) -> Result<Option<Known>, ScimError> {
    let Ok(id) = id.parse::<ConnectionId>() else {
        return Ok(None);
    };
    let now = app.clock.now();
    if let Some(known) = app.connections.fresh(&id, now) {
        return Ok(Some(known));
    }
    let read = app.directory.connection(&id).await;
    let Some((connection, tenancy)) = read.map_err(|e| reply::from_store(&e))? else {
        return Ok(None);
    };
    let known = Known { connection: Arc::new(connection), tenancy: Arc::new(tenancy) };
    app.connections.keep(&known, now);
    Ok(Some(known))
}

/// The connection, once the token is proved, of a workspace that is served. An unknown connection is answered like a wrong
/// token, so that nobody can find out which ones exist.
pub(crate) async fn authenticated(app: &App, id: &str, headers: &HeaderMap) -> Result<Known, ScimError> {
    let refused = || {
        ScimError::new(
            401,
            "the token is missing, wrong, expired or revoked; send the connection's token as 'Authorization: Bearer <token>'",
        )
    };
    let (token, is_bare) = token(headers).ok_or_else(refused)?;
    let known = known(app, id).await?.ok_or_else(refused)?;
    let connection = &known.connection;
    if is_bare && !connection.protocol.dialect.allows(Leeway::BareToken) {
        return Err(refused());
    }
    let now = app.clock.now();
    let opened = connection.accepts(token, now) || access::opens(app, connection, token, now).await?;
    if !opened {
        return Err(refused());
    }
    if let Some(suspension) = &known.tenancy.suspension {
        return Err(ScimError::new(403, suspension.told()));
    }
    if connection.connected_at.is_none() { connected(app, &known, now).await } else { Ok(known) }
}

/// Tells that the identity provider is there: whoever sets it up waits for that.
async fn connected(app: &App, known: &Known, now: Timestamp) -> Result<Known, ScimError> {
    let connection = known.connection.as_ref();
    let told = match &connection.scope {
        Scope::Workspace => None,
        Scope::Integration { id } => Some(Activity {
            id: app.ids.uuid().to_string(),
            workspace: connection.id.workspace().clone(),
            integration: id.clone(),
            at: now,
            actor: Actor::Connection { id: connection.id.clone(), name: connection.name.clone() },
            event: Event::ConnectionConnected,
            target: connection.name.clone(),
            job: None,
        }),
    };
    let recorded = app.directory.record_first_call(connection, now, told.as_ref()).await;
    recorded.map_err(|e| reply::from_store(&e))?;
    // Kept as recorded, or every call of the next seconds would record it again.
    let connected = Connection { connected_at: Some(now), ..connection.clone() };
    let known = Known { connection: Arc::new(connected), ..known.clone() };
    app.connections.keep(&known, now);
    Ok(known)
}

/// The token, and whether it came without `Bearer`: Okta's "HTTP Header" mode sends the pasted value as it is.
fn token(headers: &HeaderMap) -> Option<(&str, bool)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let (token, is_bare) = match value.split_once(char::is_whitespace) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => (rest.trim(), false),
        Some(_) => return None,
        None => (value, true),
    };
    (!token.is_empty()).then_some((token, is_bare))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_with_or_without_its_scheme() {
        for (value, wanted) in [
            ("Bearer abc", Some(("abc", false))),
            ("bearer  abc ", Some(("abc", false))),
            ("abc", Some(("abc", true))),
            ("Basic abc", None),
            ("", None),
            ("a b c", None),
        ] {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
            assert_eq!(token(&headers), wanted, "{value}");
        }
        assert_eq!(token(&HeaderMap::new()), None);
    }
}
