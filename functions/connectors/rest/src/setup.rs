//! What an admin fills in to connect a described app.

use usher_connector::{Field, FieldKind, Setup};

/// What an admin is asked for.
pub const SETUP: Setup = Setup {
    settings: &[
        Field::required("base_url", "Base URL", FieldKind::Url, "What stands before every path."),
        Field::required(
            "document",
            "Document",
            FieldKind::Document,
            "How to deal with the app, as JSON, or the name of a document that comes with Usher: ghost, mlflow or rabbitmq.",
        ),
    ],
    credentials: &[
        Field::optional("username", "User name", FieldKind::Text, "Where the document's auth is basic."),
        Field::optional("password", "Password", FieldKind::Secret, "Where the document's auth is basic."),
        Field::optional(
            "token",
            "Token",
            FieldKind::Secret,
            "Where the document's auth is bearer or a header.",
        ),
        Field::optional("key", "Key", FieldKind::Secret, "Where the document's auth is signed: ID:SECRET."),
    ],
};
