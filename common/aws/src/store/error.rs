//! The database's errors in the product's words.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use usher_domain::ports::StoreError;

/// A defect: something that no retry mends.
pub(crate) fn defect(during: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::Defect { during, source: source.into() }
}

/// Codes with which DynamoDB says that the request itself is wrong.
const OUR_FAULT: [&str; 5] = [
    "ValidationException",
    "ResourceNotFoundException",
    "SerializationException",
    "AccessDeniedException",
    "UnrecognizedClientException",
];

/// Sorts an SDK error: wrong requests are defects, everything else may pass.
pub(crate) fn from_sdk<E, R>(during: &'static str, error: SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let ours = error.code().is_some_and(|code| OUR_FAULT.contains(&code));
    // The SDK's own Display says no more than "service error".
    let detail = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => format!("{error}: {:?}", error.source()),
    };
    let source: Box<dyn Error + Send + Sync> = detail.into();
    if ours { StoreError::Defect { during, source } } else { StoreError::Unavailable { during, source } }
}
