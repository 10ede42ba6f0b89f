//! The whole suite on one machine: the handlers of all functions over an embedded DynamoDB, its stream pumped and its
//! queues worked off with Lambda's semantics. The handlers run in this process, or as the deployed programs.

pub mod connectors;
pub mod data;
pub mod embedded;
pub mod function;
pub mod installation;
pub mod processes;
pub mod pump;
pub mod queue;
pub mod replan;
pub mod seed;
pub mod suite;
pub mod template;
