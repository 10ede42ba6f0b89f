//! What an admin fills in to connect an app that people look after.

use usher_connector::{Field, FieldKind, Setup};

/// What an admin is asked for.
pub const SETUP: Setup = Setup {
    settings: &[
        Field::required(
            "assignees",
            "Who does the tasks",
            FieldKind::Text,
            "E-mail addresses or user names of people in the directory, separated by commas. A second person confirms \
             each task: name at least two, or rely on the hub's managers. To sign in they need any role here: User is enough.",
        ),
        Field::optional(
            "place",
            "Where people are managed",
            FieldKind::Text,
            "The address of the page in the app, or words that lead there. It is the first step of each task.",
        ),
        Field::optional(
            "roles",
            "Roles",
            FieldKind::Text,
            "In the app's own words, the lowest first, separated by commas: Analyst, Manager, Admin.",
        ),
        Field::optional(
            "assets",
            "Assets",
            FieldKind::Text,
            "What access is given to, such as ad accounts or channels, separated by commas.",
        ),
        Field::optional(
            "permissions",
            "Permissions on assets",
            FieldKind::Text,
            "The lowest first, separated by commas. Just access, if nothing is said.",
        ),
    ],
    credentials: &[],
};
