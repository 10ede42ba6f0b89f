//! Random input, made from the grammars and then damaged.

use serde_json::{Value, json};

/// A xorshift generator, and the inputs it draws.
pub(crate) struct Random(pub(crate) u64);

const NAMES: &[&str] = &[
    "userName",
    "USERNAME",
    "externalId",
    "name",
    "name.givenName",
    "emails",
    "emails.value",
    "emails.type",
    "emails.primary",
    "roles",
    "active",
    "title",
    "password",
    "groups",
    "id",
    "meta.created",
    "meta",
    "schemas",
    "x509Certificates",
    "x509Certificates.value",
    "addresses",
    "manager",
    "manager.value",
    "manager.$ref",
    "displayName",
    "members",
    "members.value",
    "zzz",
    "value",
    "type",
    "primary",
    "display",
    "$ref",
    "not",
    "and",
    "pr",
    "true",
    "urn:ietf:params:scim:schemas:core:2.0:User:userName",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:scim:schemas:core:1.0",
    "urn:example:scim:badge:2.0:User",
    "urn:example:scim:badge:2.0:User:number",
    "urn:example:scim:badge:2.0:User:level",
    "urn:example:scim:badge:2.0:User:weight",
    "urn:example:scim:badge:2.0:User:issued",
    "urn:example:scim:badge:2.0:User:key",
    "urn:example:scim:badge:2.0:User:doors",
    "urn:example:scim:badge:2.0:User:zones",
    "urn:example:scim:badge:2.0:User:zones.value",
    "urn:example:scim:badge:2.0:User:desk",
    "urn:example:scim:badge:2.0:User:desk.floor",
];

/// Attributes with the kind of value that fits them: text, boolean, number, date, binary, list, complex.
const TYPED: &[(&str, char)] = &[
    ("userName", 's'),
    ("title", 's'),
    ("externalId", 's'),
    ("active", 'b'),
    ("name.givenName", 's'),
    ("name", 'c'),
    ("emails", 'l'),
    ("emails.value", 's'),
    ("emails.primary", 'b'),
    ("emails[type eq \"work\"].value", 's'),
    ("emails[type eq \"work\"]", 'c'),
    ("emails[value sw \"a\"].primary", 'b'),
    ("emails[primary eq true].display", 's'),
    ("phoneNumbers[type eq \"mobile\"].value", 's'),
    ("roles", 'l'),
    ("roles[value ne \"x\"]", 'c'),
    ("addresses[type eq \"home\"].locality", 's'),
    ("x509Certificates", 'l'),
    ("members", 'l'),
    ("members[value eq \"a\"]", 'c'),
    ("displayName", 's'),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", 's'),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", 'c'),
    ("urn:example:scim:badge:2.0:User:level", 'i'),
    ("urn:example:scim:badge:2.0:User:weight", 'd'),
    ("urn:example:scim:badge:2.0:User:issued", 't'),
    ("urn:example:scim:badge:2.0:User:key", 'x'),
    ("urn:example:scim:badge:2.0:User:doors", 'a'),
    ("urn:example:scim:badge:2.0:User:zones", 'l'),
    ("urn:example:scim:badge:2.0:User:zones[type eq \"inner\"].since", 't'),
    ("urn:example:scim:badge:2.0:User:desk.floor", 'i'),
];

const SUBS: &[&str] =
    &["value", "type", "primary", "display", "$ref", "VALUE", "givenName", "floor", "seat", "since", "zzz"];

const OPS: &[&str] = &["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ", "Co", "pr", "xx"];

const PIECES: &[&str] = &[
    "",
    " ",
    "  ",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\\",
    ".",
    ":",
    ",",
    "{",
    "}",
    "null",
    "true",
    "\"True\"",
    "eq",
    " and ",
    " or ",
    "not (",
    " pr",
    "value",
    "\u{e9}",
    "\u{1F600}",
    "\0",
    "\n",
    "0",
    "-1",
    "1e400",
    "1.5",
    "urn:",
    "bulkId:",
    "members",
    "[type eq \"work\"]",
    "2026-01-01T00:00:00Z",
    "%",
    "&",
    "=",
    "+",
];

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from((self.next() >> 33) % end.max(1) as u64).unwrap_or_default()
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    fn word(&mut self) -> String {
        (0..self.below(6)).map(|_| char::from(b"abAB01-_@."[self.below(10)])).collect()
    }

    fn literal(&mut self) -> String {
        match self.below(12) {
            0 => "null".into(),
            1 => "true".into(),
            2 => "False".into(),
            3 => self.next().to_string(),
            4 => format!("-{}.{}", self.below(100), self.below(100)),
            5 => format!("{}e{}", self.below(10), self.below(310)),
            6 => self.word(),
            7 => "\"2026-01-01T00:00:00+01:00\"".into(),
            8 => format!("\"{}\\u00{:02x}\\\"\\\\\"", self.word(), 32 + self.below(90)),
            9 => "\"work\"".into(),
            _ => format!("\"{}\"", self.word()),
        }
    }

    fn typed(&mut self) -> (&'static str, char) {
        TYPED[self.below(TYPED.len())]
    }

    /// A value of a kind of [`TYPED`].
    fn fitting(&mut self, kind: char) -> Value {
        match kind {
            'b' => json!(self.one_in(2)),
            'i' => json!(self.below(9)),
            'd' => json!(f64::from(u8::try_from(self.below(99)).unwrap_or_default()) / 4.0),
            't' => json!(self.of(&[
                "2026-01-01T00:00:00Z",
                "2026-01-01T01:00:00+01:00",
                "2025-06-01T00:00:00.5Z"
            ])),
            'x' => json!(self.of(&["YQ==", "YWI=", "_-8="])),
            'a' => (0..self.below(3)).map(|_| json!(self.word())).collect(),
            'c' => {
                let pairs = (0..1 + self.below(3)).map(|_| {
                    let sub = self.of(&["value", "type", "display", "givenName", "familyName", "locality"]);
                    (sub.to_owned(), json!(self.of(&["a", "A", "b", "work", "home"])))
                });
                Value::Object(pairs.collect())
            }
            'l' => (0..self.below(4))
                .map(|_| {
                    let mut item = self.fitting('c');
                    item["value"] = json!(self.of(&["a", "A", "b", "YQ=="]));
                    if self.one_in(3) {
                        item["primary"] = json!(self.one_in(2));
                    }
                    item
                })
                .collect(),
            _ => json!(self.word()),
        }
    }

    fn test(&mut self, in_brackets: bool) -> String {
        if !in_brackets && !self.one_in(3) {
            let (name, kind) = self.typed();
            let op = match kind {
                'b' | 'x' => self.of(&["eq", "ne"]),
                'i' | 'd' | 't' => self.of(&["eq", "ne", "gt", "ge", "lt", "le"]),
                _ => self.of(&["eq", "ne", "co", "sw", "ew", "gt", "le"]),
            };
            return match kind {
                'c' | 'l' | 'a' => format!("{name} pr"),
                kind => format!("{name} {op} {}", self.fitting(kind)),
            };
        }
        let name = if in_brackets && !self.one_in(5) { self.of(SUBS) } else { self.of(NAMES) };
        match self.of(OPS) {
            "pr" => format!("{name} pr"),
            op => format!("{name} {op} {}", self.literal()),
        }
    }

    pub(crate) fn filter(&mut self, depth: usize, in_brackets: bool) -> String {
        let deeper = depth + 1;
        match self.below(if depth > 4 { 4 } else { 10 }) {
            4 => format!("{} and {}", self.filter(deeper, in_brackets), self.filter(deeper, in_brackets)),
            5 => format!("{} or {}", self.filter(deeper, in_brackets), self.filter(deeper, in_brackets)),
            6 => format!("not ({})", self.filter(deeper, in_brackets)),
            7 => format!("({})", self.filter(deeper, in_brackets)),
            8 => format!("{}[{}]", self.of(NAMES), self.filter(deeper, true)),
            9 => format!(
                "{}[{}].{} eq {}",
                self.of(NAMES),
                self.filter(deeper, true),
                self.of(SUBS),
                self.literal()
            ),
            _ => self.test(in_brackets),
        }
    }

    pub(crate) fn path(&mut self) -> String {
        match self.below(4) {
            0 => self.of(NAMES).into(),
            1 => format!("{}[{}]", self.of(NAMES), self.filter(3, true)),
            2 => format!("{}[type eq \"work\"].{}", self.of(NAMES), self.of(SUBS)),
            _ => format!("{}[{}].{}", self.of(NAMES), self.filter(3, true), self.of(SUBS)),
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth > 3 { 9 } else { 12 }) {
            0 => Value::Null,
            1 => json!(""),
            2 => json!("True"),
            3 => json!(self.one_in(2)),
            4 => json!(self.below(5)),
            5 => json!(1.5),
            6 => json!("work"),
            7 => json!(self.word()),
            8 => json!(self.of(&[
                "{\"value\":\"r\"}",
                "2026-01-01T00:00:00Z",
                "YQ==",
                "bulkId:a",
                "A",
                "a@x.co"
            ])),
            9 => (0..self.below(4)).map(|_| self.value(depth + 1)).collect(),
            _ => {
                let names = if self.one_in(2) { SUBS } else { NAMES };
                let pairs = (0..self.below(4)).map(|_| (self.of(names).to_owned(), self.value(depth + 1)));
                Value::Object(pairs.collect())
            }
        }
    }

    pub(crate) fn patch(&mut self) -> Value {
        let operations: Vec<Value> = (0..1 + self.below(3))
            .map(|_| {
                if !self.one_in(3) {
                    let (path, kind) = self.typed();
                    let op = self.of(&["add", "replace", "replace", "remove"]);
                    return match op {
                        "remove" => json!({"op": op, "path": path}),
                        op => json!({"op": op, "path": path, "value": self.fitting(kind)}),
                    };
                }
                let mut operation =
                    json!({"op": self.of(&["add", "replace", "remove", "Add", "Replace", "Remove", "move"])});
                if !self.one_in(5) {
                    operation["path"] = self.path().into();
                }
                if !self.one_in(5) {
                    operation["value"] = self.value(0);
                }
                operation
            })
            .collect();
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
    }

    pub(crate) fn message(&mut self) -> String {
        match self.below(5) {
            0 => {
                let names =
                    ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "x"];
                let pairs: Vec<String> =
                    (0..self.below(5)).map(|_| format!("{}={}", self.of(&names), self.literal())).collect();
                pairs.join("&")
            }
            1 => {
                let names = ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes"];
                let pairs = (0..self.below(5)).map(|_| (self.of(&names).to_owned(), self.value(2)));
                Value::Object(pairs.collect()).to_string()
            }
            2 => {
                let operations: Vec<Value> = (0..self.below(6))
                    .map(|_| {
                        let method = self.of(&["POST", "POST", "POST", "PUT", "PATCH", "DELETE", "GET"]);
                        let path = if method == "POST" { "/Users" } else { self.of(&["/Users/1", "/Groups/bulkId:b", "/x"]) };
                        let reference = format!("bulkId:{}", self.of(&["a", "b", "c", "d"]));
                        json!({"method": method, "path": path, "bulkId": self.of(&["a", "b", "c"]),
                            "data": {"userName": self.word(), "manager": {"value": reference}, "roles": self.value(1)}})
                    })
                    .collect();
                let schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
                json!({"schemas": [schema], "failOnErrors": self.below(3), "Operations": operations})
                    .to_string()
            }
            _ => {
                let mut body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": self.word()});
                for _ in 0..self.below(6) {
                    if self.one_in(3) {
                        body[self.of(NAMES)] = self.value(0);
                    } else if let (name, kind) = self.typed()
                        && !name.contains('[')
                    {
                        body[name] = self.fitting(kind);
                    }
                }
                body.to_string()
            }
        }
    }

    pub(crate) fn damaged(&mut self, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        let at = self.below(chars.len() + 1);
        match self.below(6) {
            0 => chars.truncate(at),
            1 => {
                let end = (at + self.below(8)).min(chars.len());
                chars.drain(at..end);
            }
            2 => {
                let end = (at + self.below(20)).min(chars.len());
                let copy: Vec<char> = chars[at..end].to_vec();
                let most = if self.one_in(50) { 200 } else { 3 };
                for _ in 0..1 + self.below(most) {
                    chars.splice(at..at, copy.iter().copied());
                }
            }
            3 if !chars.is_empty() => {
                let at = at.min(chars.len() - 1);
                chars[at] = char::from_u32(u32::try_from(self.below(0x250)).unwrap_or(63)).unwrap_or('?');
            }
            4 if chars.len() > 1 => {
                let other = self.below(chars.len());
                let at = at.min(chars.len() - 1);
                chars.swap(at, other);
            }
            _ => {
                let piece = self.of(PIECES);
                chars.splice(at..at, piece.chars());
            }
        }
        chars.into_iter().collect()
    }
}
