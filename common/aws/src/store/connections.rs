//! Rows of connections.

use usher_domain::{directory::Connection, ports::StoreResult};

use super::{
    row::{Row, kind, number},
    transaction::Condition,
};
use crate::{keys, table::PRIMARY};

/// A connection's version, beside its document; a row that was never replaced has none.
const VERSION: &str = "version";

pub(crate) fn connection_row(connection: &Connection) -> StoreResult<Row> {
    let row = Row::new(keys::connection(&connection.id), kind::CONNECTION, connection)?;
    Ok(match connection.version {
        0 => row,
        version => row.with(VERSION, number(version)),
    })
}

/// That a connection was not replaced since it was read.
pub(crate) fn connection_version(read: &Connection) -> Condition {
    match read.version {
        0 => Condition::HasWithout(PRIMARY.0, VERSION),
        version => Condition::Equals(VERSION, number(version)),
    }
}
