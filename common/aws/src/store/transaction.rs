//! One transaction: all of it or nothing, and which condition stood in the way.

use std::borrow::Cow;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update, builders::UpdateBuilder,
    },
};
use usher_domain::ports::{StoreError, StoreResult};

use super::{
    Store,
    error::{defect, from_sdk},
    row::{Row, key_item},
};
use crate::{keys::Key, table::PRIMARY};

/// DynamoDB's limit of actions in one transaction.
pub(crate) const MAX_ACTIONS: usize = 100;

/// How often a transaction that was in somebody's way is tried again.
const PASSING_ATTEMPTS: u32 = 10;
/// Why a transaction is cancelled that a moment later goes through: it met another one on the same row, or a partition
/// has had its thousand units of this second, as a group's has when thousands join. The SDK retries neither.
const PASSING: [&str; 3] = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

/// What must be true of a row for the transaction to happen.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    /// No row has this key.
    Absent,
    /// A row has this key.
    Present,
    /// The row's attribute has this value.
    Equals(&'static str, AttributeValue),
    /// The row, if there is one, has not this attribute.
    Without(&'static str),
    /// The row, if there is one, has not this attribute, or it has this value.
    UnsetOrEquals(&'static str, AttributeValue),
    /// The row, if there is one, has not this attribute, or one that is not more than this.
    UnsetOrUpTo(&'static str, AttributeValue),
    /// The row has one attribute, and has not another.
    HasWithout(&'static str, &'static str),
    /// The row's attribute has this value, and another attribute is not set.
    EqualsWithout(&'static str, AttributeValue, &'static str),
}

/// What it means when the condition is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// The row moved since it was read.
    Conflict(&'static str),
    /// The unique value is taken.
    Taken(Cow<'static, str>),
    /// The row is not there.
    Missing(&'static str),
}

impl Otherwise {
    fn into_error(self) -> StoreError {
        match self {
            Self::Conflict(what) => StoreError::Conflict { what },
            Self::Taken(attribute) => StoreError::Taken { attribute },
            Self::Missing(what) => StoreError::Missing { what },
        }
    }
}

/// A condition as an expression: text, names, values.
struct Expression {
    text: &'static str,
    names: Vec<(&'static str, &'static str)>,
    values: Vec<(&'static str, AttributeValue)>,
}

impl Condition {
    fn expression(self) -> Expression {
        let simple = |text, names, values| Expression { text, names, values };
        match self {
            Self::Absent => simple("attribute_not_exists(#pk)", vec![("#pk", PRIMARY.0)], vec![]),
            Self::Present => simple("attribute_exists(#pk)", vec![("#pk", PRIMARY.0)], vec![]),
            Self::Equals(name, value) => simple("#c = :c", vec![("#c", name)], vec![(":c", value)]),
            Self::Without(name) => simple("attribute_not_exists(#c)", vec![("#c", name)], vec![]),
            Self::UnsetOrEquals(name, value) => {
                simple("attribute_not_exists(#c) OR #c = :c", vec![("#c", name)], vec![(":c", value)])
            }
            Self::UnsetOrUpTo(name, value) => {
                simple("attribute_not_exists(#c) OR #c <= :c", vec![("#c", name)], vec![(":c", value)])
            }
            Self::HasWithout(name, other) => simple(
                "attribute_exists(#c) AND attribute_not_exists(#o)",
                vec![("#c", name), ("#o", other)],
                vec![],
            ),
            Self::EqualsWithout(name, value, other) => simple(
                "#c = :c AND attribute_not_exists(#o)",
                vec![("#c", name), ("#o", other)],
                vec![(":c", value)],
            ),
        }
    }
}

/// A transaction being put together.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    actions: Vec<TransactWriteItem>,
    otherwise: Vec<Option<Otherwise>>,
    defect: Option<StoreError>,
}

/// Sets a condition on a builder of any of the four actions.
macro_rules! conditioned {
    ($builder:expr, $condition:expr) => {{
        let expression = $condition.expression();
        let mut builder = $builder.condition_expression(expression.text);
        for (name, attribute) in expression.names {
            builder = builder.expression_attribute_names(name, attribute);
        }
        for (name, value) in expression.values {
            builder = builder.expression_attribute_values(name, value);
        }
        builder
    }};
}

impl Transaction {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn len(&self) -> usize {
        self.actions.len()
    }

    fn push<E: std::error::Error + Send + Sync + 'static>(
        &mut self,
        action: Result<TransactWriteItem, E>,
        otherwise: Option<Otherwise>,
    ) {
        match action {
            Ok(action) => {
                self.actions.push(action);
                self.otherwise.push(otherwise);
            }
            Err(error) => self.defect = Some(defect("putting a transaction together", error)),
        }
    }

    /// Puts a row, whatever is there.
    pub(crate) fn put(&mut self, store: &Store, row: Row) {
        let put = Put::builder().table_name(&store.table).set_item(Some(row.into_item())).build();
        self.push(put.map(|put| TransactWriteItem::builder().put(put).build()), None);
    }

    /// Puts a row, if.
    pub(crate) fn put_if(&mut self, store: &Store, row: Row, condition: Condition, otherwise: Otherwise) {
        let builder = Put::builder().table_name(&store.table).set_item(Some(row.into_item()));
        let put = conditioned!(builder, condition).build();
        self.push(put.map(|put| TransactWriteItem::builder().put(put).build()), Some(otherwise));
    }

    /// Deletes a row, whether or not it is there.
    pub(crate) fn delete(&mut self, store: &Store, key: &Key) {
        let delete = Delete::builder().table_name(&store.table).set_key(Some(key_item(key))).build();
        self.push(delete.map(|delete| TransactWriteItem::builder().delete(delete).build()), None);
    }

    /// Deletes a row, if.
    pub(crate) fn delete_if(&mut self, store: &Store, key: &Key, condition: Condition, otherwise: Otherwise) {
        let builder = Delete::builder().table_name(&store.table).set_key(Some(key_item(key)));
        let delete = conditioned!(builder, condition).build();
        self.push(delete.map(|delete| TransactWriteItem::builder().delete(delete).build()), Some(otherwise));
    }

    /// Demands something of a row that is not written.
    pub(crate) fn check(&mut self, store: &Store, key: &Key, condition: Condition, otherwise: Otherwise) {
        let builder = ConditionCheck::builder().table_name(&store.table).set_key(Some(key_item(key)));
        let check = conditioned!(builder, condition).build();
        self.push(
            check.map(|check| TransactWriteItem::builder().condition_check(check).build()),
            Some(otherwise),
        );
    }

    /// Updates a row by an expression that its caller wrote.
    pub(crate) fn update(&mut self, update: UpdateBuilder) {
        self.push(update.build().map(|update| TransactWriteItem::builder().update(update).build()), None);
    }

    /// Updates a row by an expression that its caller wrote, if.
    pub(crate) fn update_if(&mut self, update: UpdateBuilder, condition: Condition, otherwise: Otherwise) {
        let update = conditioned!(update, condition).build();
        self.push(update.map(|update| TransactWriteItem::builder().update(update).build()), Some(otherwise));
    }

    /// Commits. Where several conditions are not met, the first one with a meaning tells.
    pub(crate) async fn commit(self, store: &Store, during: &'static str) -> StoreResult<()> {
        if let Some(error) = self.defect {
            return Err(error);
        }
        let mut attempt = 0;
        loop {
            let sent = store
                .client
                .transact_write_items()
                .set_transact_items(Some(self.actions.clone()))
                .send()
                .await;
            let Err(error) = sent else { return Ok(()) };
            match verdict(&error, &self.otherwise) {
                Verdict::Unmet(otherwise) => return Err(otherwise.into_error()),
                Verdict::Passing if attempt < PASSING_ATTEMPTS => {
                    attempt += 1;
                    // A few milliseconds at first, spread by chance.
                    let wait = rand::random_range(1..=10u64) << attempt.min(6);
                    tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
                }
                Verdict::Passing | Verdict::Other => return Err(from_sdk(during, error)),
            }
        }
    }
}

/// Puts one row, if. Half the price of a transaction of one; but where an answer is lost and the SDK asks again, what was
/// written counts as somebody else's. For writes that are simply repeated then.
pub(crate) async fn put_alone(
    store: &Store,
    row: Row,
    condition: Condition,
    otherwise: Otherwise,
    during: &'static str,
) -> StoreResult<()> {
    let builder = store.client.put_item().table_name(&store.table).set_item(Some(row.into_item()));
    match conditioned!(builder, condition).send().await {
        Ok(_) => Ok(()),
        Err(error)
            if error.as_service_error().is_some_and(|error| {
                error.is_conditional_check_failed_exception() || error.is_transaction_conflict_exception()
            }) =>
        {
            Err(otherwise.into_error())
        }
        Err(error) => Err(from_sdk(during, error)),
    }
}

enum Verdict {
    Unmet(Otherwise),
    Passing,
    Other,
}

fn verdict<R>(error: &SdkError<TransactWriteItemsError, R>, otherwise: &[Option<Otherwise>]) -> Verdict {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
    else {
        return Verdict::Other;
    };
    let reasons = cancelled.cancellation_reasons();
    let unmet = reasons.iter().zip(otherwise).find_map(|(reason, otherwise)| {
        (reason.code() == Some("ConditionalCheckFailed")).then(|| otherwise.clone()).flatten()
    });
    if let Some(otherwise) = unmet {
        return Verdict::Unmet(otherwise);
    }
    if reasons.iter().any(|reason| reason.code().is_some_and(|code| PASSING.contains(&code))) {
        return Verdict::Passing;
    }
    Verdict::Other
}

/// An update of one row, to be given its expression.
pub(crate) fn update_of(store: &Store, key: &Key) -> UpdateBuilder {
    Update::builder().table_name(&store.table).set_key(Some(key_item(key)))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::{CancellationReason, error::TransactionCanceledException};

    use super::*;

    /// The verdict on a transaction whose first action may not meet its condition, and whose second has none.
    fn of(codes: [&str; 2]) -> Verdict {
        let reasons = codes.map(|code| CancellationReason::builder().code(code).build());
        let cancelled =
            TransactionCanceledException::builder().set_cancellation_reasons(Some(reasons.into()));
        let error = TransactWriteItemsError::TransactionCanceledException(cancelled.build());
        verdict(&SdkError::service_error(error, ()), &[Some(Otherwise::Missing("it")), None])
    }

    #[test]
    fn what_passes_is_tried_again_and_what_is_refused_is_not() {
        for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
            assert!(matches!(of(["None", code]), Verdict::Passing), "{code}");
            assert!(matches!(of([code, "None"]), Verdict::Passing), "{code}");
            // It would be refused again.
            assert!(
                matches!(of(["ConditionalCheckFailed", code]), Verdict::Unmet(Otherwise::Missing("it"))),
                "{code}"
            );
        }
        assert!(matches!(of(["None", "ValidationError"]), Verdict::Other));
        // A condition that nobody set a meaning for.
        assert!(matches!(of(["None", "ConditionalCheckFailed"]), Verdict::Other));
    }
}
