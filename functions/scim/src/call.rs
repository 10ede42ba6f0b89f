//! One authenticated request, and what both kinds of resources need of it.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};
use usher_domain::Timestamp;
use usher_domain::change::{Actor, Cause, Trigger};
use usher_domain::directory::Connection;
use usher_domain::id::ChangeId;
use usher_domain::ports::Ids;
use usher_scim::list::ListQuery;
use usher_scim::projection::Projection;
use usher_scim::resource::Meta;
use usher_scim::{Registry, ResourceSchema, ScimError, etag};

use crate::App;
use crate::reply::Reply;
use crate::route::PREFIX;

/// How often a write is tried when others write to the same resource at the same moment. With the pauses in between that is
/// some seconds, well below the time that the function has.
const ATTEMPTS: u32 = 20;
/// The longest pause before the second attempt. It doubles with each, so that however many write, they spread out until
/// each finds a moment of its own.
const FIRST_PAUSE_MS: u64 = 10;
/// Where it stops doubling.
const LONGEST_PAUSE_MS: u64 = 640;

/// One authenticated request.
pub(crate) struct Call<'a> {
    pub(crate) app: &'a App,
    pub(crate) connection: Arc<Connection>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) query: ListQuery,
    preconditions: Preconditions<'a>,
    correlation_id: &'a str,
}

/// The versions that a client names (RFC 7644 §3.14), where the connection honours them.
#[derive(Debug, Clone, Copy, Default)]
struct Preconditions<'a> {
    if_match: Option<&'a str>,
    if_none_match: Option<&'a str>,
}

impl<'a> Preconditions<'a> {
    fn of(headers: &'a HeaderMap, connection: &Connection) -> Self {
        let header = |name| headers.get(name)?.to_str().ok().filter(|_| connection.etags);
        Self { if_match: header(header::IF_MATCH), if_none_match: header(header::IF_NONE_MATCH) }
    }
}

/// What is shown of a record beside its attributes.
pub(crate) struct Shown<'a> {
    pub(crate) id: &'a str,
    pub(crate) version: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        app: &'a App,
        connection: Arc<Connection>,
        query: &str,
        headers: &'a HeaderMap,
        correlation_id: &'a str,
    ) -> Result<Self, ScimError> {
        let preconditions = Preconditions::of(headers, &connection);
        let registry = app.registries.of(&connection)?;
        Ok(Self { app, connection, registry, query: ListQuery::parse(query)?, preconditions, correlation_id })
    }

    /// One operation of a bulk request, as a request of its own: with a version that the resource must have, and an answer
    /// of which nothing is shown.
    pub(crate) fn operation<'b>(&'b self, version: Option<&'b str>) -> Result<Call<'b>, ScimError> {
        let if_match = version.filter(|_| self.connection.etags);
        Ok(Call {
            app: self.app,
            connection: Arc::clone(&self.connection),
            registry: Arc::clone(&self.registry),
            query: ListQuery::parse("attributes=id")?,
            preconditions: Preconditions { if_match, if_none_match: None },
            correlation_id: self.correlation_id,
        })
    }

    /// The schema of the resource type with an endpoint, which is given without its slash.
    pub(crate) fn at_endpoint(&self, endpoint: &str) -> Option<&ResourceSchema> {
        self.registry.at_endpoint(endpoint)
    }

    /// What the client wants to see.
    pub(crate) fn projection(&self, schema: &ResourceSchema) -> Projection {
        Projection::new(schema, &self.query.attributes, &self.query.excluded_attributes)
    }

    /// Who acts, and why.
    pub(crate) fn cause(&self, at: Timestamp) -> Cause {
        Cause {
            actor: Actor::Connection { id: self.connection.id.clone(), name: self.connection.name.clone() },
            trigger: Trigger::Scim,
            correlation_id: self.correlation_id.to_owned(),
            at,
        }
    }

    /// A new change id.
    pub(crate) fn change_id(&self) -> ChangeId {
        self.app.ids.uuid().into()
    }

    /// The URI of a resource of this connection.
    pub(crate) fn location(&self, endpoint: &str, id: &str) -> String {
        format!("{}{PREFIX}/{}{endpoint}/{id}", self.app.origin, self.connection.id)
    }

    /// `meta` of a record.
    pub(crate) fn meta(&self, schema: &ResourceSchema, shown: &Shown<'_>) -> Meta {
        Meta {
            // Milliseconds: some clients cannot read more digits.
            created: format!("{:.3}", shown.created_at),
            last_modified: format!("{:.3}", shown.modified_at),
            location: self.location(&schema.resource_type.endpoint, shown.id),
            version: self.connection.etags.then_some(shown.version),
        }
    }

    /// RFC 7644 §3.14: a write with an `If-Match` that names another version is refused. Checked on every attempt, on what
    /// is stored then.
    pub(crate) fn if_match(&self, version: u64) -> Result<(), ScimError> {
        match self.preconditions.if_match {
            Some(wanted) if !etag::if_match(wanted, version) => Err(ScimError::new(
                412,
                "the resource was changed since you read it; read it again and repeat the change",
            )),
            _ => Ok(()),
        }
    }

    /// Whether a write is bound to a version.
    pub(crate) fn has_if_match(&self) -> bool {
        self.preconditions.if_match.is_some()
    }

    /// Whether a read may be answered without the resource.
    pub(crate) fn has_if_none_match(&self) -> bool {
        self.preconditions.if_none_match.is_some()
    }

    /// The answer to a read by a client that has this version already: nothing more need be loaded.
    pub(crate) fn unchanged(&self, shown: &Shown<'_>) -> Option<Reply> {
        let tags = self.preconditions.if_none_match?;
        let known = !etag::if_none_match(tags, shown.version);
        known.then(|| Reply::empty(StatusCode::NOT_MODIFIED).with(header::ETAG, etag::weak(shown.version)))
    }

    /// The answer that shows the resource as it is now.
    pub(crate) fn answer(
        &self,
        status: StatusCode,
        schema: &ResourceSchema,
        shown: &Shown<'_>,
        projection: &Projection,
        document: Map<String, Value>,
    ) -> Reply {
        let projected = projection.apply(schema, document);
        self.tagged(Reply::json(status, Value::Object(projected)), schema, shown)
    }

    /// Adds the headers that name a resource and its version.
    pub(crate) fn tagged(&self, reply: Reply, schema: &ResourceSchema, shown: &Shown<'_>) -> Reply {
        let location = self.location(&schema.resource_type.endpoint, shown.id);
        let reply = reply.with(header::LOCATION, location.clone()).with(header::CONTENT_LOCATION, location);
        if self.connection.etags { reply.with(header::ETAG, etag::weak(shown.version)) } else { reply }
    }
}

/// The attempts of a write that may meet others.
///
/// `while attempts.next().await` is true as often as the write may be tried, after a pause from the second time on.
pub(crate) struct Attempts<'a> {
    ids: &'a dyn Ids,
    made: u32,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(call: &Call<'a>) -> Self {
        Self { ids: call.app.ids.as_ref(), made: 0 }
    }

    pub(crate) async fn next(&mut self) -> bool {
        if self.made > 0 && self.made < ATTEMPTS {
            let longest = longest_pause_ms(self.made);
            // Spread by chance over the whole pause, or those who met once would meet again.
            let (_, chance) = self.ids.uuid().as_u64_pair();
            tokio::time::sleep(Duration::from_millis(chance % (longest + 1))).await;
        }
        self.made += 1;
        self.made <= ATTEMPTS
    }
}

fn longest_pause_ms(attempts_made: u32) -> u64 {
    FIRST_PAUSE_MS.saturating_mul(1 << (attempts_made - 1).min(32)).min(LONGEST_PAUSE_MS)
}

/// The refusal after the last attempt.
pub(crate) fn contended() -> ScimError {
    ScimError::new(
        503,
        format!(
            "the resource was changed by others {ATTEMPTS} times in a row; nothing was written, send the request again"
        ),
    )
}

/// 404 for a resource.
pub(crate) fn absent(kind: &str) -> ScimError {
    ScimError::new(404, format!("this connection has no such {kind}; check the id, or create it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_within_the_functions_time() {
        let pauses: Vec<u64> = (1..ATTEMPTS).map(longest_pause_ms).collect();
        assert_eq!(pauses[..8], [10, 20, 40, 80, 160, 320, 640, 640]);
        assert!(pauses.iter().sum::<u64>() < 10_000, "API Gateway waits 30 seconds");
    }
}
