//! Signing in: the provider, links, attempts, identities, sessions, and how often somebody tried.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::ReturnValue;
use usher_domain::{
    audit::AuditEntry,
    id::{PersonId, WorkspaceId},
    ports::{SignIn, StoreError, StoreResult, Window},
    sign_in::{Attempt, Identity, OpenIdProvider, Session, SignInLink},
    token::IssuedToken,
};

use super::{
    Store,
    audit::audit_row,
    error::from_sdk,
    query::Range,
    row::{Item, Row, document, key_item, number, text},
    transaction::{Condition, Otherwise, Transaction, update_of},
};
use crate::{
    keys::{Key, sign_in as keys},
    table::TIME_TO_LIVE,
};

const LINK: &str = "sign_in";
pub(crate) const PROVIDER: &str = "openid";
const ATTEMPT: &str = "sign_in_attempt";
pub(crate) const IDENTITY: &str = "identity";
const SESSION: &str = "session";
const RATE: &str = "sign_in_rate";

/// Moves with every change of the provider.
const VERSION: &str = "version";
/// The person whom a subject is.
const PERSON: &str = "person";
/// The subject that a person is.
const SUBJECT: &str = "subject";
/// How many sign-ins came.
const COUNT: &str = "count";

/// The row ends with its secret.
fn ending(row: Row, token: &IssuedToken) -> Row {
    match token.expires_at {
        Some(end) => row.expiring(end),
        None => row,
    }
}

fn session_row(session: &Session) -> StoreResult<Row> {
    let row = Row::new(keys::session(&session.workspace, &session.id), SESSION, session)?;
    Ok(ending(row, &session.token))
}

impl Store {
    /// Takes a row: whoever comes second does not get it.
    async fn take(&self, key: &Key, during: &'static str) -> StoreResult<Option<Item>> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key_item(key)))
            .return_values(ReturnValue::AllOld);
        Ok(request.send().await.map_err(|error| from_sdk(during, error))?.attributes)
    }
}

#[async_trait]
impl SignIn for Store {
    async fn put_sign_in_link(&self, link: &SignInLink, id: &str) -> StoreResult<()> {
        let row = Row::new(keys::link(&link.workspace, id), LINK, link)?;
        self.put(ending(row, &link.token), None).await
    }

    async fn take_sign_in_link(&self, workspace: &WorkspaceId, id: &str) -> StoreResult<Option<SignInLink>> {
        let taken = self.take(&keys::link(workspace, id), "taking a sign-in link").await?;
        taken.as_ref().map(document).transpose()
    }

    async fn openid_provider(&self, workspace: &WorkspaceId) -> StoreResult<Option<OpenIdProvider>> {
        self.read(&keys::openid_provider(workspace)).await
    }

    async fn put_openid_provider(&self, provider: &OpenIdProvider) -> StoreResult<()> {
        let read = match provider.version {
            0 => Condition::Absent,
            version => Condition::Equals(VERSION, number(version)),
        };
        let next = OpenIdProvider { version: provider.version + 1, ..provider.clone() };
        let row = Row::new(keys::openid_provider(&provider.workspace), PROVIDER, &next)?;
        self.put(row.with(VERSION, number(next.version)), Some((read, "the sign-in settings"))).await
    }

    async fn delete_openid_provider(&self, workspace: &WorkspaceId) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        transaction.delete(self, &keys::openid_provider(workspace));
        transaction.commit(self, "forgetting a provider").await
    }

    async fn put_attempt(&self, attempt: &Attempt, id: &str) -> StoreResult<()> {
        let row = Row::new(keys::attempt(&attempt.workspace, id), ATTEMPT, attempt)?;
        self.put(ending(row, &attempt.token), None).await
    }

    async fn take_attempt(&self, workspace: &WorkspaceId, id: &str) -> StoreResult<Option<Attempt>> {
        let taken = self.take(&keys::attempt(workspace, id), "taking a sign-in").await?;
        taken.as_ref().map(document).transpose()
    }

    async fn identity(
        &self,
        workspace: &WorkspaceId,
        issuer: &str,
        subject: &str,
    ) -> StoreResult<Option<Identity>> {
        self.read(&keys::identity(workspace, issuer, subject)).await
    }

    async fn identities_of(&self, workspace: &WorkspaceId, person: &PersonId) -> StoreResult<Vec<Identity>> {
        let range = Range::of(keys::identities_partition(workspace, person));
        self.all(range).await?.iter().map(document).collect()
    }

    async fn put_identity(&self, identity: &Identity, instead_of: Option<&Identity>) -> StoreResult<()> {
        let Identity { workspace, issuer, subject, person, .. } = identity;
        let unmoved = match instead_of {
            None => Condition::Absent,
            Some(before) => Condition::Equals(PERSON, text(before.person.as_str())),
        };
        let mut transaction = Transaction::new();
        let row = Row::new(keys::identity(workspace, issuer, subject), IDENTITY, identity)?;
        let conflict = Otherwise::Conflict("whom the identity provider's account belongs to");
        transaction.put_if(self, row.with(PERSON, text(person.as_str())), unmoved, conflict);
        let row = Row::new(keys::identity_of(workspace, person, issuer), IDENTITY, identity)?;
        let conflict = Otherwise::Conflict("the person's account at the identity provider");
        transaction.put_if(self, row.with(SUBJECT, text(subject)), Condition::Absent, conflict);
        if let Some(before) = instead_of {
            transaction.delete(self, &keys::identity_of(workspace, &before.person, issuer));
        }
        transaction.commit(self, "writing down who somebody is").await
    }

    async fn delete_identity(&self, identity: &Identity) -> StoreResult<()> {
        let Identity { workspace, issuer, subject, person, .. } = identity;
        let moved = || Otherwise::Conflict("the person's account at the identity provider");
        let mut transaction = Transaction::new();
        let key = keys::identity(workspace, issuer, subject);
        transaction.delete_if(self, &key, Condition::Equals(PERSON, text(person.as_str())), moved());
        let key = keys::identity_of(workspace, person, issuer);
        transaction.delete_if(self, &key, Condition::Equals(SUBJECT, text(subject)), moved());
        transaction.commit(self, "forgetting who somebody is").await
    }

    async fn begin_session(&self, session: &Session, told: &AuditEntry) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        transaction.put(self, session_row(session)?);
        transaction.put(self, audit_row(told)?);
        transaction.commit(self, "beginning a session").await
    }

    async fn session(&self, workspace: &WorkspaceId, id: &str) -> StoreResult<Option<Session>> {
        self.read(&keys::session(workspace, id)).await
    }

    async fn use_session(&self, session: &Session) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        let ended = Otherwise::Missing("this session");
        transaction.put_if(self, session_row(session)?, Condition::Present, ended);
        transaction.commit(self, "using a session").await
    }

    async fn sessions(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Session>> {
        self.all(Range::of(keys::sessions_partition(workspace))).await?.iter().map(document).collect()
    }

    async fn end_session(&self, workspace: &WorkspaceId, id: &str) -> StoreResult<()> {
        let mut transaction = Transaction::new();
        transaction.delete(self, &keys::session(workspace, id));
        transaction.commit(self, "ending a session").await
    }

    async fn count_sign_in(
        &self,
        workspace: &WorkspaceId,
        address: &str,
        window: &Window,
    ) -> StoreResult<bool> {
        let update = update_of(self, &keys::rate(workspace, address, window.begins))
            .update_expression("ADD #count :one SET #type = :type, #end = :end")
            .expression_attribute_names("#count", COUNT)
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#end", TIME_TO_LIVE)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":type", text(RATE))
            .expression_attribute_values(":end", number(window.ends.as_second()));
        let within = Condition::UnsetOrUpTo(COUNT, number(window.most.saturating_sub(1)));
        let mut transaction = Transaction::new();
        transaction.update_if(update, within, Otherwise::Conflict("the number of sign-ins"));
        match transaction.commit(self, "counting a sign-in").await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
