//! What an admin fills in to connect a Meta business portfolio.

use usher_connector::{Field, FieldKind, Setup};

/// What an admin is asked for.
pub const SETUP: Setup = Setup {
    settings: &[
        Field::required("business_id", "Business ID", FieldKind::Text, "Business settings, Business info."),
        Field::API_ADDRESS,
    ],
    credentials: &[
        Field::required(
            "access_token",
            "Access token",
            FieldKind::Secret,
            "Of an admin system user of the business.",
        ),
        Field::required(
            "app_secret",
            "App secret",
            FieldKind::Secret,
            "Of the app that the token was made for.",
        ),
    ],
};
