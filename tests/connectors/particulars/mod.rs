//! What only one app has.

mod ghost;
mod adobe;
mod github;
mod google;
mod mlflow;
mod rabbitmq;
mod scim;
