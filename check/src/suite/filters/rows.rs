//! The table.

use super::Row;
use crate::core::Level::{self, Interop, Must};

const SECTION: &str = "RFC 7644 §3.4.2.2";
const GRAMMAR: &str = "RFC 7644 §3.4.2.2, figure 1";

const fn rfc(
    id: &'static str,
    title: &'static str,
    source: &'static str,
    filter: &'static str,
    finds: &'static str,
) -> Row {
    Row { id, level: Must, group: SECTION, title, source, filter, finds }
}

const fn idp(
    group: &'static str,
    id: &'static str,
    title: &'static str,
    source: &'static str,
    filter: &'static str,
    finds: &'static str,
) -> Row {
    const LEVEL: Level = Interop;
    Row { id, level: LEVEL, group, title, source, filter, finds }
}

const OPERATORS: &str = "RFC 7644 §3.4.2.2, table 3";
const PRECEDENCE: &str = "RFC 7644 §3.4.2.2: \"1. Grouping operators, 2. Logical operators - where \"not\" \
                 takes precedence over \"and\", which takes precedence over \"or\"\"";
const CASE: &str = "RFC 7644 §3.4.2.2: \"the case sensitivity for String type attributes SHALL be \
                 determined by the attribute's \"caseExact\" characteristic\"";
const NAMES: &str = "RFC 7644 §3.4.2.2: \"Attribute names and attribute operators used in filters are \
                 case insensitive\"";
const ANY: &str = "RFC 7644 §3.4.2.2: \"If the specified attribute in a filter expression is a \
                 multi-valued attribute, the filter matches if any of the values of the specified \
                 attribute match the specified criterion\"";
const URN: &str = "RFC 7644 §3.10: attributes are uniquely identified by their schema URN, a colon and \
                 their name; extensions' need it";
const VALUE_PATH: &str = "RFC 7644 §3.4.2.2, table 5: \"expressions MUST be applied to the same value of a \
                 parent attribute specified immediately before the left square bracket\"";
const DATES: &str = "RFC 7644 §3.4.2.2, table 3: \"for DateTime types, it is a chronological comparison\"";

pub(super) const ROWS: &[Row] = &[
    rfc("eq", "eq finds one user", OPERATORS, r#"userName eq "{p}-ada@check.example""#, "ada"),
    rfc(
        "eq-none",
        "eq finds nobody where nobody is",
        OPERATORS,
        r#"userName eq "{p}-nobody@check.example""#,
        "",
    ),
    rfc(
        "eq-value-case",
        "userName is compared in any case",
        CASE,
        r#"userName eq "{P}-ADA@CHECK.EXAMPLE""#,
        "ada",
    ),
    rfc(
        "eq-case-exact",
        "externalId is compared in its exact case",
        CASE,
        r#"externalId eq "{p}-X1""#,
        "ada",
    ),
    rfc("name-case", "Attribute names in any case", NAMES, r#"USERNAME eq "{p}-ada@check.example""#, "ada"),
    rfc("operator-case", "Operators in any case", NAMES, r#"userName EQ "{p}-ada@check.example""#, "ada"),
    rfc(
        "logic-case",
        "Logical operators in any case",
        NAMES,
        r#"userName sw "{p}" AND NOT (title pr)"#,
        "cyd eve",
    ),
    rfc(
        "ne",
        "ne finds the others",
        OPERATORS,
        r#"userName sw "{p}" and userName ne "{p}-ada@check.example""#,
        "bob cyd dee eve",
    ),
    rfc("co", "co finds what contains", OPERATORS, r#"userName co "{p}-b""#, "bob"),
    rfc("sw", "sw finds what begins", OPERATORS, r#"userName sw "{p}-""#, "ada bob cyd dee eve"),
    rfc(
        "ew",
        "ew finds what ends",
        OPERATORS,
        r#"userName sw "{p}" and userName ew "-eve@check.example""#,
        "eve",
    ),
    rfc("pr", "pr finds who has a value", OPERATORS, r#"userName sw "{p}" and title pr"#, "ada bob dee"),
    rfc(
        "pr-complex",
        "pr on a complex attribute",
        OPERATORS,
        r#"userName sw "{p}" and emails pr"#,
        "ada bob eve",
    ),
    rfc(
        "gt",
        "gt compares text",
        OPERATORS,
        r#"userName sw "{p}" and userName gt "{p}-bob@check.example""#,
        "cyd dee eve",
    ),
    rfc(
        "ge",
        "ge includes the value",
        OPERATORS,
        r#"userName sw "{p}" and userName ge "{p}-dee@check.example""#,
        "dee eve",
    ),
    rfc(
        "lt",
        "lt compares text",
        OPERATORS,
        r#"userName sw "{p}" and userName lt "{p}-bob@check.example""#,
        "ada",
    ),
    rfc(
        "le",
        "le includes the value",
        OPERATORS,
        r#"userName sw "{p}" and userName le "{p}-bob@check.example""#,
        "ada bob",
    ),
    rfc(
        "and",
        "and narrows",
        OPERATORS,
        r#"userName sw "{p}" and title eq "Captain" and active eq true"#,
        "ada",
    ),
    rfc(
        "or",
        "or widens",
        OPERATORS,
        r#"userName eq "{p}-ada@check.example" or userName eq "{p}-eve@check.example""#,
        "ada eve",
    ),
    rfc("not", "not inverts", OPERATORS, r#"userName sw "{p}" and not (active eq true)"#, "bob"),
    rfc("not-first", "not comes first", PRECEDENCE, r#"not (title pr) and userName sw "{p}""#, "cyd eve"),
    rfc(
        "precedence",
        "and binds more than or",
        PRECEDENCE,
        r#"userName eq "{p}-eve@check.example" or userName sw "{p}" and active eq false"#,
        "bob eve",
    ),
    rfc(
        "parentheses",
        "Parentheses bind most",
        PRECEDENCE,
        r#"(userName eq "{p}-eve@check.example" or userName sw "{p}") and active eq false"#,
        "bob",
    ),
    rfc(
        "nested",
        "Parentheses within parentheses",
        PRECEDENCE,
        r#"userName sw "{p}" and (not (title pr) or (active eq false and (title eq "captain")))"#,
        "bob cyd eve",
    ),
    rfc("boolean-false", "Booleans: eq false", GRAMMAR, r#"userName sw "{p}" and active eq false"#, "bob"),
    rfc("boolean-ne", "Booleans: ne", OPERATORS, r#"userName sw "{p}" and active ne true"#, "bob"),
    rfc(
        "title-case",
        "title is compared in any case",
        CASE,
        r#"userName sw "{p}" and title eq "CAPTAIN""#,
        "ada bob",
    ),
    rfc(
        "sub-attribute",
        "Sub-attributes by a dot",
        "RFC 7644 §3.4.2.2: \"To filter by first name, the parameter value is \
                 \"name.givenName\"\"",
        r#"userName sw "{p}" and name.familyName eq "Zimmer""#,
        "ada",
    ),
    rfc(
        "apostrophe",
        "Apostrophes are letters",
        GRAMMAR,
        r#"userName sw "{p}" and name.familyName co "O'""#,
        "dee",
    ),
    rfc(
        "escapes",
        "Quotes and backslashes are escaped as in JSON",
        "RFC 7644 §3.4.2.2: compValue: \"rules from JSON (RFC 7159)\"",
        r#"userName sw "{p}" and title eq "Says \"hi\" \\ (and) [so]""#,
        "dee",
    ),
    rfc(
        "unicode",
        "Values of any script",
        GRAMMAR,
        r#"userName sw "{p}" and name.familyName eq "Ångström 東京""#,
        "eve",
    ),
    rfc(
        "words-in-values",
        "Words of the grammar inside values are text",
        GRAMMAR,
        r#"userName sw "{p}" and title eq "a and b or not (c)""#,
        "",
    ),
    rfc(
        "any-value",
        "One of several values is enough",
        ANY,
        r#"userName sw "{p}" and emails.value eq "{p}-ada@home.example""#,
        "ada",
    ),
    rfc(
        "any-type",
        "A sub-attribute of any value",
        ANY,
        r#"userName sw "{p}" and emails.type eq "home""#,
        "ada bob",
    ),
    rfc(
        "default-value",
        "A multi-valued attribute alone means its value",
        "RFC 7644 §3.4.2.2, table 5 and RFC 7643 §2.4: \"value\" is the attribute's \
                 significant value; PingFederate matches by it",
        r#"emails eq "{p}-ada@work.example""#,
        "ada",
    ),
    rfc(
        "any-any",
        "Two conditions may hold on two values",
        ANY,
        r#"emails.type eq "work" and emails.value eq "{p}-bob@work.example""#,
        "bob",
    ),
    rfc(
        "value-path-same",
        "In brackets they hold on one value",
        VALUE_PATH,
        r#"emails[type eq "work" and value eq "{p}-ada@work.example"]"#,
        "ada",
    ),
    rfc(
        "value-path-not-two",
        "In brackets they do not hold on two",
        VALUE_PATH,
        r#"emails[type eq "work" and value eq "{p}-bob@work.example"]"#,
        "",
    ),
    rfc(
        "value-path-not",
        "not in brackets",
        VALUE_PATH,
        r#"userName sw "{p}" and emails[not (type eq "home")]"#,
        "ada bob eve",
    ),
    rfc(
        "value-path-primary",
        "primary in brackets",
        VALUE_PATH,
        r#"userName sw "{p}" and emails[primary eq true]"#,
        "ada",
    ),
    rfc(
        "value-path-or",
        "Brackets beside others",
        VALUE_PATH,
        r#"userName sw "{p}" and (emails[type eq "home"] or active eq false)"#,
        "ada bob",
    ),
    rfc(
        "urn",
        "The schema before the attribute",
        URN,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "{p}-ada@check.example""#,
        "ada",
    ),
    rfc(
        "urn-sub-attribute",
        "The schema before a sub-attribute",
        URN,
        r#"userName sw "{p}" and urn:ietf:params:scim:schemas:core:2.0:User:name.familyName eq "Young""#,
        "bob",
    ),
    rfc(
        "urn-enterprise",
        "An extension's attribute",
        URN,
        r#"userName sw "{p}" and urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "7""#,
        "ada",
    ),
    rfc(
        "urn-enterprise-sw",
        "An extension's attribute by its beginning",
        URN,
        r#"userName sw "{p}" and urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department sw "Gea""#,
        "eve",
    ),
    rfc(
        "urn-case",
        "URNs in any case",
        "RFC 8141 §3.1: the namespace is compared in any case; RFC 7643 §2.1",
        r#"userName sw "{p}" and URN:ietf:params:scim:schemas:core:2.0:User:title eq "captain""#,
        "ada bob",
    ),
    rfc(
        "schemas",
        "By schema",
        "RFC 7644 §3.4.2.2: \"Clients MAY query by schema or schema extensions by using a \
                 filter expression including the \"schemas\" attribute\"",
        r#"userName sw "{p}" and schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        "ada eve",
    ),
    rfc(
        "resource-type",
        "By meta.resourceType",
        "RFC 7644 §3.4.2.1: filters may use \"meta.resourceType\"",
        r#"userName sw "{p}" and meta.resourceType eq "User""#,
        "ada bob cyd dee eve",
    ),
    rfc(
        "date-gt",
        "Times: later than",
        DATES,
        r#"userName sw "{p}" and meta.lastModified gt "2011-05-13T04:42:34Z""#,
        "ada bob cyd dee eve",
    ),
    rfc(
        "date-lt",
        "Times: earlier than",
        DATES,
        r#"userName sw "{p}" and meta.created lt "2011-05-13T04:42:34Z""#,
        "",
    ),
    rfc(
        "date-offset",
        "Times with an offset",
        DATES,
        r#"userName sw "{p}" and meta.created le "2999-01-01T00:00:00+02:00""#,
        "ada bob cyd dee eve",
    ),
    rfc(
        "date-fraction",
        "Times with a fraction",
        DATES,
        r#"userName sw "{p}" and meta.created ge "2011-05-13T04:42:34.123456Z""#,
        "ada bob cyd dee eve",
    ),
    idp(
        "Entra ID",
        "entra-value-path",
        "A sub-attribute after the brackets",
        "Entra ID sends emails[type eq \"work\"].value eq \"…\", outside the RFC's grammar",
        r#"emails[type eq "work"].value eq "{p}-ada@work.example""#,
        "ada",
    ),
    idp(
        "Entra ID",
        "entra-value-path-same",
        "It means one value, not two",
        "Entra ID: emails[type eq \"work\"].value",
        r#"emails[type eq "work"].value eq "{p}-bob@work.example""#,
        "",
    ),
    idp(
        "Entra ID",
        "entra-external-id",
        "By externalId, the matching attribute of many tenants",
        "Entra ID: GET /Users?filter=externalId eq \"…\"",
        r#"externalId eq "{p}-x1""#,
        "cyd",
    ),
    idp(
        "Tolerance",
        "boolean-text",
        "Booleans as text",
        "Tolerance list: booleans as strings anywhere the schema says boolean, in filters too",
        r#"userName sw "{p}" and active eq "False""#,
        "bob",
    ),
    idp(
        "Entra ID",
        "entra-unquoted",
        "A value without quotes",
        "Entra ID's documentation: GET /Users?filter=externalId eq jyoung",
        r#"externalId eq {p}-X1"#,
        "ada",
    ),
    idp(
        "Ping",
        "ping-email",
        "By e-mail address, without a sub-attribute",
        "PingFederate: filter=emails eq \"<workEmail>\"",
        r#"emails eq "{p}-bob@home.example""#,
        "bob",
    ),
    idp(
        "IPSIE",
        "ipsie-email",
        "By address in brackets",
        "IPSIE AL1: emails[value eq]",
        r#"emails[value eq "{p}-eve@work.example"]"#,
        "eve",
    ),
    idp(
        "IPSIE",
        "ipsie-display-name",
        "By displayName",
        "IPSIE AL1: displayName",
        r#"displayName eq "{p} Dee""#,
        "dee",
    ),
];
