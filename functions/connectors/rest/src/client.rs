//! Calls, as the document describes them.

use std::sync::OnceLock;

use serde_json::Value;
use usher_connector::{Class, Error, Http, Method, Request, Response, Result, Transport};
use usher_domain::{Timestamp, ports::Page};

use crate::{
    config::Credentials,
    document::{Call, Document, Listing, Lookup, Paging},
    reading::text,
    role::Numbers,
    template::Values,
};

/// One app.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) document: Document,
    /// How the app numbers its roles, once it was asked.
    pub(crate) numbers: OnceLock<Numbers>,
    http: Http,
    transport: Transport,
    credentials: Credentials,
    page_size: u32,
}

impl Client {
    pub(crate) fn new(
        transport: Transport,
        http: Http,
        credentials: Credentials,
        document: Document,
        page_size: u32,
    ) -> Self {
        Self { document, numbers: OnceLock::new(), http, transport, credentials, page_size }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.transport.now()
    }

    /// Changes something. What a success answers beside its code is not looked at: the app is, afterwards.
    pub(crate) async fn call(&self, doing: &'static str, call: &Call, values: &Values) -> Result<()> {
        let mut request = asked(call.method.into(), doing, &call.path, values)?;
        for (name, template) in &call.query {
            request = request.query(name.clone(), values.text(template)?);
        }
        if let Some(body) = &call.body {
            request = request.body(values.json(body)?);
        }
        self.send(&request).await.map(|_| ())
    }

    /// Reads one thing; `None` where the app says that there is none.
    pub(crate) async fn find(
        &self,
        doing: &'static str,
        lookup: &Lookup,
        values: &Values,
    ) -> Result<Option<Value>> {
        let mut request = asked(Method::Get, doing, &lookup.path, values)?;
        for (name, template) in &lookup.query {
            request = request.query(name.clone(), values.text(template)?);
        }
        let answer = match self.send(&request).await {
            Ok(answer) => answer.expect_json(doing)?,
            Err(error) if error.class() == Class::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let item = answer.pointer(&lookup.item).cloned();
        item.map(Some).ok_or_else(|| self.malformed(doing, &lookup.item))
    }

    /// One page of a list.
    pub(crate) async fn page(
        &self,
        doing: &'static str,
        listing: &Listing,
        values: &Values,
        cursor: Option<&str>,
    ) -> Result<Page<Value>> {
        let place = Place::read(doing, cursor)?;
        let mut request = asked(Method::Get, doing, &listing.path, values)?;
        for (name, template) in &listing.query {
            request = request.query(name.clone(), values.text(template)?);
        }
        request = self.turned(request, listing.paging.as_ref(), &place);
        let answer = match self.send(&request).await {
            Err(error) if error.class() == Class::NotFound => {
                return Err(Error::new(
                    Class::Conflict,
                    format!("{doing}: {} knows no such list; it is looked at again", self.document.name),
                ));
            }
            answer => answer?.expect_json(doing)?,
        };
        let items = match answer.pointer(&listing.items) {
            Some(Value::Array(items)) => items.clone(),
            None if listing.may_be_missing => Vec::new(),
            _ => return Err(self.malformed(doing, &listing.items)),
        };
        let next = self.next(doing, listing, &place, &answer, items.len() as u64)?;
        let counts = |item: &Value| listing.only.as_ref().is_none_or(|only| only.holds(item));
        Ok(Page { items: items.into_iter().filter(counts).collect(), next })
    }

    /// A whole list.
    pub(crate) async fn all(
        &self,
        doing: &'static str,
        listing: &Listing,
        values: &Values,
    ) -> Result<Vec<Value>> {
        let (mut items, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.page(doing, listing, values, cursor.as_deref()).await?;
            items.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(items);
            }
        }
    }

    /// The request for the page at this place.
    fn turned(&self, request: Request, paging: Option<&Paging>, place: &Place) -> Request {
        let size = self.page_size.to_string();
        match paging {
            None => request,
            Some(Paging::Page { page, size: name, first, .. }) => {
                let number = first + place.pages;
                request.query(page.clone(), number.to_string()).query(name.clone(), size)
            }
            Some(Paging::Offset { offset, size: name, .. }) => {
                request.query(offset.clone(), place.read.to_string()).query(name.clone(), size)
            }
            Some(Paging::Cursor { cursor, size: name, .. }) => {
                let request = request.query(name.clone(), size);
                match &place.cursor {
                    Some(at) => request.query(cursor.clone(), at.clone()),
                    None => request,
                }
            }
        }
    }

    /// Where the next page is; none after the last one.
    fn next(
        &self,
        doing: &str,
        listing: &Listing,
        place: &Place,
        answer: &Value,
        shown: u64,
    ) -> Result<Option<String>> {
        let read = place.read + shown;
        let total = match &listing.paging {
            None => return Ok(None),
            Some(Paging::Cursor { next, .. }) => {
                let cursor = text(answer, next);
                return Ok(
                    cursor.map(|cursor| Place { cursor: Some(cursor), ..place.after(shown) }.to_string())
                );
            }
            Some(Paging::Page { total, .. } | Paging::Offset { total, .. }) => total,
        };
        let goes_on = match total {
            None => shown >= u64::from(self.page_size),
            Some(pointer) => {
                let total = answer.pointer(pointer).and_then(Value::as_u64);
                let total = total.ok_or_else(|| self.malformed(doing, pointer))?;
                if read > total || (shown == 0 && read < total) {
                    let name = &self.document.name;
                    let message = format!(
                        "{doing}: {name}'s list does not have as many items as it says; it is read again"
                    );
                    return Err(Error::new(Class::Conflict, message));
                }
                read < total
            }
        };
        Ok(goes_on.then(|| place.after(shown).to_string()))
    }

    fn malformed(&self, doing: &str, pointer: &str) -> Error {
        let name = &self.document.name;
        Error::transient(format!(
            "{doing}: {name}'s answer lacks what should be at `{pointer}`; it is read again"
        ))
    }

    async fn send(&self, request: &Request) -> Result<Response> {
        let http = self.credentials.apply(&self.document.auth, self.http.clone(), self.now())?;
        let answer = http.send(request).await?;
        let class = self.class(request.method, &answer);
        match class {
            None => Ok(answer),
            Some(class) => Err(Error::new(
                class,
                format!(
                    "{}: {} answered with status {}; {}",
                    request.doing,
                    self.document.name,
                    answer.status,
                    advice(class)
                ),
            )),
        }
    }

    /// What an answer means; `None` for a success.
    fn class(&self, method: Method, answer: &Response) -> Option<Class> {
        let body = answer.json().unwrap_or_default();
        let rule = self.document.errors.iter().find(|rule| {
            // A rule without a code says what a status means, and that is never a success.
            let fits = rule.status.is_none_or(|status| status == answer.status);
            fits && rule.when.as_ref().map_or(!answer.is_success(), |when| when.holds(&body))
        });
        match rule {
            Some(rule) => Some(rule.class.class(answer.retry_after)),
            None if answer.is_success() => None,
            None => Some(answer.class(method)),
        }
    }
}

/// A request for a path; one whose last segment is empty ends with a slash.
fn asked(method: Method, doing: &'static str, path: &[String], values: &Values) -> Result<Request> {
    let (path, slash) = match path.split_last() {
        Some((last, path)) if last.is_empty() => (path, true),
        _ => (path, false),
    };
    let filled = path.iter().map(|segment| values.text(segment)).collect::<Result<Vec<_>>>()?;
    let request = Request::new(method, doing, filled);
    Ok(if slash { request.trailing_slash() } else { request })
}

fn advice(class: Class) -> &'static str {
    match class {
        Class::AuthExpired | Class::AuthRevoked => {
            "store good credentials of the app, then resume the integration"
        }
        Class::ScopeMissing => "give the credentials' account the right to manage people, then resume",
        Class::PolicyDenied | Class::SeatLimit => "look in the app what it does not allow, then retry",
        Class::RateLimited { .. } | Class::Transient { .. } | Class::Conflict => "it is tried again",
        Class::Ambiguous => {
            "it is not known whether it was done; the app is looked at before it is tried again"
        }
        Class::NotFound => "it is not in the app",
        _ => "look in the app what is in the way, and whether the document fits it, then retry",
    }
}

/// A place in a list: how many pages and items lie before it, and the app's cursor.
#[derive(Debug, Default, PartialEq, Eq)]
struct Place {
    pages: u64,
    read: u64,
    cursor: Option<String>,
}

impl Place {
    fn read(doing: &str, cursor: Option<&str>) -> Result<Self> {
        let Some(text) = cursor else { return Ok(Self::default()) };
        let not_ours = || Error::invalid(format!("{doing}: the cursor is not one of this list; begin again"));
        let mut parts = text.splitn(3, '/');
        let mut number = || parts.next().and_then(|part| part.parse().ok()).ok_or_else(not_ours);
        let (pages, read) = (number()?, number()?);
        Ok(Self { pages, read, cursor: parts.next().map(str::to_owned) })
    }

    fn after(&self, shown: u64) -> Self {
        Self { pages: self.pages + 1, read: self.read + shown, cursor: None }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.pages, self.read)?;
        self.cursor.iter().try_for_each(|cursor| write!(f, "/{cursor}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_told() {
        for place in [Place::default().after(7), Place { cursor: Some("a/b".into()), ..Place::default() }] {
            assert_eq!(Place::read("x", Some(&place.to_string())).unwrap(), place);
        }
        assert!(Place::read("x", Some("nonsense")).is_err() && Place::read("x", Some("1/b")).is_err());
    }
}
