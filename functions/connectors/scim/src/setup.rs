//! What an admin fills in to connect a SCIM app.

use usher_connector::{Field, FieldKind, Setup};

/// Where an app can keep roles or entitlements, as far as a form asks.
const KEPT: FieldKind = FieldKind::Choice(&[
    ("none", "Nowhere: the app has none"),
    ("roles_attribute", "In the user's roles"),
    ("entitlements_attribute", "In the user's entitlements"),
    ("groups", "In memberships of groups"),
]);

const USUALLY_NOWHERE: &str =
    "As fits an app that is known, else nowhere. Other attributes are set by the API.";

/// The apps whose habits are known, as [`known_apps`](crate::known_apps) has them.
const APPS: FieldKind = FieldKind::Choice(&[
    ("aws_identity_center", "AWS IAM Identity Center"),
    ("canva", "Canva"),
    ("figma", "Figma"),
    ("github_enterprise", "GitHub Enterprise Managed Users"),
    ("miro", "Miro"),
    ("notion", "Notion"),
    ("slack", "Slack"),
    ("zoom", "Zoom"),
]);

/// What an admin is asked for.
pub const SETUP: Setup = Setup {
    settings: &[
        Field::optional(
            "app",
            "App",
            APPS,
            "One that is known: what is not chosen below is then as fits it.",
        ),
        Field::optional(
            "base_url",
            "SCIM base URL",
            FieldKind::Url,
            "What stands before /Users. Of Canva, Miro, Slack and Zoom it is known.",
        ),
        Field::optional("roles/as", "Roles are kept", KEPT, USUALLY_NOWHERE),
        Field::optional("entitlements/as", "Entitlements are kept", KEPT, USUALLY_NOWHERE),
        Field::optional(
            "removal",
            "Who loses access",
            FieldKind::Choice(&[("delete", "Is deleted"), ("deactivate", "Is deactivated")]),
            "As fits an app that is known, else deleted.",
        ),
        Field::optional(
            "token_url",
            "Token URL",
            FieldKind::Url,
            "Where a client gets its access tokens. Of Zoom it is known.",
        ),
        Field::optional(
            "token_parameters/scope",
            "Scope",
            FieldKind::Text,
            "What the client asks tokens for.",
        ),
        Field::optional(
            "token_parameters/account_id",
            "Account id",
            FieldKind::Text,
            "Of Zoom, for its client.",
        ),
    ],
    credentials: &[
        Field::optional(
            "bearer_token",
            "Bearer token",
            FieldKind::Secret,
            "From the app's provisioning settings, unless the app gives out a client (OAuth).",
        ),
        Field::optional("client_id", "Client id", FieldKind::Text, "In place of a bearer token."),
        Field::optional("client_secret", "Client secret", FieldKind::Secret, "The client's."),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known_apps;

    #[test]
    fn the_form_offers_every_app_that_is_known() {
        let known: Vec<_> = known_apps().iter().map(|app| (app.key, app.name.as_str())).collect();
        assert!(matches!(APPS, FieldKind::Choice(offered) if offered == known));
    }
}
