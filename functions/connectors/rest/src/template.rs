//! Filling placeholders in.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use usher_connector::{Error, Result};

/// What placeholders stand for.
#[derive(Default)]
pub(crate) struct Values(BTreeMap<String, Value>);

impl Values {
    /// With a text; without a placeholder of that name where there is none.
    #[must_use]
    pub(crate) fn with(self, name: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.with_value(name, Value::from(text)),
            None => self,
        }
    }

    /// With anything.
    #[must_use]
    pub(crate) fn with_value(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    fn get(&self, name: &str) -> Result<&Value> {
        self.0.get(name).ok_or_else(|| {
            Error::invalid(format!(
                "the call needs the person's {name}, and neither the directory nor the app gives one; fill it in, then \
                 retry"
            ))
        })
    }

    /// Fills a text in.
    pub(crate) fn text(&self, template: &str) -> Result<String> {
        let mut filled = String::new();
        for part in parts(template) {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Placeholder(name) => match self.get(name)? {
                    Value::String(text) => filled.push_str(text),
                    other => filled.push_str(&other.to_string()),
                },
            }
        }
        Ok(filled)
    }

    /// Fills JSON in.
    pub(crate) fn json(&self, template: &Value) -> Result<Value> {
        Ok(match template {
            Value::String(text) => match parts(text).as_slice() {
                [Part::Placeholder(name)] => self.get(name)?.clone(),
                _ => self.text(text)?.into(),
            },
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.json(item)).collect::<Result<_>>()?)
            }
            Value::Object(fields) => {
                let filled = fields.iter().map(|(name, value)| Ok((name.clone(), self.json(value)?)));
                Value::Object(filled.collect::<Result<Map<_, _>>>()?)
            }
            other => other.clone(),
        })
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Placeholder(&'a str),
}

fn parts(template: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), template);
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, behind)| Some((before, behind.split_once('}')?)))
    {
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        parts.push(Part::Placeholder(name));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// The names of the placeholders in a text.
pub(crate) fn placeholders(template: &str) -> Vec<&str> {
    let names = parts(template).into_iter().filter_map(|part| match part {
        Part::Placeholder(name) => Some(name),
        Part::Text(_) => None,
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_lone_placeholder_keeps_its_type_and_values_cannot_add_placeholders() {
        let values = Values::default().with("id", Some("{role}")).with_value("role", json!(true));
        let template = json!({"admin": "{role}", "of": ["{id}-{role}", 1, null]});
        assert_eq!(values.json(&template).unwrap(), json!({"admin": true, "of": ["{role}-true", 1, null]}));
        assert_eq!(values.text("a{id}b}{").unwrap(), "a{role}b}{");
        assert_eq!(placeholders("x{a}y{b}"), ["a", "b"]);
    }

    #[test]
    fn what_the_directory_does_not_give_is_named() {
        let error = Values::default().with("email", None).text("{email}").unwrap_err();
        assert!(error.message().contains("email"), "{error}");
    }
}
