//! What only one app has.

mod ghost;
mod github;
mod google;
mod mlflow;
mod rabbitmq;
mod scim;
