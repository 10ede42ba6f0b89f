//! What an admin fills in to connect a HubSpot account.

use usher_connector::{Field, FieldKind, Setup};

/// What an admin is asked for.
pub const SETUP: Setup = Setup {
    settings: &[Field::API_ADDRESS],
    credentials: &[Field::required(
        "token",
        "Access token",
        FieldKind::Secret,
        "Of a private app of the account.",
    )],
};
