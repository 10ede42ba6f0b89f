//! What only one app has.

mod github;
mod mlflow;
mod scim;
