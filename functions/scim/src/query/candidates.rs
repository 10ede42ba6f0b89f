//! Which resources of one type satisfy a filter: candidates from an index where one narrows the search, else all of them up
//! to a limit, and each is tested on the rest.

use std::collections::{BTreeSet, HashSet};

use futures::{StreamExt, TryStreamExt, stream};
use usher_domain::directory::GroupRecord;
use usher_domain::id::PersonId;
use usher_scim::filter::{self, EqTerm, Indexed, Plan, Source};
use usher_scim::{ResourceSchema, ScimError};

use super::lookup;
use super::question::Asked;
use crate::call::Call;
use crate::limits;
use crate::reply::from_store;
use crate::resource::{Kind, Record, related};

/// Resources that are read at the same time.
const READ_AT_ONCE: usize = 8;
/// Resources that are read in one go where no index helps.
const STEP: usize = 1_000;

/// All resources of a type that satisfy the filter.
///
/// # Errors
/// 400 `tooMany` when more would have to be looked at than a request may.
pub(super) async fn all(call: &Call<'_>, asked: &Asked<'_>) -> Result<Vec<Record>, ScimError> {
    let records = match asked.plan.as_ref().map(|plan| &plan.source) {
        None | Some(Source::Scan) => scanned(call, asked.schema).await?,
        // Candidates come from the narrowest: an id, then the first value with an index, then a membership.
        Some(Source::All(terms)) => match terms.iter().min_by_key(|term| rank(term)) {
            Some(term) => looked_up(call, asked.schema, std::slice::from_ref(term)).await?,
            None => scanned(call, asked.schema).await?,
        },
        Some(Source::Any(terms)) => looked_up(call, asked.schema, terms).await?,
    };
    satisfying(call, asked, records).await
}

fn rank(term: &EqTerm) -> u8 {
    match term.on {
        Indexed::Id => 0,
        Indexed::Member | Indexed::Group => 2,
        _ => 1,
    }
}

async fn scanned(call: &Call<'_>, schema: &ResourceSchema) -> Result<Vec<Record>, ScimError> {
    // Asked first, so that a refusal costs one read.
    limits::check_examined(lookup::list(call, schema, 1, 0).await?.total)?;
    let mut records = Vec::new();
    let mut cursor = None;
    loop {
        let page = lookup::page(call, schema, cursor.as_deref(), STEP).await?;
        records.extend(page.items);
        limits::check_examined(records.len() as u64)?;
        cursor = page.next;
        if cursor.is_none() {
            return Ok(records);
        }
    }
}

async fn looked_up(
    call: &Call<'_>,
    schema: &ResourceSchema,
    terms: &[EqTerm],
) -> Result<Vec<Record>, ScimError> {
    let mut seen = HashSet::new();
    let mut ids = Vec::new();
    for term in terms {
        let found = lookup::ids(call, schema, term).await?;
        ids.extend(found.into_iter().filter(|id| seen.insert(id.clone())));
        limits::check_looked_up(ids.len())?;
    }
    stream::iter(ids)
        .map(|id| async move { lookup::load(call, schema, &id).await })
        .buffered(READ_AT_ONCE)
        .try_filter_map(async |found| Ok(found))
        .try_collect()
        .await
}

/// Those of `records` that satisfy the filter.
pub(super) async fn satisfying(
    call: &Call<'_>,
    asked: &Asked<'_>,
    records: Vec<Record>,
) -> Result<Vec<Record>, ScimError> {
    let Some(plan) = &asked.plan else { return Ok(records) };
    let records = tested(call, asked.schema, plan, records).await?;
    if records.is_empty() {
        return Ok(records);
    }
    let Source::All(terms) = &plan.source else { return Ok(records) };
    let records = with_members(call, terms, records).await?;
    in_groups(call, terms, records).await
}

/// Tests the residual of the filter, which for the memberships of a resource needs them read.
async fn tested(
    call: &Call<'_>,
    schema: &ResourceSchema,
    plan: &Plan,
    records: Vec<Record>,
) -> Result<Vec<Record>, ScimError> {
    let Some(residual) = &plan.residual else { return Ok(records) };
    let relation = Kind::of(schema).relation();
    if !relation.is_some_and(|attribute| plan.asks_about(attribute, schema)) {
        let holds = |record: &Record| filter::matches(residual, schema, &record.document(call, schema));
        return Ok(records.into_iter().filter(holds).collect());
    }
    limits::check_looked_up(records.len())?;
    let whole = related::documents(call, schema, records.clone(), true).await?;
    let holds = whole.iter().map(|document| filter::matches(residual, schema, document));
    Ok(records.into_iter().zip(holds).filter_map(|(record, holds)| holds.then_some(record)).collect())
}

fn values(terms: &[EqTerm], on: &Indexed) -> Vec<String> {
    terms.iter().filter(|term| term.on == *on).map(|term| term.value.clone()).collect()
}

/// Those groups that have all the members asked for.
async fn with_members(
    call: &Call<'_>,
    terms: &[EqTerm],
    records: Vec<Record>,
) -> Result<Vec<Record>, ScimError> {
    let asked = values(terms, &Indexed::Member);
    if asked.is_empty() {
        return Ok(records);
    }
    let people: Result<BTreeSet<PersonId>, _> = asked.iter().map(|id| id.parse()).collect();
    // An id that cannot be one is no member's.
    let Ok(people) = people else { return Ok(Vec::new()) };
    let people = &people;
    stream::iter(records)
        .map(|record| async move {
            let Record::Group(group) = &record else { return Ok(None) };
            let there = call.app.directory.members_among(group, people).await.map_err(|e| from_store(&e))?;
            Ok((there.len() == people.len()).then_some(record))
        })
        .buffered(READ_AT_ONCE)
        .try_filter_map(async |kept| Ok(kept))
        .try_collect()
        .await
}

/// Those users who are in all the groups asked for.
async fn in_groups(
    call: &Call<'_>,
    terms: &[EqTerm],
    mut records: Vec<Record>,
) -> Result<Vec<Record>, ScimError> {
    for id in values(terms, &Indexed::Group) {
        let group: Option<GroupRecord> = match id.parse() {
            Ok(id) => call.app.directory.group(&call.connection.id, &id).await.map_err(|e| from_store(&e))?,
            Err(_) => None,
        };
        let Some(group) = group else { return Ok(Vec::new()) };
        let people: BTreeSet<PersonId> = records.iter().filter_map(person).cloned().collect();
        let there = call.app.directory.members_among(&group, &people).await.map_err(|e| from_store(&e))?;
        records.retain(|record| person(record).is_some_and(|id| there.contains(id)));
    }
    Ok(records)
}

fn person(record: &Record) -> Option<&PersonId> {
    match record {
        Record::User(user) => Some(&user.id),
        _ => None,
    }
}
