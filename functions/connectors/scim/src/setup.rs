//! What an admin fills in to connect a SCIM app.

use usher_connector::{Field, FieldKind, Setup};

/// Where an app can keep roles or entitlements, as far as a form asks.
const KEPT: FieldKind = FieldKind::Choice(&[
    ("none", "Nowhere: the app has none"),
    ("roles_attribute", "In the user's roles"),
    ("entitlements_attribute", "In the user's entitlements"),
    ("groups", "In memberships of groups"),
]);

/// What an admin is asked for.
pub const SETUP: Setup = Setup {
    settings: &[
        Field::required("base_url", "SCIM base URL", FieldKind::Url, "What stands before /Users."),
        Field::optional("roles/as", "Roles are kept", KEPT, "Other attributes are set by the API."),
        Field::optional(
            "entitlements/as",
            "Entitlements are kept",
            KEPT,
            "Other attributes are set by the API.",
        ),
        Field::optional(
            "removal",
            "Who loses access",
            FieldKind::Choice(&[("delete", "Is deleted"), ("deactivate", "Is deactivated")]),
            "In the app.",
        ),
    ],
    credentials: &[Field::required(
        "bearer_token",
        "Bearer token",
        FieldKind::Secret,
        "From the app's provisioning settings.",
    )],
};
