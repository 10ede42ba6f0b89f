//! Pages of an answer, by index (RFC 7644 §3.4.2.4) or by cursor (RFC 9865).

use usher_scim::cursor::{self, Position};
use usher_scim::filter::Source;
use usher_scim::list::Place;
use usher_scim::{ResourceSchema, ScimError};

use super::Found;
use super::candidates;
use super::lookup;
use super::question::{Asked, Question};
use crate::limits;
use crate::resource::{Kind, Record};

/// Resources that are read at once where a filter picks some of them.
const STEP: usize = 500;

/// The page from a 1-based index.
pub(super) async fn by_index<'a>(question: &Question<'a>, start: usize) -> Result<Found<'a>, ScimError> {
    let place = Place::Index(start);
    let plain = question.sort.is_none() && question.types.iter().all(|asked| asked.plan.is_none());
    if !plain {
        let all = everything(question).await?;
        let total = Some(all.len() as u64);
        let records = all.into_iter().skip(start - 1).take(question.count).collect();
        return Ok(Found { total, place, records });
    }
    let mut passed = start as u64 - 1;
    let mut total = 0;
    let mut records = Vec::new();
    for asked in &question.types {
        let left = question.count - records.len();
        let listing = lookup::list(question.call, asked.schema, passed + 1, left).await?;
        total += listing.total;
        passed = passed.saturating_sub(listing.total);
        records.extend(listing.items.into_iter().map(|record| (asked.schema, record)));
    }
    Ok(Found { total: Some(total), place, records })
}

/// The page that a cursor stands before; the first one for an empty cursor.
pub(super) async fn by_cursor<'a>(question: &Question<'a>, text: &str) -> Result<Found<'a>, ScimError> {
    let now = question.call.app.clock.now().as_second();
    let position = match text {
        "" => Position { page: None, skip: 0 },
        text => cursor::read(text, question.fingerprint, now)?,
    };
    let streams = question.sort.is_none() && question.types.iter().all(is_walked);
    let (total, records, next) = if streams {
        walk(question, position).await?
    } else {
        // What is looked up or sorted is small, and is made anew for each page.
        let all = everything(question).await?;
        let end = position.skip.saturating_add(question.count);
        let next = (end < all.len()).then_some(Position { page: None, skip: end });
        let total = Some(all.len() as u64);
        (total, all.into_iter().skip(position.skip).take(question.count).collect(), next)
    };
    let next = next.map(|position| cursor::write(&position, question.fingerprint, now));
    Ok(Found { total, place: Place::Cursor(next), records })
}

/// Whether a type is answered by walking through it, so that a page costs what it holds.
fn is_walked(asked: &Asked<'_>) -> bool {
    asked.plan.as_ref().is_none_or(|plan| {
        let relation = Kind::of(asked.schema).relation();
        plan.source == Source::Scan
            && !relation.is_some_and(|attribute| plan.asks_about(attribute, asked.schema))
    })
}

/// Everything that satisfies the question, in order.
async fn everything<'a>(question: &Question<'a>) -> Result<Vec<(&'a ResourceSchema, Record)>, ScimError> {
    let mut all = Vec::new();
    for asked in &question.types {
        let found = candidates::all(question.call, asked).await?;
        all.extend(found.into_iter().map(|record| (asked.schema, record)));
    }
    Ok(match &question.sort {
        Some(sort) => {
            sort.sort(all, |(schema, record)| sort.key(schema, &record.document(question.call, schema)))
        }
        None => all,
    })
}

type Walked<'a> = (Option<u64>, Vec<(&'a ResourceSchema, Record)>, Option<Position>);

/// Goes on through the types from a position. A page may hold less than was asked for, where much had to be looked at: it
/// ends where the store's page ends, so that nobody is skipped when others before are deleted.
async fn walk<'a>(question: &Question<'a>, position: Position) -> Result<Walked<'a>, ScimError> {
    let (mut at, mut cursor) = parsed(position.page)?;
    let mut records = Vec::new();
    let mut examined = 0;
    while let Some(asked) = question.types.get(at) {
        let left = question.count - records.len();
        let step = if asked.plan.is_some() { STEP } else { left };
        let mut page = lookup::page(question.call, asked.schema, cursor.as_deref(), step).await?;
        examined += page.items.len();
        let mut found = candidates::satisfying(question.call, asked, page.items).await?;
        if found.len() > left {
            if !records.is_empty() {
                break;
            }
            // A page of the store that holds no more than is asked for has no more that satisfies.
            page = lookup::page(question.call, asked.schema, cursor.as_deref(), left).await?;
            found = candidates::satisfying(question.call, asked, page.items).await?;
        }
        records.extend(found.into_iter().map(|record| (asked.schema, record)));
        cursor = page.next;
        at += usize::from(cursor.is_none());
        if records.len() >= question.count || examined >= limits::EXAMINED {
            break;
        }
    }
    let ended = at >= question.types.len();
    let next = (!ended).then(|| Position { page: Some(written(at, cursor.as_deref())), skip: 0 });
    let total = match question.types.iter().all(|asked| asked.plan.is_none()) {
        true => Some(total(question).await?),
        false => None,
    };
    Ok((total, records, next))
}

async fn total(question: &Question<'_>) -> Result<u64, ScimError> {
    let mut total = 0;
    for asked in &question.types {
        total += lookup::list(question.call, asked.schema, 1, 0).await?.total;
    }
    Ok(total)
}

/// Where a walk goes on: the type, and the store's own cursor in it.
fn written(at: usize, cursor: Option<&str>) -> String {
    format!("{at}-{}", cursor.unwrap_or_default())
}

fn parsed(page: Option<String>) -> Result<(usize, Option<String>), ScimError> {
    let Some(page) = page else { return Ok((0, None)) };
    let parts = page.split_once('-').and_then(|(at, cursor)| Some((at.parse().ok()?, cursor)));
    let (at, cursor) = parts.ok_or_else(lookup::foreign_cursor)?;
    Ok((at, Some(cursor.to_owned()).filter(|cursor| !cursor.is_empty())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back() {
        for (at, cursor) in [(0, None), (2, Some("a-b.c"))] {
            let page = Some(written(at, cursor));
            assert_eq!(parsed(page).unwrap(), (at, cursor.map(str::to_owned)));
        }
        assert!(parsed(Some("x".to_owned())).is_err());
    }
}
