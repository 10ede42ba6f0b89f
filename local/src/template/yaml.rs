//! YAML as CloudFormation writes it: the short forms of its functions (`!Ref Table`) are read as the long ones
//! (`{"Ref": "Table"}`).

use granit_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Number, Value};

/// Reads a document.
///
/// # Errors
/// A text that says what is wrong and where.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut events = Parser::new_from_str(text);
    loop {
        match next(&mut events)? {
            Event::StreamStart | Event::DocumentStart(..) => {}
            first => return node(first, &mut events),
        }
    }
}

fn next<'a>(events: &mut Parser<'a, granit_parser::StrInput<'a>>) -> Result<Event<'a>, String> {
    match events.next() {
        Some(Ok((event, _))) => Ok(event),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("it ends in the middle".to_owned()),
    }
}

fn node<'a>(event: Event<'a>, events: &mut Parser<'a, granit_parser::StrInput<'a>>) -> Result<Value, String> {
    let (value, tag) = match event {
        Event::Scalar(text, style, _, tag) => {
            let plain = style == ScalarStyle::Plain && tag.is_none();
            (if plain { scalar(&text) } else { Value::String(text.into_owned()) }, tag)
        }
        Event::SequenceStart(_, _, tag) => {
            let mut items = Vec::new();
            loop {
                match next(events)? {
                    Event::SequenceEnd => break (Value::Array(items), tag),
                    item => items.push(node(item, events)?),
                }
            }
        }
        Event::MappingStart(_, _, tag) => {
            let mut fields = Map::new();
            loop {
                let name = match next(events)? {
                    Event::MappingEnd => break (Value::Object(fields), tag),
                    Event::Scalar(name, ..) => name.into_owned(),
                    other => return Err(format!("{other:?} is no name of a field")),
                };
                let first = next(events)?;
                fields.insert(name, node(first, events)?);
            }
        }
        other => return Err(format!("{other:?} is not used in a template")),
    };
    Ok(match tag.as_deref() {
        Some(tag) => long_form(tag, value),
        None => value,
    })
}

/// A plain scalar, by YAML's core schema as far as templates use it.
fn scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        number => number.parse::<Number>().map_or_else(|_| Value::String(text.to_owned()), Value::Number),
    }
}

fn long_form(tag: &Tag, value: Value) -> Value {
    let (name, value) = match (tag.suffix(), value) {
        (name @ ("Ref" | "Condition"), value) => (name.to_owned(), value),
        ("GetAtt", Value::String(text)) => {
            let path = text.split_once('.').map_or(vec![text.as_str()], |(name, rest)| vec![name, rest]);
            ("Fn::GetAtt".to_owned(), path.into())
        }
        (name, value) => (format!("Fn::{name}"), value),
    };
    Value::Object(Map::from_iter([(name, value)]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_forms_are_read_as_long_ones() {
        let text = r#"
a: !Ref Table
b: !GetAtt Table.StreamArn
c: !Sub "${A}-x"
d: !If [Cond, !Ref A, plain]
e: { f: [1, "1", true, "true", 2012-10-17], g: }
"#;
        assert_eq!(
            read(text).unwrap(),
            json!({
                "a": {"Ref": "Table"},
                "b": {"Fn::GetAtt": ["Table", "StreamArn"]},
                "c": {"Fn::Sub": "${A}-x"},
                "d": {"Fn::If": ["Cond", {"Ref": "A"}, "plain"]},
                "e": {"f": [1, "1", true, "true", "2012-10-17"], "g": null},
            })
        );
        assert!(read("a: [1").is_err());
    }
}
