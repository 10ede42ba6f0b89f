//! How two values of one attribute compare: by type, and text by case only where the schema says so.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use crate::schema::{Attribute, DataType};

/// A simple value in the form in which it compares.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Comparable<'v> {
    /// `false` before `true`.
    Bool(bool),
    /// By size, however it is written.
    Number(Cow<'v, Number>),
    /// By instant, whatever the offset.
    Instant(jiff::Timestamp),
    /// By Unicode code points, in lower case where case does not matter.
    Text(Cow<'v, str>),
}

impl<'v> Comparable<'v> {
    /// The form of a value of this attribute; `None` for one of another type.
    pub(crate) fn of(attr: &Attribute, value: &'v Value) -> Option<Self> {
        match (attr.data_type, value) {
            (DataType::Boolean, Value::Bool(b)) => Some(Self::Bool(*b)),
            (DataType::Integer | DataType::Decimal, Value::Number(n)) => Some(Self::Number(Cow::Borrowed(n))),
            (DataType::DateTime, Value::String(s)) => instant(s).map(Self::Instant),
            (
                DataType::String | DataType::Reference | DataType::Binary | DataType::Complex,
                Value::String(s),
            ) => Some(Self::Text(folded(s, is_case_exact(attr)))),
            _ => None,
        }
    }

    /// The order of two values of one attribute.
    pub(crate) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Number(a), Self::Number(b)) => Some(numbers(a, b)),
            (Self::Instant(a), Self::Instant(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

/// RFC 7643 §2.3.6: binary values are "case exact"; §2.3.7 (erratum 6001): so are references.
pub(crate) fn is_case_exact(attr: &Attribute) -> bool {
    attr.case_exact || matches!(attr.data_type, DataType::Binary | DataType::Reference)
}

/// The form in which text compares: as it is, or in lower case.
pub(crate) fn folded(text: &str, case_exact: bool) -> Cow<'_, str> {
    if case_exact || !text.bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

/// Exact, also where one number has a fraction and the other is too large for one: an order that is only nearly right is
/// none to sort by.
pub(crate) fn numbers(a: &Number, b: &Number) -> Ordering {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(a), None) => whole_and_float(a, b),
        (None, Some(b)) => whole_and_float(b, a).reverse(),
        (None, None) => float(a).partial_cmp(&float(b)).unwrap_or(Ordering::Equal),
    }
}

fn whole(n: &Number) -> Option<i128> {
    n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from))
}

fn float(n: &Number) -> f64 {
    n.as_f64().unwrap_or_default()
}

fn whole_and_float(a: i128, b: &Number) -> Ordering {
    let b = float(b);
    // Beyond 2^100 a float is larger than any whole number that JSON gives us here, and the conversion below is exact.
    if b.abs() >= 2f64.powi(100) {
        return if b > 0.0 { Ordering::Less } else { Ordering::Greater };
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above, and the fraction is looked at after")]
    let whole = b.trunc() as i128;
    a.cmp(&whole).then_with(|| 0.0.partial_cmp(&b.fract()).unwrap_or(Ordering::Equal))
}

/// A point in time, read leniently: a filter may leave out the offset, which then is UTC, or the time of day.
pub(crate) fn instant(text: &str) -> Option<jiff::Timestamp> {
    text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
}

/// RFC 7643 §2.3.5: "The attribute value MUST be encoded as a valid xsd:dateTime": date, `T`, time with seconds, and an
/// optional offset.
pub(crate) fn is_date_time(text: &str) -> bool {
    let b = text.as_bytes();
    let shape = b.len() >= 19
        && b[..19].iter().enumerate().all(|(i, c)| match i {
            4 | 7 => *c == b'-',
            10 => *c == b'T',
            13 | 16 => *c == b':',
            _ => c.is_ascii_digit(),
        });
    if !shape {
        return false;
    }
    let mut rest = &b[19..];
    if let [b'.', digits @ ..] = rest {
        let end = digits.iter().position(|c| !c.is_ascii_digit()).unwrap_or(digits.len());
        if end == 0 {
            return false;
        }
        rest = &digits[end..];
    }
    let offset = match rest {
        [] | [b'Z'] => true,
        [b'+' | b'-', a, b, b':', c, d] => [a, b, c, d].iter().all(|c| c.is_ascii_digit()),
        _ => false,
    };
    offset && instant(text).is_some()
}

/// Whether two values of an attribute are the same, so that putting one in the other's place changes nothing. Lists have
/// no order (RFC 7643 §2.4), dates compare by instant, numbers by size; text is the same only to the letter.
pub(crate) fn same(attr: &Attribute, a: &Value, b: &Value) -> bool {
    if a == b {
        return true;
    }
    match (a, b) {
        (Value::Array(a), Value::Array(b)) if attr.multi_valued => {
            if a.len() != b.len() {
                return false;
            }
            let mut left: Vec<&Value> = b.iter().collect();
            a.iter().all(|a| {
                let at = left.iter().position(|b| same_single(attr, a, b));
                at.map(|at| left.swap_remove(at)).is_some()
            })
        }
        _ => same_single(attr, a, b),
    }
}

fn same_single(attr: &Attribute, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) if attr.is_complex() => {
            a.len() == b.len()
                && a.iter().all(|(name, a)| {
                    b.get(name).is_some_and(|b| match attr.sub(name) {
                        Some(sub) => same(sub, a, b),
                        None => a == b,
                    })
                })
        }
        (Value::Number(a), Value::Number(b)) => numbers(a, b).is_eq(),
        (Value::String(x), Value::String(y)) if attr.data_type == DataType::DateTime => {
            x == y || instant(x).is_some_and(|x| instant(y) == Some(x))
        }
        _ => a == b,
    }
}

/// Whether two objects hold the same, attribute by attribute.
pub(crate) fn same_members<'a>(
    find: impl Fn(&str) -> Option<&'a Attribute>,
    a: &Map<String, Value>,
    b: &Map<String, Value>,
) -> bool {
    a.len() == b.len()
        && a.iter().all(|(name, a)| {
            b.get(name).is_some_and(|b| match find(name) {
                Some(attr) => same(attr, a, b),
                None => a == b,
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn attribute(kind: &str) -> Attribute {
        serde_json::from_value(json!({"name": "a", "type": kind})).unwrap()
    }

    fn number(text: &str) -> Number {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn numbers_have_one_exact_order() {
        let ascending = [
            "-1e300",
            "-9223372036854775808",
            "-2.5",
            "-2",
            "-1.5",
            "0",
            "0.1",
            "1",
            "1.5",
            "2",
            "9007199254740992.0",
            "9007199254740993",
            "18446744073709551615",
            "1e300",
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(numbers(&number(a), &number(b)), i.cmp(&j), "{a} {b}");
            }
        }
        assert_eq!(numbers(&number("1"), &number("1.0")), Ordering::Equal);
    }

    #[test]
    fn dates_are_xsd_and_compare_by_instant() {
        for text in [
            "2026-11-01T00:00:00Z",
            "2026-11-01T00:00:00",
            "2026-11-01T00:00:00.123456789+01:00",
            "2024-02-29T23:59:59-12:00",
        ] {
            assert!(is_date_time(text), "{text}");
        }
        for text in [
            "",
            "2026-11-01",
            "2026-11-01 00:00:00Z",
            "2026-11-01T00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-11-01T00:00:00.Z",
            "2026-11-01T00:00:00z",
            "2026-11-01T00:00:00+0100",
            "2026-11-01T00:00:00[UTC]",
            "yesterday at ten o'clock",
            "2026-11-01T25:00:00Z",
        ] {
            assert!(!is_date_time(text), "{text}");
        }
        let date = attribute("dateTime");
        assert!(same(&date, &json!("2026-11-01T01:00:00+01:00"), &json!("2026-11-01T00:00:00Z")));
        assert!(!same(&date, &json!("2026-11-01T01:00:00Z"), &json!("2026-11-01T00:00:00Z")));
    }

    #[test]
    fn lists_have_no_order_and_text_is_the_same_to_the_letter() {
        let list: Attribute = serde_json::from_value(json!({"name": "a", "multiValued": true})).unwrap();
        assert!(same(&list, &json!(["a", "b", "a"]), &json!(["b", "a", "a"])));
        assert!(!same(&list, &json!(["a", "b", "b"]), &json!(["b", "a", "a"])));
        assert!(!same(&attribute("string"), &json!("a"), &json!("A")));
        assert!(same(&attribute("decimal"), &json!(1.0), &json!(1)));
    }

    #[test]
    fn only_case_insensitive_text_is_folded() {
        let text = attribute("string");
        let (left, right) = (json!("Ä"), json!("ä"));
        assert_eq!(Comparable::of(&text, &left), Comparable::of(&text, &right));
        let uri = attribute("reference");
        assert_ne!(Comparable::of(&uri, &left), Comparable::of(&uri, &right));
        assert_eq!(Comparable::of(&text, &json!(1)), None);
    }
}
