//! What the RFC says of `add` and `replace` on a user.

use super::{Facts, Is, No, On, Refused, Row, Values};
use crate::core::Level::Must;

const ADD: &str = "RFC 7644 §3.5.2.1";
const REPLACE: &str = "RFC 7644 §3.5.2.3";

pub(super) const fn must(
    group: &'static str,
    id: &'static str,
    title: &'static str,
    source: &'static str,
    operations: &'static str,
    want: super::Want,
) -> Row {
    Row { level: Must, group, id, title, source, on: On::User, operations, want }
}

const ADD_SINGULAR: &str = "RFC 7644 §3.5.2.1: \"If the target location specifies a single-valued attribute, \
                 the existing value is replaced\"";
const ADD_MULTI: &str = "RFC 7644 §3.5.2.1: \"If the target location specifies a multi-valued attribute, a \
                 new value is added to the attribute\"";
const ADD_COMPLEX: &str = "RFC 7644 §3.5.2.1: \"If the target location specifies a complex attribute, a set of \
                 sub-attributes SHALL be specified in the \"value\" parameter\"";
const ADD_NO_PATH: &str = "RFC 7644 §3.5.2.1: \"If omitted, the target location is assumed to be the resource \
                 itself. The \"value\" parameter contains a set of attributes to be added to the \
                 resource\"";
const REPLACE_COMPLEX: &str = "RFC 7644 §3.5.2.3: \"Sub-attributes that are not specified in the \"value\" \
                 parameter are left unchanged\"";
const REPLACE_FILTER: &str = "RFC 7644 §3.5.2.3: \"If the target location is a multi-valued attribute and a value \
                 selection (\"valuePath\") filter is specified that matches one or more values of \
                 the multi-valued attribute, then all matching record values SHALL be replaced\"";
const PRIMARY: &str = "RFC 7644 §3.5.2: \"For multi-valued attributes, a PATCH operation that sets a \
                 value's \"primary\" sub-attribute to \"true\" SHALL cause the server to \
                 automatically set \"primary\" to \"false\" for any other values in the array\"";
pub(super) const URN: &str = "RFC 7644 §3.10: attributes may be prefixed with their schema's URN, and those of \
                 extensions must be";

pub(super) const ROWS: &[Row] = &[
    must(
        ADD,
        "add",
        "add gives a value",
        ADD_SINGULAR,
        r#"[{"op":"add","path":"userType","value":"Employee"}]"#,
        Facts(&[Is("/userType", r#""Employee""#), Is("/title", r#""Captain""#)]),
    ),
    must(
        ADD,
        "add-replaces",
        "add to a single value replaces it",
        ADD_SINGULAR,
        r#"[{"op":"add","path":"title","value":"Major"}]"#,
        Facts(&[Is("/title", r#""Major""#)]),
    ),
    must(
        ADD,
        "add-sub-attribute",
        "add to a sub-attribute",
        ADD_COMPLEX,
        r#"[{"op":"add","path":"name.middleName","value":"King"}]"#,
        Facts(&[Is("/name/middleName", r#""King""#), Is("/name/givenName", r#""Ada""#)]),
    ),
    must(
        ADD,
        "add-complex",
        "add to a complex attribute keeps its other sub-attributes",
        ADD_COMPLEX,
        r#"[{"op":"add","path":"name","value":{"middleName":"King"}}]"#,
        Facts(&[Is("/name/middleName", r#""King""#), Is("/name/familyName", r#""Lovelace""#)]),
    ),
    must(
        ADD,
        "add-value",
        "add appends to a multi-valued attribute",
        ADD_MULTI,
        r#"[{"op":"add","path":"emails","value":[{"value":"o@check.example","type":"other"}]}]"#,
        Facts(&[Values("/emails", "w@check.example h@check.example o@check.example")]),
    ),
    must(
        ADD,
        "add-same-value",
        "add of a value that is there adds nothing",
        "RFC 7644 §3.5.2.1: \"If the value already exists, no changes SHOULD be made to the \
                 resource\"",
        r#"[{"op":"add","path":"emails","value":[{"value":"h@check.example","type":"home"}]}]"#,
        Facts(&[Values("/emails", "w@check.example h@check.example")]),
    ),
    must(
        ADD,
        "add-first-value",
        "add makes the first value of a multi-valued attribute",
        ADD_MULTI,
        r#"[{"op":"add","path":"phoneNumbers","value":[{"value":"+1-555-0100","type":"work"}]}]"#,
        Facts(&[Values("/phoneNumbers", "+1-555-0100")]),
    ),
    must(
        ADD,
        "add-no-path",
        "add without a path",
        ADD_NO_PATH,
        r#"[{"op":"add","value":{"userType":"Employee","title":"Major"}}]"#,
        Facts(&[
            Is("/userType", r#""Employee""#),
            Is("/title", r#""Major""#),
            Is("/nickName", r#""Countess""#),
        ]),
    ),
    must(
        ADD,
        "add-no-path-multi",
        "add without a path appends",
        ADD_NO_PATH,
        r#"[{"op":"add","value":{"emails":[{"value":"o@check.example","type":"other"}]}}]"#,
        Facts(&[Values("/emails", "w@check.example h@check.example o@check.example")]),
    ),
    must(
        ADD,
        "add-no-path-complex",
        "add without a path merges complex attributes",
        ADD_NO_PATH,
        r#"[{"op":"add","value":{"name":{"middleName":"King"}}}]"#,
        Facts(&[Is("/name/middleName", r#""King""#), Is("/name/givenName", r#""Ada""#)]),
    ),
    must(
        ADD,
        "add-filter",
        "add to a sub-attribute of a selected value",
        "RFC 7644 §3.5.2, figure 7: PATH = attrPath / valuePath [subAttr]",
        r#"[{"op":"add","path":"emails[type eq \"home\"].display","value":"At home"}]"#,
        Facts(&[Is("/emails/1/display", r#""At home""#), No("/emails/0/display")]),
    ),
    must(
        ADD,
        "add-primary",
        "A new primary value makes the others not primary",
        PRIMARY,
        r#"[{"op":"add","path":"emails","value":[{"value":"o@check.example","type":"other","primary":true}]}]"#,
        Facts(&[
            Is("/emails/2/primary", "true"),
            Values("/emails", "w@check.example h@check.example o@check.example"),
        ]),
    ),
    must(
        ADD,
        "add-extension",
        "add to an extension",
        URN,
        r#"[{"op":"add","path":"<ent>:costCenter","value":"4130"}]"#,
        Facts(&[Is("/<ent>/costCenter", r#""4130""#), Is("/<ent>/department", r#""Engines""#)]),
    ),
    must(
        ADD,
        "add-extension-no-path",
        "add to an extension without a path",
        ADD_NO_PATH,
        r#"[{"op":"add","value":{"<ent>":{"costCenter":"4130"}}}]"#,
        Facts(&[Is("/<ent>/costCenter", r#""4130""#), Is("/<ent>/employeeNumber", r#""7""#)]),
    ),
    must(
        REPLACE,
        "replace",
        "replace changes a value",
        "RFC 7644 §3.5.2.3: \"The \"replace\" operation replaces the value at the target \
                 location specified by the \"path\"\"",
        r#"[{"op":"replace","path":"title","value":"Major"}]"#,
        Facts(&[Is("/title", r#""Major""#), Is("/nickName", r#""Countess""#)]),
    ),
    must(
        REPLACE,
        "replace-boolean",
        "replace changes a boolean",
        "RFC 7644 §3.5.2.3",
        r#"[{"op":"replace","path":"active","value":false}]"#,
        Facts(&[Is("/active", "false")]),
    ),
    must(
        REPLACE,
        "replace-unset",
        "replace of what has no value gives it",
        "RFC 7644 §3.5.2.3: \"If the target location path specifies an attribute that does \
                 not exist, the service provider SHALL treat the operation as an \"add\"\"",
        r#"[{"op":"replace","path":"userType","value":"Employee"}]"#,
        Facts(&[Is("/userType", r#""Employee""#)]),
    ),
    must(
        REPLACE,
        "replace-sub-attribute",
        "replace of a sub-attribute",
        "RFC 7644 §3.5.2.3",
        r#"[{"op":"replace","path":"name.familyName","value":"King"}]"#,
        Facts(&[Is("/name/familyName", r#""King""#), Is("/name/givenName", r#""Ada""#)]),
    ),
    must(
        REPLACE,
        "replace-complex",
        "replace of a complex attribute keeps what is not named",
        REPLACE_COMPLEX,
        r#"[{"op":"replace","path":"name","value":{"familyName":"King"}}]"#,
        Facts(&[Is("/name/familyName", r#""King""#), Is("/name/givenName", r#""Ada""#)]),
    ),
    must(
        REPLACE,
        "replace-multi",
        "replace of a multi-valued attribute replaces all values",
        "RFC 7644 §3.5.2.3: \"If the target location is a multi-valued attribute and no \
                 filter is specified, the attribute and all values are replaced\"",
        r#"[{"op":"replace","path":"emails","value":[{"value":"o@check.example","type":"other"}]}]"#,
        Facts(&[Values("/emails", "o@check.example")]),
    ),
    must(
        REPLACE,
        "replace-no-path",
        "replace without a path",
        "RFC 7644 §3.5.2.3: \"If the \"path\" parameter is omitted, the target is assumed to \
                 be the resource itself\"",
        r#"[{"op":"replace","value":{"title":"Major","active":false}}]"#,
        Facts(&[Is("/title", r#""Major""#), Is("/active", "false"), Is("/nickName", r#""Countess""#)]),
    ),
    must(
        REPLACE,
        "replace-no-path-extension",
        "replace in an extension without a path",
        "RFC 7644 §3.5.2.3: the value \"SHALL contain a list of one or more attributes that \
                 are to be replaced\"",
        r#"[{"op":"replace","value":{"<ent>":{"department":"Gears"}}}]"#,
        Facts(&[Is("/<ent>/department", r#""Gears""#), Is("/<ent>/employeeNumber", r#""7""#)]),
    ),
    must(
        REPLACE,
        "replace-filter",
        "replace of a sub-attribute of a selected value",
        "RFC 7644 §3.5.2.3: \"the matching sub-attribute of all matching records is \
                 replaced\"",
        r#"[{"op":"replace","path":"emails[type eq \"work\"].value","value":"n@check.example"}]"#,
        Facts(&[Values("/emails", "n@check.example h@check.example"), Is("/emails/0/type", r#""work""#)]),
    ),
    must(
        REPLACE,
        "replace-filter-whole",
        "replace of a selected value",
        REPLACE_FILTER,
        r#"[{"op":"replace","path":"emails[type eq \"work\"]","value":{"type":"work","value":"n@check.example"}}]"#,
        Facts(&[Values("/emails", "n@check.example h@check.example")]),
    ),
    must(
        REPLACE,
        "replace-filter-and",
        "A selection by two conditions",
        REPLACE_FILTER,
        r#"[{"op":"replace","path":"emails[type eq \"work\" and value eq \"w@check.example\"].value","value":"n@check.example"}]"#,
        Facts(&[Values("/emails", "n@check.example h@check.example")]),
    ),
    must(
        REPLACE,
        "replace-filter-none",
        "A selection of nothing is refused as noTarget",
        "RFC 7644 §3.5.2.3: \"no record match was made, the service provider SHALL indicate \
                 failure by returning HTTP status code 400 and a \"scimType\" error code of \
                 \"noTarget\"\"; with a type that no identity provider sends",
        r#"[{"op":"replace","path":"emails[type eq \"nonexistent\"].value","value":"n@check.example"}]"#,
        Refused(&["noTarget"]),
    ),
    must(
        REPLACE,
        "replace-primary",
        "A value made primary makes the others not primary",
        PRIMARY,
        r#"[{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}]"#,
        Facts(&[Is("/emails/1/primary", "true")]),
    ),
    must(
        REPLACE,
        "replace-extension",
        "replace in an extension",
        URN,
        r#"[{"op":"replace","path":"<ent>:department","value":"Gears"}]"#,
        Facts(&[Is("/<ent>/department", r#""Gears""#), Is("/<ent>/employeeNumber", r#""7""#)]),
    ),
    must(
        REPLACE,
        "replace-urn",
        "A core attribute with its schema before it",
        URN,
        r#"[{"op":"replace","path":"<user>:title","value":"Major"}]"#,
        Facts(&[Is("/title", r#""Major""#)]),
    ),
    must(
        REPLACE,
        "replace-urn-sub-attribute",
        "A sub-attribute with its schema before it",
        URN,
        r#"[{"op":"replace","path":"<user>:name.familyName","value":"King"}]"#,
        Facts(&[Is("/name/familyName", r#""King""#)]),
    ),
    must(
        REPLACE,
        "replace-path-case",
        "Paths in any case",
        "RFC 7643 §2.1: \"Attribute names are case insensitive\"",
        r#"[{"op":"replace","path":"NAME.familyname","value":"King"}]"#,
        Facts(&[Is("/name/familyName", r#""King""#)]),
    ),
    must(
        REPLACE,
        "replace-date",
        "A server's own time cannot be replaced",
        "RFC 7644 §3.5.2: \"A client MUST NOT modify an attribute that has mutability \
                 \"readOnly\"\"; §3.12: mutability",
        r#"[{"op":"replace","path":"meta.created","value":"1999-01-01T00:00:00Z"}]"#,
        Refused(&["mutability"]),
    ),
    must(
        REPLACE,
        "replace-id",
        "The id cannot be replaced",
        "RFC 7644 §3.12: mutability \"The attempted modification is not compatible with the \
                 target attribute's mutability\"",
        r#"[{"op":"replace","path":"id","value":"mine"}]"#,
        Refused(&["mutability"]),
    ),
    must(
        REPLACE,
        "replace-groups",
        "A user's groups cannot be replaced",
        "RFC 7643 §4.1.2: groups is readOnly; RFC 7644 §3.12: mutability",
        r#"[{"op":"replace","path":"groups","value":[{"value":"x"}]}]"#,
        Refused(&["mutability"]),
    ),
];
