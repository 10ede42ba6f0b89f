//! Whole workspaces: every row of one, to be exported or erased.
//!
//! The only code that scans: what belongs to a workspace is told by its key, whatever kind of row it is, so that none can be
//! forgotten. It costs a read of the whole table, and operators do it with rights of their own; no function of a deployment
//! has them.

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use serde_json::{Map, Value};
use usher_domain::{
    id::WorkspaceId,
    ports::{StoreError, StoreResult},
};

use super::{
    Store,
    error::{defect, from_sdk},
    row::{DOCUMENT, Item, LEAN, document, key_item, key_of, kind, text, text_of},
    transaction::Transaction,
};
use crate::{
    keys::{self, Key},
    table::PRIMARY,
};

/// DynamoDB's limit of rows in one batch of writes.
const BATCH: usize = 25;
/// How often the rest of a batch is asked for again that was only partly done.
const BATCH_ATTEMPTS: u32 = 8;

/// The kinds of rows that tell what a workspace has and did. The others are credentials, counters and ways to find rows.
const EXPORTED: [&str; 31] = [
    kind::ACCESS,
    kind::ACCOUNT,
    kind::ACTIVITY,
    kind::API_KEY,
    kind::AUTOMATION,
    kind::CHANGE,
    kind::CONNECTION,
    kind::COUNTS,
    kind::CUSTOM,
    kind::DELIVERY,
    kind::ENDPOINT,
    kind::GROUP,
    kind::INTEGRATION,
    kind::JOB,
    kind::MEMBER,
    kind::MEMBERSHIP,
    kind::OWNER,
    kind::READING,
    kind::REQUESTS,
    kind::RETIRED,
    kind::SHARE,
    kind::STRANGER,
    kind::SYNC,
    kind::TALLY,
    kind::TENANCY,
    kind::USER,
    kind::WORKSPACE,
    super::audit::ENTRY,
    super::oauth::CLIENT,
    super::sign_in::IDENTITY,
    super::sign_in::PROVIDER,
];

/// Where a look at the table goes on.
#[derive(Debug, Clone)]
pub struct Place(Item);

/// What one look at the table found.
#[derive(Debug)]
pub struct Found<T> {
    /// What was looked for.
    pub rows: T,
    /// Where the next look goes on; `None` at the end.
    pub next: Option<Place>,
}

/// Which rows a look at the table is for.
pub(super) struct Filter {
    pub(super) expression: &'static str,
    pub(super) names: Vec<(&'static str, &'static str)>,
    pub(super) values: Vec<(&'static str, AttributeValue)>,
}

/// The rows that say that there is a workspace: they go last, so that an erasure that was cut short can go on.
fn frame(workspace: &WorkspaceId) -> [Key; 3] {
    [keys::register(workspace), keys::workspace(workspace), keys::tenancy(workspace)]
}

impl Store {
    /// The next rows of a workspace, as JSON without secrets: kind, keys, attributes and document.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn export(
        &self,
        workspace: &WorkspaceId,
        from: Option<Place>,
    ) -> StoreResult<Found<Vec<Value>>> {
        let Found { rows, next } = self.look(workspace, from).await?;
        let told = rows.iter().filter(|row| text_of(row, "type").is_some_and(|it| EXPORTED.contains(&it)));
        Ok(Found { rows: told.map(exported).collect::<StoreResult<_>>()?, next })
    }

    /// Erases the next rows of a workspace, all but those that say that there is one. Answers how many.
    ///
    /// # Errors
    /// When the database does not answer; what was erased stays so.
    pub async fn erase(&self, workspace: &WorkspaceId, from: Option<Place>) -> StoreResult<Found<u64>> {
        let Found { rows, next } = self.look(workspace, from).await?;
        let frame = frame(workspace);
        let keys: Vec<Key> = rows.iter().map(key_of).collect::<StoreResult<_>>()?;
        let keys: Vec<Key> = keys.into_iter().filter(|key| !frame.contains(key)).collect();
        for batch in keys.chunks(BATCH) {
            self.delete_batch(batch).await?;
        }
        Ok(Found { rows: keys.len() as u64, next })
    }

    /// Erases the rows that say that there is a workspace, after all others.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn erase_frame(&self, workspace: &WorkspaceId) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        for key in &frame(workspace) {
            transaction.delete(self, key);
        }
        transaction.commit(self, "erasing a workspace").await
    }

    async fn look(&self, workspace: &WorkspaceId, from: Option<Place>) -> StoreResult<Found<Vec<Item>>> {
        let own = keys::workspace_partition(workspace);
        let filter = Filter {
            expression: "#p = :own OR begins_with(#p, :below)",
            names: vec![("#p", PRIMARY.0)],
            values: vec![(":below", text(format!("{own}#"))), (":own", text(own))],
        };
        self.scan(filter, from, "reading a workspace").await
    }

    /// The next rows of the table that a filter lets through.
    pub(super) async fn scan(
        &self,
        filter: Filter,
        from: Option<Place>,
        during: &'static str,
    ) -> StoreResult<Found<Vec<Item>>> {
        let owned = |(name, attribute): (&str, &str)| (name.to_owned(), attribute.to_owned());
        let answer = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression(filter.expression)
            .set_expression_attribute_names(Some(filter.names.into_iter().map(owned).collect()))
            .set_expression_attribute_values(Some(
                filter.values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            ))
            .set_exclusive_start_key(from.map(|place| place.0))
            .send()
            .await
            .map_err(|error| from_sdk(during, error))?;
        Ok(Found { rows: answer.items.unwrap_or_default(), next: answer.last_evaluated_key.map(Place) })
    }

    async fn delete_batch(&self, keys: &[Key]) -> StoreResult<()> {
        const DURING: &str = "erasing rows";
        let delete = |key: &Key| -> StoreResult<WriteRequest> {
            let delete = DeleteRequest::builder().set_key(Some(key_item(key))).build();
            Ok(WriteRequest::builder().delete_request(delete.map_err(|error| defect(DURING, error))?).build())
        };
        let mut rest: Vec<WriteRequest> = keys.iter().map(delete).collect::<StoreResult<_>>()?;
        for attempt in 0..BATCH_ATTEMPTS {
            let answer = self.client.batch_write_item().request_items(&self.table, rest).send().await;
            let answer = answer.map_err(|error| from_sdk(DURING, error))?;
            rest = answer.unprocessed_items.into_iter().flatten().flat_map(|(_, rest)| rest).collect();
            if rest.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(20 << attempt)).await;
        }
        let source = "the database kept doing only a part of a batch".into();
        Err(StoreError::Unavailable { during: DURING, source })
    }
}

fn exported(row: &Item) -> StoreResult<Value> {
    let mut told = Map::new();
    for (name, value) in row {
        let value = match value {
            AttributeValue::S(_) | AttributeValue::B(_) if name == DOCUMENT || name == LEAN => continue,
            AttributeValue::S(text) => Value::from(text.as_str()),
            AttributeValue::N(number) => {
                serde_json::from_str(number).unwrap_or_else(|_| number.as_str().into())
            }
            other => return Err(defect("exporting a row", format!("`{name}` is {other:?}"))),
        };
        told.insert(name.clone(), value);
    }
    if row.contains_key(DOCUMENT) || row.contains_key(LEAN) {
        told.insert(DOCUMENT.to_owned(), without_secrets(document(row)?));
    }
    Ok(told.into())
}

/// Hashes of tokens and what is sealed stay here: nobody can use them elsewhere, and they help whoever guesses.
fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let open = fields.into_iter().filter(|(name, _)| name != "hash" && !name.starts_with("sealed"));
            open.map(|(name, value)| (name, without_secrets(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_secrets).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::row::Row;

    #[test]
    fn what_is_exported_has_no_secrets_however_deep_they_are() {
        let document = json!({"name": "Okta", "tokens": [{"hash": "x", "expires_at": null}], "sealed_secret": "y",
            "config": {"sealed_credentials": {"a": 1}, "hashes": 3}});
        let key = Key { pk: "W#main".into(), sk: "C#main.okta".into() };
        let row =
            Row::new(key, kind::CONNECTION, &document).unwrap().with("version", super::super::row::number(3));
        assert_eq!(
            exported(&row.into_item()).unwrap(),
            json!({"pk": "W#main", "sk": "C#main.okta", "type": "connection", "version": 3, "doc":
                {"name": "Okta", "tokens": [{"expires_at": null}], "config": {"hashes": 3}}})
        );
    }
}
