//! Adapters to AWS: the store on DynamoDB, queues on SQS, seals by KMS, events, telemetry.
//!
//! Nothing above this crate sees an SDK type.

pub mod config;
pub mod events;
pub mod keys;
pub mod polling;
pub mod queue;
pub mod redrive;
pub mod seal;
pub mod store;
pub mod stream;
pub mod system;
pub mod table;
pub mod telemetry;
