//! The whole suite in one process: the handlers of all functions over an embedded DynamoDB, its stream
//! pumped and its queues worked off with Lambda's semantics.

pub mod connectors;
pub mod data;
pub mod embedded;
pub mod function;
pub mod pump;
pub mod queue;
pub mod seed;
pub mod suite;
pub mod template;
