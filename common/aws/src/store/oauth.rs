//! OAuth clients, their access tokens, and the assertions that they used.

use async_trait::async_trait;
use usher_domain::{
    Timestamp,
    activity::Activity,
    id::{ClientId, ConnectionId},
    oauth::{AccessToken, Client},
    ports::{Clients, Grants, StoreError, StoreResult},
    token::TokenHash,
};

use super::{
    Store,
    query::Range,
    row::{Row, document, text_of},
    transaction::{Condition, Otherwise, Transaction},
};
use crate::{keys::oauth as keys, table::PRIMARY};

pub(crate) const CLIENT: &str = "oauth_client";
const ACCESS_TOKEN: &str = "oauth_token";
const ASSERTION: &str = "oauth_assertion";

#[async_trait]
impl Grants for Store {
    async fn client(&self, connection: &ConnectionId, id: &ClientId) -> StoreResult<Option<Client>> {
        self.get(&keys::client(connection, id)).await?.as_ref().map(document).transpose()
    }

    async fn has_clients(&self, connection: &ConnectionId) -> StoreResult<bool> {
        let range = Range::of(keys::grants_partition(connection)).prefix(keys::CLIENT_PREFIX).limit(1);
        Ok(!self.page(range).await?.items.is_empty())
    }

    async fn put_access_token(&self, connection: &ConnectionId, token: &AccessToken) -> StoreResult<()> {
        let row = Row::new(keys::access_token(connection, &token.token.hash), ACCESS_TOKEN, token)?;
        let row = match token.token.expires_at {
            Some(end) => row.expiring(end),
            None => row,
        };
        let mut transaction = Transaction::new();
        // Not for a client that was revoked while it asked.
        transaction.check(
            self,
            &keys::client(connection, &token.client),
            Condition::Present,
            Otherwise::Missing("the client"),
        );
        transaction.put(self, row);
        transaction.commit(self, "issuing an access token").await
    }

    async fn access_token(
        &self,
        connection: &ConnectionId,
        client: &ClientId,
        hash: &TokenHash,
    ) -> StoreResult<Option<AccessToken>> {
        let wanted = [keys::client(connection, client), keys::access_token(connection, hash)];
        let rows = self.get_many(&wanted).await?;
        let row = |key: &crate::keys::Key| rows.iter().find(|row| text_of(row, PRIMARY.1) == Some(&key.sk));
        if row(&wanted[0]).is_none() {
            return Ok(None);
        }
        let token: Option<AccessToken> = row(&wanted[1]).map(document).transpose()?;
        Ok(token.filter(|token| token.client == *client))
    }

    async fn use_assertion(
        &self,
        connection: &ConnectionId,
        client: &ClientId,
        jti: &str,
        until: Timestamp,
    ) -> StoreResult<bool> {
        let row = Row::bare(keys::assertion(connection, client, jti), ASSERTION).expiring(until);
        let mut transaction = Transaction::new();
        transaction.put_if(self, row, Condition::Absent, Otherwise::Conflict("the assertion"));
        match transaction.commit(self, "remembering an assertion").await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Clients for Store {
    async fn clients(&self, connection: &ConnectionId) -> StoreResult<Vec<Client>> {
        let range = Range::of(keys::grants_partition(connection)).prefix(keys::CLIENT_PREFIX);
        self.all(range).await?.iter().map(document).collect()
    }

    async fn create_client(&self, client: &Client, told: Option<&Activity>) -> StoreResult<()> {
        let row = Row::new(keys::client(&client.connection, &client.id), CLIENT, client)?;
        let mut transaction = Transaction::new();
        transaction.put_if(self, row, Condition::Absent, Otherwise::Conflict("the client"));
        if let Some(activity) = told {
            self.put_activity(&mut transaction, activity)?;
        }
        transaction.commit(self, "making a client").await
    }

    async fn delete_client(
        &self,
        connection: &ConnectionId,
        id: &ClientId,
        told: Option<&Activity>,
    ) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        let key = keys::client(connection, id);
        transaction.delete_if(self, &key, Condition::Present, Otherwise::Missing("the client"));
        if let Some(activity) = told {
            self.put_activity(&mut transaction, activity)?;
        }
        transaction.commit(self, "revoking a client").await
    }
}
