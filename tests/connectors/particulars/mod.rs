//! What only one app has.

mod acts_as;
mod adobe;
mod ghost;
mod github;
mod google;
mod manual;
mod mlflow;
mod rabbitmq;
mod scim;
