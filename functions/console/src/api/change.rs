//! Changing a SCIM connection so that nobody's change is lost.

use serde::Serialize;
use usher_domain::{
    activity::Event, admission::Admission, directory::Connection, id::ConnectionId, ports::StoreError,
    protocol::Protocol,
};

use super::{
    connection_views::{ConnectionView, view},
    connections::read,
};
use crate::{App, auth::Caller, error::Problem, provisioning};

/// How often a change is made that meets another one. Of those that meet, one gets through each time.
const ATTEMPTS: u32 = 10;

/// A connection for the audit log: all that can be changed of it, and no secret.
fn state(app: &App, connection: &Connection) -> impl Serialize {
    #[derive(Serialize)]
    struct State {
        #[serde(flatten)]
        connection: ConnectionView,
        admission: Admission,
        protocol: Protocol,
    }
    State {
        connection: view(app, connection.clone()),
        admission: connection.admission.clone(),
        protocol: connection.protocol.clone(),
    }
}

/// Changes a connection of the caller's workspace and tells of it. `change` is made on what is stored, once more whenever
/// somebody else changed that meanwhile, so it must depend on nothing else. What changes nothing writes nothing.
///
/// # Errors
/// 404 when there is no such connection; whatever `change` says; 409 when others kept changing it.
pub(super) async fn change(
    app: &App,
    caller: &Caller,
    id: &ConnectionId,
    event: Event,
    change: impl Fn(&mut Connection) -> Result<(), Problem>,
) -> Result<Connection, Problem> {
    let mut attempt = 1;
    loop {
        let stored = read(app, caller, id).await?;
        caller.act.before(&state(app, &stored));
        let mut connection = stored.clone();
        change(&mut connection)?;
        if connection == stored {
            return Ok(stored);
        }
        let actor = caller.actor();
        let told = provisioning::activity_of(app, &connection, event, &connection.name, &actor);
        match app.store.change_connection(&connection, told.as_ref()).await {
            Err(StoreError::Conflict { .. }) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error.into()),
            Ok(()) => {
                provisioning::log_change(caller, &connection, event);
                caller.act.after(&state(app, &connection));
                return Ok(connection);
            }
        }
    }
}
