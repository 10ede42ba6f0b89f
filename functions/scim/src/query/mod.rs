//! Lists and searches (RFC 7644 §3.4.2, §3.4.3): of one resource type or of all, filtered, sorted, in pages.

mod candidates;
mod lookup;
mod pages;
mod question;

use axum::http::StatusCode;
use usher_scim::list::{self, ListQuery, Page, Place};
use usher_scim::projection::Projection;
use usher_scim::{ResourceSchema, ScimError};

use crate::call::Call;
use crate::reply::Reply;
use crate::resource::{Kind, Record, related};
use question::Question;

/// What a page shows, before it is projected.
struct Found<'a> {
    /// The size of the whole list; `None` where only a whole walk would tell.
    total: Option<u64>,
    place: Place,
    records: Vec<(&'a ResourceSchema, Record)>,
}

/// Answers a query over the resources of some types.
pub(crate) async fn answer(
    call: &Call<'_>,
    schemas: &[&ResourceSchema],
    query: &ListQuery,
) -> Result<Reply, ScimError> {
    let question = Question::new(call, schemas, query)?;
    let found = match &query.page {
        Page::Index(start) => pages::by_index(&question, *start).await?,
        Page::Cursor(cursor) => pages::by_cursor(&question, cursor).await?,
    };
    let mut documents = Vec::with_capacity(found.records.len());
    let mut records = found.records.into_iter().peekable();
    // What is of one type and stands together is completed together.
    while let Some((schema, first)) = records.next() {
        let mut group = vec![first];
        while let Some((_, next)) = records.next_if(|(next, _)| std::ptr::eq(*next, schema)) {
            group.push(next);
        }
        let projection = Projection::new(schema, &query.attributes, &query.excluded_attributes);
        let whole = related::documents(call, schema, group, shows_relation(schema, &projection)).await?;
        documents.extend(whole.into_iter().map(|document| projection.apply(schema, document)));
    }
    Ok(Reply::json(StatusCode::OK, list::response(found.total, found.place, documents)))
}

/// Groups of a user cost reads of their own for every user: lists have them for those who ask.
fn shows_relation(schema: &ResourceSchema, projection: &Projection) -> bool {
    match Kind::of(schema) {
        Kind::User => projection.asks_for("groups"),
        Kind::Group => projection.wants("members"),
        Kind::Custom => false,
    }
}
