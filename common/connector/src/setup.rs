//! What an admin is asked for to connect an app: each connector says it, and the console's pages ask it.

use serde::Serialize;

use crate::Capabilities;

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// An address.
    Url,
    /// A line that is not shown while it is typed.
    Secret,
    /// Lines that are secret, such as a key in PEM.
    SecretLines,
    /// Several lines of text, each one value of a list.
    Lines,
    /// JSON, or the name of something that comes with the connector.
    Document,
    /// One of these values, each with its words. Where none has to be chosen, the connector knows what is usual.
    Choice(&'static [(&'static str, &'static str)]),
}

/// One thing that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name in the settings or credentials; a `/` leads into an object.
    pub key: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// Where it is found, or what it means.
    pub hint: &'static str,
    /// How it is filled in.
    pub kind: FieldKind,
    /// Whether nothing works without it.
    pub required: bool,
}

/// Everything that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Setup {
    /// What becomes of the integration's settings.
    pub settings: &'static [Field],
    /// What is sealed.
    pub credentials: &'static [Field],
}

impl Field {
    /// Where an app's API is, if not where its vendor has it.
    pub const API_ADDRESS: Self = Self::optional(
        "base_url",
        "API address",
        FieldKind::Url,
        "Only for a gateway in front of the API, or for a simulated app.",
    );

    /// Which member Usher acts as, where the app does not tell ([`acting_member`](crate::acting_member)).
    pub const ACTS_AS: Self = Self::optional(
        "acts_as",
        "Usher acts as",
        FieldKind::Text,
        "The e-mail address or ID of the member who gave the credentials: never removed or demoted by Usher.",
    );

    /// A field without which nothing works.
    pub const fn required(
        key: &'static str,
        label: &'static str,
        kind: FieldKind,
        hint: &'static str,
    ) -> Self {
        Self { key, label, hint, kind, required: true }
    }

    /// A field that may stay empty.
    pub const fn optional(
        key: &'static str,
        label: &'static str,
        kind: FieldKind,
        hint: &'static str,
    ) -> Self {
        Self { key, label, hint, kind, required: false }
    }
}

impl Capabilities {
    /// What an admin wants to know before connecting, and whether it is so.
    pub fn told(&self) -> [(&'static str, bool); 9] {
        [
            ("Invites people", self.invite),
            ("Makes accounts that work at once", self.create_active),
            ("Changes roles", self.update_role),
            ("Grants and revokes assets", self.assign_assets && self.revoke_assets),
            ("Reads entitlements", self.list_entitlements),
            ("Takes invitations back", self.cancel_invite),
            ("Removes people", self.remove),
            ("Finds drift in a sync", self.list_members),
            ("Tells how many seats are left", self.seats_info),
        ]
    }
}
