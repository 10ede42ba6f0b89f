//! What only one app has.

mod github;
mod mlflow;
mod rabbitmq;
mod scim;
