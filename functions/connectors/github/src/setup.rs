//! What an admin fills in to connect a GitHub organisation.

use usher_connector::{Field, FieldKind, Setup};

/// What an admin is asked for.
pub const SETUP: Setup = Setup {
    settings: &[
        Field::required(
            "organization",
            "Organisation",
            FieldKind::Text,
            "Its name in addresses, after github.com/.",
        ),
        Field::optional("base_url", "API address", FieldKind::Url, "Only for GitHub Enterprise Server."),
    ],
    credentials: &[
        Field::optional(
            "app_id",
            "App ID",
            FieldKind::Text,
            "Of a GitHub App that is installed in the organisation.",
        ),
        Field::optional(
            "installation_id",
            "Installation ID",
            FieldKind::Text,
            "The number at the end of the installation's address.",
        ),
        Field::optional("private_key", "Private key", FieldKind::SecretLines, "The App's private key, PEM."),
        Field::optional(
            "token",
            "Or a token",
            FieldKind::Secret,
            "An owner's token with admin:org, instead of an App.",
        ),
    ],
};
