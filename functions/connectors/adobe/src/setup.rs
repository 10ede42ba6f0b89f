//! What an admin fills in to connect an Adobe organisation.

use usher_connector::{Field, FieldKind, Setup};

/// What an admin is asked for.
pub const SETUP: Setup = Setup {
    settings: &[
        Field::required(
            "organization",
            "Organisation ID",
            FieldKind::Text,
            "From the Developer Console, with @AdobeOrg at its end.",
        ),
        Field::optional(
            "identity",
            "New people get",
            FieldKind::Choice(&[
                ("federated", "Federated IDs"),
                ("enterprise", "Enterprise IDs"),
                ("adobe", "Adobe IDs of their own"),
            ]),
            "Federated IDs, if nothing is chosen. Who has an account keeps it.",
        ),
        Field::optional(
            "country",
            "Country of new accounts",
            FieldKind::Text,
            "Two capital letters, like DE. Federated IDs need it.",
        ),
        Field::API_ADDRESS,
        Field::optional(
            "login_url",
            "Login address",
            FieldKind::Url,
            "Where access tokens come from, if not from Adobe: as above.",
        ),
    ],
    credentials: &[
        Field::required(
            "client_id",
            "Client ID",
            FieldKind::Text,
            "Of an OAuth Server-to-Server credential with the User Management API.",
        ),
        Field::required("client_secret", "Client secret", FieldKind::Secret, "Of the same credential."),
    ],
};
