//! What an admin fills in to connect a Pinterest business.

use usher_connector::{Field, FieldKind, Setup};

/// What an admin is asked for.
pub const SETUP: Setup = Setup {
    settings: &[
        Field::required("business_id", "Business ID", FieldKind::Text, "Business Access."),
        Field::ACTS_AS,
        Field::API_ADDRESS,
    ],
    credentials: &[
        Field::required("client_id", "App ID", FieldKind::Text, "Of your app at developers.pinterest.com."),
        Field::required("client_secret", "App secret", FieldKind::Secret, "Of the same app."),
        Field::required(
            "refresh_token",
            "Refresh token",
            FieldKind::Secret,
            "What an admin's consent gave to the app.",
        ),
    ],
};
