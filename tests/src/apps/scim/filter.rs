//! Filters (RFC 7644 §3.4.2.2), as far as this app goes: `eq` and `pr`, joined by `and`. Everything else is refused:
//! an unknown filter that is answered with an empty list makes clients create duplicates.

use serde_json::Value;

use super::{
    error::{Answer, ScimError},
    schema::Attributes,
};

#[derive(Debug)]
pub(super) struct Filter(Vec<Condition>);

#[derive(Debug)]
struct Condition {
    path: Vec<String>,
    /// `None` asks for presence only.
    value: Option<Value>,
}

impl Filter {
    pub(super) fn parse(text: &str) -> Answer<Self> {
        let conditions =
            split_conditions(text).into_iter().map(Condition::parse).collect::<Answer<Vec<_>>>()?;
        Ok(Self(conditions))
    }

    pub(super) fn matches(&self, attributes: &Attributes) -> bool {
        self.0.iter().all(|condition| condition.holds(attributes))
    }

    /// The attributes that it asks about.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|condition| condition.path[0].as_str())
    }

    /// The value of a filter that is only `name eq "value"` (the name may have a dot), which an index may answer.
    pub(super) fn only(&self, name: &str) -> Option<&str> {
        match self.0.as_slice() {
            [Condition { path, value: Some(Value::String(value)) }]
                if path.join(".").eq_ignore_ascii_case(name) =>
            {
                Some(value)
            }
            _ => None,
        }
    }
}

impl Condition {
    fn parse(text: &str) -> Answer<Self> {
        let unsupported = || ScimError::bad("invalidFilter", format!("This app cannot filter by: {text}"));
        let mut words = text.trim().splitn(3, ' ');
        let path = words.next().filter(|path| !path.is_empty()).ok_or_else(unsupported)?;
        if path.contains(['(', '[', ':']) {
            return Err(unsupported());
        }
        let operator = words.next().unwrap_or_default().to_ascii_lowercase();
        let value = match (operator.as_str(), words.next()) {
            ("pr", None) => None,
            ("eq", Some(value)) => Some(serde_json::from_str(value.trim()).map_err(|_| unsupported())?),
            _ => return Err(unsupported()),
        };
        Ok(Self { path: path.split('.').map(str::to_owned).collect(), value })
    }

    fn holds(&self, attributes: &Attributes) -> bool {
        // Identifiers are exact, words are not (`caseExact`, RFC 7643 §7).
        let exact =
            ["id", "externalId", "members"].iter().any(|name| self.path[0].eq_ignore_ascii_case(name));
        let found = values(attributes, &self.path);
        match &self.value {
            None => !found.is_empty(),
            Some(wanted) => found.iter().any(|value| equal(value, wanted, exact)),
        }
    }
}

/// Cuts at each ` and ` outside quotes.
fn split_conditions(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, character) in text.char_indices() {
        match character {
            '"' if !escaped => quoted = !quoted,
            ' ' if !quoted && text[at..].get(..5).is_some_and(|word| word.eq_ignore_ascii_case(" and ")) => {
                parts.push(&text[start..at]);
                start = at + 5;
            }
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    parts.push(&text[start..]);
    parts
}

fn values<'a>(attributes: &'a Attributes, path: &[String]) -> Vec<&'a Value> {
    let Some((name, rest)) = path.split_first() else {
        return Vec::new();
    };
    let Some((_, value)) = attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) else {
        return Vec::new();
    };
    let items = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
    let value_of = ["value".to_owned()];
    items
        .into_iter()
        .flat_map(|item| match item {
            // `emails eq "…"` means `emails.value eq "…"`.
            Value::Object(sub) if rest.is_empty() => values(sub, &value_of),
            Value::Object(sub) => values(sub, rest),
            _ => vec![item],
        })
        .collect()
}

fn equal(value: &Value, wanted: &Value, exact: bool) -> bool {
    match (value, wanted) {
        (Value::String(value), Value::String(wanted)) if !exact => {
            value.to_lowercase() == wanted.to_lowercase()
        }
        _ => value == wanted,
    }
}
