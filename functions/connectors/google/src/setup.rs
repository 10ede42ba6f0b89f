//! What an admin fills in to connect a Google Ads account.

use usher_connector::{Field, FieldKind, Setup};

/// What an admin is asked for.
pub const SETUP: Setup = Setup {
    settings: &[
        Field::required("customer_id", "Customer ID", FieldKind::Text, "At the top of Google Ads."),
        Field::optional(
            "login_customer_id",
            "Manager account",
            FieldKind::Text,
            "Where the account is reached through one.",
        ),
        Field::optional(
            "tag_manager_accounts",
            "Tag Manager accounts",
            FieldKind::Lines,
            "The number of each account that is managed, one a line. Its containers come with it.",
        ),
        Field::optional(
            "analytics_properties",
            "Analytics properties",
            FieldKind::Lines,
            "The number of each property that is managed, one a line.",
        ),
        Field::ACTS_AS,
        Field::API_ADDRESS,
    ],
    credentials: &[
        Field::optional(
            "client_id",
            "Client ID",
            FieldKind::Text,
            "Of the OAuth client that was given consent.",
        ),
        Field::optional("client_secret", "Client secret", FieldKind::Secret, "Of the same client."),
        Field::optional("refresh_token", "Refresh token", FieldKind::Secret, "What an admin's consent gave."),
        Field::optional(
            "service_account/client_email",
            "Or a service account",
            FieldKind::Text,
            "Its address, as the key file has it, instead of a consent.",
        ),
        Field::optional(
            "service_account/private_key",
            "Its private key",
            FieldKind::SecretLines,
            "As the key file has it, PEM.",
        ),
    ],
};
