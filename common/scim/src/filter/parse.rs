//! A recursive descent parser for the grammar of RFC 7644 §3.4.2.2, figure 1.
//!
//! Two additions of the tolerant dialect, both from Entra ID: a sub-attribute after a value path
//! (`emails[type eq "work"].value eq "x"`), read as `emails[type eq "work" and value eq "x"]`, and values without quotes.

use serde_json::Number;

use super::ast::{CompareOp, Filter, Literal};
use crate::attr_path::AttrPath;
use crate::dialect::{Dialect, Leeway};
use crate::error::ScimError;

/// What a filter may cost. Checked before, or while, work is done.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Length of the text.
    pub bytes: usize,
    /// Comparisons in it.
    pub terms: usize,
    /// Nested parentheses, brackets and `not`.
    pub depth: usize,
}

impl Limits {
    /// Wide enough for every filter that a known client sends, narrow enough to be cheap.
    pub const DEFAULT: Self = Self { bytes: 8 * 1024, terms: 64, depth: 16 };
}

/// Parses a filter within [`Limits::DEFAULT`].
///
/// # Errors
/// 400 `invalidFilter`.
pub fn parse(text: &str, dialect: Dialect) -> Result<Filter, ScimError> {
    let mut parser = Parser::new(text, Limits::DEFAULT, dialect).map_err(ScimError::invalid_filter)?;
    let filter = parser.whole_filter();
    filter.map_err(ScimError::invalid_filter)
}

/// Parser over the text of a filter or of a PATCH path. Errors are sentences; the caller turns them into `invalidFilter` or
/// `invalidPath`.
pub(crate) struct Parser<'a> {
    text: &'a str,
    pos: usize,
    terms_left: usize,
    depth_left: usize,
    dialect: Dialect,
}

/// Whether value paths may appear: not inside another value path.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Outside,
    InBrackets,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str, limits: Limits, dialect: Dialect) -> Result<Self, String> {
        if text.len() > limits.bytes {
            return Err(format!("the expression is longer than {} bytes; shorten it", limits.bytes));
        }
        Ok(Self { text, pos: 0, terms_left: limits.terms, depth_left: limits.depth, dialect })
    }

    fn whole_filter(&mut self) -> Result<Filter, String> {
        let filter = self.or(Place::Outside)?;
        self.skip_spaces();
        if self.at_end() { Ok(filter) } else { Err(self.unexpected("the end, 'and' or 'or'")) }
    }

    fn or(&mut self, place: Place) -> Result<Filter, String> {
        self.chain(place, "or", Self::and, Filter::Or)
    }

    fn and(&mut self, place: Place) -> Result<Filter, String> {
        self.chain(place, "and", Self::unary, Filter::And)
    }

    fn chain(
        &mut self,
        place: Place,
        word: &str,
        next: fn(&mut Self, Place) -> Result<Filter, String>,
        build: fn(Vec<Filter>) -> Filter,
    ) -> Result<Filter, String> {
        let first = next(self, place)?;
        if !self.keyword(word) {
            return Ok(first);
        }
        let mut parts = vec![first, next(self, place)?];
        while self.keyword(word) {
            parts.push(next(self, place)?);
        }
        Ok(build(parts))
    }

    fn unary(&mut self, place: Place) -> Result<Filter, String> {
        self.skip_spaces();
        if self.eat('(') {
            let inner = self.nested(place)?;
            self.expect(')')?;
            return Ok(inner);
        }
        let start = self.pos;
        if self.word().eq_ignore_ascii_case("not") {
            self.skip_spaces();
            if self.eat('(') {
                let inner = self.nested(place)?;
                self.expect(')')?;
                return Ok(Filter::Not(Box::new(inner)));
            }
        }
        self.pos = start;
        self.attribute_expression(place)
    }

    fn nested(&mut self, place: Place) -> Result<Filter, String> {
        self.depth_left =
            self.depth_left.checked_sub(1).ok_or("the expression is nested too deeply; simplify it")?;
        let inner = self.or(place)?;
        self.depth_left += 1;
        Ok(inner)
    }

    fn attribute_expression(&mut self, place: Place) -> Result<Filter, String> {
        let path = self.attribute()?;
        if !self.peek_is('[') {
            return self.test(path);
        }
        if place == Place::InBrackets {
            return Err("a value path may not stand inside another value path".to_owned());
        }
        let inner = self.brackets()?;
        let inner = if self.dialect.allows(Leeway::SubAttributeAfterBrackets) && self.eat('.') {
            let name = self.word();
            let sub = AttrPath::parse(name)
                .filter(|p| p.sub.is_none() && p.urn.is_none())
                .ok_or_else(|| self.unexpected("a sub-attribute"))?;
            let test = self.test(sub)?;
            match inner {
                Filter::And(mut parts) => {
                    parts.push(test);
                    Filter::And(parts)
                }
                other => Filter::And(vec![other, test]),
            }
        } else {
            inner
        };
        Ok(Filter::ValuePath(path, Box::new(inner)))
    }

    /// `[` filter `]`.
    pub(crate) fn brackets(&mut self) -> Result<Filter, String> {
        self.expect('[')?;
        let inner = self.nested(Place::InBrackets)?;
        self.expect(']')?;
        Ok(inner)
    }

    /// An attribute name with optional URN and sub-attribute.
    pub(crate) fn attribute(&mut self) -> Result<AttrPath, String> {
        self.skip_spaces();
        let start = self.pos;
        let word = self.word();
        AttrPath::parse(word).ok_or_else(|| {
            self.pos = start;
            self.unexpected("an attribute name")
        })
    }

    fn test(&mut self, path: AttrPath) -> Result<Filter, String> {
        self.terms_left = self
            .terms_left
            .checked_sub(1)
            .ok_or("the expression has too many comparisons; ask in several requests")?;
        self.skip_spaces();
        let start = self.pos;
        let word = self.word();
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(path));
        }
        let Some(op) = CompareOp::parse(word) else {
            self.pos = start;
            return Err(self.unexpected("an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr)"));
        };
        Ok(Filter::Compare(path, op, self.literal()?))
    }

    fn literal(&mut self) -> Result<Literal, String> {
        self.skip_spaces();
        if self.peek_is('"') {
            return self.quoted();
        }
        let rest = &self.text[self.pos..];
        let end = rest
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, ')' | ']' | '"'))
            .unwrap_or(rest.len());
        let word = &rest[..end];
        if word.is_empty() {
            return Err(self.unexpected("a value"));
        }
        self.pos += end;
        // RFC 7644 figure 1: "compValue = false / null / true / number / string", as JSON writes them.
        let bare = self.dialect.allows(Leeway::BareLiterals);
        Ok(match word {
            "null" => Literal::Null,
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            "True" | "TRUE" if bare => Literal::Bool(true),
            "False" | "FALSE" if bare => Literal::Bool(false),
            _ => match word.parse::<Number>() {
                // Only text that prints back the same is a number: 007 is an externalId.
                Ok(n) if !bare || n.to_string() == word => Literal::Number(n),
                _ if bare => Literal::String(word.to_owned()),
                _ => {
                    self.pos -= end;
                    return Err(self.unexpected("a value in quotation marks, a number, true, false or null"));
                }
            },
        })
    }

    fn quoted(&mut self) -> Result<Literal, String> {
        let rest = &self.text[self.pos..];
        let mut escaped = false;
        let end = rest.bytes().enumerate().skip(1).find_map(|(i, b)| match b {
            _ if escaped => {
                escaped = false;
                None
            }
            b'\\' => {
                escaped = true;
                None
            }
            b'"' => Some(i + 1),
            _ => None,
        });
        let Some(end) = end else {
            return Err("a string is not closed with a quotation mark".to_owned());
        };
        let text: String = serde_json::from_str(&rest[..end])
            .map_err(|_| "a string is not valid JSON; escape it as JSON does".to_owned())?;
        self.pos += end;
        Ok(Literal::String(text))
    }

    /// Takes the keyword if it comes next as a word of its own.
    fn keyword(&mut self, keyword: &str) -> bool {
        let start = self.pos;
        self.skip_spaces();
        let ends_before = self.pos > start || self.text[..start].ends_with([')', ']', '"']);
        if ends_before && self.word().eq_ignore_ascii_case(keyword) {
            return true;
        }
        self.pos = start;
        false
    }

    /// The longest run without a space or punctuation of the grammar.
    pub(crate) fn word(&mut self) -> &'a str {
        let rest = &self.text[self.pos..];
        let end = rest
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '"'))
            .unwrap_or(rest.len());
        self.pos += end;
        &rest[..end]
    }

    fn skip_spaces(&mut self) {
        let rest = &self.text[self.pos..];
        self.pos += rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_whitespace()).len();
    }

    pub(crate) fn peek_is(&self, c: char) -> bool {
        self.text[self.pos..].starts_with(c)
    }

    pub(crate) fn at_end(&self) -> bool {
        self.pos == self.text.len()
    }

    pub(crate) fn eat(&mut self, c: char) -> bool {
        let found = self.peek_is(c);
        if found {
            self.pos += c.len_utf8();
        }
        found
    }

    fn expect(&mut self, c: char) -> Result<(), String> {
        self.skip_spaces();
        if self.eat(c) { Ok(()) } else { Err(self.unexpected(&format!("'{c}'"))) }
    }

    /// Says where, not what: the text may hold a person's address.
    pub(crate) fn unexpected(&self, wanted: &str) -> String {
        format!("expected {wanted} at character {}", self.text[..self.pos].chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ScimType;

    fn print(text: &str) -> String {
        parse(text, Dialect::Tolerant).unwrap_or_else(|e| panic!("{text}: {e}")).to_string()
    }

    #[test]
    fn the_examples_of_the_rfc_print_back() {
        for text in [
            "userName eq \"bjensen\"",
            "name.familyName co \"O'Malley\"",
            "urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"J\"",
            "title pr",
            "meta.lastModified gt \"2011-05-13T04:42:34Z\"",
            "title pr and userType eq \"Employee\"",
            "userType eq \"Employee\" and (emails co \"example.com\" or emails.value co \"example.org\")",
            "userType ne \"Employee\" and not (emails co \"example.com\" or emails.value co \"example.org\")",
            "emails[type eq \"work\" and value co \"@example.com\"] or ims[type eq \"xmpp\" and value co \"@foo.com\"]",
            "schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"",
            "a eq null and b eq true and c gt 1.5 and d le -3",
        ] {
            assert_eq!(print(text), text);
        }
    }

    #[test]
    fn and_binds_tighter_than_or_and_words_have_no_case() {
        assert_eq!(print("a pr OR b PR And c Eq 1"), "a pr or b pr and c eq 1");
        let Filter::Or(parts) = parse("a pr or b pr and c pr", Dialect::Tolerant).unwrap() else {
            panic!("or is outermost")
        };
        assert!(matches!(parts[1], Filter::And(_)));
        assert_eq!(print("NOT(a pr)and(b pr)"), "not (a pr) and b pr");
        assert_eq!(print("((a pr))"), "a pr");
        assert_eq!(print("not pr"), "not pr", "an attribute may be called not");
    }

    #[test]
    fn entra_forms_are_read_as_what_they_mean() {
        assert_eq!(
            print("emails[type eq \"work\"].value eq \"user@contoso.com\""),
            "emails[type eq \"work\" and value eq \"user@contoso.com\"]"
        );
        assert_eq!(print("externalId eq jyoung"), "externalId eq \"jyoung\"");
        assert_eq!(print("externalId eq 007"), "externalId eq \"007\"");
        assert_eq!(print("(externalId eq j@x.y)"), "externalId eq \"j@x.y\"");
        assert_eq!(print("userName eq \"a\\\"b\\\\\""), "userName eq \"a\\\"b\\\\\"");
    }

    #[test]
    fn strict_dialects_take_the_grammar_of_the_rfc_only() {
        for text in [
            "emails[type eq \"work\"].value eq \"x\"",
            "externalId eq jyoung",
            "externalId eq 007",
            "active eq True",
            "a eq nan",
            "a eq +1",
        ] {
            assert!(parse(text, Dialect::Rfc).is_err(), "{text}");
        }
        for (text, printed) in
            [("a eq 1e3", "a eq 1000.0"), ("a eq -0.50", "a eq -0.5"), ("a eq true", "a eq true")]
        {
            assert_eq!(parse(text, Dialect::Rfc).unwrap().to_string(), printed);
        }
    }

    #[test]
    fn everything_else_is_invalid_filter() {
        for text in [
            "",
            " ",
            "userName",
            "userName eq",
            "userName xx \"a\"",
            "userName eq \"a",
            "(a pr",
            "a pr)",
            "a pr and",
            "and a pr",
            "a pr b pr",
            "a[b pr",
            "a[b[c pr]]",
            "a[]",
            "a[b pr].",
            "a[b pr].c",
            "not a pr",
            "userName eq \"\\x\"",
            "a eq \"b\"c pr",
            "a..b pr",
            "eq \"a\"",
        ] {
            let error = parse(text, Dialect::Tolerant).expect_err(text);
            assert_eq!(error.scim_type, Some(ScimType::InvalidFilter), "{text}");
        }
    }

    #[test]
    fn limits_hold_before_work_is_done() {
        assert!(parse(&format!("{}a pr{}", "(".repeat(17), ")".repeat(17)), Dialect::Tolerant).is_err());
        assert!(parse(&format!("{}a pr{}", "(".repeat(16), ")".repeat(16)), Dialect::Tolerant).is_ok());
        assert!(parse(&vec!["a pr"; 65].join(" or "), Dialect::Tolerant).is_err());
        assert!(parse(&vec!["a pr"; 64].join(" or "), Dialect::Tolerant).is_ok());
        assert!(parse(&format!("a eq \"{}\"", "x".repeat(9000)), Dialect::Tolerant).is_err());
    }
}
