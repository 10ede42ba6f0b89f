//! Roles as the app has them: some number theirs, otherwise in every installation.

use std::collections::BTreeSet;

use serde_json::Value;
use usher_connector::{Error, Result};

use crate::client::Client;

/// The name and the number of each role; without `role_numbers` there are none.
pub(crate) type Numbers = Vec<(Value, Value)>;

/// How the app numbers its roles. It is asked once.
pub(crate) async fn numbers(client: &Client) -> Result<Option<&Numbers>> {
    const DOING: &str = "reading the roles";
    let Some(numbers) = &client.document.role_numbers else { return Ok(None) };
    if let Some(known) = client.numbers.get() {
        return Ok(Some(known));
    }
    let listed = client.all(DOING, &numbers.list, &Default::default()).await?;
    let told = listed.iter().map(|item| {
        let pair = item.pointer(&numbers.name).zip(item.pointer(&numbers.number));
        pair.map(|(name, number)| (name.clone(), number.clone())).ok_or_else(|| {
            Error::transient(format!(
                "{DOING}: the app's answer lacks a role's name or number; it is read again"
            ))
        })
    });
    let told: Numbers = told.collect::<Result<_>>()?;
    Ok(Some(client.numbers.get_or_init(|| told)))
}

/// The one role of these, as calls have it.
pub(crate) async fn given(client: &Client, roles: &BTreeSet<String>) -> Result<Value> {
    let mut found = client.document.roles.iter().filter(|role| roles.contains(&role.key));
    let role = match (found.next(), found.next()) {
        (Some(role), None) => role,
        _ => return Err(Error::invalid("the app gives just one role; choose one, then retry")),
    };
    let Some(numbers) = numbers(client).await? else { return Ok(role.value()) };
    let number = numbers.iter().find(|(name, _)| *name == role.value()).map(|(_, number)| number.clone());
    number.ok_or_else(|| {
        let Client { document, .. } = client;
        Error::invalid(format!(
            "{} has no role named {} any more; correct `roles` in the document, then retry",
            document.name,
            role.value()
        ))
    })
}

/// The keys of the roles that a call's value stands for.
pub(crate) fn keys(client: &Client, numbers: Option<&Numbers>, value: Option<&Value>) -> BTreeSet<String> {
    let name = match numbers {
        Some(numbers) => numbers.iter().find(|(_, number)| Some(number) == value).map(|(name, _)| name),
        None => value,
    };
    let known = client.document.roles.iter().filter(|role| name == Some(&role.value()));
    known.map(|role| role.key.clone()).collect()
}
