//! `/Bulk` (RFC 7644 §3.7): many operations in one request, each as if it were a request of its own.

use axum::http::{Method, StatusCode, header};
use serde_json::Value;
use usher_domain::Timestamp;
use usher_scim::bulk::{self, Ids, Limits, Operation, Outcome, Refused, Step};
use usher_scim::{ResourceSchema, ScimError};

use crate::call::Call;
use crate::reply::Reply;
use crate::{not_found, resource};

/// How long operations are begun, in seconds: API Gateway gives up after 30, and a client that got no answer would not know
/// what was done.
const SECONDS: i64 = 20;

/// Works off a bulk request.
pub(crate) async fn answer(call: &Call<'_>, body: Value) -> Result<Reply, ScimError> {
    let request = bulk::parse(body, Limits::DEFAULT)?;
    let mut run = Run {
        call,
        operations: &request.operations,
        ids: Ids::new(),
        outcomes: vec![None; request.operations.len()],
        ends_at: call.app.clock.now().as_second() + SECONDS,
    };
    for step in bulk::order(&request.operations) {
        // RFC 7644 §3.7: failOnErrors is "the number of errors that the service provider will accept before the operation is
        // terminated"; what was not begun has no outcome.
        if request.fail_on_errors.is_some_and(|most| run.errors() >= most) {
            break;
        }
        run.step(step).await;
    }
    let outcomes = run.outcomes.into_iter().flatten();
    Ok(Reply::json(StatusCode::OK, bulk::response(outcomes)))
}

struct Run<'a> {
    call: &'a Call<'a>,
    operations: &'a [Result<Operation, Refused>],
    /// What was made so far.
    ids: Ids,
    outcomes: Vec<Option<Outcome>>,
    /// In seconds since 1970.
    ends_at: i64,
}

impl Run<'_> {
    fn errors(&self) -> u64 {
        self.outcomes.iter().flatten().filter(|outcome| outcome.result.is_err()).count() as u64
    }

    async fn step(&mut self, step: Step) {
        let (Step::Run(at) | Step::CreatePart(at) | Step::Complete(at)) = step;
        let Some(operation) = self.operations.get(at) else { return };
        let outcome = match operation {
            Ok(operation) => match self.work_off(step, operation).await {
                Some(outcome) => outcome,
                None => return,
            },
            Err(refused) => Outcome {
                method: refused.method.clone(),
                bulk_id: refused.bulk_id.clone(),
                location: None,
                version: None,
                result: Err(refused.error.clone()),
            },
        };
        if let Some(slot) = self.outcomes.get_mut(at) {
            *slot = Some(outcome);
        }
    }

    /// `None` for a part that could not be made and is therefore not completed: its outcome stands.
    async fn work_off(&mut self, step: Step, operation: &Operation) -> Option<Outcome> {
        let bulk_id = operation.bulk_id.as_deref();
        let made = bulk_id.and_then(|id| self.ids.get(id)).cloned();
        let done = match (step, made) {
            (Step::Complete(_), None) => return None,
            (Step::Complete(_), Some(id)) => self.complete(operation, &id).await,
            // RFC 7644 §3.7: "bulkId ... The transient identifier of a newly created resource, unique within a bulk request".
            (_, Some(_)) if operation.method == bulk::Method::Post => Err(ScimError::invalid_value(
                "the bulkId is used twice in this request; give each resource its own",
            )),
            (Step::CreatePart(_), _) => self.perform(&bulk::without(operation, &self.ids)).await,
            _ => match bulk::resolved(operation, &self.ids) {
                Ok(operation) => self.perform(&operation).await,
                Err(error) => Err(error),
            },
        };
        Some(self.outcome(operation, done))
    }

    /// Puts the references into a resource that was made without them. What cannot be completed is taken back: an operation
    /// is done or not done.
    async fn complete(&mut self, operation: &Operation, id: &str) -> Result<Reply, ScimError> {
        let schema = self.schema(operation)?;
        let call = self.call.operation(None)?;
        let whole = match bulk::resolved(operation, &self.ids) {
            Ok(whole) => resource::change(&call, schema, &Method::PUT, id, whole.data).await,
            Err(error) => Err(error),
        };
        if whole.is_err() {
            resource::delete(&call, schema, id).await?;
            operation.bulk_id.as_ref().map(|name| self.ids.remove(name));
        }
        Ok(whole?.with_status(StatusCode::CREATED))
    }

    async fn perform(&self, operation: &Operation) -> Result<Reply, ScimError> {
        if self.now().as_second() > self.ends_at {
            return Err(ScimError::new(
                503,
                format!(
                    "the request took longer than {SECONDS} seconds and this operation was not begun; send it again"
                ),
            ));
        }
        let schema = self.schema(operation)?;
        let call = self.call.operation(operation.version.as_deref())?;
        let id = operation.target.id.as_deref().unwrap_or_default();
        let data = || operation.data.clone();
        match operation.method {
            bulk::Method::Post => resource::create(&call, schema, data()).await,
            bulk::Method::Put => resource::change(&call, schema, &Method::PUT, id, data()).await,
            bulk::Method::Patch => resource::change(&call, schema, &Method::PATCH, id, data()).await,
            bulk::Method::Delete => resource::delete(&call, schema, id).await,
        }
    }

    fn outcome(&mut self, operation: &Operation, done: Result<Reply, ScimError>) -> Outcome {
        let method = operation.method.name().to_owned();
        let bulk_id = operation.bulk_id.clone();
        match done {
            Ok(reply) => {
                let header = |name| reply.header(&name).map(str::to_owned);
                let location = header(header::LOCATION).or_else(|| self.location(operation));
                if let (bulk::Method::Post, Some(name), Some(location)) =
                    (operation.method, &bulk_id, &location)
                    && let Some((_, id)) = location.rsplit_once('/')
                {
                    self.ids.insert(name.clone(), id.to_owned());
                }
                Outcome {
                    method,
                    bulk_id,
                    location,
                    version: header(header::ETAG),
                    result: Ok(reply.status()),
                }
            }
            Err(error) => Outcome {
                method,
                bulk_id,
                location: self.location(operation),
                version: None,
                result: Err(error),
            },
        }
    }

    /// Where the resource is that an operation names. RFC 7644 §3.7.3: "location ... REQUIRED in a response, except in the
    /// event of a POST failure".
    fn location(&self, operation: &Operation) -> Option<String> {
        let whole = bulk::resolved(operation, &self.ids).ok();
        let target = whole.as_ref().map_or(&operation.target, |whole| &whole.target);
        Some(self.call.location(&format!("/{}", target.endpoint), target.id.as_deref()?))
    }

    fn schema(&self, operation: &Operation) -> Result<&ResourceSchema, ScimError> {
        self.call.at_endpoint(&operation.target.endpoint).ok_or_else(not_found)
    }

    fn now(&self) -> Timestamp {
        self.call.app.clock.now()
    }
}
