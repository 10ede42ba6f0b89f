//! What an admin fills in to connect a TikTok Business Center.

use usher_connector::{Field, FieldKind, Setup};

/// What an admin is asked for.
pub const SETUP: Setup = Setup {
    settings: &[
        Field::required("bc_id", "Business Center ID", FieldKind::Text, "Business Center settings."),
        Field::ACTS_AS,
        Field::API_ADDRESS,
    ],
    credentials: &[Field::required(
        "access_token",
        "Access token",
        FieldKind::Secret,
        "The long-term token that an admin of the Business Center gave to the app.",
    )],
};
