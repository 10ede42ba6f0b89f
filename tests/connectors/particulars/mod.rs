//! What only one app has.

mod ghost;
mod github;
mod mlflow;
mod rabbitmq;
mod scim;
